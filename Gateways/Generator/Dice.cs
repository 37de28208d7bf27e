using System;
using LowLatency.Core.Determinism;

namespace LowLatency.Gateways.Generator;

/// <summary>Random draws of the generator, from one seeded stream and deterministic arithmetic.</summary>
public struct Dice
{
    private Xoshiro256 _random;
    private double _spare;
    private bool _hasSpare;

    /// <summary>Seeds the stream.</summary>
    /// <param name="seed">Any value.</param>
    public Dice(ulong seed)
    {
        _random = new Xoshiro256(seed);
    }

    /// <summary>Uniform in [0, 1).</summary>
    /// <returns>The draw.</returns>
    public double Uniform() => _random.NextDouble();

    /// <summary>Uniform integer in [0, bound).</summary>
    /// <param name="bound">At least 1.</param>
    /// <returns>The draw.</returns>
    public long Below(long bound) => _random.NextBelow(bound);

    /// <summary>True once in so many millionths.</summary>
    /// <param name="partsPerMillion">0 never, 1,000,000 always.</param>
    /// <returns>The draw.</returns>
    public bool Chance(int partsPerMillion) => _random.NextBelow(1_000_000) < partsPerMillion;

    /// <summary>Exponential with mean 1; at most 36.8.</summary>
    /// <returns>The draw.</returns>
    public double Exponential() => -DeterministicMath.Log(1.0 - _random.NextDouble());

    /// <summary>Standard normal (Marsaglia's polar method: no sine, no cosine).</summary>
    /// <returns>The draw.</returns>
    public double Normal()
    {
        if (_hasSpare)
        {
            _hasSpare = false;
            return _spare;
        }

        while (true)
        {
            double u = (2.0 * _random.NextDouble()) - 1.0;
            double v = (2.0 * _random.NextDouble()) - 1.0;
            double square = (u * u) + (v * v);
            if (square is > 0.0 and < 1.0)
            {
                double factor = Math.Sqrt(-2.0 * DeterministicMath.Log(square) / square);
                _spare = v * factor;
                _hasSpare = true;
                return u * factor;
            }
        }
    }
}
