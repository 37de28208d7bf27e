using System.Collections.Generic;
using System.IO;
using LowLatency.Core.Events;
using LowLatency.Core.Values;

namespace LowLatency.Engine.Reality;

/// <summary>Who speaks of an order.</summary>
internal enum RealitySide
{
    /// <summary>The journal.</summary>
    Journaled = 0,

    /// <summary>The simulated venue as it is configured.</summary>
    Simulated = 1,

    /// <summary>The same venue with the journal's own latency.</summary>
    OnTime = 2,
}

/// <summary>The first answer to a new order.</summary>
internal enum OrderAnswer
{
    /// <summary>None came.</summary>
    None = 0,

    /// <summary>It works, or traded at once.</summary>
    Accepted = 1,

    /// <summary>The venue refused it.</summary>
    Rejected = 2,

    /// <summary>It never left.</summary>
    NotSent = 3,
}

/// <summary>A fill. Prices, quantities and money are in their units; a schedule's fee is what the simulated venue asks for it.</summary>
internal readonly record struct RealityFill(
    long At, long Price, long Quantity, long Fee, long ScheduledFee, Side Side, Liquidity Liquidity);

/// <summary>What one side says of one order.</summary>
internal sealed class OrderWords
{
    private readonly List<RealityFill> _fills = [];

    internal OrderAnswer Answer { get; private set; }

    /// <summary>ReceivedAt of the answer; 0 for none.</summary>
    internal long AnsweredAt { get; private set; }

    internal ReportReason Reason { get; private set; }

    internal IReadOnlyList<RealityFill> Fills => _fills;

    internal long Filled { get; private set; }

    /// <summary>ReceivedAt of the last word; 0 for none.</summary>
    internal long LastAt { get; private set; }

    /// <summary>True when the order can get no more fills.</summary>
    internal bool IsOver { get; private set; }

    internal long Fees
    {
        get
        {
            long fees = 0;
            foreach (RealityFill fill in _fills)
            {
                fees += fill.Fee;
            }

            return fees;
        }
    }

    /// <summary>Price units times 100, weighted by quantity, rounded towards zero; null without fills.</summary>
    internal long? MeanPriceHundredths
    {
        get
        {
            System.Int128 value = 0;
            foreach (RealityFill fill in _fills)
            {
                value += (System.Int128)fill.Price * fill.Quantity * 100;
            }

            return Filled == 0 ? null : (long)(value / Filled);
        }
    }

    internal void Outcome(long at, in CommandOutcome outcome)
    {
        LastAt = at;
        if (outcome is { Verb: CommandVerb.New, Outcome: Core.Events.Outcome.NotSent })
        {
            Say(at, OrderAnswer.NotSent, outcome.Reason);
            IsOver = true;
        }
    }

    internal void Report(long at, in OrderReport report)
    {
        LastAt = at;
        switch (report.Status)
        {
            case OrderStatus.Accepted:
                Say(at, OrderAnswer.Accepted, ReportReason.None);
                break;
            case OrderStatus.Rejected:
                Say(at, OrderAnswer.Rejected, report.Reason);
                IsOver = true;
                break;
            case OrderStatus.Cancelled or OrderStatus.Expired:
                IsOver = true;
                break;
        }
    }

    internal void Fill(in RealityFill fill, long quantity)
    {
        LastAt = fill.At;
        Say(fill.At, OrderAnswer.Accepted, ReportReason.None);
        _fills.Add(fill);
        Filled += fill.Quantity;
        IsOver |= quantity > 0 && Filled >= quantity;
    }

    private void Say(long at, OrderAnswer answer, ReportReason reason)
    {
        if (Answer == OrderAnswer.None)
        {
            Answer = answer;
            AnsweredAt = at;
            Reason = reason;
        }
    }
}

/// <summary>An order of the journal, and what each side says of it.</summary>
internal sealed class RealityOrder
{
    private readonly OrderWords[] _sides = [new(), new(), new()];

    internal required OrderId Id { get; init; }

    internal required InstrumentId Instrument { get; init; }

    internal required Side Side { get; init; }

    /// <summary>ReceivedAt of the event that caused it.</summary>
    internal required long DecidedAt { get; init; }

    /// <summary>True when the journal has fills of it but no command.</summary>
    internal required bool IsForeign { get; init; }

    /// <summary>Price units; 0 for a market order. As it was first ordered.</summary>
    internal required long Price { get; init; }

    /// <summary>Quantity units, as last commanded; 0 while only an amount of money is known.</summary>
    internal long Quantity { get; set; }

    internal OrderWords Journaled => _sides[(int)RealitySide.Journaled];

    internal OrderWords Simulated => _sides[(int)RealitySide.Simulated];

    internal OrderWords this[RealitySide side] => _sides[(int)side];

    /// <summary>Until when it mattered on either side: its last word, or for ever.</summary>
    internal long Until => Journaled.IsOver && Simulated.IsOver
        ? System.Math.Max(Journaled.LastAt, Simulated.LastAt)
        : long.MaxValue;

    /// <summary>True when both sides say the same at the same times.</summary>
    internal bool IsAlike
    {
        get
        {
            OrderWords a = Journaled;
            OrderWords b = Simulated;
            if (a.Answer != b.Answer || a.AnsweredAt != b.AnsweredAt || a.Reason != b.Reason
                || a.IsOver != b.IsOver || a.Fills.Count != b.Fills.Count)
            {
                return false;
            }

            for (int i = 0; i < a.Fills.Count; i++)
            {
                if (a.Fills[i] != b.Fills[i])
                {
                    return false;
                }
            }

            return true;
        }
    }
}

/// <summary>The orders of a journal, in the order in which they were decided.</summary>
internal sealed class RealityOrders
{
    /// <summary>Orders that one check compares; a longer journal is refused.</summary>
    internal const int OrdersMax = 1_000_000;

    private readonly Dictionary<OrderId, RealityOrder> _byId = [];
    private readonly List<RealityOrder> _all = [];

    internal IReadOnlyList<RealityOrder> All => _all;

    internal bool TryGet(OrderId id, out RealityOrder? order) => _byId.TryGetValue(id, out order);

    /// <summary>The order stage has spoken.</summary>
    internal void OnCommand(in Event e, in Command command)
    {
        long quantity = (command.Flags & OrderFlags.Notional) != 0 ? 0 : command.Quantity;
        if (command.Verb == CommandVerb.New)
        {
            Add(new RealityOrder
            {
                Id = command.Order,
                Instrument = command.Instrument,
                Side = command.Side,
                DecidedAt = e.ReceivedAt,
                IsForeign = false,
                Price = command.Price,
                Quantity = quantity,
            });
        }
        else if (command.Verb == CommandVerb.Amend && _byId.TryGetValue(command.Order, out RealityOrder? amended))
        {
            amended.Quantity = quantity;
        }
    }

    /// <summary>The order of a fill; one that nobody commanded becomes known by it.</summary>
    internal RealityOrder OfFill(in Event e)
    {
        if (!_byId.TryGetValue(e.Execution.Order, out RealityOrder? order))
        {
            order = new RealityOrder
            {
                Id = e.Execution.Order,
                Instrument = e.Instrument,
                Side = e.Execution.Side,
                DecidedAt = e.ReceivedAt,
                IsForeign = true,
                Price = 0,
            };
            Add(order);
        }

        return order;
    }

    private void Add(RealityOrder order)
    {
        if (_all.Count == OrdersMax)
        {
            throw new InvalidDataException(
                $"the journal has more than {OrdersMax:N0} orders: one check compares at most as many");
        }

        _byId[order.Id] = order;
        _all.Add(order);
    }
}
