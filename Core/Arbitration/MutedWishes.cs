using System.Numerics;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Values;

namespace LowLatency.Core.Arbitration;

/// <summary>
/// Wishes that count for nothing: risk has taken the strategy out of the instrument. A muted strategy is meant to hold
/// nothing, whatever it says, until it is let back in. Risk mutes, arbitration obeys.
/// </summary>
public sealed class MutedWishes : IStateful
{
    private const int Owners = Limits.Strategies + 1;

    // Bit s of each: strategy s is muted, and has changed its mind since.
    private readonly uint[] _muted = new uint[Limits.Instruments + 1];
    private readonly uint[] _heard = new uint[Limits.Instruments + 1];
    private readonly byte[] _causes = new byte[(Limits.Instruments + 1) * Owners];
    private ulong _changed;
    private ulong _active;

    /// <summary>Creates the table.</summary>
    /// <param name="strategies">Strategies there are.</param>
    public MutedWishes(int strategies) => Strategies = strategies;

    /// <summary>Strategies there are.</summary>
    public int Strategies { get; }

    /// <summary>Bit i - 1: somebody is muted on instrument i.</summary>
    public ulong Active => _active;

    /// <summary>True when the wishes of an instrument have to be reconciled again.</summary>
    internal bool HasChanged => _changed != 0;

    /// <summary>Who is muted on an instrument.</summary>
    /// <param name="instrument">A valid instrument.</param>
    /// <returns>Bit s for strategy s.</returns>
    public uint On(InstrumentId instrument) => _muted[instrument.Value];

    /// <summary>True when a strategy's wishes on an instrument count for nothing.</summary>
    /// <param name="strategy">A strategy.</param>
    /// <param name="instrument">A valid instrument.</param>
    /// <returns>Whether it is muted.</returns>
    public bool Has(StrategyId strategy, InstrumentId instrument) =>
        (_muted[instrument.Value] & (1u << strategy.Value)) != 0;

    /// <summary>True when a muted strategy has changed its mind since it was muted.</summary>
    /// <param name="strategy">A strategy.</param>
    /// <param name="instrument">A valid instrument.</param>
    /// <returns>Whether it has.</returns>
    public bool HasSpoken(StrategyId strategy, InstrumentId instrument) =>
        (_heard[instrument.Value] & (1u << strategy.Value)) != 0;

    /// <summary>Why a strategy was muted.</summary>
    /// <param name="strategy">A muted strategy.</param>
    /// <param name="instrument">A valid instrument.</param>
    /// <returns>The cause of the intents that take it out.</returns>
    public IntentCause CauseOf(StrategyId strategy, InstrumentId instrument) =>
        (IntentCause)_causes[(instrument.Value * Owners) + strategy.Value];

    /// <summary>Takes a strategy out of an instrument. One that is out already keeps its cause.</summary>
    /// <param name="strategy">The strategy.</param>
    /// <param name="instrument">The instrument.</param>
    /// <param name="cause">Why.</param>
    public void Mute(StrategyId strategy, InstrumentId instrument, IntentCause cause)
    {
        if (Has(strategy, instrument))
        {
            return;
        }

        _muted[instrument.Value] |= 1u << strategy.Value;
        _heard[instrument.Value] &= ~(1u << strategy.Value);
        _causes[(instrument.Value * Owners) + strategy.Value] = (byte)cause;
        _active |= 1UL << (instrument.Value - 1);
        Touch(instrument);
    }

    /// <summary>Lets a strategy back in: what it wants counts again.</summary>
    /// <param name="strategy">The strategy.</param>
    /// <param name="instrument">The instrument.</param>
    public void Release(StrategyId strategy, InstrumentId instrument)
    {
        _muted[instrument.Value] &= ~(1u << strategy.Value);
        if (_muted[instrument.Value] == 0)
        {
            _active &= ~(1UL << (instrument.Value - 1));
        }

        Touch(instrument);
    }

    /// <summary>Something changed for the muted strategies of an instrument: its wishes are reconciled again.</summary>
    /// <param name="instrument">The instrument.</param>
    public void Touch(InstrumentId instrument) => _changed |= 1UL << (instrument.Value - 1);

    /// <summary>A strategy changed its mind.</summary>
    /// <param name="strategy">The strategy.</param>
    /// <param name="instrument">The instrument.</param>
    internal void Hear(StrategyId strategy, InstrumentId instrument) =>
        _heard[instrument.Value] |= _muted[instrument.Value] & (1u << strategy.Value);

    /// <summary>Takes the next instrument whose wishes have to be reconciled again.</summary>
    internal bool TryTakeChanged(out InstrumentId instrument)
    {
        instrument = new InstrumentId((ushort)(_changed == 0 ? 0 : BitOperations.TrailingZeroCount(_changed) + 1));
        _changed &= _changed - (_changed == 0 ? 0UL : 1UL);
        return instrument != InstrumentId.None;
    }

    /// <inheritdoc/>
    public void Visit(StateVisitor visitor)
    {
        visitor.Visit<uint>(_muted);
        visitor.Visit<uint>(_heard);
        visitor.Visit<byte>(_causes);
        visitor.Visit(ref _changed);
        visitor.Visit(ref _active);
    }
}
