using System.Collections.Immutable;
using LowLatency.Core.Signals;
using LowLatency.Core.Values;

namespace LowLatency.Engine.Configuration;

/// <summary>The options of execution.</summary>
internal static class ExecutionSchema
{
    /// <summary>The word for working orders as the wish says.</summary>
    internal const string AsWished = "as-wished";

    /// <summary>The styles that need no declaration.</summary>
    internal static readonly ImmutableArray<string> BuiltIn = ["market", "limit", "post-only"];

    internal const int DayMs = 86_400_000;
    private const int Million = 1_000_000;

    /// <summary>The kinds of style that may be declared, with their parameters.</summary>
    internal static ImmutableArray<GroupOption> Kinds { get; } =
    [
        new GroupOption("limit", [.. Timeout(), Queue(), Extended()],
            "One resting order, at the wish's limit; without one at the touch where the parent began."),
        new GroupOption("post-only", [.. Timeout(), Queue(), Extended()], "As limit, a tick short of the other side, and never taking."),
        new GroupOption(
            "peg",
            [
                new IntegerOption("distanceTicks", 0, 1000, 0, "ticks", "Ticks behind the touch."),
                new IntegerOption("repegs", 1, ExecutionStyle.RepegsMax, 4, string.Empty, "Most moves in the window."),
                new IntegerOption("repegWindowMs", 1, DayMs, 1_000, "ms", "The window of the moves."),
                new IntegerOption("maxRepegs", 0, 1_000_000, 0, string.Empty,
                    "Most moves in all; the next one goes to the market instead; 0 for any."),
                new IntegerOption("maxAwayTicks", 0, 1_000_000, 0, "ticks", "Farthest beyond the touch at which it began; 0 for any."),
                .. Timeout(),
                Queue(),
                Extended(),
            ],
            "One resting order that follows the touch of its side and never takes."),
        new GroupOption(
            "twap",
            [
                new IntegerOption("slices", 1, 10_000, null, string.Empty, "Equal slices."),
                new IntegerOption("durationMs", 10, DayMs, null, "ms", "Time from the first slice to the last; at least 1 ms for each slice."),
                new IntegerOption("jitterPpm", 0, Million - 1, 0, "ppm",
                    "How much later than its time a slice may come, by chance, of the time between two."),
                new IntegerOption("maxSharePpm", 0, Million, 0, "ppm",
                    "Largest share of the printed volume, also beyond the end of the schedule; 0 for any."),
                new ListOption("curve",
                    new IntegerOption("volume", 1, 1_000_000, null, string.Empty, "Usual volume of a part of the day, in any unit."),
                    0, 288, null,
                    "Usual volumes of equal parts of the UTC day: a slice is as large as that of its time; none for equal slices."),
                Extended(),
            ],
            "Slices over a time, equal or along a curve of volume, each at the market."),
        new GroupOption(
            "participation",
            [
                new IntegerOption("sharePpm", 1, Million, null, "ppm", "Share of the printed volume, our own fills among it."),
                new DecimalOption("maxClip", EngineSchema.ParameterExponent, 0, EngineSchema.Largest9, 0, "quantity",
                    "Largest order; 0 for any."),
                .. Timeout(),
                Extended(),
            ],
            "A share of what is printed, at the market."),
        new GroupOption(
            "iceberg",
            [
                new DecimalOption("display", EngineSchema.ParameterExponent, 1, EngineSchema.Largest9, null, "quantity",
                    "What is seen at one time; not less than the lot and the smallest order."),
                .. Timeout(),
                Queue(),
                Extended(),
            ],
            "Resting orders of the display quantity, one after the other, priced as limit."),
    ];

    internal static GroupOption Section(TextOption symbol, TextOption strategy, TextOption style)
    {
        ImmutableArray<string>.Builder words = ImmutableArray.CreateBuilder<string>();
        foreach (GroupOption kind in Kinds)
        {
            words.Add(kind.Name);
        }

        return new GroupOption(
            "execution",
            [
                new MapOption(
                    "styles",
                    style with { Name = "style" },
                    new GroupOption(
                        "style",
                        [
                            new ChoiceOption("kind", words.ToImmutable(), null, "What it does."),
                            new VariantOption("parameters", "kind", Kinds, "The parameters of its kind."),
                        ],
                        "A style."),
                    Limits.Styles,
                    "Ways to work orders, by name; market, limit and post-only are there without being declared."),
                style with
                {
                    Name = "default",
                    Default = AsWished,
                    Help = "Style of wishes that name none: resting at their limit, at the market without one, or a style's name.",
                },
                new MapOption("strategies", strategy, style with { Name = "style", Help = "A style's name." }, Limits.Strategies,
                    "Styles by strategy; they come before those of instruments."),
                new MapOption("instruments", symbol, style with { Name = "style", Help = "A style's name." }, Limits.Instruments,
                    "Styles by instrument."),
            ],
            "How orders of targets are worked.")
        {
            Optional = true,
        };
    }

    private static BooleanOption Extended() => new("extendedHours", false,
        "Whether its orders work before and after the regular session too, and its wishes may be entered then.");

    private static ImmutableArray<Option> Timeout() =>
    [
        new IntegerOption("timeoutMs", 0, DayMs, 0, "ms", "Time after which what is left goes to the market; 0 for never."),
        new IntegerOption("timeoutMinMs", 0, DayMs, 0, "ms", "Shortest timeout, however volatile the market."),
        new IntegerOption("timeoutMaxMs", 0, DayMs, DayMs, "ms", "Longest timeout, however calm the market."),
        new IntegerOption("volatilityPpm", 0, Million, 0, "ppm",
            "Mean move of a second at which the timeout is as given: twice the move halves it; 0 for one that is fixed."),
    ];

    /// <summary>Of the styles whose orders rest.</summary>
    private static IntegerOption Queue() => new("maxQueueMs", 0, DayMs, 0, "ms",
        "Wait that the place in the queue may promise, at the pace of the prints; a longer one goes to the market; 0 for any.");
}
