using LowLatency.Core.Values;
using LowLatency.Engine.Configuration.Resources;

namespace LowLatency.Engine.Configuration;

/// <summary>The options of arbitration and of the calendars.</summary>
internal static class ArbitrationSchema
{
    internal const string Fixed = "fixed";
    internal const string Entries = "entries";
    internal const long UsualEta = 100_000_000;
    internal const int CalendarsMax = 8;

    private const int DayMs = 86_400_000;
    private const int HourMs = 3_600_000;
    private const int Million = 1_000_000;

    internal static GroupOption Section() => new(
        "arbitration",
        [
            new ChoiceOption("policy", ["priority", "net", "blend"], "net",
                "Who wins when strategies disagree: the best priority, the sum of all, or the weighted sum."),
            new BooleanOption("normaliseWeights", false,
                "Blend: scale the weights to a sum of 1 instead of refusing another sum."),
            Learning(),
            Gates(),
        ],
        "How conflicting wishes are reconciled.");

    internal static ListOption Calendars(TextOption symbol) => new(
        "calendars",
        new GroupOption(
            "calendar",
            [
                new TextOption("name", "abcdefghijklmnopqrstuvwxyz0123456789-", "[a-z0-9-]", 32, null,
                    "Name of the calendar; no two may share it."),
                new ListOption("instruments", symbol, 1, Limits.Instruments, string.Empty,
                    "The instruments that trade by it; an instrument has one calendar at most."),
                new ResourceOption("source", new CalendarFile(),
                    "Where its sessions come from; what is resolved holds the sessions as instants."),
            ],
            "A calendar."),
        1,
        CalendarsMax,
        "name",
        "When instruments trade.")
    {
        Optional = true,
    };

    private static GroupOption Learning() => new(
        "learning",
        [
            new ChoiceOption("scope", ["global", "instrument"], "global",
                "Whether all instruments share the weights or each has its own."),
            new IntegerOption("intervalMs", 1, DayMs, 60_000, "ms", "One round of learning, in event time."),
            new DecimalOption("rewardUnit", Money.Exponent, 1, EngineSchema.Largest9, null, "currency",
                "What a strategy of weight 1 has to win or lose in a round for the best or the worst mark."),
            new DecimalOption("floor", EngineSchema.RatioExponent, 0, EngineSchema.One9, 10_000_000, string.Empty,
                "Least weight of a strategy."),
            new ChoiceOption("schedule", ["anytime", Fixed], "anytime",
                "Whether the learning rate falls with the rounds or stays as eta says."),
            new DecimalOption("eta", EngineSchema.RatioExponent, 1, 10 * EngineSchema.One9, UsualEta, string.Empty,
                "Learning rate of the fixed schedule; must stay at its default under the other."),
        ],
        "Weights of a blend learned on line by Exp3-IX; absent: fixed weights.")
    {
        Optional = true,
    };

    private static GroupOption Gates() => new(
        "gates",
        [
            new IntegerOption("askAgainMs", 1, HourMs, 1_000, "ms",
                "Time after which a gate that held a wish back is asked again."),
            new IntegerOption("dataStaleAfterMs", 0, HourMs, 0, "ms",
                "Entries wait while market data is not ready or older than this; 0 leaves that to risk alone."),
            new ChoiceOption("sessions", ["off", Entries], "off",
                "Whether entries are confined to the sessions of the instrument's calendar."),
            new IntegerOption("flatBeforeCloseMs", 0, DayMs, 0, "ms",
                "Time before the close from which on every wish counts as flat until the next open; 0 keeps positions."),
            new GroupOption(
                "barrier",
                [
                    new ResourceOption("manifest", new ModelManifest(), "The models and their features."),
                    new IntegerOption("peakLimitPpm", 1, Million, null, "ppm",
                        "Chance of a peak from which on buying entries wait."),
                    new IntegerOption("valleyLimitPpm", 1, Million, null, "ppm",
                        "Chance of a valley from which on selling entries wait."),
                    new ChoiceOption("missing", ["hold", "pass"], "hold",
                        "What a missing, stale or out-of-range input means for entries."),
                    new IntegerOption("maxAgeMs", 1, DayMs, 60_000, "ms", "Age from which on an input is missing."),
                ],
                "Entries only where no turn of the market is likely; absent: no model is asked.")
            {
                Optional = true,
            },
        ],
        "What holds entries back; absent: nothing.")
    {
        Optional = true,
    };
}
