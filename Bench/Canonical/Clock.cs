using System.Diagnostics;

namespace LowLatency.Bench.Canonical;

/// <summary>A monotonic clock. Generic structs, so that a test's clock costs the real one nothing.</summary>
internal interface IClock
{
    /// <summary>Nanoseconds since an arbitrary moment.</summary>
    long Now { get; }
}

/// <summary>The clock of the machine.</summary>
internal readonly struct WallClock : IClock
{
    private static readonly long _frequency = Stopwatch.Frequency;

    public long Now => _frequency == 1_000_000_000
        ? Stopwatch.GetTimestamp()
        : (long)((System.Int128)Stopwatch.GetTimestamp() * 1_000_000_000 / _frequency);
}
