using System;
using System.Collections.Generic;
using LowLatency.Core.Events;
using LowLatency.Core.Values;

namespace LowLatency.Engine.Live;

/// <summary>Which orders a sweep takes away.</summary>
internal enum SweepScope
{
    /// <summary>Those that carry the instance of the configuration.</summary>
    Ours,

    /// <summary>Every order of the accounts in the configuration's instruments; one in another instrument is in the way of a proof.</summary>
    All,
}

/// <summary>
/// Takes away what works at the venues, and reads the accounts until nothing of it is there. It has accounts of its own and needs
/// neither journal nor pipeline, nor anything else of a run that has died.
/// </summary>
/// <remarks>
/// Proven is what a reading shows that began after the last order could have arrived that was sent before the sweep began: a
/// list that is empty earlier may fill itself again.
/// </remarks>
internal sealed class AccountSweep
{
    /// <summary>Nanoseconds between two readings.</summary>
    internal const long ReadEvery = 500_000_000;

    /// <summary>Nanoseconds after which a cancel that changed nothing is sent again.</summary>
    internal const long CancelAgain = 2_000_000_000;

    private readonly LiveAccounts _accounts;
    private readonly SweepScope _scope;
    private readonly Place[] _places;
    private readonly Dictionary<VenueId, long> _cancelledAt = [];
    private long _askAt = long.MinValue;
    private long _sequence;
    private long _begunAt = long.MaxValue;

    /// <summary>Creates it; it only listens until <see cref="Begin"/>.</summary>
    /// <param name="accounts">Accounts that nobody else uses, polled by this alone.</param>
    /// <param name="scope">Which orders.</param>
    /// <param name="settle">
    /// Nanoseconds for which an order that was sent before may still arrive; what each venue says of that when not given.
    /// </param>
    internal AccountSweep(LiveAccounts accounts, SweepScope scope, long? settle = null)
    {
        _accounts = accounts;
        _scope = scope;
        _places = new Place[accounts.All.Length];
        for (int i = 0; i < _places.Length; i++)
        {
            _places[i] = new Place(accounts.All[i].Source, settle ?? accounts.All[i].RequestLife);
        }
    }

    /// <summary>True once readings have proven that nothing of its scope works anywhere.</summary>
    internal bool IsProven => Array.TrueForAll(_places, place => place.IsProven);

    /// <summary>Orders of its scope in the last readings, and others that are in the way of a proof.</summary>
    internal int Left
    {
        get
        {
            int left = 0;
            foreach (Place place in _places)
            {
                left += place.There.Count + (_scope == SweepScope.All ? place.Unknown : 0);
            }

            return left;
        }
    }

    /// <summary>True when each venue was read at least once since it began.</summary>
    internal bool WasRead => Array.TrueForAll(_places, place => place.ReadAt >= _begunAt);

    /// <summary>Cancels that were handed over since it began.</summary>
    internal long Cancels { get; private set; }

    /// <summary>Begins to cancel: what was proven before is not any more.</summary>
    /// <param name="now">Nanoseconds since 1970 UTC.</param>
    internal void Begin(long now)
    {
        _begunAt = now;
        _askAt = now;
        Cancels = 0;
        _cancelledAt.Clear();
        Array.ForEach(_places, place => place.IsProven = false);
    }

    /// <summary>Only listens again.</summary>
    internal void Rest() => _begunAt = long.MaxValue;

    /// <summary>One duty cycle.</summary>
    /// <param name="now">Nanoseconds since 1970 UTC.</param>
    internal void Poll(long now)
    {
        Event e = default;
        while (_accounts.Poll(now, ref e))
        {
            _accounts.OnEvent(e);
            Place? place = Array.Find(_places, place => place.Venue == e.Source);
            if (place is not null)
            {
                See(place, e, now);
            }
        }

        if (now < _begunAt || now < _askAt)
        {
            return;
        }

        _askAt = now + ReadEvery;
        foreach (Place place in _places)
        {
            if (!place.IsProven)
            {
                Event ask = new() { ReceivedAt = now, Source = EventSource.Engine, Flags = EventFlags.Whole };
                ask.Set(new ReadBack { Subject = ReadBackSubject.All, Stage = ReadBackStage.Asked, Venue = place.Venue });
                _accounts.OnEvent(ask);
            }
        }
    }

    private void See(Place place, in Event e, long now)
    {
        if (e.Kind == EventKind.OrderReport && (e.Flags & EventFlags.ReadBack) != 0)
        {
            if (_scope == SweepScope.All || !e.OrderReport.Order.IsNone)
            {
                place.There.Add((e.OrderReport.Order, e.OrderReport.VenueOrder, e.Instrument));
            }
        }
        else if (e.Kind == EventKind.ReadBack && e.ReadBack.Subject == ReadBackSubject.Orders)
        {
            switch (e.ReadBack.Stage)
            {
                case ReadBackStage.Begin:
                    place.There.Clear();
                    place.PassBeganAt = e.ReceivedAt;
                    break;
                case ReadBackStage.End:
                    place.ReadAt = now;
                    place.Unknown = e.ReadBack.Unknown;
                    Conclude(place, now);
                    break;
            }
        }
    }

    private void Conclude(Place place, long now)
    {
        if (now < _begunAt || place.IsProven)
        {
            return;
        }

        bool isEmpty = place.There.Count == 0 && (_scope == SweepScope.Ours || place.Unknown == 0);
        if (isEmpty && place.PassBeganAt >= _begunAt + place.Settle)
        {
            place.IsProven = true;
            return;
        }

        foreach ((OrderId order, VenueId venueOrder, InstrumentId instrument) in place.There)
        {
            if (_cancelledAt.TryGetValue(venueOrder, out long at) && now - at < CancelAgain)
            {
                continue;
            }

            _cancelledAt[venueOrder] = now;
            Cancels++;
            Command cancel = new()
            {
                Order = order,
                VenueOrder = venueOrder,
                Instrument = instrument,
                Verb = CommandVerb.Cancel,
            };
            _accounts.Submit(cancel, ++_sequence, now);
        }
    }

    /// <summary>What is known of one venue.</summary>
    private sealed class Place(EventSource venue, long settle)
    {
        internal EventSource Venue => venue;

        internal long Settle => settle;

        internal List<(OrderId Order, VenueId VenueOrder, InstrumentId Instrument)> There { get; } = [];

        internal long PassBeganAt { get; set; } = long.MinValue;

        internal long ReadAt { get; set; } = long.MinValue;

        internal int Unknown { get; set; }

        internal bool IsProven { get; set; }
    }
}
