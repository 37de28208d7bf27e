using System;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Signals.Models;

namespace LowLatency.Core.Arbitration.Gates;

/// <summary>What the barrier gate does when an input is missing.</summary>
public enum MissingInput : byte
{
    /// <summary>Never valid.</summary>
    None = 0,

    /// <summary>Entries wait.</summary>
    Hold = 1,

    /// <summary>Entries pass, and are counted.</summary>
    Pass = 2,
}

/// <summary>Entries only where no turn of the market is likely.</summary>
public sealed record BarrierGateSettings
{
    /// <summary>Inputs of both models, in their order.</summary>
    public required Feature[] Features { get; init; }

    /// <summary>Nanoseconds of the bars that the features look at.</summary>
    public required long Timeframe { get; init; }

    /// <summary>Nanoseconds of age from which on an input is missing.</summary>
    public required long MaxAge { get; init; }

    /// <summary>The chance of a peak: buying entries are held back by it.</summary>
    public required ProbabilityModel Peak { get; init; }

    /// <summary>The chance of a valley: selling entries are held back by it.</summary>
    public required ProbabilityModel Valley { get; init; }

    /// <summary>Parts per million of the chance of a peak from which on buying entries wait.</summary>
    public required long PeakLimitPpm { get; init; }

    /// <summary>Parts per million of the chance of a valley from which on selling entries wait.</summary>
    public required long ValleyLimitPpm { get; init; }

    /// <summary>What happens when an input is missing.</summary>
    public required MissingInput Missing { get; init; }
}

/// <summary>
/// Holds entries back where a model finds a turn of the market likely: buying before a peak, selling before a valley.
/// Inputs are readings with a state, never bare numbers; and an input that never varies over many readings is told,
/// because a gate that looks at a constant holds nothing back.
/// </summary>
public sealed class BarrierGate : IStateful
{
    /// <summary>Features of one gate.</summary>
    public const int FeaturesMax = 32;

    /// <summary>Readings after which an input that never varied is told.</summary>
    public const int ReadingsToJudge = 100;

    private readonly BarrierGateSettings _settings;
    private readonly double[] _values;

    // What every input was when it was ready.
    private readonly double[] _lowest;
    private readonly double[] _highest;
    private readonly long[] _ready;
    private long _asked;
    private long _missing;
    private long _heldBack;

    /// <summary>Creates the gate.</summary>
    /// <param name="settings">Models, features, limits.</param>
    public BarrierGate(BarrierGateSettings settings)
    {
        int count = settings.Features.Length;
        Ensure.That(count is >= 1 and <= FeaturesMax, "features of the barrier gate out of range");
        Ensure.That(
            settings.Peak.Inputs == count && settings.Valley.Inputs == count, "a model takes other features than the gate");
        Ensure.That(settings.Missing != MissingInput.None, "what a missing input means must be declared");
        Ensure.That(settings.MaxAge > 0 && settings.Timeframe > 0, "times of the barrier gate must be positive");
        _settings = settings;
        _values = new double[count];
        _lowest = new double[count];
        _highest = new double[count];
        _ready = new long[count];
    }

    /// <summary>Times that it was asked.</summary>
    public long Asked => _asked;

    /// <summary>Times that an input was missing.</summary>
    public long Missing => _missing;

    /// <summary>Times that it held something back.</summary>
    public long HeldBack => _heldBack;

    /// <summary>
    /// The inputs that had one and the same value in all of at least <see cref="ReadingsToJudge"/> readings: bit i for
    /// the input i.
    /// </summary>
    public uint NeverVaried
    {
        get
        {
            uint stuck = 0;
            for (int i = 0; i < _values.Length; i++)
            {
                stuck |= _ready[i] >= ReadingsToJudge && _lowest[i] == _highest[i] ? 1u << i : 0;
            }

            return stuck;
        }
    }

    /// <inheritdoc/>
    public void Visit(StateVisitor visitor)
    {
        for (int i = 0; i < _values.Length; i++)
        {
            visitor.Visit(ref _lowest[i]);
            visitor.Visit(ref _highest[i]);
        }

        visitor.Visit<long>(_ready);
        visitor.Visit(ref _asked);
        visitor.Visit(ref _missing);
        visitor.Visit(ref _heldBack);
    }

    /// <summary>Asks about the sides on which a wish adds.</summary>
    internal GateAnswer Ask(InstrumentMarket market, EntrySides entries, long now)
    {
        _asked++;
        int missing = Measure(market, now);
        if (missing != 0)
        {
            _missing++;
            if (_settings.Missing == MissingInput.Pass)
            {
                return default;
            }

            _heldBack++;
            return new GateAnswer(entries, SuppressionReason.GateInput, missing);
        }

        long peak = (entries & EntrySides.Buy) == 0 ? -1 : _settings.Peak.ProbabilityPpm(_values);
        long valley = (entries & EntrySides.Sell) == 0 ? -1 : _settings.Valley.ProbabilityPpm(_values);
        bool buys = peak >= _settings.PeakLimitPpm;
        bool sells = valley >= _settings.ValleyLimitPpm;
        if (!buys && !sells)
        {
            return default;
        }

        _heldBack++;
        return new GateAnswer(
            (buys ? EntrySides.Buy : EntrySides.None) | (sells ? EntrySides.Sell : EntrySides.None),
            SuppressionReason.BarrierGate,
            buys ? peak : valley);
    }

    /// <summary>Takes all readings. Returns the number (from 1) of the first that is missing; 0 when none is.</summary>
    private int Measure(InstrumentMarket market, long now)
    {
        int missing = 0;
        for (int i = 0; i < _values.Length; i++)
        {
            Reading reading = FeatureReader.Read(
                _settings.Features[i], market, _settings.Timeframe, now, _settings.MaxAge);
            if (reading.State != ReadingState.Ready)
            {
                missing = missing == 0 ? i + 1 : missing;
                continue;
            }

            _values[i] = reading.Value;
            bool first = _ready[i]++ == 0;
            _lowest[i] = first ? reading.Value : Math.Min(_lowest[i], reading.Value);
            _highest[i] = first ? reading.Value : Math.Max(_highest[i], reading.Value);
        }

        return missing;
    }
}
