using System;
using System.Collections.Generic;
using LowLatency.Core.Market;
using LowLatency.Core.Values;

namespace LowLatency.Core.Signals.Rules;

/// <content>Timeframes, indicators and their parameters.</content>
internal sealed partial class RuleCompiler
{
    private void ReadTimeframes(JsonPiece root)
    {
        if (root.Find("timeframes") is not { } list || !IsObject(list, "\"timeframes\""))
        {
            return;
        }

        foreach ((string name, RulePlace place, JsonPiece value) in list.Members)
        {
            if (!NameIsFree(name, place))
            {
                continue;
            }

            if (Whole(value, name, TimeframeMin, TimeframeMax) is not { } length)
            {
                _scope.Refused.Add(name);
                continue;
            }

            if (_scope.Timeframes.Exists(known => known.Nanoseconds == length * Millisecond))
            {
                Report(value.Place, $"two timeframes have {length} ms");
            }
            else if (_scope.Timeframes.Count == MarketView.TimeframesMax)
            {
                Report(place, $"a program has at most {MarketView.TimeframesMax} timeframes, that of the rules included");
            }
            else
            {
                _scope.Timeframes.Add(new DeclaredTimeframe(name, place, length * Millisecond));
            }
        }
    }

    private void ReadIndicators(JsonPiece root)
    {
        if (root.Find("indicators") is not { } list || !IsObject(list, "\"indicators\""))
        {
            return;
        }

        foreach ((string name, RulePlace place, JsonPiece value) in list.Members)
        {
            if (_scope.Indicators.Count == IndicatorsMax)
            {
                Report(place, $"a program has at most {IndicatorsMax} indicators");
                return;
            }

            if (NameIsFree(name, place) && IsObject(value, $"\"{name}\""))
            {
                ReadIndicator(name, place, value);
            }
        }
    }

    private void ReadIndicator(string name, RulePlace place, JsonPiece piece)
    {
        if (piece.Find("type") is not { } type)
        {
            Report(place, $"\"{name}\" has no \"type\"");
            _scope.Refused.Add(name);
            return;
        }

        if (type.Kind != JsonKind.Text || RuleTypes.Find(type.Text) is not { } schema)
        {
            Report(type.Place, $"\"{type.Text}\" is no type of indicator{RuleProblems.Meant(type.Text, RuleTypes.Names())}");
            _scope.Refused.Add(name);
            return;
        }

        bool derived = schema.Source.Length > 0;
        List<string> known = ["type", derived ? "of" : "timeframe"];
        foreach (ParameterDefinition parameter in schema.Parameters.Parameters)
        {
            known.Add(parameter.Name);
        }

        bool ofBook = RuleTypes.IsOfBook(schema);
        if (ofBook)
        {
            known.Remove("timeframe");
        }

        int problems = _problems.Count;
        KnownKeys(piece, $"an indicator of type \"{schema.Parameters.Type}\"", known.ToArray());
        int source = derived ? SourceOf(piece, name, place, schema.Source) : -1;
        int timeframe = source >= 0 ? _scope.Indicators[source].Timeframe : derived || ofBook ? 0 : TimeframeOf(piece);
        StrategyParameters? parameters = ParametersOf(piece, schema.Parameters);
        if (_problems.Count == problems && parameters is not null && !_scope.Refused.Contains(name))
        {
            _scope.Add(
                new DeclaredIndicator(name, place, schema, parameters, source, timeframe),
                RuleTypes.Create(schema, parameters, source < 0 ? null : _scope.SampleOf(source)));
        }
        else
        {
            _scope.Refused.Add(name);
        }
    }

    private int SourceOf(JsonPiece piece, string name, RulePlace place, string type)
    {
        if (piece.Find("of") is not { Kind: JsonKind.Text } of)
        {
            Report(place, $"\"{name}\" must say of which {type} it is: \"of\"");
            return -1;
        }

        if (_scope.Refused.Contains(of.Text))
        {
            _scope.Refused.Add(name);
            return -1;
        }

        int source = _scope.IndicatorOf(of.Text);
        if (source >= 0 && _scope.Indicators[source].Schema.Parameters.Type == type)
        {
            _scope.Indicators[source].Used = true;
            return source;
        }

        List<string> known = [];
        foreach (DeclaredIndicator declared in _scope.Indicators)
        {
            if (declared.Schema.Parameters.Type == type)
            {
                known.Add(declared.Name);
            }
        }

        Report(of.Place, known.Count == 0
            ? $"\"{of.Text}\" is no {type}, and none is declared before \"{name}\""
            : $"\"{of.Text}\" is no {type} declared before \"{name}\"{RuleProblems.Meant(of.Text, known)}");
        return -1;
    }

    private int TimeframeOf(JsonPiece piece)
    {
        if (piece.Find("timeframe") is not { } named)
        {
            return 0;
        }

        if (named.Kind == JsonKind.Text && _scope.Refused.Contains(named.Text))
        {
            return 0;
        }

        int timeframe = named.Kind == JsonKind.Text && named.Text.Length > 0
            ? _scope.Timeframes.FindIndex(known => known.Name == named.Text)
            : -1;
        if (timeframe > 0)
        {
            _scope.Timeframes[timeframe].Used = true;
            return timeframe;
        }

        List<string> names = [];
        _scope.Timeframes.ForEach(declared => names.Add(declared.Name));
        names.Remove(string.Empty);
        Report(named.Place, names.Count == 0
            ? $"no timeframe is declared, so none is named \"{named.Text}\""
            : $"no timeframe is named \"{named.Text}\"{RuleProblems.Meant(named.Text, names)}");
        return 0;
    }

    private StrategyParameters? ParametersOf(JsonPiece piece, ParameterSchema schema)
    {
        int problems = _problems.Count;
        long[] values = new long[schema.Parameters.Length];
        for (int i = 0; i < values.Length; i++)
        {
            ParameterDefinition definition = schema.Parameters[i];
            values[i] = piece.Find(definition.Name) is { } given ? ValueOf(given, definition) : definition.Default;
        }

        foreach (ParameterOrder order in schema.Orders)
        {
            long lesser = values[schema.IndexOf(order.Lesser)];
            long greater = values[schema.IndexOf(order.Greater)];
            if (_problems.Count == problems && lesser >= greater)
            {
                Report(
                    (piece.Find(order.Lesser) ?? piece.Find(order.Greater) ?? piece).Place,
                    $"\"{order.Lesser}\" must be less than \"{order.Greater}\"");
            }
        }

        return _problems.Count == problems ? new StrategyParameters(schema, values) : null;
    }

    private long ValueOf(JsonPiece given, ParameterDefinition definition)
    {
        switch (definition.Kind)
        {
            case ParameterKind.Integer:
                return Whole(given, definition.Name, definition.Minimum, definition.Maximum) ?? definition.Default;
            case ParameterKind.Choice:
                int choice = given.Kind == JsonKind.Text ? definition.Choices.IndexOf(given.Text) : -1;
                if (choice < 0)
                {
                    Report(given.Place,
                        $"\"{definition.Name}\" is never \"{given.Text}\"{RuleProblems.Meant(given.Text, definition.Choices.ToArray())}");
                }

                return Math.Max(0, choice);
            default:
                if (given.Kind == JsonKind.Text
                    && DecimalText.TryParse(given.Text, 9, out long value)
                    && value >= definition.Minimum
                    && value <= definition.Maximum)
                {
                    return value;
                }

                Report(given.Place,
                    $"\"{definition.Name}\" must be decimal text from \"{Shown(definition.Minimum)}\" to \"{Shown(definition.Maximum)}\" with at most 9 decimals");
                return definition.Default;
        }
    }

    private static string Shown(long value9) => DecimalText.ToText(value9, 9).TrimEnd('0').TrimEnd('.');
}
