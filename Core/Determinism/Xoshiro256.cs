using System.Numerics;

namespace LowLatency.Core.Determinism;

/// <summary>
/// xoshiro256** by Blackman and Vigna: the only source of chance in the engine, always seeded by a journaled event
/// or a configured seed, so that a replay throws the same dice.
/// </summary>
public struct Xoshiro256
{
    private ulong _s0;
    private ulong _s1;
    private ulong _s2;
    private ulong _s3;

    /// <summary>Seeds the generator through SplitMix64, as its authors advise.</summary>
    /// <param name="seed">Any value, zero included.</param>
    public Xoshiro256(ulong seed)
    {
        _s0 = SplitMix64(ref seed);
        _s1 = SplitMix64(ref seed);
        _s2 = SplitMix64(ref seed);
        _s3 = SplitMix64(ref seed);
    }

    /// <summary>The next 64 random bits.</summary>
    /// <returns>Uniform over all values.</returns>
    public ulong Next()
    {
        unchecked
        {
            ulong result = BitOperations.RotateLeft(_s1 * 5, 7) * 9;
            ulong t = _s1 << 17;
            _s2 ^= _s0;
            _s3 ^= _s1;
            _s1 ^= _s2;
            _s0 ^= _s3;
            _s2 ^= t;
            _s3 = BitOperations.RotateLeft(_s3, 45);
            return result;
        }
    }

    /// <summary>A uniform integer in [0, <paramref name="bound"/>), without modulo bias (Lemire).</summary>
    /// <param name="bound">At least 1.</param>
    /// <returns>The integer.</returns>
    public long NextBelow(long bound)
    {
        Ensure.That(bound >= 1, "bound of a random draw must be at least 1");
        ulong range = (ulong)bound;
        unchecked
        {
            while (true)
            {
                ulong high = System.Math.BigMul(Next(), range, out ulong low);
                if (low >= range || low >= (0UL - range) % range)
                {
                    return (long)high;
                }
            }
        }
    }

    /// <summary>A uniform double in [0, 1) with 53 random bits.</summary>
    /// <returns>The double.</returns>
    public double NextDouble() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Walks the state.</summary>
    /// <param name="visitor">Digest, save or restore.</param>
    public void Visit(StateVisitor visitor)
    {
        visitor.Visit(ref _s0);
        visitor.Visit(ref _s1);
        visitor.Visit(ref _s2);
        visitor.Visit(ref _s3);
    }

    private static ulong SplitMix64(ref ulong state)
    {
        unchecked
        {
            state += 0x9E3779B97F4A7C15UL;
            ulong z = state;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
            return z ^ (z >> 31);
        }
    }
}
