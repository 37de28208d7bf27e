using System;
using System.IO;
using System.Runtime.InteropServices;
using LowLatency.Core.Events;
using LowLatency.Core.Formats;

namespace LowLatency.Engine.Running;

/// <summary>
/// The market of a run that continues a journal: what earlier runs have taken is left out, and must have been the same.
/// Late reports may have carried the journal's clock beyond the next input; it is received then, not before.
/// </summary>
internal sealed class ContinuedMarket(IEventSource source, RunFacts recovered) : IEventSource
{
    private long _left = recovered.MarketEvents;
    private Digest128 _skipped;

    /// <inheritdoc/>
    public ReadResult Read(ref Event next)
    {
        ReadResult result;
        while (_left > 0)
        {
            result = source.Read(ref next);
            if (result == ReadResult.End)
            {
                throw new InvalidDataException(
                    $"the market ends {_left} events before the {recovered.MarketEvents} that the journal has taken of it");
            }

            if (result == ReadResult.Idle)
            {
                return result;
            }

            MarketIdentity.Add(ref _skipped, next);
            if (--_left == 0 && _skipped.Finish() != recovered.Market)
            {
                throw new InvalidDataException(
                    $"the market differs within the {recovered.MarketEvents} events that the journal has taken of it");
            }
        }

        result = source.Read(ref next);
        if (result == ReadResult.Event)
        {
            next.ReceivedAt = Math.Max(next.ReceivedAt, recovered.Now);
        }

        return result;
    }
}

/// <summary>What makes a market event the same in another run: all but its place and when it was received.</summary>
internal static class MarketIdentity
{
    private const int From = 16;

    internal static void Add(ref Digest128 digest, in Event e) =>
        digest.Add(MemoryMarshal.AsBytes(new ReadOnlySpan<Event>(in e))[From..Event.CrcOffset]);
}
