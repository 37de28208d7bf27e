using System;
using System.Collections.Generic;
using System.Globalization;
using LowLatency.Core.Signals.Indicators;

namespace LowLatency.Core.Signals.Rules;

/// <summary>
/// Reads a whole program. It goes on after a problem as far as that makes sense, so that a person sees everything that
/// is wrong at once.
/// </summary>
internal sealed partial class RuleCompiler
{
    /// <summary>Characters of a program.</summary>
    internal const int TextMax = 65_536;

    /// <summary>Indicators and structures of a program.</summary>
    internal const int IndicatorsMax = 64;

    /// <summary>Named expressions of a program.</summary>
    internal const int LetsMax = 64;

    /// <summary>Characters of one expression.</summary>
    internal const int ExpressionMax = 2_000;

    /// <summary>Steps of one evaluation of a whole program: its budget for each bar.</summary>
    internal const int StepsMax = 4_096;

    private const int NameMax = 32;
    private const long Millisecond = 1_000_000;
    private const long TimeframeMin = 100;
    private const long TimeframeMax = 86_400_000;

    private static readonly string[] RootKeys =
        ["timeframeMs", "timeframes", "clearAfterGapBars", "indicators", "let", "long", "short"];

    private static readonly string[] PartKeys = ["enter", "exit", "size", "limit", "stop", "take"];

    private readonly RuleProblems _problems = new();
    private readonly RuleScope _scope = new();
    private readonly RuleCode _code = new();
    private readonly List<RuleSpan> _lets = [];
    private readonly RuleSpan[] _parts = new RuleSpan[2 * RuleProgram.Parts];
    private readonly List<(string Name, RuleNode Node)> _expressions = [];

    internal static RuleReading Read(string json, RulePlace start)
    {
        RuleCompiler compiler = new();
        RuleProgram? program = compiler.Compile(json, start);
        return compiler._problems.Count == 0
            ? new RuleReading(program, [])
            : new RuleReading(null, compiler._problems.ToArray());
    }

    private RuleProgram? Compile(string json, RulePlace start)
    {
        if (json.Length > TextMax)
        {
            Report(start, $"a program has at most {TextMax} characters, this one {json.Length}");
            return null;
        }

        if (RuleJson.Read(json, start, _problems) is not { } root || !IsObject(root, "a program"))
        {
            return null;
        }

        KnownKeys(root, "a program", RootKeys);
        if (root.Find("timeframeMs") is { } rules)
        {
            if (Whole(rules, "timeframeMs", TimeframeMin, TimeframeMax) is { } length)
            {
                _scope.Timeframes.Add(
                    new DeclaredTimeframe(string.Empty, rules.Place, length * Millisecond) { Used = true });
            }
        }
        else
        {
            Report(root.Place, "\"timeframeMs\" is missing: the length of the bars on which the rules are evaluated");
        }

        if (_scope.Timeframes.Count == 0)
        {
            return null;
        }

        long gap = root.Find("clearAfterGapBars") is { } bars ? Whole(bars, "clearAfterGapBars", 1, 1_000_000) ?? 0 : 0;
        ReadTimeframes(root);
        ReadIndicators(root);
        ReadLets(root);
        ReadSides(root);
        ReportUnused();
        if (_code.Steps.Length > StepsMax)
        {
            Report(root.Place, $"a program has at most {StepsMax} operations and operands in all, this one {_code.Steps.Length}");
        }

        if (_problems.Count > 0)
        {
            return null;
        }

        return new RuleProgram(_scope, _code, [.. _lets], _parts, WarmUps(), _expressions)
        {
            ClearAfterGapBars = (int)gap,
            WatchesBook = _scope.Indicators.Exists(declared => _scope.SampleOf(_scope.Indicators.IndexOf(declared)) is BookIndicator),
        };
    }

    private void Report(RulePlace place, FormattableString message) =>
        _problems.Add(place, message.ToString(CultureInfo.InvariantCulture));

    private void Report(RulePlace place, string message) => _problems.Add(place, message);

    private bool IsObject(JsonPiece piece, string what)
    {
        if (piece.Kind == JsonKind.Object)
        {
            return true;
        }

        Report(piece.Place, what + " must be an object");
        return false;
    }

    private void KnownKeys(JsonPiece piece, string what, ReadOnlySpan<string> known)
    {
        foreach ((string name, RulePlace place, JsonPiece _) in piece.Members)
        {
            if (known.IndexOf(name) < 0)
            {
                Report(place, $"{what} has no key \"{name}\"{RuleProblems.Meant(name, known.ToArray())}");
            }
        }
    }

    private long? Whole(JsonPiece piece, string what, long least, long most)
    {
        if (piece.Kind == JsonKind.Number
            && long.TryParse(piece.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value)
            && value >= least
            && value <= most)
        {
            return value;
        }

        Report(piece.Place, $"\"{what}\" must be a whole number from {least} to {most}");
        return null;
    }

    private bool NameIsFree(string name, RulePlace place)
    {
        bool formed = name.Length is >= 1 and <= NameMax && name[0] is >= 'a' and <= 'z';
        foreach (char c in name)
        {
            formed &= c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '_';
        }

        if (!formed)
        {
            Report(place, $"\"{name}\" is no name: a letter a-z, then up to {NameMax - 1} of [a-z0-9_]");
        }
        else if (_scope.Knows(name))
        {
            Report(place, $"\"{name}\" has a meaning already");
            formed = false;
        }

        return formed;
    }

    private RuleNode? ExpressionOf(JsonPiece piece, string name)
    {
        if (piece.Kind != JsonKind.Text)
        {
            Report(piece.Place, $"\"{name}\" must be an expression in double quotes");
            return null;
        }

        if (piece.Text.Length > ExpressionMax)
        {
            Report(piece.Place, $"an expression has at most {ExpressionMax} characters, this one {piece.Text.Length}");
            return null;
        }

        RuleNode? node = RuleParser.Parse(piece, _problems);
        return node is not null && RuleChecker.Check(node, _scope, _problems) != RuleType.None ? node : null;
    }

    private void ReadLets(JsonPiece root)
    {
        if (root.Find("let") is not { } list || !IsObject(list, "\"let\""))
        {
            return;
        }

        foreach ((string name, RulePlace place, JsonPiece value) in list.Members)
        {
            if (_scope.Lets.Count == LetsMax)
            {
                Report(place, $"a program has at most {LetsMax} named expressions");
                return;
            }

            if (!NameIsFree(name, place))
            {
                continue;
            }

            if (ExpressionOf(value, name) is not { } node)
            {
                _scope.Refused.Add(name);
            }
            else
            {
                _scope.Lets.Add(new DeclaredLet(name, place, node));
                _lets.Add(_code.Add(node));
                _expressions.Add((name, node));
            }
        }
    }

    private void ReadSides(JsonPiece root)
    {
        if (root.Find("long") is null && root.Find("short") is null)
        {
            Report(root.Place, "a program needs \"long\", \"short\" or both: without them it never trades");
        }

        ReadSide(root, "long", 0);
        ReadSide(root, "short", RuleProgram.Parts);
    }

    private void ReadSide(JsonPiece root, string side, int first)
    {
        if (root.Find(side) is not { } piece || !IsObject(piece, $"\"{side}\""))
        {
            return;
        }

        KnownKeys(piece, $"\"{side}\"", PartKeys);
        if (piece.Find("enter") is null || piece.Find("size") is null)
        {
            Report(piece.Place, $"\"{side}\" needs \"enter\" and \"size\"");
        }

        if (piece.Find("exit") is null && piece.Find("stop") is null && piece.Find("take") is null)
        {
            Report(piece.Place, $"\"{side}\" needs \"exit\", \"stop\" or \"take\": nothing would end the position");
        }

        for (int part = 0; part < PartKeys.Length; part++)
        {
            if (piece.Find(PartKeys[part]) is not { } given || ExpressionOf(given, PartKeys[part]) is not { } node)
            {
                continue;
            }

            RuleType wanted = part <= (int)RulePart.Exit ? RuleType.Flag : RuleType.Number;
            if (node.Type != wanted)
            {
                Report(given.Place, $"\"{PartKeys[part]}\" must be {RuleChecker.Called(wanted)}, and this is {RuleChecker.Called(node.Type)}");
            }
            else if (node.Op == RuleOp.Number && node.Number == 0.0)
            {
                Report(given.Place, $"\"{PartKeys[part]}\" must be above 0");
            }
            else
            {
                _parts[first + part] = _code.Add(node);
                _expressions.Add((side + "." + PartKeys[part], node));
            }
        }
    }

    /// <summary>What nothing uses is a slip: the name that was meant is another one. Only where all else is right.</summary>
    private void ReportUnused()
    {
        if (_problems.Count > 0)
        {
            return;
        }

        _scope.Timeframes.FindAll(declared => !declared.Used)
            .ForEach(declared => Report(declared.Place, $"nothing uses the timeframe \"{declared.Name}\""));
        _scope.Indicators.FindAll(declared => !declared.Used)
            .ForEach(declared => Report(declared.Place, $"nothing uses the indicator \"{declared.Name}\""));
        _scope.Lets.FindAll(declared => !declared.Used)
            .ForEach(declared => Report(declared.Place, $"nothing uses the expression \"{declared.Name}\""));
    }

    private int[] WarmUps()
    {
        int[] warmUps = new int[_scope.Timeframes.Count];
        warmUps[0] = 1;
        foreach ((string _, RuleNode node) in _expressions)
        {
            Need(node, 0, warmUps);
        }

        return warmUps;
    }

    /// <summary>
    /// Adds what an expression needs when its value is asked for so many evaluations back: conditions that remember
    /// reach further, and names further still.
    /// </summary>
    private void Need(RuleNode node, int back, int[] warmUps)
    {
        int deeper = back + node.Op switch
        {
            RuleOp.CrossesAbove or RuleOp.CrossesBelow => 1,
            RuleOp.For or RuleOp.Within => (int)node.Number - 1,
            _ => 0,
        };
        foreach (RuleNode part in node.Parts)
        {
            Need(part, deeper, warmUps);
        }

        if (node.Op != RuleOp.Name)
        {
            return;
        }

        RuleSeries series = _scope.Series[node.Series];
        int own = (int)node.Number;
        if (series.Kind == SeriesKind.Let)
        {
            Need(_scope.Lets[series.Index].Node, back + own, warmUps);
            return;
        }

        // Evaluations are bars of the rules' timeframe; another one has as many bars in that time, rounded up.
        long length = _scope.Timeframes[series.Timeframe].Nanoseconds;
        long bars = ((back * _scope.Timeframes[0].Nanoseconds) + length - 1) / length;
        warmUps[0] = Math.Max(warmUps[0], back + 1);
        warmUps[series.Timeframe] = Math.Max(warmUps[series.Timeframe], series.WarmUp + own + (int)bars);
    }
}
