using LowLatency.Core.Events;
using LowLatency.Core.Signals;
using LowLatency.Tests.Core.Pipeline;

namespace LowLatency.Tests.Core.Orders.Styles;

/// <summary>One style of every kind, quick enough for a random market of some seconds.</summary>
internal static class AllStyles
{
    private const long Ms = 1_000_000;

    internal static readonly ExecutionStyle Twap = new("twap", StyleKind.Twap) { Slices = 4, Duration = 900 * Ms, JitterPpm = 500_000, SharePpm = 600_000 };

    internal static readonly ExecutionStyle Peg = new("peg", StyleKind.Peg)
    {
        DistanceTicks = 1,
        Repegs = 2,
        RepegWindow = 1_000 * Ms,
        RepegsInAll = 6,
        AwayTicks = 50,
        Timeout = 3_000 * Ms,
        TimeoutMin = 3_000 * Ms,
        TimeoutMax = 3_000 * Ms,
    };

    internal static readonly ExecutionStyle Participation = new("share", StyleKind.Participation)
    {
        SharePpm = 200_000,
        ClipE9 = 7 * Rig.Piece,
    };

    internal static readonly ExecutionStyle Iceberg = new("berg", StyleKind.Iceberg) { DisplayE9 = 5 * Rig.Piece };

    internal static readonly ExecutionStyle Limit = new("patient", StyleKind.Limit)
    {
        Timeout = 800 * Ms,
        TimeoutMin = 300 * Ms,
        TimeoutMax = 2_000 * Ms,
        VolatilityPpm = 300,
    };

    internal static readonly ExecutionStyle PostOnly = new("quiet", StyleKind.PostOnly)
    {
        Timeout = 600 * Ms,
        TimeoutMin = 600 * Ms,
        TimeoutMax = 600 * Ms,
    };

    internal static ExecutionStyles Table { get; } =
        new([Twap, Peg, Participation, Iceberg, Limit, PostOnly], string.Empty, [], []);
}
