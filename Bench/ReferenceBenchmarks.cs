using BenchmarkDotNet.Attributes;

namespace LowLatency.Bench;

/// <summary>
/// Work that no change of ours can touch. It runs in every set of results: what it moved by, the machine moved by.
/// </summary>
public class ReferenceBenchmarks
{
    private const int Rounds = 1_000;

    private readonly long[] _table = new long[4_096];
    private ulong _state = 1;

    /// <summary>Dependent multiplications, table look-ups and stores.</summary>
    [Benchmark(OperationsPerInvoke = Rounds)]
    public ulong Loop()
    {
        ulong state = _state;
        for (int i = 0; i < Rounds; i++)
        {
            state = unchecked((state * 6_364_136_223_846_793_005) + 1_442_695_040_888_963_407);
            ref long cell = ref _table[(int)(state >> 52)];
            cell ^= unchecked((long)state);
            state = unchecked(state + (ulong)cell);
        }

        _state = state;
        return state;
    }
}
