using System.Collections.Generic;
using LowLatency.Core.Events;
using LowLatency.Core.Formats.MessagePack;
using LowLatency.Core.Values;
using LowLatency.Engine.Configuration;
using LowLatency.Journal.Blobs;
using LowLatency.Journal.Snapshots;

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
    /// <param name="venue">Whose orders they are.</param>
    internal static IEnumerable<Event> Of(
        EngineConfiguration configuration, int epoch, long receivedAt, int cashMoved, VenueKind venue = VenueKind.Simulated)
    {
        foreach (Event e in Head(configuration, epoch, receivedAt, EpochBegin.Continued, venue))
        {
            yield return e;
        }

        for (int i = cashMoved; i < configuration.Cash.Length; i++)
        {
            CashConfiguration cash = configuration.Cash[i];
            yield return Make(
                new CashMoved { Currency = Currency8.Of(cash.Currency), Amount = cash.Amount }, receivedAt);
        }
    }

    /// <summary>
    /// The first events of a run that takes over what another build or configuration left. The start state comes last: a run
    /// has begun when it is whole, and what a crash cuts before is taken over again.
    /// </summary>
    /// <param name="configuration">The configuration.</param>
    /// <param name="epoch">The run's number.</param>
    /// <param name="receivedAt">ReceivedAt of the first input.</param>
    /// <param name="state">What is taken over.</param>
    /// <param name="hold">True to wait for a person's acceptance.</param>
    /// <param name="venue">Whose orders they are: a simulated venue does not know those of another run, a real one is asked.</param>
    internal static IEnumerable<Event> OfAdopted(
        EngineConfiguration configuration, int epoch, long receivedAt, PortableState state, bool hold, VenueKind venue)
    {
        foreach (Event e in Head(configuration, epoch, receivedAt, EpochBegin.Adopted, venue))
        {
            yield return e;
        }

        foreach (OperatorVerb verb in Adoption.Latches(state, configuration.Risk.InitialState, hold))
        {
            yield return Make(new OperatorCommand { Verb = verb }, receivedAt);
        }

        List<string> names = [];
        foreach (StrategyConfiguration strategy in configuration.Strategies)
        {
            names.Add(strategy.Name);
        }

        foreach (StrategyId strategy in Adoption.Stopped(state, names))
        {
            yield return Make(
                new OperatorCommand { Verb = OperatorVerb.StopStrategy, Strategy = strategy }, receivedAt);
        }

        bool isLive = venue == VenueKind.Live;
        if (!isLive)
        {
            foreach (Event e in Adoption.Reconciled(state, receivedAt))
            {
                yield return e;
            }
        }

        foreach (Event e in Adoption.Restated(state, receivedAt, isLive))
        {
            yield return e;
        }

        PortableState own = state.WithoutMarket();
        foreach (Event part in BlobWriter.Parts(BlobPurpose.StartState, own.Write(), receivedAt))
        {
            yield return part;
        }
    }

    /// <summary>What a person says, with the reason.</summary>
    /// <param name="verb">The command.</param>
    /// <param name="reason">Not blank.</param>
    /// <param name="receivedAt">When.</param>
    /// <param name="strategy">Of whom it speaks, where it speaks of a strategy.</param>
    internal static IEnumerable<Event> Said(
        OperatorVerb verb, string reason, long receivedAt, StrategyId strategy = default)
    {
        MessagePackWriter text = new();
        text.WriteText(reason);
        foreach (Event part in BlobWriter.Parts(BlobPurpose.Reason, text.Written, receivedAt))
        {
            yield return part;
        }

        yield return Make(new OperatorCommand { Verb = verb, Strategy = strategy }, receivedAt);
    }

    private static IEnumerable<Event> Head(
        EngineConfiguration configuration, int epoch, long receivedAt, EpochBegin begin, VenueKind venue)
    {
        EpochStarted started = new()
        {
            Seed = configuration.Seed,
            Epoch = epoch,
            Instance = configuration.Instance,
            Venue = venue,
            Begin = begin,
            BuildHash = BuildIdentity.Hash,
        };
        configuration.DecisionHash.AsSpan().CopyTo(started.ConfigurationHash);
        yield return Make(started, receivedAt);

        byte[] content = ConfigurationBlob.Write(configuration.ToCanonicalJson());
        foreach (Event part in BlobWriter.Parts(BlobPurpose.Configuration, content, receivedAt))
        {
            yield return part;
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
