using LowLatency.Core.Determinism;

namespace LowLatency.Journal.Import;

/// <summary>What a difference of a Binance book is good for.</summary>
internal enum DifferenceRuling
{
    /// <summary>It follows the book.</summary>
    Apply,

    /// <summary>The snapshot already holds it.</summary>
    Old,

    /// <summary>It does not follow the book: updates are missing. The book waits for a snapshot.</summary>
    Gap,

    /// <summary>There is no book yet, or no more: keep it for the next snapshot.</summary>
    Wait,
}

/// <summary>
/// How the venue says that a book is kept: snapshot of the REST interface, then the differences, each of which must
/// follow the one before.
/// </summary>
/// <remarks>
/// <code>
///                       older than the snapshot   first one to apply           every further one
///   futures             u &lt; lastUpdateId          U &lt;= lastUpdateId &lt;= u       pu = u of the one before
///   spot                u &lt;= lastUpdateId         U &lt;= lastUpdateId + 1 &lt;= u   U = u of the one before + 1
/// </code>
/// </remarks>
internal sealed class BinanceBookRule(bool futures)
{
    private enum State
    {
        Waiting,
        HasSnapshot,
        Chained,
    }

    private State _state = State.Waiting;

    /// <summary>The update that the book holds.</summary>
    internal long Last { get; private set; }

    internal bool IsWaiting => _state == State.Waiting;

    /// <summary>A snapshot has come.</summary>
    /// <param name="lastUpdateId">Its update.</param>
    /// <returns>False when it is not newer than a book that is in sync: taking it would go back in time.</returns>
    internal bool OnSnapshot(long lastUpdateId)
    {
        if (_state != State.Waiting && lastUpdateId <= Last)
        {
            return false;
        }

        _state = State.HasSnapshot;
        Last = lastUpdateId;
        return true;
    }

    internal DifferenceRuling OnDifference(long first, long last, long previous)
    {
        switch (_state)
        {
            case State.Waiting:
                return DifferenceRuling.Wait;
            case State.HasSnapshot:
                if (futures ? last < Last : last <= Last)
                {
                    return DifferenceRuling.Old;
                }

                return Follow(futures ? first <= Last : first <= Last + 1, last);
            case State.Chained:
                return Follow(futures ? previous == Last : first == Last + 1, last);
            default:
                Ensure.Break("a Binance book has three states");
                return DifferenceRuling.Gap;
        }
    }

    private DifferenceRuling Follow(bool follows, long last)
    {
        if (!follows)
        {
            _state = State.Waiting;
            return DifferenceRuling.Gap;
        }

        _state = State.Chained;
        Last = last;
        return DifferenceRuling.Apply;
    }
}
