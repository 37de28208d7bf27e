using System;

namespace LowLatency.Sandbox.Trading;

/// <summary>Time of the sandbox: wall clock at its start, from then on monotonic.</summary>
internal sealed class ExchangeClock
{
    private const long NanosecondsOfTick = 100;

    private readonly TimeProvider _time;
    private readonly long _startedAt;
    private readonly long _stamp;

    internal ExchangeClock(TimeProvider time)
    {
        _time = time;
        _startedAt = (time.GetUtcNow().UtcTicks - DateTime.UnixEpoch.Ticks) * NanosecondsOfTick;
        _stamp = time.GetTimestamp();
    }

    /// <summary>Nanoseconds since 1970 UTC.</summary>
    internal long Now => _startedAt + (_time.GetElapsedTime(_stamp).Ticks * NanosecondsOfTick);
}
