using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Values;

namespace LowLatency.Core.Arbitration;

/// <summary>What every strategy wants of every instrument.</summary>
internal sealed class WishTable : IStateful
{
    internal const int Owners = Limits.Strategies + 1;
    internal const int Lanes = (Limits.Instruments + 1) * Owners;

    private readonly Wish[] _wishes = new Wish[Lanes];

    internal ref Wish this[StrategyId strategy, InstrumentId instrument] => ref _wishes[Index(strategy, instrument)];

    /// <summary>Place of a strategy and an instrument in tables of <see cref="Lanes"/> entries.</summary>
    internal static int Index(StrategyId strategy, InstrumentId instrument) =>
        (instrument.Value * Owners) + strategy.Value;

    /// <inheritdoc/>
    public void Visit(StateVisitor visitor) => visitor.Visit<Wish>(_wishes);
}

/// <summary>What one strategy wants of one instrument (184 bytes).</summary>
internal struct Wish
{
    /// <summary>What counts now.</summary>
    internal Signal Effective;

    /// <summary>What counts when the cooldown is over.</summary>
    internal Signal Held;

    /// <summary>ReceivedAt of the last change of <see cref="Effective"/> that was let through; 0 for never.</summary>
    internal long ActedAt;

    /// <summary>ReceivedAt at which <see cref="Effective"/> becomes flat.</summary>
    internal long ExpiresAt;

    /// <summary>ReceivedAt at which <see cref="Held"/> becomes effective.</summary>
    internal long HeldUntil;

    /// <summary>ReceivedAt at which the gates are asked again; 0 when nothing is blocked.</summary>
    internal long AskAgainAt;

    /// <summary>The sides on which a gate holds it back, as <see cref="Gates.EntrySides"/>; the rest of the word is zero.</summary>
    internal long Blocked;

    /// <summary>True for a wish for a position of the shared lane.</summary>
    internal readonly bool IsTarget => Effective.Kind is SignalKind.Target or SignalKind.TargetWithLimit;
}
