using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Signals.Indicators;
using LowLatency.Core.Signals.Rules;
using LowLatency.Core.Signals.Structures;
using LowLatency.Tests.Core.Signals.Indicators;

namespace LowLatency.Tests.Core.Signals.Rules;

/// <summary>A mistake that an evaluation could make, to see that the comparison would find it.</summary>
public enum RuleFlaw
{
    None,
    CrossFiresOnTouch,
    CrossFiresWhileAbove,
    NotReadyIsFalse,
    NotReadyIsFalseUnderNot,
    OrIgnoresNotReady,
    AndIgnoresNotReady,
    LookBackOffByOne,
    BeyondHistoryIsCurrent,
    ForOffByOne,
    WithinOffByOne,
    BetweenExcludesItsBounds,
    SlowBarOneLate,
    DivisionByZeroIsZero,
}

/// <summary>An expression for the oracle: text for the engine and a tree that is walked anew for each bar.</summary>
internal sealed record Expr(string Op, Expr[] Parts, double Number = 0, string Name = "")
{
    internal string Text => Op switch
    {
        "number" => Number.ToString(CultureInfo.InvariantCulture),
        "flag" => Number != 0 ? "true" : "false",
        "name" => Number == 0 ? Name : $"{Name}[{Number}]",
        "word" => $"({Name} == '{RuleWorld.WordsOf(Name)[(int)Number]}')",
        "neg" => $"(-{Parts[0].Text})",
        "not" => $"(not {Parts[0].Text})",
        "abs" => $"abs({Parts[0].Text})",
        "min" or "max" => $"{Op}({Parts[0].Text}, {Parts[1].Text})",
        "between" => $"({Parts[0].Text} between {Parts[1].Text}..{Parts[2].Text})",
        "for" or "within" => $"({Parts[0].Text} {Op} {Number} bars)",
        _ => $"({Parts[0].Text} {Op} {Parts[1].Text})",
    };
}

/// <summary>A path of bars, market and position with every named value of every bar written down.</summary>
internal sealed class RuleWorld
{
    internal const int Bars = 26;
    internal const string Declarations =
        """
        "timeframes": { "slow": 180000 },
        "indicators": {
          "a": { "type": "sma", "period": 2 }, "b": { "type": "ema", "period": 2, "timeframe": "slow" },
          "m": { "type": "macd", "fast": 2, "slow": 3, "signal": 2 }, "s": { "type": "swing", "left": 1, "right": 1 },
          "z": { "type": "squeeze", "period": 2 } },
        """;

    internal static readonly string[] Numbers =
    [
        "open", "high", "low", "close", "volume", "slow.close", "slow.volume", "a", "b", "m.line", "m.signal", "s.high",
        "s.low_age", "s.version", "z.momentum", "bid", "ask", "mid", "spread", "position", "entry", "bars_held",
    ];

    internal static readonly string[] Flags = ["s.high_confirmed", "s.low_confirmed", "z.on"];

    internal static readonly string[] Words = ["stance", "s.last"];

    // Each name: for each bar how many values there were, and the values.
    private readonly Dictionary<string, (List<double?> Values, int[] CountAt)> _series = [];

    internal RuleWorld(ulong seed)
    {
        Xoshiro256 dice = new(seed);
        Minutes = new Bar[Bars];
        Slow = new Bar?[Bars];
        Inputs = new RuleInputs[Bars];
        long price = 10;
        for (int i = 0; i < Bars; i++)
        {
            long open = price;
            long close = Math.Max(2, open + dice.NextBelow(5) - 2);
            Minutes[i] = BarPaths.Of(
                i, open, Math.Max(open, close) + dice.NextBelow(2), Math.Min(open, close) - dice.NextBelow(2), close, dice.NextBelow(3));
            price = close;
            if (i % 3 == 2 && dice.NextBelow(6) > 0)
            {
                Bar[] three = Minutes[(i - 2)..(i + 1)];
                Slow[i] = new Bar
                {
                    StartTime = three[0].StartTime,
                    Timeframe = 3 * BarPaths.Minute,
                    Open = three[0].Open,
                    High = three.Max(bar => bar.High),
                    Low = three.Min(bar => bar.Low),
                    Close = three[2].Close,
                    Volume = three.Sum(bar => bar.Volume),
                };
            }

            bool market = dice.NextBelow(7) > 0;
            long position = dice.NextBelow(5) - 2;
            Inputs[i] = new RuleInputs
            {
                HasMarket = market,
                Bid = market ? close - 1 : 0,
                Ask = market ? close + dice.NextBelow(2) : 0,
                Position = position,
                Entry = position == 0 ? 0 : close,
                Stance = (int)dice.NextBelow(3) - 1,
                BarsHeld = dice.NextBelow(9),
            };
        }

        Record();
    }

    internal Bar[] Minutes { get; }

    internal Bar?[] Slow { get; }

    internal RuleInputs[] Inputs { get; }

    internal static string[] WordsOf(string name) => name == "stance" ? ["flat", "long", "short"] : ["high", "low"];

    /// <summary>The value of an expression after a bar; null when it is not ready.</summary>
    internal double? At(Expr e, int bar, Expr? let, RuleFlaw flaw = RuleFlaw.None)
    {
        if (bar < 0)
        {
            return null;
        }

        double? Part(int part, int when) => At(e.Parts[part], when, let, flaw);
        switch (e.Op)
        {
            case "number" or "flag":
                return e.Number;
            case "name":
                return Named(e.Name, bar, (int)e.Number, let, flaw);
            case "word":
                double? word = Named(e.Name, bar, 0, let, flaw);
                return word is null ? null : word == e.Number ? 1 : 0;
            case "neg":
                return -Part(0, bar);
            case "abs":
                return Part(0, bar) is { } size ? Math.Abs(size) : null;
            case "not":
                return Part(0, bar) is { } condition ? 1 - condition
                    : flaw == RuleFlaw.NotReadyIsFalseUnderNot ? 1 : null;
            case "for" or "within":
                return Run(e, bar, let, flaw);
            case "crosses_above" or "crosses_below":
                return Crosses(e.Op == "crosses_above", Part(0, bar), Part(1, bar), Part(0, bar - 1), Part(1, bar - 1), flaw);
            case "between":
                (double? value, double? low, double? high) = (Part(0, bar), Part(1, bar), Part(2, bar));
                return value is null || low is null || high is null ? null
                    : flaw == RuleFlaw.BetweenExcludesItsBounds ? (value > low && value < high ? 1 : 0)
                    : value >= low && value <= high ? 1 : 0;
            default:
                return Pair(e.Op, Part(0, bar), Part(1, bar), flaw);
        }
    }

    private static double? Pair(string op, double? left, double? right, RuleFlaw flaw)
    {
        if (left is not { } l || right is not { } r)
        {
            return flaw switch
            {
                RuleFlaw.NotReadyIsFalse when op is "and" or "or" => Pair(op, left ?? 0, right ?? 0, flaw),
                RuleFlaw.OrIgnoresNotReady when op == "or" && (left == 1 || right == 1) => 1,
                RuleFlaw.AndIgnoresNotReady when op == "and" && (left == 0 || right == 0) => 0,
                _ => null,
            };
        }

        if (op == "/" && r == 0)
        {
            return flaw == RuleFlaw.DivisionByZeroIsZero ? 0 : null;
        }

        double result = op switch
        {
            "+" => l + r,
            "-" => l - r,
            "*" => l * r,
            "/" => l / r,
            "min" => Math.Min(l, r),
            "max" => Math.Max(l, r),
            "<" => l < r ? 1 : 0,
            "<=" => l <= r ? 1 : 0,
            ">" => l > r ? 1 : 0,
            ">=" => l >= r ? 1 : 0,
            "==" => l == r ? 1 : 0,
            "!=" => l != r ? 1 : 0,
            "and" => l == 1 && r == 1 ? 1 : 0,
            "or" => l == 1 || r == 1 ? 1 : 0,
            _ => throw new ArgumentException(op),
        };
        return double.IsFinite(result) ? result : null;
    }

    private static double? Crosses(bool above, double? left, double? right, double? before, double? against, RuleFlaw flaw)
    {
        if (left is null || right is null || before is null || against is null)
        {
            return null;
        }

        bool now = above ? left > right : left < right;
        bool was = above ? before > against : before < against;
        return flaw switch
        {
            RuleFlaw.CrossFiresOnTouch => (above ? left >= right : left <= right) && !was ? 1 : 0,
            RuleFlaw.CrossFiresWhileAbove => now ? 1 : 0,
            _ => now && !was ? 1 : 0,
        };
    }

    private double? Run(Expr e, int bar, Expr? let, RuleFlaw flaw)
    {
        int bars = (int)e.Number + (flaw is RuleFlaw.ForOffByOne && e.Op == "for" || flaw is RuleFlaw.WithinOffByOne && e.Op == "within" ? 1 : 0);
        bool all = true;
        bool any = false;
        for (int back = 0; back < bars; back++)
        {
            if (At(e.Parts[0], bar - back, let, flaw) is not { } value)
            {
                return null;
            }

            all &= value == 1;
            any |= value == 1;
        }

        return (e.Op == "for" ? all : any) ? 1 : 0;
    }

    private double? Named(string name, int bar, int back, Expr? let, RuleFlaw flaw)
    {
        back += flaw == RuleFlaw.LookBackOffByOne && back > 0 ? 1 : 0;
        if (name == "y")
        {
            return At(let!, bar - back, null, flaw);
        }

        (List<double?> values, int[] countAt) = _series[name];
        int count = flaw == RuleFlaw.SlowBarOneLate && name.StartsWith("slow.", StringComparison.Ordinal)
            ? bar == 0 ? 0 : countAt[bar - 1]
            : countAt[bar];
        if (back >= count)
        {
            return flaw == RuleFlaw.BeyondHistoryIsCurrent && count > 0 ? values[count - 1] : null;
        }

        return values[count - 1 - back];
    }

    private void Record()
    {
        Sma a = new(2);
        ExponentialAverage b = new(2);
        Macd m = new(2, 3, 2);
        Swing s = new(1, 1);
        Squeeze z = new(2, 2.0, 1.5);
        Dictionary<string, Func<int, double?>> minute = new()
        {
            ["open"] = i => Minutes[i].Open,
            ["high"] = i => Minutes[i].High,
            ["low"] = i => Minutes[i].Low,
            ["close"] = i => Minutes[i].Close,
            ["volume"] = i => Minutes[i].Volume,
            ["a"] = _ => Output(a, 0),
            ["m.line"] = _ => Output(m, 0),
            ["m.signal"] = _ => Output(m, 1),
            ["s.high"] = _ => Output(s, 0),
            ["s.low_age"] = _ => Output(s, 3),
            ["s.high_confirmed"] = _ => Output(s, 4),
            ["s.low_confirmed"] = _ => Output(s, 5),
            ["s.version"] = _ => Output(s, 6),
            ["s.last"] = _ => Output(s, 7),
            ["z.on"] = _ => Output(z, 0),
            ["z.momentum"] = _ => Output(z, 1),
            ["bid"] = i => Inputs[i].HasMarket ? Inputs[i].Bid : null,
            ["ask"] = i => Inputs[i].HasMarket ? Inputs[i].Ask : null,
            ["mid"] = i => Inputs[i].HasMarket ? (Inputs[i].Bid + Inputs[i].Ask) / 2.0 : null,
            ["spread"] = i => Inputs[i].HasMarket ? Inputs[i].Ask - Inputs[i].Bid : null,
            ["position"] = i => Inputs[i].Position,
            ["entry"] = i => Inputs[i].Position == 0 ? null : Inputs[i].Entry,
            ["stance"] = i => Inputs[i].Stance switch { 0 => 0, 1 => 1, _ => 2 },
            ["bars_held"] = i => Inputs[i].Stance == 0 ? null : Inputs[i].BarsHeld,
        };
        Dictionary<string, Func<int, double?>> slow = new()
        {
            ["slow.close"] = i => Slow[i]!.Value.Close,
            ["slow.volume"] = i => Slow[i]!.Value.Volume,
            ["b"] = _ => Output(b, 0),
        };
        foreach (string name in minute.Keys.Concat(slow.Keys))
        {
            _series[name] = ([], new int[Bars]);
        }

        for (int i = 0; i < Bars; i++)
        {
            foreach (BarIndicator indicator in (BarIndicator[])[a, m, s, z])
            {
                indicator.Update(Minutes[i]);
            }

            if (Slow[i] is { } bar)
            {
                b.Update(bar);
                Write(slow, i);
            }

            Write(minute, i);
            foreach ((List<double?> values, int[] countAt) in _series.Values)
            {
                countAt[i] = values.Count;
            }
        }
    }

    private void Write(Dictionary<string, Func<int, double?>> source, int bar)
    {
        foreach ((string name, Func<int, double?> value) in source)
        {
            _series[name].Values.Add(value(bar));
        }
    }

    private static double? Output(Indicator indicator, int output) =>
        indicator.IsOutputReady(output) ? indicator.Output(output) : null;
}
