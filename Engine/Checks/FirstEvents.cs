using System;
using LowLatency.Core.Events;

namespace LowLatency.Engine.Checks;

/// <summary>The beginning of a market: what comes later does not exist.</summary>
/// <param name="market">The market.</param>
/// <param name="count">Events of it.</param>
internal sealed class FirstEvents(IEventSource market, long count) : IEventSource, IDisposable
{
    private long _left = count;

    /// <inheritdoc/>
    public ReadResult Read(ref Event next)
    {
        if (_left == 0)
        {
            return ReadResult.End;
        }

        ReadResult result = market.Read(ref next);
        _left -= result == ReadResult.Event ? 1 : 0;
        return result;
    }

    public void Dispose() => (market as IDisposable)?.Dispose();
}
