using System;
using LowLatency.Core.Determinism;

namespace LowLatency.Gateways.Sim;

/// <summary>The venue's rate limit: so many commands in any window. Refused ones do not count.</summary>
internal sealed class RateWindow(int limit, long window)
{
    private readonly long[] _taken = new long[limit];
    private long _count;

    /// <summary>Takes a command, if there is room for it.</summary>
    internal bool TryTake(long instant)
    {
        if (limit == 0)
        {
            return true;
        }

        ref long oldest = ref _taken[_count % limit];
        if (_count >= limit && instant - oldest < window)
        {
            return false;
        }

        oldest = instant;
        _count++;
        return true;
    }

    internal void Visit(StateVisitor visitor)
    {
        visitor.Visit(ref _count);
        visitor.Visit<long>(_taken.AsSpan(0, (int)Math.Min(_count, limit)));
    }
}
