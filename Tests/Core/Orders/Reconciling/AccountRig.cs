using System;
using System.Collections.Generic;
using System.Linq;
using LowLatency.Core.Events;
using LowLatency.Core.Orders.Reconciling;
using LowLatency.Core.Risk;
using LowLatency.Core.Values;
using LowLatency.Tests.Core.Pipeline;
using Xunit;

namespace LowLatency.Tests.Core.Orders.Reconciling;

/// <summary>A pipeline that reconciles, and a gateway that reads what a test says that the venue has.</summary>
internal sealed class AccountRig
{
    internal const EventSource Venue = EventSource.Generator;

    private ulong _venueIds = 1_000;
    private ulong _executions = 1_000;

    internal AccountRig(
        ReconcileSettings? settings = null, int instruments = 2, Func<RiskSettings, RiskSettings>? risk = null, string currency = "USD")
    {
        RiskSettings limits = RigSettings.Wide() with { Reconcile = settings ?? Settings() };
        Rig = Fresh(risk is null ? limits : risk(limits), instruments, currency).Begin();
    }

    internal static Rig Fresh(RiskSettings risk, int instruments, string currency = "USD") =>
        new(new RigSettings { Instruments = instruments, Risk = risk, Currency = currency });

    internal Rig Rig { get; }

    internal Reconciler Reconciler => Rig.Pipeline.Reconciler!;

    internal static ReconcileSettings Settings(
        ReconcileMode mode = ReconcileMode.AutoSync, ForeignOrders foreign = ForeignOrders.Alarm)
    {
        return new ReconcileSettings
        {
            Venues = [Venue],
            Mode = mode,
            Foreign = foreign,
            Interval = 30 * Rig.Second,
            Overdue = 100 * Rig.Second,
            RetryAfter = 2 * Rig.Second,
            RequestLife = Rig.Second,
            UnknownAfter = 5 * Rig.Second,
            Confirmations = 0,
            BalanceTolerance = 0,
            CostTolerancePpm = 0,
            MaxAdjustment = 1_000_000_000_000_000,
        };
    }

    /// <summary>One that has been read and matched: it may trade.</summary>
    internal static AccountRig Matched(
        ReconcileSettings? settings = null,
        int instruments = 2,
        Func<RiskSettings, RiskSettings>? risk = null,
        string currency = "USD")
    {
        AccountRig rig = new(settings, instruments, risk, currency);
        rig.Read(VenueTruth.Of(rig.Rig));
        return rig;
    }

    /// <summary>The differences that were told since the last call.</summary>
    internal List<Adjustment> Told()
    {
        List<Adjustment> told =
            [.. Rig.FollowUps.Where(e => e.Kind == EventKind.Adjustment).Select(e => e.Adjustment)];
        Rig.FollowUps.RemoveAll(e => e.Kind == EventKind.Adjustment);
        return told;
    }

    /// <summary>Times that a reading was asked for since the last call.</summary>
    internal int Asked() => Rig.FollowUps.RemoveAll(e => e.Kind == EventKind.ReadBack);

    /// <summary>A whole reading, three seconds after what was before.</summary>
    /// <returns>The commands that it caused.</returns>
    internal List<Command> Read(VenueTruth truth)
    {
        Rig.Now += 3 * Rig.Second;
        List<Command> commands = [];
        foreach (ReadBackSubject subject in Subjects)
        {
            Read(truth, subject);
            commands.AddRange(Rig.Commands);
        }

        return commands;
    }

    internal static readonly ReadBackSubject[] Subjects =
        [ReadBackSubject.Orders, ReadBackSubject.Executions, ReadBackSubject.Positions, ReadBackSubject.Balances];

    /// <summary>One subject, from its begin to its end.</summary>
    internal void Read(VenueTruth truth, ReadBackSubject subject)
    {
        Stage(subject, ReadBackStage.Begin);
        Items(truth, subject);
        Stage(subject, ReadBackStage.End, unknown: subject == ReadBackSubject.Positions ? truth.UnknownItems : 0);
    }

    internal void Stage(ReadBackSubject subject, ReadBackStage stage, int unknown = 0, long asOf = 0) =>
        Rig.Publish(new ReadBack { Subject = subject, Stage = stage, Unknown = unknown, AsOf = asOf });

    internal void Items(VenueTruth truth, ReadBackSubject subject)
    {
        switch (subject)
        {
            case ReadBackSubject.Orders:
                foreach (TrueOrder order in truth.Orders)
                {
                    Item(ReportOf(order), order.Instrument);
                }

                break;
            case ReadBackSubject.Executions:
                foreach ((Execution fill, int instrument, long at) in truth.Executions)
                {
                    Rig.VenueTime = at;
                    Item(fill, instrument);
                    Rig.VenueTime = 0;
                }

                break;
            case ReadBackSubject.Positions:
                foreach ((int instrument, (long quantity, long cost)) in truth.Positions)
                {
                    Item(
                        new PositionReport { Quantity = quantity, AveragePrice = quantity == 0 ? 0 : cost * 10 / quantity },
                        instrument);
                }

                break;
            default:
                Item(new BalanceReport { Currency = Currency8.Of(Rig.Settings.Currency), Cash = truth.Cash, Available = truth.Cash }, 0);
                break;
        }
    }

    internal void Item<T>(in T item, int instrument)
        where T : unmanaged, IPayload => Rig.Publish(item, instrument, EventFlags.Whole | EventFlags.ReadBack);

    internal static OrderReport ReportOf(TrueOrder order, OrderStatus status = OrderStatus.Accepted) => new()
    {
        Order = order.Id,
        VenueOrder = order.Venue,
        Price = order.Price,
        Quantity = order.Quantity,
        CumulativeQuantity = order.Filled,
        Status = status,
        Side = order.Side,
    };

    internal VenueId NextVenueId() => new(9, _venueIds++);

    /// <summary>A resting order of ours that the venue has accepted.</summary>
    internal TrueOrder Rest(int strategy, long quantity, long limit, int instrument = 1)
    {
        TrueOrder? order = TryRest(strategy, quantity, limit, instrument);
        Assert.True(
            order is not null, "the order was refused: " + string.Join(", ", Rig.Verdicts.Select(verdict => verdict.Reason)));
        return order;
    }

    /// <summary>As <see cref="Rest"/>; null where the lane needs none, because somebody else holds what it lacks.</summary>
    internal TrueOrder? TryRest(int strategy, long quantity, long limit, int instrument = 1)
    {
        Rig.Target(strategy, Rig.Virtual(strategy, instrument) + quantity, instrument, limit);
        OrderId id = Rig.Live(quantity > 0 ? Side.Buy : Side.Sell, 0, instrument);
        if (id.IsNone)
        {
            return null;
        }

        int place = Rig.Pipeline.Orders.TryFind(id, out int found) ? found : -1;
        TrueOrder order = new(
            id,
            NextVenueId(),
            instrument,
            quantity > 0 ? Side.Buy : Side.Sell,
            Rig.Pipeline.Orders[place].Price,
            Rig.Pipeline.Orders[place].Quantity,
            0);
        Rig.Outcome(id, CommandVerb.New, Outcome.Sent);
        Rig.Publish(ReportOf(order), instrument);
        return order;
    }

    /// <summary>A fill that the stream told.</summary>
    internal Execution Fill(TrueOrder order, long quantity, long price = 0)
    {
        Execution fill = FillOf(order, quantity, price);
        Rig.Publish(fill, order.Instrument);
        return fill;
    }

    /// <summary>A fill that nobody told yet.</summary>
    internal Execution FillOf(TrueOrder order, long quantity, long price = 0) => new()
    {
        Order = order.Id,
        ExecutionId = new VenueId(7, _executions++),
        Price = price == 0 ? order.Price : price,
        Quantity = quantity,
        Side = order.Side,
    };

    /// <summary>Why nothing may add to an instrument; none when it may.</summary>
    internal RiskReason WhyShut(int instrument, out long observed)
    {
        Rig.Pipeline.Risk.Gate!.IsOpen(
            new InstrumentId((ushort)instrument), Rig.Now, out RiskReason reason, out observed, out _);
        return reason;
    }
}
