using System.Globalization;
using LowLatency.Core.Orders;
using LowLatency.Core.Values;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Running;
using LowLatency.Gateways.Bybit;
using LowLatency.Gateways.Live;

namespace LowLatency.Engine.Live;

/// <summary>What a live run is made of.</summary>
internal sealed record LiveParts
{
    internal required EngineConfiguration Configuration { get; init; }

    internal required Session Session { get; init; }

    internal required LiveInputs Inputs { get; init; }

    internal required BybitVenue Account { get; init; }

    internal required BybitMarketData Market { get; init; }

    internal required LiveGate Gate { get; init; }

    internal required LiveWatch Watch { get; init; }

    internal required KillLatch Kill { get; init; }

    internal required RunMemory Memory { get; init; }

    internal required LiveControl Control { get; init; }

    internal required LiveStatus Status { get; init; }

    internal required AlertSender Alerts { get; init; }

    internal required LiveLog Log { get; init; }

    /// <summary>Orders that the process before may have left.</summary>
    internal required int Inherited { get; init; }

    /// <summary>True when nothing of ours can work: no command was handed over, and none of an earlier process was alive.</summary>
    internal bool HasNeverSent => Gate.Commands == 0 && Inherited == 0;

    /// <summary>Why the account is not reconciled yet; null when it is.</summary>
    internal string? WhatIsOpen()
    {
        if (!Account.IsReady)
        {
            return "the account: " + Account.Gate;
        }

        if (!Market.IsLive)
        {
            return "the market's streams";
        }

        if (Account.Unresolved > 0)
        {
            return $"{Account.Unresolved} orders of the process before are in doubt";
        }

        if (Watch.PositionsReadAt == long.MinValue)
        {
            return "positions have not been read";
        }

        for (int i = 0; i < Configuration.Live!.Instruments.Length; i++)
        {
            LiveInstrument instrument = Configuration.Live.Instruments[i];
            InstrumentId id = new((ushort)(i + 1));
            if (instrument.Kind != InstrumentKind.Linear)
            {
                continue;
            }

            long here = Session.Pipeline.Portfolio.VenuePosition(id);
            long there = Watch.PositionThere(id);
            if (here != there)
            {
                byte exponent = Session.Pipeline.Market[id].Definition.QuantityExponent;
                return string.Create(
                    CultureInfo.InvariantCulture,
                    $"the position of {instrument.Symbol} is {FixedDecimal.Format(here, exponent)} here and {FixedDecimal.Format(there, exponent)} at the venue");
            }
        }

        return null;
    }

    /// <summary>Hands every order that may be alive to the gateway, to find out what became of it.</summary>
    /// <param name="session">A session that has recovered and not begun.</param>
    /// <param name="account">The gateway.</param>
    /// <param name="askedAt">The latest time that a request of the process before may carry.</param>
    /// <param name="now">Nanoseconds since 1970 UTC.</param>
    /// <returns>How many.</returns>
    internal static int HandOver(Session session, BybitVenue account, long askedAt, long now)
    {
        int count = 0;
        OrderTable orders = session.Pipeline.Orders;
        for (int place = 0; place < OrderTable.Capacity; place++)
        {
            ref readonly OrderRecord order = ref orders[place];
            if (order.State != OrderState.None && !OrderStateMachine.IsTerminal(order.State))
            {
                Core.Determinism.Ensure.That(
                    account.TryTakeOver(order.Id, order.Instrument, askedAt, now), "the gateway takes as many orders as may be alive");
                count++;
            }
        }

        return count;
    }
}

/// <summary>Tells what was noticed since the last look, each kind at most once a look.</summary>
internal sealed class Notices(LiveParts parts)
{
    private static readonly LiveAlarm[] _counted =
    [
        LiveAlarm.AccountStreamLost, LiveAlarm.MarketStreamLost, LiveAlarm.OutcomeUnknown, LiveAlarm.OrderRejected,
        LiveAlarm.ReadBackFailed, LiveAlarm.ForeignOrder, LiveAlarm.PositionMovedByOthers, LiveAlarm.AccountDiffers, LiveAlarm.Unprotected,
    ];

    private readonly long[] _told = new long[_counted.Length];
    private long _quarantined;
    private long _late;
    private bool _isClockOff;
    private bool _isBanned;
    private bool _isRestrained;

    /// <summary>Looks.</summary>
    /// <param name="now">Nanoseconds since 1970 UTC.</param>
    internal void Look(long now)
    {
        for (int i = 0; i < _counted.Length; i++)
        {
            Count(_counted[i], parts.Watch.Noticed(_counted[i]), ref _told[i]);
        }

        Count(LiveAlarm.Quarantined, parts.Account.Quarantined, ref _quarantined);
        Count(LiveAlarm.LateAcceptance, parts.Account.LateAcceptances, ref _late);
        Turn(LiveAlarm.ClockOff, parts.Account.Clock is { Samples: >= ClockGuard.Needed, IsGood: false }, ref _isClockOff);
        Turn(LiveAlarm.RateLimited, parts.Account.Breaker.IsBanned(now), ref _isBanned);
        Core.Risk.RiskStage risk = parts.Session.Pipeline.Risk;
        Turn(
            LiveAlarm.Restrained,
            parts.Session.HasTripped || (risk.Standing != Core.Risk.TradingState.Active && !risk.IsKilled && parts.Memory.Resume == Core.Risk.TradingState.None),
            ref _isRestrained);
    }

    private void Count(LiveAlarm alarm, long count, ref long told)
    {
        if (count > told)
        {
            parts.Alerts.Tell(alarm, count - told == 1 ? string.Empty : $"{count - told} times");
            told = count;
        }
    }

    private void Turn(LiveAlarm alarm, bool isSo, ref bool was)
    {
        if (isSo && !was)
        {
            parts.Alerts.Tell(alarm);
        }

        was = isSo;
    }
}
