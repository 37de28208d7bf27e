using System;
using LowLatency.Core.Determinism;
using LowLatency.Core.Portfolio.Accounts;
using LowLatency.Core.Values;
using LowLatency.Gateways.Sim.Accounting;

namespace LowLatency.Gateways.Sim;

/// <summary>What a simulated venue is like. Chance, where there is any, comes from the seed and the instant alone.</summary>
public sealed record SimulatedVenueSettings
{
    /// <summary>One million parts: a fee of 100 %.</summary>
    public const int PpmMax = 1_000_000;

    /// <summary>Longest latency of one direction, floor or addition: one hour of nanoseconds.</summary>
    public const long LatencyMax = 3_600_000_000_000;

    /// <summary>Largest exponent of a power queue, in thousandths.</summary>
    public const int QueueExponentMax = 10_000;

    /// <summary>Largest standard deviation of a lognormal latency, in thousandths.</summary>
    public const int SigmaMax = 5_000;

    /// <summary>Incidents of one scenario.</summary>
    public const int IncidentsMax = 256;

    /// <summary>Most commands of a rate window.</summary>
    public const int RateMax = 10_000;

    /// <summary>Longest of the times below: a day of nanoseconds.</summary>
    public const long DayMax = 86_400_000_000_000;

    /// <summary>Oldest that an order may be told to get: 366 days of nanoseconds.</summary>
    public const long AgeMax = 366 * DayMax;

    /// <summary>Nanoseconds from the decision to the matching engine, at least; 0 to <see cref="LatencyMax"/>.</summary>
    public long EntryLatency { get; init; } = 1_000_000;

    /// <summary>
    /// Nanoseconds from the matching engine to the report, at least; 0 to <see cref="LatencyMax"/>. Both latencies
    /// together are at least 1, so that an answer is never simultaneous with its question.
    /// </summary>
    public long ResponseLatency { get; init; } = 1_000_000;

    /// <summary>What is added to the entry latency.</summary>
    public LatencyAddition EntryAddition { get; init; } = LatencyAddition.Nothing;

    /// <summary>What is added to the response latency.</summary>
    public LatencyAddition ResponseAddition { get; init; } = LatencyAddition.Nothing;

    /// <summary>Seed of the sampled latencies.</summary>
    public ulong Seed { get; init; }

    /// <summary>Fee of a fill that rested, parts per million of notional; negative is a rebate.</summary>
    public int MakerFeePpm { get; init; }

    /// <summary>Fee of a fill that crossed, parts per million of notional; negative is a rebate.</summary>
    public int TakerFeePpm { get; init; }

    /// <summary>Dated rules about money; where they are silent, the fees above hold.</summary>
    public MoneyRules Money { get; init; } = new();

    /// <summary>What backs derivatives; anything but none needs tiers of margin in <see cref="Money"/>.</summary>
    public MarginMode Margin { get; init; }

    /// <summary>
    /// The account that holds the shares: an order that its dated rules do not allow is refused. Null asks for nothing.
    /// </summary>
    public AccountSettings? Account { get; init; }

    /// <summary>What happens to a margin account whose equity falls below the maintenance margin; needs <see cref="Account"/>.</summary>
    public MarginCallRule MarginCall { get; init; }

    /// <summary>What an order beyond the size shown does to the price.</summary>
    public MarketImpact Impact { get; init; }

    /// <summary>How far the price moves for as much again as is shown, millionths; 1 to <see cref="PpmMax"/>.</summary>
    public int ImpactPpm { get; init; } = 1_000;

    /// <summary>Orders that may work at one time, 1 to <see cref="Limits.LiveOrders"/>; one more is rejected.</summary>
    public int MaxOpenOrders { get; init; } = Limits.LiveOrders;

    /// <summary>Highest instrument number that the venue lists, 1 to <see cref="Limits.Instruments"/>.</summary>
    public int Instruments { get; init; } = Limits.Instruments;

    /// <summary>What a shrinking level says of our place.</summary>
    public QueueModel Queue { get; init; }

    /// <summary>The exponent n of the power families, in thousandths; 1 to <see cref="QueueExponentMax"/>.</summary>
    public int QueueExponentThousandths { get; init; } = 3_000;

    /// <summary>The order of a bar's prices.</summary>
    public BarPath BarPath { get; init; } = BarPath.StopFirst;

    /// <summary>How much of an order is filled at a price; as LEAN fills, there is no <see cref="Impact"/>.</summary>
    public FillRule Fills { get; init; }

    /// <summary>What happens when our own orders would meet.</summary>
    public SelfTradePrevention SelfTrade { get; init; }

    /// <summary>What an amendment does to the place in the queue.</summary>
    public AmendRule Amend { get; init; }

    /// <summary>Which price wakes sleeping orders.</summary>
    public TriggerPriceSource Trigger { get; init; }

    /// <summary>Commands that may arrive in one window, 1 to <see cref="RateMax"/>; 0 for no limit.</summary>
    public int RateLimit { get; init; }

    /// <summary>Nanoseconds of the rate window, 1 to <see cref="DayMax"/>.</summary>
    public long RateWindow { get; init; } = 1_000_000_000;

    /// <summary>What goes wrong, in the order of time, none overlapping.</summary>
    public VenueIncident[] Incidents { get; init; } = [];

    /// <summary>The regular sessions; an instrument without a calendar never closes.</summary>
    public VenueCalendar[] Calendars { get; init; } = [];

    /// <summary>Nanoseconds before the regular session in which orders with extended hours work, 0 to a day.</summary>
    public long ExtendedBefore { get; init; } = 19_800_000_000_000;

    /// <summary>Nanoseconds after the regular session in which orders with extended hours work, 0 to a day.</summary>
    public long ExtendedAfter { get; init; } = 14_400_000_000_000;

    /// <summary>Nanoseconds after the open or close in which an opening or closing order may trade, 0 to a day.</summary>
    public long AuctionGrace { get; init; } = 60_000_000_000;

    /// <summary>Nanoseconds that a good-till-cancel order may be old before the venue ends it, 0 to a year; 0 for ever.</summary>
    public long GoodTillCancelAge { get; init; }

    /// <summary>Stops when a value is out of its range. Configuration is checked before it comes here.</summary>
    internal void Validate()
    {
        Ensure.That(EntryLatency is >= 0 and <= LatencyMax, "EntryLatency must be 0 to one hour");
        Ensure.That(ResponseLatency is >= 0 and <= LatencyMax, "ResponseLatency must be 0 to one hour");
        Ensure.That(EntryLatency + ResponseLatency >= 1, "EntryLatency + ResponseLatency must be at least 1 ns");
        Validate(EntryAddition);
        Validate(ResponseAddition);
        Ensure.That(MakerFeePpm is >= -PpmMax and <= PpmMax, "MakerFeePpm must be -1,000,000 to 1,000,000");
        Ensure.That(TakerFeePpm is >= -PpmMax and <= PpmMax, "TakerFeePpm must be -1,000,000 to 1,000,000");
        Money.Validate();
        Ensure.That(
            Margin == MarginMode.None || (Enum.IsDefined(Margin) && Money.Margin.Length != 0),
            "a mode of margin must be declared and needs tiers");
        Ensure.That(MaxOpenOrders is >= 1 and <= Limits.LiveOrders, "MaxOpenOrders must be 1 to Limits.LiveOrders");
        Ensure.That(Instruments is >= 1 and <= Limits.Instruments, "Instruments must be 1 to Limits.Instruments");
        Ensure.That(Enum.IsDefined(Queue), "Queue must be a declared model");
        Ensure.That(QueueExponentThousandths is >= 1 and <= QueueExponentMax, "the queue's exponent must be 0.001 to 10");
        Ensure.That(Enum.IsDefined(BarPath) && Enum.IsDefined(SelfTrade), "BarPath and SelfTrade must be declared");
        Ensure.That(Enum.IsDefined(Amend) && Enum.IsDefined(Trigger), "Amend and Trigger must be declared");
        Ensure.That(Enum.IsDefined(Impact) && ImpactPpm is >= 1 and <= PpmMax, "the impact must be declared, 1 to 1,000,000 ppm");
        Ensure.That(
            Enum.IsDefined(Fills) && (Fills == FillRule.AsShown || Impact == MarketImpact.None),
            "Fills must be declared, and LEAN's know no impact");
        Ensure.That(
            MarginCall == MarginCallRule.None || (Enum.IsDefined(MarginCall) && Account is { Kind: AccountKind.Margin }),
            "a margin call must be declared and needs the rules of a margin account");
        Ensure.That(RateLimit is >= 0 and <= RateMax, "RateLimit must be 0 to RateMax");
        Ensure.That(RateWindow is >= 1 and <= DayMax, "RateWindow must be 1 ns to one day");
        Ensure.That(ExtendedBefore is >= 0 and <= DayMax, "ExtendedBefore must be 0 to one day");
        Ensure.That(ExtendedAfter is >= 0 and <= DayMax, "ExtendedAfter must be 0 to one day");
        Ensure.That(AuctionGrace is >= 0 and <= DayMax, "AuctionGrace must be 0 to one day");
        Ensure.That(GoodTillCancelAge is >= 0 and <= AgeMax, "GoodTillCancelAge must be 0 to 366 days");
        Ensure.That(Incidents.Length <= IncidentsMax, "more incidents than IncidentsMax");
        for (int i = 0; i < Incidents.Length; i++)
        {
            Ensure.That(
                Incidents[i].From < Incidents[i].To && Enum.IsDefined(Incidents[i].Kind),
                "an incident is empty or of no declared kind");
            Ensure.That(i == 0 || Incidents[i - 1].To <= Incidents[i].From, "incidents overlap or are out of order");
        }
    }

    private static void Validate(LatencyAddition addition)
    {
        Ensure.That(Enum.IsDefined(addition.Kind), "the kind of a latency must be declared");
        Ensure.That(addition.Spread is >= 0 and <= LatencyMax, "Spread must be 0 to one hour");
        Ensure.That(addition.Median is >= 0 and <= LatencyMax, "Median must be 0 to one hour");
        Ensure.That(addition.Most is >= 0 and <= LatencyMax, "Most must be 0 to one hour");
        Ensure.That(addition.SigmaThousandths is >= 0 and <= SigmaMax, "SigmaThousandths must be 0 to 5,000");
        Ensure.That(
            (addition.Kind == LatencyKind.Recorded) == (addition.Series is not null),
            "a recorded latency has a series, another has none");
    }
}
