using System.Collections.Generic;
using LowLatency.Core.Events;
using LowLatency.Engine.Configuration;
using LowLatency.Journal.Blobs;

namespace LowLatency.Engine.Running;

/// <summary>The first events of a run: who runs, with which configuration, with which cash.</summary>
internal static class Preamble
{
    /// <summary>Makes the events.</summary>
    /// <param name="configuration">The configuration.</param>
    /// <param name="epoch">The run's number.</param>
    /// <param name="receivedAt">ReceivedAt of the first input: a virtual clock starts with its data.</param>
    /// <param name="cashMoved">
    /// Entries of the opening cash that the journal has already: a later run goes on with the cash that is there.
    /// </param>
    internal static IEnumerable<Event> Of(EngineConfiguration configuration, int epoch, long receivedAt, int cashMoved)
    {
        EpochStarted started = new()
        {
            Seed = configuration.Seed,
            Epoch = epoch,
            Instance = configuration.Instance,
            Venue = VenueKind.Simulated,
            BuildHash = BuildIdentity.Hash,
        };
        configuration.DecisionHash.AsSpan().CopyTo(started.ConfigurationHash);
        yield return Make(started, receivedAt);

        byte[] content = ConfigurationBlob.Write(configuration.ToCanonicalJson());
        foreach (Event part in BlobWriter.Parts(BlobPurpose.Configuration, content, receivedAt))
        {
            yield return part;
        }

        for (int i = cashMoved; i < configuration.Cash.Length; i++)
        {
            CashConfiguration cash = configuration.Cash[i];
            yield return Make(
                new CashMoved { Currency = Currency8.Of(cash.Currency), Amount = cash.Amount }, receivedAt);
        }
    }

    private static Event Make<T>(in T payload, long receivedAt)
        where T : unmanaged, IPayload
    {
        Event e = default;
        e.ReceivedAt = receivedAt;
        e.Source = EventSource.Engine;
        e.Flags = EventFlags.Whole;
        e.Set(payload);
        return e;
    }
}
