using LowLatency.Core.Determinism;
using LowLatency.Gateways.Generator;

namespace LowLatency.Gateways.Sim;

/// <summary>
/// The latency of one direction: a pure function of the instant at which a message leaves. Messages of one instant travel
/// together, and nothing depends on how often anybody asked.
/// </summary>
internal sealed class LatencyModel
{
    private readonly long _floor;
    private readonly LatencyAddition _addition;
    private readonly ulong _seed;
    private readonly double _logMedian;

    /// <param name="floor">Nanoseconds, at least.</param>
    /// <param name="addition">What is added.</param>
    /// <param name="seed">Seed of what is sampled.</param>
    /// <param name="direction">Keeps the two directions' dice apart.</param>
    internal LatencyModel(long floor, LatencyAddition addition, ulong seed, ulong direction)
    {
        _floor = floor;
        _addition = addition;
        _logMedian = addition.Median > 0 ? DeterministicMath.Log(addition.Median) : 0.0;
        unchecked
        {
            _seed = (seed * 0x9E3779B97F4A7C15UL) ^ (direction * 0xD1B54A32D192ED03UL);
        }
    }

    /// <summary>Nanoseconds that a message takes which leaves at an instant.</summary>
    internal long At(long instant) => _floor + _addition.Kind switch
    {
        LatencyKind.Constant => 0,
        LatencyKind.Uniform => DiceAt(instant).Below(_addition.Spread + 1),
        LatencyKind.Lognormal => Lognormal(instant),
        LatencyKind.Recorded => _addition.Series!.At(instant),
    };

    private long Lognormal(long instant)
    {
        if (_addition.Median == 0)
        {
            return 0;
        }

        double exponent = _logMedian + (_addition.SigmaThousandths / 1_000.0 * DiceAt(instant).Normal());
        double sampled = DeterministicMath.Exp(exponent);
        return sampled >= _addition.Most ? _addition.Most : (long)sampled;
    }

    private Dice DiceAt(long instant)
    {
        unchecked
        {
            return new Dice(_seed ^ ((ulong)instant * 0xA0761D6478BD642FUL));
        }
    }
}
