using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Values;

namespace LowLatency.Core.Arbitration.Gates;

/// <summary>What the gates say to a wish.</summary>
/// <param name="Blocked">The sides on which it may not add now and is asked again later.</param>
/// <param name="Reason">Why; <see cref="SuppressionReason.None"/> when nothing is held back.</param>
/// <param name="Detail">As <see cref="Suppression.Detail"/>.</param>
internal readonly record struct GateAnswer(EntrySides Blocked, SuppressionReason Reason, long Detail);

/// <summary>All gates together. The first that holds an entry back names the reason.</summary>
internal sealed class EntryGates : IStateful
{
    private readonly GateSettings _settings;
    private readonly BarrierGate? _barrier;

    internal EntryGates(GateSettings settings)
    {
        Ensure.That(settings.AskAgain > 0, "a gate must be asked again after a positive time");
        Ensure.That(settings.Data is not { StaleAfter: <= 0 }, "data must be allowed some age");
        _settings = settings;
        Session = new SessionGate(settings.Sessions);
        _barrier = settings.Barrier is { } barrier ? new BarrierGate(barrier) : null;
        Growth = new GrowthGate(settings.Growth);
    }

    /// <summary>Sizes that grow.</summary>
    internal GrowthGate Growth { get; }

    internal SessionGate Session { get; }

    internal BarrierGate? Barrier => _barrier;

    /// <summary>Nanoseconds after which a gate is asked again.</summary>
    internal long AskAgain => _settings.AskAgain;

    /// <summary>
    /// Asks about the sides on which a wish adds. The session is followed by itself, so it blocks no side here; it only
    /// names the reason.
    /// </summary>
    internal GateAnswer Ask(InstrumentMarket market, EntrySides entries, bool extended, long now)
    {
        if (entries == EntrySides.None)
        {
            return default;
        }

        GateAnswer answer = AskData(market, entries, now);
        if (answer.Reason == SuppressionReason.None && _barrier is not null)
        {
            answer = _barrier.Ask(market, entries, now);
        }

        return IsOpen(market.Definition.Id, extended)
            ? answer
            : new GateAnswer(
                answer.Blocked, SuppressionReason.SessionClosed, Session.NextOpen(market.Definition.Id, now));
    }

    /// <summary>Everything that holds the wishes of an instrument back now.</summary>
    internal EntrySides Blocked(InstrumentId instrument, in Wish wish, bool extended) =>
        IsOpen(instrument, extended) ? (EntrySides)wish.Blocked : EntrySides.Both;

    /// <summary>True when the session lets entries pass; outside of regular hours only those of a style that works then.</summary>
    internal bool IsOpen(InstrumentId instrument, bool extended) =>
        Session.Phase(instrument) is var phase
        && (phase == SessionPhase.Open || (extended && phase == SessionPhase.Extended));

    /// <inheritdoc/>
    public void Visit(StateVisitor visitor)
    {
        Session.Visit(visitor);
        _barrier?.Visit(visitor);
        Growth.Visit(visitor);
    }

    private GateAnswer AskData(InstrumentMarket market, EntrySides entries, long now)
    {
        if (_settings.Data is not { } data)
        {
            return default;
        }

        long age = now - market.LastMarketAt;
        return !market.IsReady ? new GateAnswer(entries, SuppressionReason.NotReady, 0)
            : age > data.StaleAfter ? new GateAnswer(entries, SuppressionReason.Stale, age)
            : default;
    }
}
