using System;
using LowLatency.Core.Determinism;

namespace LowLatency.Gateways.Generator;

/// <summary>
/// The hidden price of one instrument, in ticks: a random walk whose volatility is itself a slow random walk (so that
/// wild times cluster), with rare jumps that leave higher volatility behind.
/// </summary>
/// <remarks>
/// The logarithm of the volatility is a mean-reverting walk with stationary deviation s. Returns over times short
/// against its memory then have kurtosis 3 e^(4 s^2) = 12.7, and their squares at lag k the autocorrelation
/// (e^(4 s^2 r) - 1) / (3 e^(4 s^2) - 1), r being the memory left after k: 0.28 for small k.
/// </remarks>
internal struct GeneratedPrice
{
    private const double LogVolatilityDeviation = 0.6;
    private const double LogVolatilityMax = 3.0;
    private const double MemorySeconds = 60.0;
    private const double VolatilityStepSeconds = 0.1;
    private const long VolatilityStep = 100_000_000;

    // After a halt or a silence the price moves by no more than so many seconds' worth.
    private const double SecondsMax = 10.0;

    private const double JumpLeast = 6.0;
    private const double JumpMore = 6.0;
    private const double JumpExcitement = 0.7;

    private readonly double _lowest;
    private readonly double _highest;
    private readonly double _usual;
    private readonly double _decay;
    private readonly double _noise;
    private double _logVolatility;
    private double _volatility;
    private long _at;
    private long _volatilityAt;

    internal GeneratedPrice(GeneratedInstrument instrument, long startTime)
    {
        Ticks = (double)instrument.StartPrice / instrument.Rules.Tick;
        _lowest = Ticks / GeneratedInstrument.PriceRange;
        _highest = Ticks * GeneratedInstrument.PriceRange;
        _usual = instrument.VolatilityPpm / 1_000_000.0;
        _decay = 1.0 - (VolatilityStepSeconds / MemorySeconds);
        _noise = LogVolatilityDeviation * Math.Sqrt(1.0 - (_decay * _decay));
        _at = startTime;
        _volatilityAt = startTime;
        _volatility = VolatilityOf(0.0);
    }

    /// <summary>The price in ticks.</summary>
    internal double Ticks { get; private set; }

    /// <summary>Moves the price to a later time.</summary>
    internal void Advance(long now, ref Dice dice)
    {
        bool changed = false;
        while (_volatilityAt + VolatilityStep <= now)
        {
            _logVolatility = (_logVolatility * _decay) + (_noise * dice.Normal());
            _volatilityAt += VolatilityStep;
            changed = true;
        }

        if (changed)
        {
            _logVolatility = Math.Clamp(_logVolatility, -LogVolatilityMax, LogVolatilityMax);
            _volatility = VolatilityOf(_logVolatility);
        }

        double seconds = Math.Min((now - _at) / 1e9, SecondsMax);
        _at = now;
        Move(_volatility * Math.Sqrt(seconds) * dice.Normal());
    }

    /// <summary>Jumps up or down by 6 to 12 times the usual move of a second, and leaves excitement behind.</summary>
    internal void Jump(ref Dice dice)
    {
        double size = (JumpLeast + (JumpMore * dice.Uniform())) * _usual;
        Move(dice.Below(2) == 0 ? size : -size);
        _logVolatility = Math.Min(_logVolatility + JumpExcitement, LogVolatilityMax);
        _volatility = VolatilityOf(_logVolatility);
    }

    private void Move(double relative) => Ticks = Math.Clamp(Ticks + (Ticks * relative), _lowest, _highest);

    // The mean of e^(2x) is e^(2 s^2): with s^2 taken off, the mean variance is the usual one.
    private readonly double VolatilityOf(double logarithm) =>
        _usual * DeterministicMath.Exp(logarithm - (LogVolatilityDeviation * LogVolatilityDeviation));
}
