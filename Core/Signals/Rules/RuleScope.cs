using System;
using System.Collections.Generic;
using LowLatency.Core.Signals.Indicators;

namespace LowLatency.Core.Signals.Rules;

/// <summary>A declared timeframe.</summary>
internal sealed record DeclaredTimeframe(string Name, RulePlace Place, long Nanoseconds)
{
    internal bool Used { get; set; }
}

/// <summary>A declared indicator or structure.</summary>
internal sealed record DeclaredIndicator(
    string Name, RulePlace Place, IndicatorSchema Schema, StrategyParameters Parameters, int Source, int Timeframe)
{
    internal bool Used { get; set; }
}

/// <summary>A named expression.</summary>
internal sealed record DeclaredLet(string Name, RulePlace Place, RuleNode Node)
{
    internal bool Used { get; set; }
}

/// <summary>The names of a program, and the values that its expressions use.</summary>
internal sealed class RuleScope
{
    /// <summary>Fields of a bar.</summary>
    internal static readonly string[] Fields = ["open", "high", "low", "close", "volume"];

    /// <summary>Values of the standing market.</summary>
    internal static readonly string[] Market = ["bid", "ask", "mid", "spread"];

    /// <summary>Values of the own position.</summary>
    internal static readonly string[] Own = ["position", "entry", "stance", "bars_held"];

    /// <summary>What a stance can be.</summary>
    internal static readonly string[] Stances = ["flat", "long", "short"];

    private readonly List<Indicator> _samples = [];

    /// <summary>The first one is that of the rules, and has no name.</summary>
    internal List<DeclaredTimeframe> Timeframes { get; } = [];

    internal List<DeclaredIndicator> Indicators { get; } = [];

    internal List<DeclaredLet> Lets { get; } = [];

    internal List<RuleSeries> Series { get; } = [];

    /// <summary>Names whose declaration was refused: what uses them is not reported as well.</summary>
    internal List<string> Refused { get; } = [];

    internal static int Find(string[] names, string name) => Array.IndexOf(names, name);

    internal void Add(DeclaredIndicator indicator, Indicator sample)
    {
        Indicators.Add(indicator);
        _samples.Add(sample);
    }

    internal Indicator SampleOf(int indicator) => _samples[indicator];

    /// <summary>True when the name already means something.</summary>
    internal bool Knows(string name) => AllNames().Contains(name) || RuleParser.Reserved.IndexOf(name) >= 0;

    internal int IndicatorOf(string name) => Indicators.FindIndex(declared => declared.Name == name);

    /// <summary>Finds what a name stands for; false when nothing, with the problem added.</summary>
    internal bool Resolve(RuleNode node, RuleProblems problems)
    {
        int point = node.Text.IndexOf('.', StringComparison.Ordinal);
        if (Refused.Contains(point < 0 ? node.Text : node.Text[..point]))
        {
            return false;
        }

        RuleSeries? found = point < 0
            ? Plain(node, problems)
            : Qualified(node, node.Text[..point], node.Text[(point + 1)..], problems);
        if (found is null)
        {
            return false;
        }

        node.Series = Series.FindIndex(known =>
            known.Kind == found.Kind && known.Index == found.Index && known.Output == found.Output
            && known.Timeframe == found.Timeframe);
        if (node.Series < 0)
        {
            node.Series = Series.Count;
            Series.Add(found);
        }

        RuleSeries series = Series[node.Series];
        series.LookBack = Math.Max(series.LookBack, (int)node.Number);
        node.Type = series.Type;
        node.Words = series.Words;
        return true;
    }

    private static string[] Names(ReadOnlySpan<OutputDefinition> outputs)
    {
        string[] names = new string[outputs.Length];
        for (int i = 0; i < names.Length; i++)
        {
            names[i] = outputs[i].Name;
        }

        return names;
    }

    private static RuleSeries Field(int field, int timeframe) => new()
    {
        Kind = SeriesKind.Field,
        Index = field,
        Timeframe = timeframe,
        Type = RuleType.Number,
        Scale = field == 4 ? SeriesScale.Quantity : SeriesScale.Price,
    };

    private RuleSeries? Plain(RuleNode node, RuleProblems problems)
    {
        string name = node.Text;
        if (Find(Fields, name) is >= 0 and int field)
        {
            return Field(field, 0);
        }

        if (Find(Market, name) is >= 0 and int market)
        {
            return new RuleSeries
            {
                Kind = SeriesKind.Market,
                Index = market,
                Type = RuleType.Number,
                Scale = SeriesScale.Price,
            };
        }

        if (Find(Own, name) is >= 0 and int own)
        {
            return new RuleSeries
            {
                Kind = SeriesKind.Own,
                Index = own,
                Type = own == 2 ? RuleType.Word : RuleType.Number,
                Words = own == 2 ? Stances : [],
                Scale = own switch { 0 => SeriesScale.Quantity, 1 => SeriesScale.Price, _ => SeriesScale.None },
            };
        }

        int let = Lets.FindIndex(declared => declared.Name == name);
        if (let >= 0)
        {
            Lets[let].Used = true;
            return new RuleSeries
            {
                Kind = SeriesKind.Let,
                Index = let,
                Type = Lets[let].Node.Type,
                Words = Lets[let].Node.Words,
            };
        }

        int indicator = IndicatorOf(name);
        if (indicator < 0)
        {
            problems.Add(node.Place, Timeframes.Exists(known => known.Name == name)
                ? $"\"{name}\" is a timeframe: name one of its fields, such as {name}.close"
                : $"nothing is named \"{name}\"{RuleProblems.Meant(name, AllNames())}");
            return null;
        }

        string[] outputs = Names(Indicators[indicator].Schema.Outputs);
        if (outputs.Length == 1)
        {
            return Output(indicator, 0);
        }

        problems.Add(node.Place, $"\"{name}\" has several outputs: {name}.{string.Join($", {name}.", outputs)}");
        return null;
    }

    private RuleSeries? Qualified(RuleNode node, string name, string member, RuleProblems problems)
    {
        int timeframe = Timeframes.FindIndex(declared => declared.Name == name);
        if (timeframe > 0)
        {
            Timeframes[timeframe].Used = true;
            if (Find(Fields, member) is >= 0 and int field)
            {
                return Field(field, timeframe);
            }

            problems.Add(node.Place, $"a bar has no field \"{member}\"{RuleProblems.Meant(member, Fields)}");
            return null;
        }

        int indicator = IndicatorOf(name);
        if (indicator < 0)
        {
            List<string> known = [];
            Indicators.ForEach(declared => known.Add(declared.Name));
            Timeframes.ForEach(declared => known.Add(declared.Name));
            known.Remove(string.Empty);
            problems.Add(node.Place, known.Count == 0
                ? $"no indicator or timeframe is declared, so \"{name}.{member}\" means nothing"
                : $"no indicator or timeframe is named \"{name}\"{RuleProblems.Meant(name, known)}");
            return null;
        }

        int output = Indicators[indicator].Schema.IndexOf(member);
        if (output >= 0)
        {
            return Output(indicator, output);
        }

        Indicators[indicator].Used = true;
        problems.Add(node.Place,
            $"\"{name}\" has no output \"{member}\""
            + RuleProblems.Meant(member, Names(Indicators[indicator].Schema.Outputs)));
        return null;
    }

    private RuleSeries Output(int indicator, int output)
    {
        DeclaredIndicator declared = Indicators[indicator];
        declared.Used = true;
        OutputDefinition definition = declared.Schema.Outputs[output];
        return new RuleSeries
        {
            Kind = SeriesKind.Output,
            Index = indicator,
            Output = output,
            Timeframe = declared.Timeframe,
            Type = definition.Type switch
            {
                OutputType.Flag => RuleType.Flag,
                OutputType.Word => RuleType.Word,
                _ => RuleType.Number,
            },
            Words = definition.Words.ToArray(),
            Scale = definition.Type switch
            {
                OutputType.Price => SeriesScale.Price,
                OutputType.Quantity => SeriesScale.Quantity,
                _ => SeriesScale.None,
            },
            // An indicator of the book is warm by the market's states, not by bars.
            WarmUp = SampleOf(indicator) is BarIndicator sample ? sample.WarmUpOf(output) : 1,
        };
    }

    private List<string> AllNames()
    {
        List<string> names = [.. Fields, .. Market, .. Own];
        Indicators.ForEach(declared => names.Add(declared.Name));
        Lets.ForEach(declared => names.Add(declared.Name));
        Timeframes.ForEach(declared => names.Add(declared.Name));
        names.Remove(string.Empty);
        return names;
    }
}
