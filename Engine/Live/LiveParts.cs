using System;
using System.Globalization;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Orders;
using LowLatency.Core.Values;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Running;
using LowLatency.Gateways.Live;

namespace LowLatency.Engine.Live;

/// <summary>What a live run is made of.</summary>
internal sealed record LiveParts
{
    internal required EngineConfiguration Configuration { get; init; }

    internal required Session Session { get; init; }

    internal required LiveInputs Inputs { get; init; }

    internal required LiveAccounts Account { get; init; }

    internal required LiveMarkets Market { get; init; }

    internal required LiveWatch Watch { get; init; }

    internal required KillLatch Kill { get; init; }

    internal required LiveLease Lease { get; init; }

    internal required LiveControl Control { get; init; }

    internal required LiveStatus Status { get; init; }

    internal required AlertSender Alerts { get; init; }

    internal required LiveLog Log { get; init; }

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

        for (int i = 0; i < Configuration.Live!.Instruments.Length; i++)
        {
            LiveInstrument instrument = Configuration.Live.Instruments[i];
            InstrumentId id = new((ushort)(i + 1));
            bool isHeldUntold = instrument is { Kind: InstrumentKind.Spot, Venue: EventSource.Bybit };
            string? open = Differs(instrument, id) ?? (isHeldUntold ? Lacks(instrument, id) : null);
            if (open is not null)
            {
                return open;
            }
        }

        return null;
    }

    /// <summary>What the reconciler has against an instrument or its account: orders, positions and balances are compared there.</summary>
    private string? Differs(LiveInstrument instrument, InstrumentId id)
    {
        if (Session.Pipeline.Risk.Gate!.IsOpen(id, Inputs.Now, out RiskReason reason, out long observed, out long limit))
        {
            return null;
        }

        return reason switch
        {
            RiskReason.Unread => $"{instrument.Symbol}: the account has not been read and compared",
            RiskReason.Unmatched => $"{instrument.Symbol}: here and at the venue differ: {(DifferenceKind)observed}",
            _ => $"{instrument.Symbol}: {reason}, {observed} against {limit}",
        };
    }

    /// <summary>
    /// What is held of a coin at a venue that tells no position of it. A lot may be there by chance; fees that were taken in the
    /// coin are not there any more, while here they are booked as money.
    /// </summary>
    private string? Lacks(LiveInstrument instrument, InstrumentId id)
    {
        if (Watch.BalancesReadAt == long.MinValue)
        {
            return instrument.Symbol + ": balances have not been read";
        }

        InstrumentMarket its = Session.Pipeline.Market[id];
        ref readonly Instrument rules = ref its.Definition;
        long here = Session.Pipeline.Portfolio.VenuePosition(id);
        Int128 there = (Int128)Watch.HeldThere(id) * Instrument.PowerOf10(rules.QuantityExponent) / Instrument.PowerOf10(Money.Exponent);
        long value = its.TryReferencePrice(out long price) && price > 0 ? rules.Value(price, rules.Lot) : 0;
        Int128 fees = value > 0 ? (Int128)Math.Max(0, Session.Pipeline.Portfolio.Position(id).Fees) * rules.Lot / value : 0;
        return Int128.Abs(there - here) <= rules.Lot + (2 * fees)
            ? null
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{instrument.Symbol}: {FixedDecimal.Format(here, rules.QuantityExponent)} is held here and {FixedDecimal.Format((long)there, rules.QuantityExponent)} at the venue");
    }

    /// <summary>Hands every order that may be alive to the gateway, to find out what became of it.</summary>
    /// <param name="session">A session that has recovered and not begun.</param>
    /// <param name="account">The gateway.</param>
    /// <param name="askedAt">The latest time that a request of the process before may carry.</param>
    /// <param name="now">Nanoseconds since 1970 UTC.</param>
    internal static void HandOver(Session session, LiveAccounts account, long askedAt, long now)
    {
        OrderTable orders = session.Pipeline.Orders;
        for (int place = 0; place < OrderTable.Capacity; place++)
        {
            ref readonly OrderRecord order = ref orders[place];
            if (order.State != OrderState.None && !OrderStateMachine.IsTerminal(order.State))
            {
                Core.Determinism.Ensure.That(
                    account.Of(order.Instrument).TryTakeOver(order.Id, order.Instrument, askedAt, now),
                    "the gateway takes as many orders as may be alive");
            }
        }
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
        Turn(LiveAlarm.ClockOff, parts.Account.IsClockOff, ref _isClockOff);
        Turn(LiveAlarm.RateLimited, parts.Account.IsBanned(now), ref _isBanned);
        Core.Risk.RiskStage risk = parts.Session.Pipeline.Risk;
        Turn(
            LiveAlarm.Restrained,
            parts.Session.HasTripped || (risk.Standing != Core.Risk.TradingState.Active && !risk.IsKilled),
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
