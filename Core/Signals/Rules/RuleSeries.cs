namespace LowLatency.Core.Signals.Rules;

/// <summary>Where the values of a name come from.</summary>
internal enum SeriesKind
{
    /// <summary>A price or the volume of the closed bars of a timeframe.</summary>
    Field,

    /// <summary>An output of an indicator.</summary>
    Output,

    /// <summary>The standing market at the evaluation.</summary>
    Market,

    /// <summary>The strategy's own position at the evaluation.</summary>
    Own,

    /// <summary>A named expression.</summary>
    Let,
}

/// <summary>What a raw number is divided by to be a number of people.</summary>
internal enum SeriesScale
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Price units of 1.0.</summary>
    Price,

    /// <summary>Quantity units of 1.0.</summary>
    Quantity,
}

/// <summary>A stream of values that expressions name, with as much of its past as they look back to.</summary>
internal sealed class RuleSeries
{
    internal required SeriesKind Kind { get; init; }

    /// <summary>Which field, indicator, market value, own value or named expression.</summary>
    internal required int Index { get; init; }

    /// <summary>Which output of the indicator.</summary>
    internal int Output { get; init; }

    /// <summary>Whose bars move it on; 0 for what is sampled at each evaluation.</summary>
    internal int Timeframe { get; init; }

    internal required RuleType Type { get; init; }

    internal string[] Words { get; init; } = [];

    internal SeriesScale Scale { get; init; }

    /// <summary>Inputs before it can be ready.</summary>
    internal int WarmUp { get; init; } = 1;

    /// <summary>Farthest look back.</summary>
    internal int LookBack { get; set; }
}
