using System;
using System.Collections.Generic;
using System.Linq;
using LowLatency.Core.Determinism;
using LowLatency.Core.Signals;
using LowLatency.Core.Signals.Indicators;
using LowLatency.Core.Signals.Rules;
using LowLatency.Core.Signals.Structures;
using Xunit;

namespace LowLatency.Tests.Core.Signals.Rules;

/// <summary>Whole programs: what they must say, what is refused and where.</summary>
public sealed class RuleProgramTests
{
    private const string Side = """ "long": { "enter": "close > 1", "exit": "close < 1", "size": "1" } """;

    public static TheoryData<string, string> Refused => RuleTexts.Table(
        """
        # JSON
        {} => 1:1: "timeframeMs" is missing
        [] => 1:1: a program must be an object
        1 => 1:1: a program must be an object
        { => 1:2: not JSON: a key in double quotes was expected
        {"timeframeMs" 1} => 1:16: not JSON: ':' was expected
        {"timeframeMs":1,} => 1:18: not JSON: a key in double quotes was expected
        {"timeframeMs":1 "let":{}} => 1:18: not JSON: ',' or '}' was expected
        {"timeframeMs":} => 1:16: not JSON: a value was expected
        {"timeframeMs":1} x => 1:19: nothing may follow the end of the program
        {"timeframeMs":tru} => 1:16: not JSON: a value was expected
        {"timeframeMs":"\q"} => 1:18: not JSON: an escape that does not exist
        {"timeframeMs":"\u12"} => 1:18: not JSON: an escape that does not exist
        {"timeframeMs":"abc => 1:20: not JSON: the text has no end on its line
        // no => 1:1: not JSON: a value was expected
        {"timeframeMs":60000,"timeframeMs":60000} => 1:22: the key "timeframeMs" stands twice
        {"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":1}}}}}}}}} => 1:46: nested more than 8 deep
        # root
        {"timeframeMs":99} => 1:16: "timeframeMs" must be a whole number from 100 to 86400000
        {"timeframeMs":86400001} => 1:16: "timeframeMs" must be a whole number from 100 to 86400000
        {"timeframeMs":1000.0} => 1:16: "timeframeMs" must be a whole number
        {"timeframeMs":"1000"} => 1:16: "timeframeMs" must be a whole number
        {"timeframeMs":1000,"lett":{},SIDE} => 1:21: a program has no key "lett"; did you mean "let"?
        {"timeframeMs":1000} => 1:1: a program needs "long", "short" or both
        {"timeframeMs":1000,"clearAfterGapBars":0,SIDE} => 1:41: "clearAfterGapBars" must be a whole number from 1 to 1000000
        # timeframes
        {"timeframeMs":1000,"timeframes":[],SIDE} => 1:34: "timeframes" must be an object
        {"timeframeMs":1000,"timeframes":{"slow":50},SIDE} => 1:42: "slow" must be a whole number from 100
        {"timeframeMs":1000,"timeframes":{"slow":1000},SIDE} => 1:42: two timeframes have 1000 ms
        {"timeframeMs":1000,"timeframes":{"slow":5000},SIDE} => 1:35: nothing uses the timeframe "slow"
        {"timeframeMs":1000,"timeframes":{"Slow":5000},SIDE} => 1:35: "Slow" is no name
        {"timeframeMs":1000,"timeframes":{"close":5000},SIDE} => 1:35: "close" has a meaning already
        {"timeframeMs":1000,"timeframes":{"b":1001,"c":1002,"d":1003,"e":1004,"f":1005,"g":1006,"h":1007,"i":1008},SIDE} => 1:98: a program has at most 8 timeframes
        # indicators
        {"timeframeMs":1000,"indicators":1,SIDE} => 1:34: "indicators" must be an object
        {"timeframeMs":1000,"indicators":{"f":1},SIDE} => 1:39: "f" must be an object
        {"timeframeMs":1000,"indicators":{"f":{}},SIDE} => 1:35: "f" has no "type"
        {"timeframeMs":1000,"indicators":{"f":{"type":"emma"}},SIDE} => 1:47: "emma" is no type of indicator; did you mean "ema"?
        {"timeframeMs":1000,"indicators":{"f":{"type":5}},SIDE} => 1:47: "5" is no type of indicator
        {"timeframeMs":1000,"indicators":{"f":{"type":"ema"}},SIDE} => 1:35: nothing uses the indicator "f"
        {"timeframeMs":1000,"indicators":{"f":{"type":"ema","periods":5}},SIDE} => 1:53: an indicator of type "ema" has no key "periods"; did you mean "period"?
        {"timeframeMs":1000,"indicators":{"f":{"type":"ema","period":0}},SIDE} => 1:62: "period" must be a whole number from 1 to 4096
        {"timeframeMs":1000,"indicators":{"f":{"type":"ema","period":4097}},SIDE} => 1:62: "period" must be a whole number from 1 to 4096
        {"timeframeMs":1000,"indicators":{"f":{"type":"ema","source":"clsoe"}},SIDE} => 1:62: "source" is never "clsoe"; did you mean "close"?
        {"timeframeMs":1000,"indicators":{"f":{"type":"macd","fast":9,"slow":9}},SIDE} => 1:61: "fast" must be less than "slow"
        {"timeframeMs":1000,"indicators":{"f":{"type":"bollinger","deviations":2}},SIDE} => 1:72: "deviations" must be decimal text from "0" to "100"
        {"timeframeMs":1000,"indicators":{"f":{"type":"bollinger","deviations":"101"}},SIDE} => 1:72: "deviations" must be decimal text
        {"timeframeMs":1000,"indicators":{"f":{"type":"ema","timeframe":"slow"}},SIDE} => 1:65: no timeframe is declared, so none is named "slow"
        {"timeframeMs":1000,"timeframes":{"slow":5000},"indicators":{"f":{"type":"ema","timeframe":"slwo"}},SIDE} => 1:92: no timeframe is named "slwo"; did you mean "slow"?
        {"timeframeMs":1000,"indicators":{"f":{"type":"fibonacci"}},SIDE} => 1:35: "f" must say of which swing it is: "of"
        {"timeframeMs":1000,"indicators":{"f":{"type":"fibonacci","of":"s"}},SIDE} => 1:64: "s" is no swing, and none is declared before "f"
        {"timeframeMs":1000,"indicators":{"f":{"type":"fibonacci","of":"f"}},SIDE} => 1:64: "f" is no swing, and none is declared before "f"
        {"timeframeMs":1000,"indicators":{"f":{"type":"fibonacci","of":"s"},"s":{"type":"swing"}},SIDE} => 1:64: "s" is no swing, and none is declared before "f"
        {"timeframeMs":1000,"indicators":{"s":{"type":"swing"},"f":{"type":"derived-zone","of":"s"}},SIDE} => 1:88: "s" is no fibonacci, and none is declared before "f"
        {"timeframeMs":1000,"indicators":{"sw":{"type":"swing"},"f":{"type":"fibonacci","of":"sv"}},SIDE} => 1:86: "sv" is no swing declared before "f"; did you mean "sw"?
        {"timeframeMs":1000,"indicators":{"s":{"type":"swing"},"f":{"type":"fibonacci","of":"s","timeframe":"x"}},SIDE} => 1:89: an indicator of type "fibonacci" has no key "timeframe"
        {"timeframeMs":1000,"indicators":{"f":{"type":"microprice","timeframe":"x"}},SIDE} => 1:60: an indicator of type "microprice" has no key "timeframe"
        {"timeframeMs":1000,"indicators":{"f":{"type":"derived-zone","from":"0.7"}},SIDE} => 1:35: "f" must say of which fibonacci it is
        {"timeframeMs":1000,"indicators":{"low":{"type":"ema"}},SIDE} => 1:35: "low" has a meaning already
        {"timeframeMs":1000,"indicators":{"bars":{"type":"ema"}},SIDE} => 1:35: "bars" has a meaning already
        {"timeframeMs":1000,"indicators":{"f-1":{"type":"ema"}},SIDE} => 1:35: "f-1" is no name
        {"timeframeMs":1000,"indicators":{"":{"type":"ema"}},SIDE} => 1:35: "" is no name
        {"timeframeMs":1000,"indicators":{"abcdefghijklmnopqrstuvwxyz1234567":{"type":"ema"}},SIDE} => 1:35: "abcdefghijklmnopqrstuvwxyz1234567" is no name
        # let
        {"timeframeMs":1000,"let":5,SIDE} => 1:27: "let" must be an object
        {"timeframeMs":1000,"let":{"x":5},SIDE} => 1:32: "x" must be an expression in double quotes
        {"timeframeMs":1000,"let":{"x":""},SIDE} => 1:33: the expression ends where a value was expected
        {"timeframeMs":1000,"let":{"x":"1"},SIDE} => 1:28: nothing uses the expression "x"
        {"timeframeMs":1000,"let":{"x":"y","y":"1"},SIDE} => 1:33: nothing is named "y"
        {"timeframeMs":1000,"let":{"not":"1"},SIDE} => 1:28: "not" has a meaning already
        # sides
        {"timeframeMs":1000,"long":5} => 1:28: "long" must be an object
        {"timeframeMs":1000,"long":{"enter":"true","exit":"true"}} => 1:28: "long" needs "enter" and "size"
        {"timeframeMs":1000,"long":{"size":"1","exit":"true"}} => 1:28: "long" needs "enter" and "size"
        {"timeframeMs":1000,"long":{"enter":"true","size":"1"}} => 1:28: "long" needs "exit", "stop" or "take": nothing would end the position
        {"timeframeMs":1000,"short":{"enter":"true","size":"1"}} => 1:29: "short" needs "exit", "stop" or "take"
        {"timeframeMs":1000,"long":{"enter":"true","exit":"true","size":"1","sotp":"1"}} => 1:69: "long" has no key "sotp"; did you mean "stop"?
        {"timeframeMs":1000,"long":{"enter":"close","exit":"true","size":"1"}} => 1:37: "enter" must be a condition, and this is a number
        {"timeframeMs":1000,"long":{"enter":"true","exit":"1","size":"1"}} => 1:51: "exit" must be a condition, and this is a number
        {"timeframeMs":1000,"long":{"enter":"true","exit":"true","size":"true"}} => 1:65: "size" must be a number, and this is a condition
        {"timeframeMs":1000,"long":{"enter":"true","exit":"true","size":"stance"}} => 1:65: "size" must be a number, and this is a word
        {"timeframeMs":1000,"long":{"enter":"true","exit":"true","size":"0"}} => 1:65: "size" must be above 0
        {"timeframeMs":1000,"long":{"enter":"true","exit":"true","size":1}} => 1:65: "size" must be an expression in double quotes
        {"timeframeMs":1000,"long":{"enter":"true","stop":"clsoe","size":"1"}} => 1:52: nothing is named "clsoe"; did you mean "close"?
        """);

    /// <summary>Every output and every parameter of every type, in a program that uses it.</summary>
    public static TheoryData<string, string, string> Everything
    {
        get
        {
            TheoryData<string, string, string> rows = [];
            foreach (IndicatorSchema schema in Schemas())
            {
                foreach (OutputDefinition output in schema.Outputs)
                {
                    rows.Add(schema.Parameters.Type, "output", output.Name);
                }

                foreach (ParameterDefinition parameter in schema.Parameters.Parameters)
                {
                    rows.Add(schema.Parameters.Type, "parameter", parameter.Name);
                }
            }

            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public void A_wrong_program_is_refused_with_the_place(string json, string expected)
    {
        RuleReading reading = RuleProgram.Read(json.Replace("SIDE", Side.Trim(), StringComparison.Ordinal));

        Assert.Null(reading.Program);
        RuleProblem first = reading.Problems[0];
        Assert.StartsWith(expected, $"{first.Line}:{first.Column}: {first.Message}", StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Everything))]
    public void Each_output_and_parameter_of_each_type_can_be_used(string type, string what, string name)
    {
        IndicatorSchema schema = Schemas().First(known => known.Parameters.Type == type);
        if (what == "output")
        {
            OutputDefinition output = schema.Outputs[schema.IndexOf(name)];
            string condition = output.Type switch
            {
                OutputType.Flag => $"i.{name}",
                OutputType.Word => $"i.{name} == '{output.Words[^1]}'",
                _ => $"i.{name} > i.{name}[1]",
            };
            RuleProgram program = RuleTexts.Valid(Program(schema, string.Empty, condition));
            RuleType expected = output.Type switch
            {
                OutputType.Flag => RuleType.Flag,
                OutputType.Word => RuleType.Word,
                _ => RuleType.Number,
            };
            RuleNode used = program.Expression("long.enter");
            Assert.Equal(RuleType.Flag, used.Type);
            Assert.Contains("i." + name, used.ToString(), StringComparison.Ordinal);

            // The other types are refused for it: an output is never a number by accident.
            string wrong = expected == RuleType.Number ? $"i.{name} and true" : $"i.{name} > 1";
            Assert.Null(RuleProgram.Read(Program(schema, string.Empty, wrong)).Program);
            return;
        }

        ParameterDefinition parameter = schema.Parameters.Parameters[schema.Parameters.IndexOf(name)];
        string least = Written(parameter, schema.Parameters.Orders.ToArray().Any(order => order.Greater == name)
            ? parameter.Maximum
            : parameter.Minimum);
        string use = schema.Outputs[0].Type == OutputType.Flag ? "i.on" : $"i.{schema.Outputs[0].Name} > 0";
        RuleTexts.Valid(Program(schema, $", \"{name}\": {least}", use));
        string beyond = parameter.Kind == ParameterKind.Choice ? "\"no\"" : Written(parameter, parameter.Maximum + 1);
        RuleReading refused = RuleProgram.Read(Program(schema, $", \"{name}\": {beyond}", use));
        Assert.Contains(refused.Problems, problem => problem.Message.Contains($"\"{name}\"", StringComparison.Ordinal));
    }

    [Fact]
    public void All_problems_are_listed_and_what_follows_from_one_is_not()
    {
        RuleReading reading = RuleProgram.Read(
            """
            { "timeframeMs": 1000, "indicators": { "f": { "type": "emma" }, "g": { "type": "fibonacci", "of": "f" } },
              "let": { "up": "f > g.start", "down": "up or clsoe > 1" },
              "long": { "enter": "down and oepn > 1", "exit": "up", "size": "f" } }
            """);

        Assert.Equal(
            [(1, 55), (2, 48), (3, 32)],
            reading.Problems.Select(problem => (problem.Line, problem.Column)));
    }

    [Fact]
    public void Positions_count_from_where_the_program_begins()
    {
        RuleProblem problem = Assert.Single(RuleProgram.Read("{}", 7, 30).Problems);
        Assert.Equal((7, 30), (problem.Line, problem.Column));
        problem = Assert.Single(RuleProgram.Read("{\n  \"timeframeMs\": 1}", 7, 30).Problems);
        Assert.Equal((8, 18), (problem.Line, problem.Column));
    }

    [Fact]
    public void An_escaped_character_is_read_and_does_not_move_the_place()
    {
        string plain = RuleTexts.Of("close > open");
        string escaped = plain.Replace("close > open", "close \\u003e open", StringComparison.Ordinal);
        Assert.Equal(
            RuleTexts.Valid(plain).Expression("x").ToString(), RuleTexts.Valid(escaped).Expression("x").ToString());
        RuleProblem problem = RuleProgram.Read(
            plain.Replace("close > open", "close \\u003e oepn", StringComparison.Ordinal)).Problems[0];
        Assert.Equal(RuleTexts.ExpressionColumn + 13, problem.Column);
    }

    [Fact]
    public void Sizes_and_depths_are_bounded()
    {
        string Sum(int terms) => string.Join(" + ", Enumerable.Repeat("1", terms));
        Assert.Null(RuleProgram.Read(RuleTexts.Of(Sum(251))).Program);
        RuleTexts.Valid(RuleTexts.Of(Sum(250)));
        foreach ((string open, string close) in ((string, string)[])[("(", ")"), ("-", ""), ("abs(", ")")])
        {
            Assert.Null(RuleProgram.Read(RuleTexts.Of(
                string.Concat(Enumerable.Repeat(open, 600)) + "1" + string.Concat(Enumerable.Repeat(close, 600)))).Program);
        }

        Assert.Contains("nest at most 32 deep", RuleProgram.Read(RuleTexts.Of(
            new string('(', 33) + "1" + new string(')', 33))).Problems[0].Message, StringComparison.Ordinal);
        Assert.Contains("nest at most 32 deep", RuleProgram.Read(RuleTexts.Of(
            string.Concat(Enumerable.Repeat("not ", 33)) + "true")).Problems[0].Message, StringComparison.Ordinal);
        Assert.Contains("at most 2000 characters", RuleProgram.Read(RuleTexts.Of(new string(' ', 2_001))).Problems[0].Message, StringComparison.Ordinal);
        Assert.Contains("at most 65536 characters", RuleProgram.Read(new string(' ', 65_537)).Problems[0].Message, StringComparison.Ordinal);
        Assert.Contains("at most 64 indicators", RuleProgram.Read(
            "{\"timeframeMs\":1000,\"indicators\":{" + string.Join(",", Enumerable.Range(0, 65).Select(i => $"\"i{i}\":{{\"type\":\"ema\"}}"))
            + "}," + Side + "}").Problems[0].Message, StringComparison.Ordinal);
        Assert.Contains("at most 64 named expressions", RuleProgram.Read(
            "{\"timeframeMs\":1000,\"let\":{" + string.Join(",", Enumerable.Range(0, 65).Select(i => $"\"i{i}\":\"1\""))
            + "}," + Side + "}").Problems[0].Message, StringComparison.Ordinal);
        string Lets(int terms) => "{\"timeframeMs\":1000,\"let\":{"
            + string.Join(",", Enumerable.Range(0, 20).Select(i => $"\"i{i}\":\"{(i == 0 ? "1" : $"i{i - 1}")} + {Sum(terms)}\""))
            + "},\"long\":{\"enter\":\"close > i19\",\"exit\":\"close < 1\",\"size\":\"1\"}}";
        RuleTexts.Valid(Lets(100));
        Assert.Contains("at most 4096 operations", RuleProgram.Read(Lets(103)).Problems[0].Message, StringComparison.Ordinal);
        Assert.Equal(50, RuleProgram.Read(
            "{" + string.Join(",", Enumerable.Range(0, 80).Select(i => $"\"k{i}\":1")) + "}").Problems.Length);
    }

    [Theory]
    [InlineData("close > open", 1)]
    [InlineData("close > close[3]", 4)]
    [InlineData("a > 1", 2)]
    [InlineData("a[4] > 1", 6)]
    [InlineData("close crosses_above a", 3)]
    [InlineData("close > 1 for 4 bars", 4)]
    [InlineData("close crosses_above a within 4 bars", 6)]
    [InlineData("m.signal > 0", 4)]
    [InlineData("m.line > 0", 3)]
    [InlineData("(a > 1 for 2 bars) within 3 bars", 5)]
    [InlineData("s.high > 0", 3)]
    [InlineData("z.momentum > 0", 3)]
    public void Warm_up_is_computed_from_what_is_used(string expression, int bars)
    {
        RuleProgram program = RuleTexts.Valid(RuleTexts.Of(expression, "x"));
        Assert.Equal([bars], program.WarmUps.ToArray());
    }

    [Fact]
    public void Warm_up_counts_each_timeframe_and_through_names()
    {
        // b is an average of 2 bars of 3 minutes; y looks 6 evaluations (minutes) back at it: 2 more of its bars.
        RuleProgram program = RuleTexts.Valid(RuleTexts.Of("y[4] and y", "x for 3 bars", "\"y\":\"b > slow.close[1]\""));
        Assert.Equal([60_000_000_000, 180_000_000_000], program.Timeframes.ToArray());
        Assert.Equal([7, 4], program.WarmUps.ToArray());
    }

    /// <summary>On a market that turns on every bar, everything is ready within its declared bars, on any timeframe.</summary>
    [Theory]
    [MemberData(nameof(Everything))]
    public void Each_output_gets_ready_within_its_declared_bars(string type, string what, string name)
    {
        IndicatorSchema schema = Schemas().First(known => known.Parameters.Type == type);
        bool ofBook = schema.Source.Length == 0 && type is "order-flow-imbalance" or "book-imbalance" or "microprice";
        if (what != "output" || ofBook)
        {
            return;
        }

        foreach (int timeframe in (int[])[0, 1])
        {
            string json = Program(schema, string.Empty, $"i.{name} == i.{name}");
            if (timeframe == 1)
            {
                string first = schema.Source.Length == 0 ? "\"i\": { \"type\"" : schema.Source == "swing" ? "\"src\": { \"type\"" : "\"sw\": { \"type\"";
                json = json.Replace(first, first.Replace("\"type\"", "\"timeframe\": \"slow\", \"type\"", StringComparison.Ordinal), StringComparison.Ordinal)
                    .Replace("\"indicators\"", "\"timeframes\": { \"slow\": 120000 }, \"indicators\"", StringComparison.Ordinal);
            }

            RuleProgram program = RuleTexts.Valid(json);
            RuleMachine machine = new(program, 1.0, 1.0);
            RuleValue[] results = new RuleValue[12];
            int declared = program.WarmUps[timeframe];
            int ready = 0;
            for (int bar = 0; ready == 0 && bar < 200; bar++)
            {
                // Waves of eight bars: a swing of either kind is confirmed in each.
                long price = 1_000 + (40 * Math.Abs((bar % 8) - 4));
                machine.OnBar(timeframe, Indicators.BarPaths.Of(bar, price, price + 9, price - 9, price, 5));
                if (timeframe == 1)
                {
                    machine.OnBar(0, Indicators.BarPaths.Of(bar, price, price, price, price, 5));
                }

                machine.Evaluate(default, results);
                ready = results[0].IsReady ? bar + 1 : 0;
            }

            Assert.InRange(ready, declared, declared + (schema.Source.Length > 0 || type == "swing" ? 16 : 0));
        }
    }

    [Fact]
    public void Two_types_of_one_name_do_not_exist() =>
        Assert.Equal(Schemas().Count, Schemas().Select(schema => schema.Parameters.Type).Distinct().Count());

    [Fact]
    public void A_structure_needs_its_own_source() =>
        Assert.Throws<BrokenInvariantException>(() => StructureCatalogue.Create(
            StrategyParameters.Defaults(Fibonacci.Declared.Parameters), new Sma(2)));

    private static List<IndicatorSchema> Schemas() =>
    [
        .. Enumerable.Range(0, IndicatorCatalogue.Count).Select(IndicatorCatalogue.SchemaAt),
        .. Enumerable.Range(0, StructureCatalogue.Count).Select(StructureCatalogue.SchemaAt),
    ];

    private static string Written(ParameterDefinition parameter, long value) => parameter.Kind switch
    {
        ParameterKind.Integer => $"{value}",
        ParameterKind.Choice => $"\"{parameter.Choices[(int)value]}\"",
        _ => $"\"{LowLatency.Core.Values.DecimalText.ToText(value, 9)}\"",
    };

    private static string Program(IndicatorSchema schema, string more, string enter)
    {
        string before = schema.Source switch
        {
            "" => string.Empty,
            "swing" => "\"src\": { \"type\": \"swing\" }, ",
            _ => "\"sw\": { \"type\": \"swing\" }, \"src\": { \"type\": \"fibonacci\", \"of\": \"sw\" }, ",
        };
        string of = schema.Source.Length == 0 ? string.Empty : ", \"of\": \"src\"";
        return $$"""
            { "timeframeMs": 60000, "indicators": { {{before}}"i": { "type": "{{schema.Parameters.Type}}"{{of}}{{more}} } },
              "long": { "enter": "{{enter}}", "exit": "false", "size": "1" } }
            """;
    }
}
