using System;
using System.Globalization;
using System.Linq;
using LowLatency.Core.Determinism;
using LowLatency.Core.Signals.Rules;
using LowLatency.Tests.Core.Market;
using Xunit;

namespace LowLatency.Tests.Core.Signals.Rules;

/// <summary>
/// Generated programs, compiled and run bar by bar, against an interpreter that walks the tree anew for each bar and
/// shares nothing with the compiler.
/// </summary>
public sealed class RuleOracleTests
{
    private const int Programs = 2_500;

    private static readonly Lazy<RuleWorld>[] Worlds =
        [.. Enumerable.Range(1, 64).Select(seed => new Lazy<RuleWorld>(() => new RuleWorld((ulong)seed)))];

    /// <summary>Shares of the 20,000 programs, so that they run beside each other.</summary>
    public static TheoryData<int> Shares => [0, 1, 2, 3, 4, 5, 6, 7];

    public static TheoryData<RuleFlaw> Flaws
    {
        get
        {
            TheoryData<RuleFlaw> flaws = [];
            foreach (RuleFlaw flaw in Enum.GetValues<RuleFlaw>())
            {
                if (flaw != RuleFlaw.None)
                {
                    flaws.Add(flaw);
                }
            }

            return flaws;
        }
    }

    [Theory]
    [MemberData(nameof(Shares))]
    public void Generated_programs_say_what_the_slow_interpreter_says(int share)
    {
        int ready = 0;
        int fired = 0;
        for (int i = 0; i < Programs; i++)
        {
            ulong seed = (ulong)((share * Programs) + i + 1);
            string? problem = Problem(seed, RuleFlaw.None, ref ready, ref fired);
            Assert.True(problem is null, $"seed {seed}: {problem}");
        }

        // The comparison is worth something only where values are ready, and conditions both fire and do not.
        Assert.InRange(ready, Programs * RuleWorld.Bars / 4, Programs * RuleWorld.Bars);
        Assert.InRange(fired, ready / 10, ready * 9 / 10);
    }

    [Theory]
    [MemberData(nameof(Flaws))]
    public void A_mistake_in_the_evaluation_would_be_found(RuleFlaw flaw)
    {
        int ready = 0;
        int fired = 0;
        for (ulong seed = 1; seed <= 4_000; seed++)
        {
            if (Problem(seed, flaw, ref ready, ref fired) is not null)
            {
                return;
            }
        }

        Assert.Fail($"nothing found {flaw}");
    }

    [Fact]
    public void A_machine_restored_at_any_bar_goes_on_the_same()
    {
        for (ulong seed = 1; seed <= 500; seed++)
        {
            RuleProgram program = RuleTexts.Valid(Generate(seed).Text);
            RuleWorld world = Worlds[seed % 64].Value;
            RuleMachine whole = new(program, 1.0, 1.0);
            RuleMachine restored = new(program, 1.0, 1.0);
            int at = (int)(seed % RuleWorld.Bars);
            for (int bar = 0; bar < RuleWorld.Bars; bar++)
            {
                if (bar == at)
                {
                    RestoringVisitor.Restore(restored, SavingVisitor.Save(whole));
                }

                RuleValue value = Step(whole, world, bar);
                if (bar >= at)
                {
                    Assert.Equal(value, Step(restored, world, bar));
                }
            }

            Assert.Equal(SavingVisitor.Save(whole), SavingVisitor.Save(restored));
        }
    }

    [Fact]
    public void An_evaluation_allocates_nothing_and_its_memory_does_not_grow()
    {
        RuleProgram program = RuleTexts.Valid(
            "{ \"timeframeMs\": 60000, " + RuleWorld.Declarations
            + """
              "let": { "y": "close crosses_above a within 5 bars or b > slow.close[3]" },
              "long": { "enter": "y[2] and m.line > m.signal for 2 bars and s.last == 'high' and not z.on", "size": "a", "exit": "y" } }
              """);
        RuleWorld world = new(1);
        RuleMachine machine = new(program, 1.0, 1.0);
        RuleValue[] results = new RuleValue[12];
        Run(machine, world, results);
        int size = SavingVisitor.Save(machine).Length;
        machine.Clear();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Run(machine, world, results);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(size, SavingVisitor.Save(machine).Length);
    }

    private static void Run(RuleMachine machine, RuleWorld world, RuleValue[] results)
    {
        for (int bar = 0; bar < RuleWorld.Bars; bar++)
        {
            if (world.Slow[bar] is { } slow)
            {
                machine.OnBar(1, slow);
            }

            machine.OnBar(0, world.Minutes[bar]);
            machine.Evaluate(world.Inputs[bar], results);
        }
    }

    private static string? Problem(ulong seed, RuleFlaw flaw, ref int ready, ref int fired)
    {
        (string text, Expr root, Expr let) = Generate(seed);
        RuleReading reading = RuleProgram.Read(text);
        if (reading.Program is null)
        {
            return string.Join("\n", (object[])reading.Problems) + "\n" + text;
        }

        RuleWorld world = Worlds[seed % 64].Value;
        RuleMachine machine = new(reading.Program, 1.0, 1.0);
        for (int bar = 0; bar < RuleWorld.Bars; bar++)
        {
            RuleValue value = Step(machine, world, bar);
            double? expected = world.At(root, bar, let, flaw);
            ready += value.IsReady ? 1 : 0;
            fired += value.Fires ? 1 : 0;
            if (value.IsReady != expected.HasValue || (value.IsReady && value.Value != expected))
            {
                return string.Create(CultureInfo.InvariantCulture, $"bar {bar}: {value}, expected {expected}\n{text}");
            }
        }

        return null;
    }

    private static RuleValue Step(RuleMachine machine, RuleWorld world, int bar)
    {
        if (world.Slow[bar] is { } slow && machine.Program.Timeframes.Length > 1)
        {
            machine.OnBar(1, slow);
        }

        machine.OnBar(0, world.Minutes[bar]);
        RuleValue[] results = new RuleValue[12];
        machine.Evaluate(world.Inputs[bar], results);
        return results[0];
    }

    private static (string Text, Expr Root, Expr Let) Generate(ulong seed)
    {
        Xoshiro256 dice = new(seed);
        Expr let = Condition(ref dice, 2, named: false);
        Expr root = Condition(ref dice, 3, named: true);
        bool uses = root.Text.Contains('y', StringComparison.Ordinal) && UsesLet(root);
        return (RuleTexts.With(root.Text, uses ? let.Text : null), root, let);
    }

    private static bool UsesLet(Expr e) => e is { Op: "name", Name: "y" } || Array.Exists(e.Parts, UsesLet);

    private static Expr Condition(ref Xoshiro256 dice, int depth, bool named)
    {
        switch (dice.NextBelow(depth == 0 ? 4 : 13))
        {
            case 0:
                return new Expr("flag", [], dice.NextBelow(2));
            case 1:
                return new Expr("name", [], dice.NextBelow(3), Pick(ref dice, RuleWorld.Flags));
            case 2:
                string word = Pick(ref dice, RuleWorld.Words);
                return new Expr("word", [], dice.NextBelow(RuleWorld.WordsOf(word).Length), word);
            case 3 when named:
                return new Expr("name", [], dice.NextBelow(4), "y");
            case 3 or 4 or 5:
                string[] comparisons = ["<", "<=", ">", ">=", "==", "!="];
                return new Expr(Pick(ref dice, comparisons),
                    [Number(ref dice, Math.Max(0, depth - 1)), Number(ref dice, Math.Max(0, depth - 1))]);
            case 6:
                return new Expr("between", [Number(ref dice, depth - 1), Name(ref dice), Name(ref dice)]);
            case 7 or 8:
                return new Expr(dice.NextBelow(2) == 0 ? "crosses_above" : "crosses_below",
                    [Number(ref dice, depth - 1), Name(ref dice)]);
            case 9:
                return new Expr("not", [Condition(ref dice, depth - 1, named)]);
            case 10:
                return new Expr(dice.NextBelow(2) == 0 ? "for" : "within",
                    [Condition(ref dice, depth - 1, named)], 1 + dice.NextBelow(4));
            default:
                return new Expr(dice.NextBelow(2) == 0 ? "and" : "or",
                    [Condition(ref dice, depth - 1, named), Condition(ref dice, depth - 1, named)]);
        }
    }

    private static Expr Number(ref Xoshiro256 dice, int depth)
    {
        switch (dice.NextBelow(depth == 0 ? 4 : 7))
        {
            case 0:
                return new Expr("number", [], dice.NextBelow(14));
            case < 4:
                return Name(ref dice);
            case 4:
                return new Expr(dice.NextBelow(2) == 0 ? "neg" : "abs", [Number(ref dice, depth - 1)]);
            default:
                string[] operations = ["+", "-", "*", "/", "min", "max"];
                string operation = Pick(ref dice, operations);
                Expr right = operation == "/" ? Name(ref dice) : Number(ref dice, depth - 1);
                return new Expr(operation, [Number(ref dice, depth - 1), right]);
        }
    }

    private static Expr Name(ref Xoshiro256 dice) =>
        new("name", [], dice.NextBelow(3) == 0 ? dice.NextBelow(5) : 0, Pick(ref dice, RuleWorld.Numbers));

    private static string Pick(ref Xoshiro256 dice, string[] choices) => choices[dice.NextBelow(choices.Length)];
}
