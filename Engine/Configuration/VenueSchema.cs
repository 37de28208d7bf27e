using LowLatency.Engine.Configuration.Resources;
using LowLatency.Gateways.Sim;

namespace LowLatency.Engine.Configuration;

/// <summary>The options of the simulated venue.</summary>
internal static class VenueSchema
{
    internal const int UsualQueueExponent = 3_000;

    private const long DayMinutes = 1_440;
    private const long DayMs = 86_400_000;
    private const long LatencyMaxUs = 10_000_000;
    private const long FarMs = 4_000_000_000_000;

    internal static GroupOption Section() => new(
        "venue",
        [
            new IntegerOption("entryLatencyUs", 1, LatencyMaxUs, 500, "us",
                "Time from a command to its arrival at the simulated venue, at least."),
            new IntegerOption("responseLatencyUs", 1, LatencyMaxUs, 500, "us",
                "Time from the simulated venue's answer to its arrival here, at least."),
            new IntegerOption("makerFeePpm", -1000, 10_000, 200, "ppm",
                "Fee of a fill that rested, in millionths of its notional; negative is a rebate."),
            new IntegerOption("takerFeePpm", -1000, 10_000, 550, "ppm",
                "Fee of a fill that crossed, in millionths of its notional."),
            Latency("entryLatency", "entry", LatencyDirection.Entry),
            Latency("responseLatency", "response", LatencyDirection.Response),
            new GroupOption(
                "money",
                [
                    new ResourceOption("rules", new MoneyFile(), "Fees, funding, margin, borrowed and delisted shares, and the dates from which they hold."),
                    new ChoiceOption("margin", ["none", "cross", "isolated"], "none",
                        "What backs derivatives: nothing is asked for, all cash of the currency does, or each position its own margin."),
                    new ChoiceOption("account", ["unchecked", "enforced"], "unchecked",
                        "Whether the venue refuses what the rules of risk.account do not allow, too."),
                    new ChoiceOption("marginCall", ["none", "sell-out"], "none",
                        "What becomes of a margin account with less than the maintenance margin: nothing, or all shares are sold."),
                ],
                "Dated rules about money; absent: the two fees above, and the funding that the data tells.")
            {
                Optional = true,
            },
            Matching(),
            Hours(),
            new GroupOption(
                "rateLimit",
                [
                    new IntegerOption("commands", 1, SimulatedVenueSettings.RateMax, null, "commands",
                        "Commands that the venue takes in any window; it refuses one more."),
                    new IntegerOption("windowMs", 1, DayMs, 1_000, "ms", "Length of the window."),
                ],
                "The venue's rate limit; absent: none.")
            {
                Optional = true,
            },
            new ListOption(
                "incidents",
                new GroupOption(
                    "incident",
                    [
                        new IntegerOption("fromUnixMs", 1, FarMs, null, "ms", "Its first instant, since 1970 UTC."),
                        new IntegerOption("forMs", 1, DayMs, null, "ms", "How long it lasts."),
                        new ChoiceOption("kind", ["reject", "delay", "disconnect", "unknown", "lost"], null,
                            "The venue is down and rejects, or lets commands wait; or the line is down, and commands are not "
                                + "sent, or arrive after it with an unknown outcome, or are lost."),
                    ],
                    "An incident."),
                1,
                SimulatedVenueSettings.IncidentsMax,
                "fromUnixMs",
                "A scenario of what goes wrong, in the order of time; absent: nothing.")
            {
                Optional = true,
            },
        ],
        "The simulated venue.");

    private static GroupOption Matching() => new(
        "matching",
        [
            new ChoiceOption("queue", ["risk-averse", "power", "power-of-whole", "power-of-front", "log", "log-of-whole"],
                "risk-averse", "Who it was that left when a level shrinks; docs/simulated-venue.md has the formulae."),
            new IntegerOption("queueExponentThousandths", 1, SimulatedVenueSettings.QueueExponentMax, UsualQueueExponent, "1/1000",
                "Exponent of the power families."),
            new ChoiceOption("barPath", ["stop-first", "adaptive", "open-high-low-close", "open-low-high-close"], "stop-first",
                "The order in which a bar's prices are taken to have been traded."),
            new ChoiceOption("fills", ["as-shown", "lean"], "as-shown",
                "How much of an order is filled at a price: what is shown there, or all of it, as LEAN fills shares."),
            new ChoiceOption("selfTrade", ["none", "cancel-taker", "cancel-maker", "cancel-both"], "none",
                "What ends when two orders of ours would meet."),
            new ChoiceOption("amend", ["less-keeps-place", "always-queues-anew"], "less-keeps-place",
                "What an amendment does to the place in the queue."),
            new ChoiceOption("trigger", ["last", "touch"], "last", "Which price wakes stops and touched orders."),
            new ChoiceOption("impact", ["none", "linear", "square-root"], "none",
                "What becomes of the part of a taking order that is larger than what is shown: nothing, or it moves the price."),
            new IntegerOption("impactPpm", 1, SimulatedVenueSettings.PpmMax, 1_000, "ppm",
                "How far the price moves for as much again as is shown."),
        ],
        "How orders are matched; absent: all defaults.")
    {
        Optional = true,
    };

    private static GroupOption Hours() => new(
        "hours",
        [
            new IntegerOption("extendedBeforeMinutes", 0, DayMinutes, 330, "min",
                "Time before a regular session in which orders with extended hours work."),
            new IntegerOption("extendedAfterMinutes", 0, DayMinutes, 240, "min",
                "Time after a regular session in which they work."),
            new IntegerOption("auctionGraceMs", 0, DayMs, 60_000, "ms",
                "Time after an open or close in which an opening or closing order may still trade."),
            new IntegerOption("goodTillCancelMs", 0, SimulatedVenueSettings.AgeMax / 1_000_000, 0, "ms",
                "Age at which the venue ends a good-till-cancel order, as brokers do after some months; 0 for never."),
        ],
        "Beyond the regular sessions, which are those of the calendars; absent: all defaults.")
    {
        Optional = true,
    };

    private static GroupOption Latency(string name, string direction, LatencyDirection measured) => new(
        name,
        [
            new GroupOption(
                "uniform",
                [new IntegerOption("spreadUs", 1, LatencyMaxUs, null, "us", "The most that is added.")],
                "Evenly from nothing to the spread; absent: not so.")
            {
                Optional = true,
            },
            new GroupOption(
                "lognormal",
                [
                    new IntegerOption("medianUs", 1, LatencyMaxUs, null, "us", "Half of what is added is less."),
                    new IntegerOption("sigmaThousandths", 0, SimulatedVenueSettings.SigmaMax, null, "1/1000",
                        "Standard deviation of the logarithm."),
                    new IntegerOption("mostUs", 1, LatencyMaxUs, null, "us", "What is added is cut here."),
                ],
                "Mostly little, now and then much; absent: not so.")
            {
                Optional = true,
            },
            new GroupOption(
                "recorded",
                [
                    new ResourceOption("file", new LatencyFile(measured),
                        "Measurements: lines of sentAt,arrivedAt,answeredAt, nanoseconds since 1970 UTC."),
                ],
                "Interpolated between measurements; absent: not so.")
            {
                Optional = true,
            },
        ],
        $"What is added to the {direction} latency, in one of three ways; absent: nothing.")
    {
        Optional = true,
    };
}
