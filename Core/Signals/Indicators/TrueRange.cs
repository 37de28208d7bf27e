using System;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;

namespace LowLatency.Core.Signals.Indicators;

/// <summary>
/// Wilder's true range: the largest of high - low and the distances of both from the close before. The first bar has no
/// close before it and gives none.
/// </summary>
internal struct TrueRange
{
    private long _close;

    internal bool TryNext(in Bar bar, out long range)
    {
        long before = _close;
        _close = bar.Close;
        range = before == 0 ? 0 : Math.Max(bar.High, before) - Math.Min(bar.Low, before);
        return before != 0;
    }

    internal void Visit(StateVisitor visitor) => visitor.Visit(ref _close);
}
