using System;
using System.Collections.Generic;
using LowLatency.Core.Signals.Indicators;
using LowLatency.Core.Signals.Structures;

namespace LowLatency.Core.Signals.Rules;

/// <summary>The types of indicators and structures that a program may name.</summary>
internal static class RuleTypes
{
    internal static IndicatorSchema? Find(string name)
    {
        for (int i = 0; i < IndicatorCatalogue.Count + StructureCatalogue.Count; i++)
        {
            if (string.Equals(At(i).Parameters.Type, name, StringComparison.Ordinal))
            {
                return At(i);
            }
        }

        return null;
    }

    internal static List<string> Names()
    {
        List<string> names = [];
        for (int i = 0; i < IndicatorCatalogue.Count + StructureCatalogue.Count; i++)
        {
            names.Add(At(i).Parameters.Type);
        }

        return names;
    }

    internal static bool IsOfBook(IndicatorSchema schema) =>
        schema.Source.Length == 0
        && !IsStructure(schema)
        && IndicatorCatalogue.Create(StrategyParameters.Defaults(schema.Parameters)) is BookIndicator;

    internal static Indicator Create(IndicatorSchema schema, StrategyParameters parameters, Indicator? source) =>
        IsStructure(schema) ? StructureCatalogue.Create(parameters, source) : IndicatorCatalogue.Create(parameters);

    private static bool IsStructure(IndicatorSchema schema)
    {
        for (int i = 0; i < StructureCatalogue.Count; i++)
        {
            if (ReferenceEquals(StructureCatalogue.SchemaAt(i), schema))
            {
                return true;
            }
        }

        return false;
    }

    private static IndicatorSchema At(int index) => index < IndicatorCatalogue.Count
        ? IndicatorCatalogue.SchemaAt(index)
        : StructureCatalogue.SchemaAt(index - IndicatorCatalogue.Count);
}
