using System.Numerics;
using LowLatency.Core.Arbitration;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Portfolio;
using LowLatency.Core.Values;

namespace LowLatency.Core.Risk;

/// <summary>
/// Which positions are without a protection that they must have, and which of that has been told by an event. Strategy 0 stands
/// for the stop at the venue, which is the whole position's.
/// </summary>
internal sealed class ProtectionAlarms(PortfolioLedger portfolio, Protections? protections) : IStateful
{
    private readonly uint[] _missing = new uint[Limits.Instruments + 1];
    private readonly uint[] _told = new uint[Limits.Instruments + 1];
    private readonly LaneTimes _since = new();

    // Bit i - 1: something of instrument i has to be told. A function of the two tables.
    private ulong _changed;

    /// <summary>A protection is missing, or there.</summary>
    /// <param name="instrument">The instrument.</param>
    /// <param name="strategy">Whose; the house for the stop at the venue.</param>
    /// <param name="since">ReceivedAt since when it is missing; 0 when it is there.</param>
    internal void Set(InstrumentId instrument, StrategyId strategy, long since)
    {
        uint bit = 1u << strategy.Value;
        ref uint missing = ref _missing[instrument.Value];
        missing = since != 0 ? missing | bit : missing & ~bit;
        _since[instrument, strategy] = since;
        Follow(instrument.Value);
    }

    /// <summary>The next change to publish; it stays until its fold has seen it.</summary>
    internal bool TryNext(ref Event next)
    {
        if (_changed == 0)
        {
            return false;
        }

        InstrumentId instrument = new((ushort)(BitOperations.TrailingZeroCount(_changed) + 1));
        uint changes = _missing[instrument.Value] ^ _told[instrument.Value];
        StrategyId strategy = new((ushort)BitOperations.TrailingZeroCount(changes));
        bool isMissing = (_missing[instrument.Value] & (1u << strategy.Value)) != 0;
        next.Instrument = instrument;
        next.Set(new Protection
        {
            Position = strategy == StrategyId.House
                ? portfolio.VenuePosition(instrument)
                : portfolio.VirtualPosition(strategy, instrument),
            Resting = protections?.Resting(instrument) ?? 0,
            Since = _since[instrument, strategy],
            Strategy = strategy,
            Stop = strategy == StrategyId.House ? ProtectionKind.VenueStop : ProtectionKind.EngineStop,
            IsMissing = isMissing ? (byte)1 : (byte)0,
        });
        return true;
    }

    /// <summary>It was published.</summary>
    internal void OnTold(InstrumentId instrument, in Protection told)
    {
        uint bit = 1u << told.Strategy.Value;
        ref uint known = ref _told[instrument.Value];
        known = told.IsMissing != 0 ? known | bit : known & ~bit;
        Follow(instrument.Value);
    }

    /// <inheritdoc/>
    public void Visit(StateVisitor visitor)
    {
        visitor.Visit<uint>(_missing);
        visitor.Visit<uint>(_told);
        _since.Visit(visitor);
        for (int i = 1; i <= Limits.Instruments; i++)
        {
            Follow(i);
        }
    }

    private void Follow(int instrument)
    {
        ulong bit = 1UL << (instrument - 1);
        _changed = _missing[instrument] != _told[instrument] ? _changed | bit : _changed & ~bit;
    }
}
