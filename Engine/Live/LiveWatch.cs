using System;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Pipeline;
using LowLatency.Core.Values;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Running;

namespace LowLatency.Engine.Live;

/// <summary>
/// Sees every event of a live run after its last stage: counts for the status, notices what somebody must be told of, and
/// remembers what the last reading of the account said. It decides nothing and allocates nothing.
/// </summary>
internal sealed class LiveWatch : IDecisionObserver
{
    private readonly long[] _reading = new long[Limits.Instruments + 1];
    private readonly long[] _positions = new long[Limits.Instruments + 1];
    private readonly long[] _readingHeld = new long[Limits.Instruments + 1];
    private readonly long[] _held = new long[Limits.Instruments + 1];
    private readonly long[] _noticed = new long[Enum.GetValues<LiveAlarm>().Length];
    private readonly Reading[] _readings = new Reading[(int)Enum.GetValues<EventSource>()[^1] + 1];
    private readonly EventSource[] _of = new EventSource[Limits.Instruments + 1];
    private readonly EventSource[] _venues;

    /// <summary>Watches.</summary>
    /// <param name="live">Whose accounts are read, and which instruments are whose.</param>
    internal LiveWatch(LiveConfiguration live)
    {
        _venues = new EventSource[live.Places.Length];
        for (int i = 0; i < _venues.Length; i++)
        {
            _venues[i] = live.Places[i].Venue;
        }

        for (int i = 0; i < live.Instruments.Length; i++)
        {
            _of[i + 1] = live.Instruments[i].Venue;
        }
    }

    /// <summary>Events so far.</summary>
    internal long Events { get; private set; }

    /// <summary>Commands so far, by verb.</summary>
    internal long[] Commands { get; } = new long[Enum.GetValues<CommandVerb>().Length];

    /// <summary>Executions of ours.</summary>
    internal long Executions { get; private set; }

    /// <summary>Orders that the venue rejected.</summary>
    internal long Rejections { get; private set; }

    /// <summary>
    /// When the last reading of orders was published, of the venue where that is longest ago; <see cref="long.MinValue"/> before
    /// the first.
    /// </summary>
    internal long OrdersReadAt => Earliest(isOrders: true);

    /// <summary>
    /// When the last reading of balances was published, of the venue where that is longest ago: the last subject of a reading of
    /// an account.
    /// </summary>
    internal long BalancesReadAt => Earliest(isOrders: false);

    /// <summary>Orders of ours in the last readings.</summary>
    internal int OrdersThere { get; private set; }

    /// <summary>Other orders on the accounts in the last readings.</summary>
    internal int ForeignThere { get; private set; }

    /// <summary>What the last reading said of a position, quantity units.</summary>
    internal long PositionThere(InstrumentId instrument) => _positions[instrument.Value];

    /// <summary>What the last reading said that is held of the coin of a spot instrument, money units.</summary>
    internal long HeldThere(InstrumentId instrument) => _held[instrument.Value];

    /// <summary>How often something was noticed.</summary>
    internal long Noticed(LiveAlarm alarm) => _noticed[(int)alarm];

    /// <inheritdoc/>
    public void OnDecided(in Event e, in Decision decision, DecisionPipeline pipeline)
    {
        Events++;
        for (int i = 0; i < decision.CommandCount; i++)
        {
            Commands[(int)decision.Commands[i].Verb]++;
        }

        switch (e.Kind)
        {
            case EventKind.Execution:
                Executions += e.Execution.Order.IsNone ? 0 : 1;
                Notice(LiveAlarm.PositionMovedByOthers, e.Execution.Order.IsNone);
                break;
            case EventKind.OrderReport:
                See(e);
                break;
            case EventKind.CommandOutcome:
                Notice(LiveAlarm.OutcomeUnknown, e.CommandOutcome.Outcome == Outcome.Unknown);
                break;
            case EventKind.PositionReport when (e.Flags & EventFlags.ReadBack) != 0:
                _reading[e.Instrument.Value] = e.PositionReport.Quantity;
                break;
            case EventKind.BalanceReport when (e.Flags & EventFlags.ReadBack) != 0:
                SeeHeld(e.BalanceReport, e.Source, pipeline.Market);
                break;
            case EventKind.ReadBack when e.Source != EventSource.Engine:
                See(e.ReadBack, e.Source, ref _readings[(int)e.Source], e.ReceivedAt);
                break;
            case EventKind.StreamState when e.StreamState.Stream == StreamContent.Account:
                Notice(LiveAlarm.AccountStreamLost, e.StreamState.State != StreamState.Up);
                break;
            case EventKind.StreamState:
                Notice(LiveAlarm.MarketStreamLost, e.StreamState.State != StreamState.Up);
                break;
            case EventKind.Adjustment:
                Notice(LiveAlarm.AccountDiffers, true);
                break;
            case EventKind.Protection:
                Notice(LiveAlarm.Unprotected, e.Protection.IsMissing != 0);
                break;
        }
    }

    private void See(in Event e)
    {
        if ((e.Flags & EventFlags.ReadBack) != 0)
        {
            _readings[(int)e.Source].Ours += e.OrderReport.Order.IsNone ? 0 : 1;
            _readings[(int)e.Source].Foreign += e.OrderReport.Order.IsNone ? 1 : 0;
            return;
        }

        bool rejected = e.OrderReport.Status is OrderStatus.Rejected;
        Rejections += rejected ? 1 : 0;
        Notice(LiveAlarm.OrderRejected, rejected);
    }

    private void See(in ReadBack read, EventSource venue, ref Reading reading, long at)
    {
        if (read.Stage == ReadBackStage.Failed)
        {
            Notice(LiveAlarm.ReadBackFailed, true);
        }
        else if (read is { Subject: ReadBackSubject.Orders, Stage: ReadBackStage.Begin })
        {
            reading.Ours = 0;
            reading.Foreign = 0;
        }
        else if (read is { Subject: ReadBackSubject.Orders, Stage: ReadBackStage.End })
        {
            reading.OrdersAt = at;
            OrdersThere += reading.Ours - reading.OursBefore;
            ForeignThere += reading.Foreign - reading.ForeignBefore;
            (reading.OursBefore, reading.ForeignBefore) = (reading.Ours, reading.Foreign);
            Notice(LiveAlarm.ForeignOrder, reading.Foreign > 0);
        }
        else if (read.Subject == ReadBackSubject.Positions)
        {
            Take(venue, read.Stage, _reading, _positions);
        }
        else if (read.Subject == ReadBackSubject.Balances)
        {
            Take(venue, read.Stage, _readingHeld, _held);
            reading.BalancesAt = read.Stage == ReadBackStage.End ? at : reading.BalancesAt;
        }
    }

    /// <summary>A reading of a venue's instruments begins, or is whole.</summary>
    private void Take(EventSource venue, ReadBackStage stage, long[] reading, long[] read)
    {
        for (int i = 0; i < _of.Length; i++)
        {
            if (_of[i] != venue)
            {
                continue;
            }

            if (stage == ReadBackStage.Begin)
            {
                reading[i] = 0;
            }
            else
            {
                read[i] = reading[i];
            }
        }
    }

    /// <summary>A coin is held of the spot instruments whose symbol is its name and that of their currency.</summary>
    private void SeeHeld(in BalanceReport balance, EventSource venue, MarketView market)
    {
        ReadOnlySpan<byte> coin = balance.Currency;
        coin = coin.TrimEnd((byte)0);
        for (ushort i = 1; i <= market.Highest && !coin.IsEmpty; i++)
        {
            InstrumentMarket its = market[new InstrumentId(i)];
            if (_of[i] == venue && its.IsDefined && its.Definition.Kind == InstrumentKind.Spot && IsCoinOf(coin, its.Symbol, its.Currency))
            {
                _readingHeld[i] = balance.Cash;
            }
        }
    }

    private static bool IsCoinOf(ReadOnlySpan<byte> coin, Symbol24 symbol, Currency8 currency)
    {
        ReadOnlySpan<byte> name = symbol;
        ReadOnlySpan<byte> quote = currency;
        name = name.TrimEnd((byte)0);
        quote = quote.TrimEnd((byte)0);
        return name.Length == coin.Length + quote.Length && name.StartsWith(coin) && name.EndsWith(quote);
    }

    private long Earliest(bool isOrders)
    {
        long earliest = long.MaxValue;
        foreach (EventSource venue in _venues)
        {
            ref readonly Reading reading = ref _readings[(int)venue];
            long at = isOrders ? reading.OrdersAt : reading.BalancesAt;
            earliest = Math.Min(earliest, at == 0 ? long.MinValue : at);
        }

        return earliest;
    }

    private void Notice(LiveAlarm alarm, bool isSo) => _noticed[(int)alarm] += isSo ? 1 : 0;

    /// <summary>What was read of a venue's account; times are 0 before the first reading.</summary>
    private struct Reading
    {
        internal long OrdersAt;
        internal long BalancesAt;
        internal int Ours;
        internal int OursBefore;
        internal int Foreign;
        internal int ForeignBefore;
    }
}
