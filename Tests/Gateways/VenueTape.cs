using System;
using System.Collections.Generic;
using System.Linq;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Gateways;

namespace LowLatency.Tests.Gateways;

/// <summary>What a venue was told, in order: inputs of the market and commands. It can be told again, changed.</summary>
internal sealed record VenueTape(IReadOnlyList<TapeItem> Items)
{
    /// <summary>The market and the commands of a random scenario.</summary>
    internal static VenueTape Record(ulong seed, IVenue venue)
    {
        Xoshiro256 dice = new(seed);
        int[] steps = [.. Enumerable.Range(0, 250).Select(_ => (int)dice.NextBelow(int.MaxValue))];
        Recorder recorder = new(venue);
        VenueScenario.Play(recorder, steps);
        return new VenueTape(recorder.Items);
    }

    internal VenueTape Select(Func<TapeItem, TapeItem> change) => new([.. Items.Select(change)]);

    internal VenueTape Where(Func<TapeItem, bool> keeps) => new([.. Items.Where(keeps)]);

    internal VenueTape Expand(Func<TapeItem, IEnumerable<TapeItem>> change) => new([.. Items.SelectMany(change)]);

    /// <summary>Tells a venue, and takes what it reports as every driver does.</summary>
    internal IReadOnlyList<Event> Play(IVenue venue)
    {
        VenueHarness harness = new(venue);
        foreach (TapeItem item in Items)
        {
            if (item.IsCommand)
            {
                harness.Send(item.At, item.Command);
            }
            else
            {
                harness.Show(item.At, item.Input);
            }
        }

        harness.Finish();
        return harness.Reports;
    }

    private sealed class Recorder(IVenue venue) : IVenue
    {
        internal List<TapeItem> Items { get; } = [];

        public long NextDue => venue.NextDue;

        public bool Poll(long now, ref Event report) => venue.Poll(now, ref report);

        public void OnEvent(in Event published)
        {
            if (published.Kind is >= EventKind.InstrumentDefined and <= EventKind.StreamState)
            {
                Items.Add(new TapeItem(published.ReceivedAt, published, default, false));
            }

            venue.OnEvent(published);
        }

        public void Submit(in Command command, long sequence, long now)
        {
            Items.Add(new TapeItem(now, default, command, true));
            venue.Submit(command, sequence, now);
        }
    }
}

/// <summary>An input or a command.</summary>
internal readonly record struct TapeItem(long At, Event Input, Command Command, bool IsCommand);
