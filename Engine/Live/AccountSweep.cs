using System.Collections.Generic;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Gateways.Live;

namespace LowLatency.Engine.Live;

/// <summary>Which orders a sweep takes away.</summary>
internal enum SweepScope
{
    /// <summary>Those that carry the instance of the configuration.</summary>
    Ours,

    /// <summary>Every order of the account in the configuration's instruments.</summary>
    All,
}

/// <summary>
/// Takes away what works at a venue, and reads the account until nothing of it is there. It has an account of its own and needs
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

    private readonly LiveVenue _account;
    private readonly EventSource _venue;
    private readonly SweepScope _scope;
    private readonly long _settle;
    private readonly Dictionary<VenueId, long> _cancelledAt = [];
    private readonly List<(OrderId Order, VenueId VenueOrder, InstrumentId Instrument)> _there = [];
    private long _askAt = long.MinValue;
    private long _passBeganAt = long.MinValue;
    private long _sequence;
    private long _begunAt = long.MaxValue;

    /// <summary>Creates it; it only listens until <see cref="Begin"/>.</summary>
    /// <param name="account">An account that nobody else uses, polled by this alone.</param>
    /// <param name="venue">The source of its events.</param>
    /// <param name="scope">Which orders.</param>
    /// <param name="settle">Nanoseconds for which an order that was sent before may still arrive.</param>
    internal AccountSweep(LiveVenue account, EventSource venue, SweepScope scope, long settle)
    {
        _account = account;
        _venue = venue;
        _scope = scope;
        _settle = settle;
    }

    /// <summary>True once a reading has proven that nothing of its scope works.</summary>
    internal bool IsProven { get; private set; }

    /// <summary>Orders of its scope in the last reading.</summary>
    internal int Left => _there.Count;

    /// <summary>When orders were read the last time; <see cref="long.MinValue"/> before the first.</summary>
    internal long ReadAt { get; private set; } = long.MinValue;

    /// <summary>Orders in the last reading whose instrument is not of the configuration.</summary>
    internal int Unknown { get; private set; }

    /// <summary>Cancels that were handed over.</summary>
    internal long Cancels { get; private set; }

    /// <summary>Begins to cancel.</summary>
    /// <param name="now">Nanoseconds since 1970 UTC.</param>
    internal void Begin(long now)
    {
        _begunAt = now;
        _askAt = now;
    }

    /// <summary>Waits for the next reason to begin: what was proven is over.</summary>
    internal void Rest()
    {
        _begunAt = long.MaxValue;
        IsProven = false;
        _cancelledAt.Clear();
    }

    /// <summary>One duty cycle.</summary>
    /// <param name="now">Nanoseconds since 1970 UTC.</param>
    internal void Poll(long now)
    {
        Event e = default;
        while (_account.Poll(now, ref e))
        {
            _account.OnEvent(e);
            See(e, now);
        }

        if (now >= _begunAt && !IsProven && now >= _askAt)
        {
            _askAt = now + ReadEvery;
            Event ask = new() { ReceivedAt = now, Source = EventSource.Engine, Flags = EventFlags.Whole };
            ask.Set(new ReadBack { Subject = ReadBackSubject.All, Stage = ReadBackStage.Asked, Venue = _venue });
            _account.OnEvent(ask);
        }
    }

    private void See(in Event e, long now)
    {
        if (e.Kind == EventKind.OrderReport && (e.Flags & EventFlags.ReadBack) != 0)
        {
            if (_scope == SweepScope.All || !e.OrderReport.Order.IsNone)
            {
                _there.Add((e.OrderReport.Order, e.OrderReport.VenueOrder, e.Instrument));
            }
        }
        else if (e.Kind == EventKind.ReadBack && e.ReadBack.Subject == ReadBackSubject.Orders)
        {
            switch (e.ReadBack.Stage)
            {
                case ReadBackStage.Begin:
                    _there.Clear();
                    _passBeganAt = e.ReceivedAt;
                    break;
                case ReadBackStage.End:
                    ReadAt = now;
                    Unknown = e.ReadBack.Unknown;
                    Conclude(now);
                    break;
            }
        }
    }

    private void Conclude(long now)
    {
        if (now < _begunAt || IsProven)
        {
            return;
        }

        bool isEmpty = _there.Count == 0 && (_scope == SweepScope.Ours || Unknown == 0);
        if (isEmpty && _passBeganAt >= _begunAt + _settle)
        {
            IsProven = true;
            return;
        }

        foreach ((OrderId order, VenueId venueOrder, InstrumentId instrument) in _there)
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
            _account.Submit(cancel, ++_sequence, now);
        }
    }
}
