using System;
using System.Collections.Immutable;
using LowLatency.Core.Risk;
using LowLatency.Core.Signals;
using LowLatency.Core.Values;
using LowLatency.Gateways.Generator;
using LowLatency.Journal;

namespace LowLatency.Engine.Configuration;

/// <summary>Every option of the engine, declared once.</summary>
internal static class EngineSchema
{
    internal const int ParameterExponent = 9;
    internal const int RatioExponent = 9;
    internal const long One9 = 1_000_000_000;

    /// <summary>Nine billion: the largest round decimal with nine places in 64 bits.</summary>
    internal const long Largest9 = 9 * One9 * One9;

    private const string Lower = "abcdefghijklmnopqrstuvwxyz";
    private const string Upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    private const string Digits = "0123456789";
    private const long DayMs = 86_400_000;
    private const long HourMs = 3_600_000;

    // Daily bars of shares are silent over long weekends.
    private const long WeekMs = 604_800_000;

    internal static GroupOption Root(StrategyCatalogue catalogue) => new(
        string.Empty,
        [
            Name("name", "Name of the configuration, for people and reports."),
            new IntegerOption("instance", 1, ushort.MaxValue, 1, string.Empty,
                "Number of this engine; part of every client order id, so no two engines of one account may share it."),
            new IntegerOption("seed", 0, long.MaxValue, 1, string.Empty, "Seed of everything random."),
            new IntegerOption("tickIntervalMs", 1, 60_000, 100, "ms", "Time between timer ticks."),
            new MapOption("cash", Currency("currency", null, "Currency."), Money("cash", 0, null, "Opening cash."), 8,
                "Cash at the start where no venue tells it."),
            new ListOption("strategies", Strategy(catalogue), 1, Limits.Strategies, "name", "The strategies."),
            ArbitrationSchema.Section(),
            ArbitrationSchema.Calendars(Symbol("symbol", "Symbol of an instrument.")),
            Risk(),
            new GroupOption(
                "orders",
                [
                    new IntegerOption("marketableBandBps", 1, 1000, 10, "bp",
                        "How far through the touch an order that must trade at once may be priced."),
                    new IntegerOption("retryIntervalMs", 1, HourMs, 1_000, "ms",
                        "Time after which a wish that was refused, or whose order ended by itself, is tried again."),
                ],
                "How wishes become orders."),
            ExecutionSchema.Section(
                Symbol("symbol", "Symbol of an instrument."),
                Name("strategy", "Name of a strategy."),
                Name("style", "Name of a style.")),
            new GroupOption(
                "bars",
                [
                    new ListOption("timeframesMs",
                        new IntegerOption("timeframe", 100, DayMs, null, "ms", "Length of a bar."), 0, 8, string.Empty,
                        "Bars to build beyond those that the strategies ask for."),
                    new IntegerOption("graceMs", 0, 60_000, 250, "ms",
                        "How long after its end a bar waits for late trades."),
                    new IntegerOption("rewarmAfterMissedBars", 0, 1_000_000, 5, "bars",
                        "Bars missing after an interruption of the data from which on strategies warm up again; 0 for never."),
                ],
                "Bars."),
            DataGuardSchema.Section(Symbol("symbol", "Symbol of an instrument.")),
            VenueSchema.Section(),
            Generator(),
            LiveSection.Declare(Symbol("symbol", "The venue's name of it, and the strategies'; no two may share it."), FilePath),
            Session(),
        ],
        "The configuration of one engine.")
    {
        NotDeciding = "session",
    };

    /// <summary>The word for no file.</summary>
    internal const string NoFile = "none";

    private const string PathCharacters =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._/-";

    private static TextOption Name(string name, string help) =>
        new(name, Lower + Digits + "-", "[a-z0-9-]", 32, null, help);

    private static TextOption Symbol(string name, string help) =>
        new(name, Upper + Digits + "._/-", "[A-Z0-9._/-]", 24, null, help);

    private static TextOption Currency(string name, string? usual, string help) =>
        new(name, Upper + Digits, "[A-Z0-9]", 8, usual, help);

    private static DecimalOption Money(string name, long minimum, long? usual, string help) =>
        new(name, LowLatency.Core.Values.Money.Exponent, minimum, 90 * One9 * 100_000_000, usual, "currency", help);

    private static DecimalOption Decimal9(string name, long minimum, string unit, string help) =>
        new(name, ParameterExponent, minimum, Largest9, null, unit, help);

    private static GroupOption Strategy(StrategyCatalogue catalogue)
    {
        ImmutableArray<string>.Builder types = ImmutableArray.CreateBuilder<string>();
        ImmutableArray<GroupOption>.Builder cases = ImmutableArray.CreateBuilder<GroupOption>();
        foreach (ParameterSchema schema in catalogue.Schemas)
        {
            types.Add(schema.Type);
            cases.Add(Parameters(schema));
        }

        return new GroupOption(
            "strategy",
            [
                Name("name", "Name of the strategy; no two may share it."),
                new ChoiceOption("type", types.ToImmutable(), null, "What it does: built in, or of its assembly."),
                Assembly(),
                new ListOption("instruments", Symbol("symbol", "Symbol of an instrument."), 1, Limits.Instruments,
                    string.Empty, "The instruments that it watches and trades."),
                new IntegerOption("priority", 1, 1000, 100, string.Empty,
                    "Rank under the priority policy, and in ties; 1 is best."),
                new DecimalOption("weight", RatioExponent, 0, 1_000_000 * One9, One9, string.Empty,
                    "Share under the blend policy; must stay at its default under another policy."),
                new IntegerOption("cooldownMs", 0, DayMs, 0, "ms", "Silence after a change of its wish."),
                new VariantOption("parameters", "type", cases.ToImmutable(), "The parameters of its type."),
            ],
            "A strategy.");
    }

    /// <summary>Where a strategy's code comes from. Its hash decides what it does; where the file lies does not.</summary>
    private static GroupOption Assembly() => new(
        "assembly",
        [
            new TextOption("file", Lower + Upper + Digits + "._-+/ ", "[A-Za-z0-9._+/ -]", 255, null,
                "The file, by its place relative to the configuration file or in full."),
            new TextOption("sha256", "abcdef" + Digits, "[a-f0-9]", 64, null,
                "SHA-256 of the file: no other code is loaded."),
        ],
        "The assembly that holds the type, when it is not built in.")
    {
        Optional = true,
        NotDeciding = "file",
    };

    internal static GroupOption Parameters(ParameterSchema schema)
    {
        ImmutableArray<Option>.Builder members = ImmutableArray.CreateBuilder<Option>();
        foreach (ParameterDefinition definition in schema.Parameters)
        {
            members.Add(definition.Kind switch
            {
                ParameterKind.Integer => new IntegerOption(
                    definition.Name, definition.Minimum, definition.Maximum, definition.Default, string.Empty,
                        definition.Help),
                ParameterKind.Fixed9 => new DecimalOption(
                    definition.Name, ParameterExponent, definition.Minimum, definition.Maximum, definition.Default,
                    string.Empty, definition.Help),
                ParameterKind.Choice => new ChoiceOption(
                    definition.Name, [.. definition.Choices], definition.Choices[(int)definition.Default],
                        definition.Help),
                ParameterKind.Rules => new RulesOption(definition.Name, definition.Help),
                _ => throw new InvalidOperationException("a strategy's parameter needs a kind"),
            });
        }

        return new GroupOption(schema.Type, members.ToImmutable(), schema.Help);
    }

    private static GroupOption Risk()
    {
        ImmutableArray<Option> perInstrument =
        [
            Decimal9("maxOrderQuantity", 1, "quantity", "Largest order."),
            Money("maxOrderNotional", 1, null, "Largest order by value."),
            Decimal9("maxPosition", 1, "quantity",
                "Largest position, long or short, with all that works and may fill."),
            new IntegerOption("priceCollarBps", 1, 10_000, 200, "bp", "Farthest price of an order from the market."),
            new IntegerOption("staleAfterMs", 1, WeekMs, 5_000, "ms",
                "Age of the price, by its own stream, from which only reducing orders pass."),
            .. RiskOptions.StreamAges(),
            .. RiskOptions.TradeLoss(),
            .. RiskOptions.Stops(),
            .. RiskOptions.Depth(),
        ];
        return new GroupOption(
            "risk",
            [
                .. perInstrument,
                new IntegerOption("maxWorkingOrders", 1, Limits.LiveOrders, 64, "orders", "Most orders alive."),
                Money("maxGrossNotional", 1, null, "Largest sum of the sizes of all positions by value."),
                new DecimalOption("maxLeverage", RatioExponent, 1, 1000 * One9, 10 * One9, string.Empty,
                    "Largest value of margined positions for each unit of equity."),
                new BooleanOption("allowShort", false, "Whether shares may be sold short; spot pairs never may."),
                new IntegerOption("maxOrdersPerWindow", 1, RiskSettings.WindowOrdersMax, 50, "orders",
                    "Most new and amended orders in the window."),
                new IntegerOption("orderWindowMs", 1, HourMs, 1_000, "ms", "The window of the order rate."),
                new IntegerOption("maxRepeats", 1, RiskSettings.RecentOrders - 1, 20, "orders", "Most equal orders in the window."),
                new IntegerOption("repeatWindowMs", 1, HourMs, 1_000, "ms", "The window of equal orders."),
                new IntegerOption("rejectBackoffMs", 0, HourMs, 1_000, "ms", "Silence after a rejection by the venue."),
                new ChoiceOption("initialState", ["active", "reducing", "halted"], "active",
                    "State at the first start; later starts keep the state that was."),
                new MapOption("instruments", Symbol("symbol", "Symbol of an instrument."),
                    new GroupOption("limits", perInstrument, "Limits of one instrument; what is absent is as above."),
                    Limits.Instruments, "Limits that differ for one instrument.")
                {
                    InheritsFromBeside = true,
                },
                .. RiskOptions.Spread(Symbol("symbol", "Symbol of an instrument."), Name("group", "Name of a group.")),
                RiskOptions.Exits(Name("strategy", "Name of a strategy.")),
                RiskOptions.VenueStop(),
                RiskOptions.CalendarCheck(),
                RiskOptions.Growth(Name("strategy", "Name of a strategy.")),
                RiskOptions.BreakerGroup(),
                RiskOptions.Account(),
                RiskOptions.Correlation(),
                RiskOptions.Base(
                    Currency("currency", null, "The base currency."),
                    Currency("from", null, "A currency of instruments or cash."),
                    Symbol("symbol", "Symbol of its instrument.")),
                RiskOptions.Estimate(),
                ReconcileSection.Declare(
                    Name("strategy", "Whose part a position becomes that nobody here asked for; none for the house.")
                        with { Default = NoFile }),
            ],
            "Limits, on the worst case: position, open, in flight, unknown and the new order together.");
    }

    private static GroupOption Generator() => new(
        "generator",
        [
            new IntegerOption("startUnixSeconds", 1, 4_000_000_000, 1_767_225_600, "s",
                "Start, seconds since 1970 UTC."),
            new IntegerOption("events", 0, 1_000_000_000_000_000, 0, "events",
                "No message begins after so many events; 0 for no bound."),
            new IntegerOption("durationSeconds", 0, 1_000_000_000, 0, "s",
                "No message begins so long after the start; 0 for no bound."),
            Rare("jumpsPerMillion", 10, "Jumps of the price in a million messages."),
            Rare("gapsPerMillion", 20, "Holes in the stream in a million messages."),
            Rare("haltsPerMillion", 10, "Trading halts in a million messages."),
            Rare("burstsPerMillion", 200, "Bursts of activity in a million messages."),
            new ListOption(
                "instruments",
                new GroupOption(
                    "instrument",
                    [
                        Symbol("symbol", "Symbol; no two may share it."),
                        Currency("currency", "USDT", "Currency of prices, fees and profit."),
                        Decimal9("startPrice", 1, "price", "First price, a multiple of the tick."),
                        Decimal9("tick", 1, "price", "Step of prices."),
                        Decimal9("lot", 1, "quantity", "Step of quantities."),
                        Decimal9("typicalQuantity", 1, "quantity", "Usual quantity of a level, a multiple of the lot."),
                        Money("minNotional", 0, 500_000_000, "Smallest order by value; 0 for none."),
                        new IntegerOption("depthTicks", GeneratedInstrument.MinDepth, GeneratedInstrument.MaxDepth, 100,
                            "ticks", "Ticks that each side of the book covers."),
                        new IntegerOption("spreadTicks", 1, 1000, 2, "ticks", "Usual spread."),
                        new IntegerOption("volatilityPpm", 1, 5000, 90, "ppm",
                            "Usual move of one second, in millionths."),
                        new IntegerOption("messagesPerSecond", 1, 100_000, 100, "1/s", "Usual rate of venue messages."),
                        new IntegerOption("tradesPpm", 0, 900_000, 300_000, "ppm",
                            "Share of messages that are trades."),
                    ],
                    "A generated instrument."),
                1,
                Limits.Instruments,
                "symbol",
                "The instruments of the market."),
        ],
        "The generated market; read only when the market is the generator.")
    {
        Optional = true,
    };

    private static IntegerOption Rare(string name, int usual, string help) =>
        new(name, 0, MarketGeneratorOptions.RareMax, usual, "ppm", help);

    private static TextOption FilePath(string name, string help) =>
        new(name, PathCharacters, "[A-Za-z0-9._/-]; an absolute path, or none", 200, NoFile, help);

    private static GroupOption Session() => new(
        "session",
        [
            new GroupOption(
                "journal",
                [
                    new ChoiceOption("durability", ["written", "flushed", "none"], "flushed",
                        "What an event survives before its commands leave: the process, power loss, or nothing "
                            + "(research only)."),
                    new IntegerOption("segmentMiB", 1, 1024, 64, "MiB", "Size of a segment file."),
                    new IntegerOption("spares", 1, JournalOptions.SparesMax, 2, "segments",
                        "Segments made ahead, so that the hot thread need not wait for one."),
                    FilePath("keyFile",
                        "A secret of 32 to 1024 bytes, mode 0400 or 0600: its HMAC in each footer makes tampering evident."),
                    FilePath("watermark",
                        "A file outside the journal's directory that holds how far it came: finds out a rollback of the whole."),
                    new IntegerOption("snapshotEvery", 0, 1_000_000_000, 1_000_000, "events",
                        "A second pipeline follows a run, compares its decisions with the audit log, and writes a "
                            + "snapshot every so many events; 0 is none. A clean stop always writes one."),
                    new ChoiceOption("keep", ["everything", "snapshots"], "everything",
                        "What stays on the disk: the whole history, or what the two newest snapshots of a followed run still "
                            + "need."),
                ],
                "The journal."),
            new GroupOption(
                "topology",
                [
                    new ChoiceOption("mode", ["inline", "run-to-completion", "staged", "lockstep"], "run-to-completion",
                        "Which threads do the work; the results are the same."),
                    new ChoiceOption("wait", ["busy-spin", "yielding", "parking"], "yielding", "How a thread waits."),
                    new IntegerOption("ringSize", 1024, 65_536, 16_384, "events",
                        "Slots of the ring, and of the pipe before it. Where one thread runs every stage the ring has 512 of them.")
                    {
                        PowerOfTwo = true,
                    },
                ],
                "Threads."),
        ],
        "What cannot change a decision: not part of the decision hash.");
}
