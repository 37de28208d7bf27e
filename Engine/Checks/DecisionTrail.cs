using System.Collections.Generic;
using LowLatency.Core.Events;
using LowLatency.Core.Formats;
using LowLatency.Core.Pipeline;
using LowLatency.Engine.Results;
using LowLatency.Engine.Running;

namespace LowLatency.Engine.Checks;

/// <summary>Digests of all decisions so far, at chosen market events and at places on the way.</summary>
/// <param name="at">Market events, counted from 1, after which the digest is kept.</param>
internal sealed class DecisionTrail(IEnumerable<long> at) : IDecisionObserver
{
    private const int PlacesMax = 4096;

    private readonly HashSet<long> _at = [.. at];
    private readonly ThinnedList<(long Sequence, Digest Digest)> _places = new(PlacesMax);
    private Digest128 _rolling;
    private long _market;

    /// <summary>The digests that were asked for, by the number of the market event.</summary>
    internal Dictionary<long, Digest> Kept { get; } = [];

    /// <summary>Commands decided.</summary>
    internal long Commands { get; private set; }

    /// <summary>Signals made.</summary>
    internal long Signals { get; private set; }

    /// <inheritdoc/>
    public void OnDecided(in Event e, in Decision decision, DecisionPipeline pipeline)
    {
        DecisionDigest.Add(ref _rolling, e, decision);
        Commands += decision.CommandCount;
        Signals += decision.SignalCount;
        if (!decision.IsEmpty)
        {
            _places.Add((e.Sequence, Rolling()));
        }

        if (SessionInputs.IsMarket(e) && _at.Contains(++_market))
        {
            Kept.Add(_market, Rolling());
        }
    }

    /// <summary>Between which decisions two trails part: the last that is equal and the first that is known to differ.</summary>
    /// <returns>Event numbers; -1 where there is none.</returns>
    internal (long Equal, long Differs) Parting(DecisionTrail other)
    {
        Dictionary<long, Digest> known = [];
        foreach ((long sequence, Digest digest) in other._places.Kept)
        {
            known[sequence] = digest;
        }

        long equal = -1;
        foreach ((long sequence, Digest digest) in _places.Kept)
        {
            if (!known.TryGetValue(sequence, out Digest found))
            {
                continue;
            }

            if (found != digest)
            {
                return (equal, sequence);
            }

            equal = sequence;
        }

        return (equal, -1);
    }

    private Digest Rolling()
    {
        Digest128 copy = _rolling;
        return copy.Finish();
    }
}
