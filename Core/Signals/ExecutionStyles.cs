using System;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Values;

namespace LowLatency.Core.Signals;

/// <summary>The way to work what is wanted of one instrument.</summary>
/// <param name="Symbol">The instrument's symbol.</param>
/// <param name="Style">The style's name.</param>
public sealed record InstrumentStyle(Symbol24 Symbol, string Style);

/// <summary>
/// The ways to work orders that there are, and which one counts where a wish names none: that of its strategy, else that
/// of the instrument, else the general one. Three are built in and have no numbers: market, limit, post-only.
/// </summary>
public sealed class ExecutionStyles
{
    private static readonly ExecutionStyle AsWished = new(string.Empty, StyleKind.AsWished);

    private readonly ExecutionStyle[] _styles;
    private readonly StyleId _general;
    private readonly StyleId[] _ofStrategy;
    private readonly (Symbol24 Symbol, StyleId Style)[] _ofInstrument;

    /// <summary>Creates the table.</summary>
    /// <param name="declared">What is declared beyond the built-in ones; names are unique.</param>
    /// <param name="general">Name of the general way; empty to do as the wish says.</param>
    /// <param name="ofStrategies">Names by strategy, in the order of their ids; empty for none of its own.</param>
    /// <param name="ofInstruments">Names by instrument.</param>
    public ExecutionStyles(
        ExecutionStyle[] declared, string general, string[] ofStrategies, InstrumentStyle[] ofInstruments)
    {
        Ensure.That(declared.Length <= Limits.Styles, "more styles than the limit");
        _styles =
        [
            AsWished,
            new ExecutionStyle("market", StyleKind.Market),
            new ExecutionStyle("limit", StyleKind.Limit),
            new ExecutionStyle("post-only", StyleKind.PostOnly),
            .. declared,
        ];
        for (int i = 1; i < _styles.Length; i++)
        {
            CheckSound(_styles[i]);
            Ensure.That(Find(_styles[i].Name).Value == i, "two styles of one name");
        }

        _general = Find(general);
        _ofStrategy = new StyleId[ofStrategies.Length];
        for (int i = 0; i < ofStrategies.Length; i++)
        {
            _ofStrategy[i] = Find(ofStrategies[i]);
        }

        _ofInstrument = new (Symbol24, StyleId)[ofInstruments.Length];
        for (int i = 0; i < ofInstruments.Length; i++)
        {
            _ofInstrument[i] = (ofInstruments[i].Symbol, Find(ofInstruments[i].Style));
        }
    }

    /// <summary>Only the built-in styles, and wishes are worked as they say.</summary>
    public static ExecutionStyles BuiltIn { get; } = new([], string.Empty, [], []);

    /// <summary>Styles, built-in ones included; their numbers are 1 to this.</summary>
    public int Count => _styles.Length - 1;

    /// <summary>A style by its number.</summary>
    /// <param name="style">A number from this table; none does as the wish says.</param>
    /// <returns>The style.</returns>
    public ExecutionStyle this[StyleId style] => _styles[style.Value];

    /// <summary>Finds a style.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="style">Its number.</param>
    /// <returns>False when there is none of that name.</returns>
    public bool TryFind(ReadOnlySpan<char> name, out StyleId style)
    {
        for (int i = 1; i < _styles.Length; i++)
        {
            if (name.SequenceEqual(_styles[i].Name))
            {
                style = new StyleId((byte)i);
                return true;
            }
        }

        style = StyleId.None;
        return false;
    }

    /// <summary>The style of a wish that names none.</summary>
    /// <param name="strategy">Whose wish.</param>
    /// <param name="symbol">Of which instrument.</param>
    /// <returns>A number; none to do as the wish says.</returns>
    public StyleId DefaultOf(StrategyId strategy, in Symbol24 symbol)
    {
        if (strategy.Value <= _ofStrategy.Length && _ofStrategy[strategy.Value - 1] != StyleId.None)
        {
            return _ofStrategy[strategy.Value - 1];
        }

        ReadOnlySpan<byte> name = symbol;
        foreach (ref readonly (Symbol24 Symbol, StyleId Style) entry in _ofInstrument.AsSpan())
        {
            if (name.SequenceEqual(entry.Symbol))
            {
                return entry.Style;
            }
        }

        return _general;
    }

    private static void CheckSound(ExecutionStyle style)
    {
        bool sound = style.Kind switch
        {
            StyleKind.Market or StyleKind.Limit or StyleKind.PostOnly => true,
            StyleKind.Peg => style.DistanceTicks >= 0
                && style.Repegs is >= 1 and <= ExecutionStyle.RepegsMax
                && style.RepegWindow > 0
                && style.RepegsInAll >= 0
                && style.AwayTicks >= 0,
            StyleKind.Twap => style.Slices >= 1 && style.Duration >= style.Slices && style.Timeout == 0
                && style.JitterPpm is >= 0 and < 1_000_000
                && Array.TrueForAll(style.Curve, volume => volume > 0)
                && (style.Curve.Length == 0 || style.Slices <= ExecutionStyle.CurvedSlicesMax)
                && style.SharePpm is >= 0 and <= 1_000_000,
            StyleKind.Participation => style.SharePpm is >= 1 and <= 1_000_000 && style.ClipE9 >= 0,
            StyleKind.Iceberg => style.DisplayE9 > 0,
            _ => false,
        };
        Ensure.That(sound, "a style whose numbers are out of range");
        Ensure.That(
            style.Timeout == 0 || (style.TimeoutMin <= style.Timeout && style.Timeout <= style.TimeoutMax),
            "a timeout that is not between its bounds");
    }

    private StyleId Find(string name)
    {
        Ensure.That(TryFind(name, out StyleId style) || name.Length == 0, "a style that is not declared");
        return style;
    }
}
