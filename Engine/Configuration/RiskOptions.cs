using System.Collections.Immutable;
using LowLatency.Core.Risk;
using LowLatency.Core.Values;
using LowLatency.Engine.Configuration.Resources;

namespace LowLatency.Engine.Configuration;

/// <summary>The declarations of protective exits and breakers.</summary>
internal static class RiskOptions
{
    private const long DayMs = 86_400_000;

    private static readonly ImmutableArray<string> Actions = ["reduce", "flatten", "halt"];

    /// <summary>How long each stream of an instrument may be silent.</summary>
    internal static ImmutableArray<Option> StreamAges() =>
    [
        Silence("bestStaleAfterMs", "of book or quotes"),
        Silence("tradesStaleAfterMs", "of the prints"),
        Silence("barsStaleAfterMs", "of imported bars"),
    ];

    private static IntegerOption Silence(string name, string stream) => new(
        name, 0, DayMs, 0, "ms", $"Silence {stream} from which only reducing orders pass; 0 for any.");

    /// <summary>What one trade may lose.</summary>
    internal static ImmutableArray<Option> TradeLoss() =>
    [
        Money("maxTradeLoss", "Most that a position may lose from the order's price to the protective stop; 0 for any."),
        new IntegerOption("worstMoveBps", 1, 100_000, 10_000, "bp",
            "Move against a position that is reckoned with where no stop protects it."),
    ];

    /// <summary>Whether a position must have a stop.</summary>
    internal static ImmutableArray<Option> Stops() =>
    [
        new BooleanOption("requireStop", false,
            "Whether only who has a protective stop (of risk.exits or of the wish) may add; a position without one is told."),
        new IntegerOption("closeUnprotectedMs", 0, DayMs, 0, "ms",
            "Time without the required stop after which a position is closed; 0 for never."),
    ];

    /// <summary>How large an order may be against what is shown.</summary>
    internal static ImmutableArray<Option> Depth() =>
    [
        new IntegerOption("maxDepthPpm", 0, 1_000_000_000, 0, "ppm",
            "Largest order that takes, in millionths of what is shown up to its price; 0 for any."),
        new IntegerOption("maxImpactBps", 0, 10_000, 0, "bp",
            "Farthest mean price from the touch that an order may pay by what is shown; 0 for any."),
    ];

    /// <summary>Sizes that grow, by strategy.</summary>
    internal static MapOption Growth(TextOption strategy) => new(
        "growth",
        strategy,
        new GroupOption(
            "growth",
            [
                Required("start", "Largest value of each of its positions at first."),
                Required("step", "What is added after trades that won in sum."),
                Required("most", "Where it ends; at least the start."),
                new IntegerOption("everyTrades", 1, 1_000_000, null, string.Empty,
                    "Closed trades after which the size is looked at: a step more if they won in sum, else the start again."),
            ],
            "How the size of one strategy grows."),
        Limits.Strategies,
        "Sizes that start small and grow by rule, by strategy; another one has its size from the beginning.");

    /// <summary>The account that holds the shares.</summary>
    internal static GroupOption Account() => new(
        "account",
        [
            new ChoiceOption("kind", ["cash", "margin"], null, "Whether shares are paid in full or may be borrowed on."),
            CalendarName("calendar", null, "The calendar of its business days."),
            new ResourceOption("rules", new RulebookFile(), "Its rules and the dates from which they hold."),
            new ChoiceOption("unsettledFunds", ["never", "allow"], "never",
                "Cash: whether purchases may be paid with sales that have not settled."),
        ],
        "The account that holds the shares; absent: sales settle at once, and cash pays for purchases.")
    {
        Optional = true,
    };

    /// <summary>Exposure adjusted for how instruments move together.</summary>
    internal static GroupOption Correlation() => new(
        "correlation",
        [
            new ResourceOption("matrix", new CorrelationFile(), "The correlations; every instrument of a strategy has a row."),
            Required("limit", "Largest root of x' C x over the signed values x of a currency's positions at their worst."),
        ],
        "Exposure adjusted for correlation; absent: not limited.")
    {
        Optional = true,
    };

    /// <summary>The currency in which an account of several is valued.</summary>
    internal static GroupOption Base(TextOption currency, TextOption other, TextOption symbol) => new(
        "base",
        [
            currency,
            new MapOption("conversions", other, symbol, 15, "The instrument that converts each other currency: priced in either of the two."),
            new IntegerOption("staleAfterMs", 1, 86_400_000, 60_000, "ms", "Age from which on a rate is none."),
            Money("maxGrossNotional", "Largest sum of the sizes of all positions of all currencies, in the base currency; 0 for any."),
        ],
        "The base currency; absent: each currency stands for itself.")
    {
        Optional = true,
    };

    /// <summary>The same with correlations that are estimated.</summary>
    internal static GroupOption Estimate() => new(
        "correlationEstimate",
        [
            new IntegerOption("timeframeMs", 100, DayMs, 60_000, "ms", "Length of the bars whose moves are compared."),
            new IntegerOption("bars", 10, 100_000, 120, "bars",
                "Bars that two instruments have to have in common before their correlation is known."),
            new IntegerOption("maxAgeMs", 100, 30 * DayMs, 600_000, "ms",
                "Age of the last bar in common from which on it is not known, and only reducing orders pass."),
            Required("limit", "Largest root of x' C x over the signed values x of a currency's positions at their worst."),
        ],
        "Exposure adjusted for correlations that are estimated from bars; absent: not estimated. Not beside correlation.")
    {
        Optional = true,
    };

    private static TextOption CalendarName(string name, string? usual, string help) =>
        new(name, "abcdefghijklmnopqrstuvwxyz0123456789-", "[a-z0-9-]", 32, usual, help);

    /// <summary>How the value of positions may be spread.</summary>
    internal static ImmutableArray<Option> Spread(TextOption symbol, TextOption group) =>
    [
        new IntegerOption("maxConcentrationPpm", 0, 1_000_000_000, 0, "ppm",
            "Largest value of one instrument, in millionths of equity; 0 for any."),
        Money("maxNetNotional", "Largest value of all positions, long less short; 0 for any."),
        new MapOption(
            "groups",
            group,
            new GroupOption(
                "group",
                [
                    new ListOption("instruments", symbol, 0, Limits.Instruments, string.Empty,
                        "Its instruments; none for the group of all that no other names."),
                    Required("maxGrossNotional", "Largest value of its positions without regard to direction."),
                    Required("maxNetNotional", "Largest value of its positions, long less short."),
                ],
                "A group."),
            Limits.Instruments,
            "Limits of groups (sectors) of instruments of one currency."),
    ];

    /// <summary>Exits by strategy.</summary>
    internal static MapOption Exits(TextOption strategy) => new(
        "exits",
        strategy,
        new GroupOption(
            "exits",
            [
                new IntegerOption("stopLossBps", 0, 10_000, 0, "bp", "Largest loss against what the open part cost; 0 for none."),
                new IntegerOption("takeProfitBps", 0, 1_000_000, 0, "bp",
                    "Profit against what the open part cost at which it is taken; 0 for none."),
                new IntegerOption("trailingBps", 0, 10_000, 0, "bp",
                    "Largest way back from the best price since the position was opened; 0 for none."),
                new IntegerOption("maxHoldingMs", 0, 365 * DayMs, 0, "ms", "Longest time in a position; 0 for any."),
                Money("maxLoss", "Largest loss of one trade, fees included; 0 for none."),
                new ChoiceOption("price", ["mid", "last", "touch"], "mid",
                    "Price looked at: the middle, the last print, or where the position could be closed."),
                new IntegerOption("reentryMs", 0, DayMs, 0, "ms",
                    "Time after an exit before which the strategy is not let back in."),
            ],
            "Protective exits of one strategy."),
        Limits.Strategies,
        "Protective exits by strategy: each takes its part of a position out at the market.");

    /// <summary>The stop that rests at the venue.</summary>
    internal static GroupOption VenueStop() => new(
        "venueStop",
        [
            new IntegerOption("beyondBps", 0, 5_000, 50, "bp",
                "How far beyond the farthest stop of those who hold the position it is touched."),
            new IntegerOption("slippageBps", 0, 5_000, 500, "bp",
                "How far beyond its trigger it still trades; 0 for any price."),
            new IntegerOption("stepBps", 0, 1_000, 5, "bp",
                "A trigger that would move less than this stays: a trailing stop is not amended at every print."),
            new IntegerOption("alarmAfterMs", 0, 3_600_000, 5_000, "ms",
                "Time that a position may be without it before that is told."),
        ],
        "A stop that rests at the venue for each position, so that protection outlives the process; absent: the engine alone holds stops.")
    {
        Optional = true,
    };

    /// <summary>Whose calendar the declared ones are compared with.</summary>
    internal static GroupOption CalendarCheck() => new(
        "calendarCheck",
        [
            new ChoiceOption("venue", ["alpaca"], null,
                "Venue whose own calendar those of calendars have to equal before anything may add."),
        ],
        "Calendars compared with the venue's own; absent: they are believed.")
    {
        Optional = true,
    };

    /// <summary>The breakers.</summary>
    internal static GroupOption BreakerGroup() => new(
        "breakers",
        [
            Amount("dailyLoss", "Equity lost since the trading day began."),
            Amount("drawdown", "Equity lost since its highest."),
            new GroupOption(
                "losingTrades",
                [Count(1_000_000, "Trades in a row that end with a loss; 0 for no breaker."), Action()],
                "Losing trades in a row."),
            Window("rejects", "Requests that the venue refuses."),
            Window("orders", "Orders and amendments sent."),
            Window("venueErrors", "Requests that do not leave, or may not have."),
            new IntegerOption("dayStartsAtMinute", 0, 1439, 0, "min", "Minute after midnight UTC at which a trading day begins."),
            CalendarName("dayCalendar", EngineSchema.NoFile, "The calendar whose sessions are the trading days instead; none for days of 24 hours."),
        ],
        "Breakers: one that trips holds until an operator resets it.");

    private static GroupOption Amount(string name, string help) => new(
        name, [Money("limit", "Where it trips, in any currency; 0 for no breaker."), Action()], help);

    private static GroupOption Window(string name, string help) => new(
        name,
        [
            Count(Breakers.WindowMax, "Where it trips; 0 for no breaker."),
            new IntegerOption("windowMs", 1, DayMs, 60_000, "ms", "The window in which they are counted."),
            Action(),
        ],
        help);

    private static IntegerOption Count(long most, string help) => new("limit", 0, most, 0, string.Empty, help);

    private static ChoiceOption Action() => new("action", Actions, "reduce",
        "What it does: only reducing orders, taking every strategy out too, or no orders at all.");

    private static DecimalOption Required(string name, string help) => new(
        name, Core.Values.Money.Exponent, 1, 90 * EngineSchema.One9 * 100_000_000, null, "currency", help);

    private static DecimalOption Money(string name, string help) => new(
        name, Core.Values.Money.Exponent, 0, 90 * EngineSchema.One9 * 100_000_000, 0, "currency", help);
}
