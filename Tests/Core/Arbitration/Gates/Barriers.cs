using LowLatency.Core.Arbitration.Gates;
using LowLatency.Core.Signals.Models;

namespace LowLatency.Tests.Core.Arbitration.Gates;

/// <summary>Barrier gates for tests, simple enough for arithmetic on paper.</summary>
internal static class Barriers
{
    /// <summary>
    /// A gate that looks at the spread alone, s in parts per million up to 50,000: log-odds of a peak -4 + 0.0004 s, of a
    /// valley -4 + 0.0002 s. A spread of 2 cents at 100.00 (200 ppm) gives 1.9 % and 1.9 %, one of 2.00 (20,000 ppm)
    /// 98.2 % and 50 %.
    /// </summary>
    internal static BarrierGateSettings BySpread(
        long peakLimitPpm, long valleyLimitPpm, MissingInput missing = MissingInput.Hold) =>
        new()
        {
            Features = [new Feature(FeatureKind.Spread, 0, -1, 50_000)],
            Timeframe = 1_000_000_000,
            MaxAge = 3_600_000_000_000,
            Peak = new LogisticModel(-4.0, [0.0004]),
            Valley = new LogisticModel(-4.0, [0.0002]),
            PeakLimitPpm = peakLimitPpm,
            ValleyLimitPpm = valleyLimitPpm,
            Missing = missing,
        };
}
