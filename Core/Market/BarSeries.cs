using System;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;

namespace LowLatency.Core.Market;

/// <summary>
/// The closed bars of one instrument and timeframe, newest first, in a fixed ring. There is no way to see the bar that
/// is forming, and looking back beyond the history is "not ready", never another bar.
/// </summary>
/// <remarks>
/// A series is either built here from trades or imported, whichever gives its first bar (the imported one when it comes
/// with the event that would close the built one); from then on imported bars are counted and ignored in a series built
/// here, and trades pass by an imported one.
/// <list type="bullet">
/// <item>Built: a trade belongs to the interval of its venue time (its receipt when the venue gave none), aligned to
/// 1970 UTC. A bar closes at the first event of any kind received at or after its end + grace. Later trades of it are
/// counted, never applied. The first bar is the first one that starts at or after the stream was first observed since
/// the start or a gap. An interval without trades makes no bar: consumers see it in the start times. A turnover beyond
/// 64 bits is given as 0, "none".</item>
/// <item>Imported: appended when published, at or after the end of the bar; one published earlier than its own end
/// would be a look into the future, one that is not later than the bar before it a repetition: both are counted and
/// ignored.</item>
/// </list>
/// </remarks>
public sealed class BarSeries : IStateful
{
    /// <summary>Closed bars held when nothing else is said.</summary>
    public const int DefaultCapacity = 512;

    private readonly BarBuilder _builder;
    private readonly Bar[] _bars;
    private int _newest = -1;
    private int _count;
    private bool _imported;
    private long _lateTrades;
    private long _futureTrades;
    private long _mixedBars;
    private long _refusedBars;

    internal BarSeries(long timeframe, long grace, int capacity)
    {
        Ensure.That(capacity >= 1, "a series needs room for a bar");
        Timeframe = timeframe;
        _builder = new BarBuilder(timeframe, grace);
        _bars = new Bar[capacity];
    }

    /// <summary>Nanoseconds of each bar.</summary>
    public long Timeframe { get; }

    /// <summary>Closed bars held; at most the capacity.</summary>
    public int Count => _count;

    /// <summary>Closed bars that can be held.</summary>
    public int Capacity => _bars.Length;

    /// <summary>True when the bars come from a source, false when they are built here (or none came yet).</summary>
    public bool IsImported => _imported;

    /// <summary>Trades that came after their bar had closed.</summary>
    public long LateTrades => _lateTrades;

    /// <summary>Trades with a venue time more than one timeframe ahead of their receipt; never applied.</summary>
    public long FutureTrades => _futureTrades;

    /// <summary>Imported bars ignored because the series is built here.</summary>
    public long MixedBars => _mixedBars;

    /// <summary>Imported bars refused: published before their end, or not later than the bar before.</summary>
    public long RefusedBars => _refusedBars;

    internal long NextClose => _builder.NextClose;

    /// <summary>A closed bar.</summary>
    /// <param name="barsAgo">0 is the newest closed bar.</param>
    /// <param name="bar">The bar when the result is true, else zeros.</param>
    /// <returns>False when the history does not reach there (or for a negative argument): not ready.</returns>
    public bool TryBar(int barsAgo, out Bar bar)
    {
        if (barsAgo < 0 || barsAgo >= _count)
        {
            bar = default;
            return false;
        }

        int index = _newest - barsAgo;
        bar = _bars[index < 0 ? index + _bars.Length : index];
        return true;
    }

    /// <inheritdoc/>
    public void Visit(StateVisitor visitor)
    {
        visitor.Visit(ref _newest);
        visitor.Visit(ref _count);
        Ensure.That(
            _count >= 0 && _count <= _bars.Length && _newest >= -1 && _newest < _bars.Length,
            "restored series is longer than this one can be");
        visitor.Visit(_bars.AsSpan(0, _count));
        visitor.Visit(ref _imported);
        visitor.Visit(ref _lateTrades);
        visitor.Visit(ref _futureTrades);
        visitor.Visit(ref _mixedBars);
        visitor.Visit(ref _refusedBars);
        _builder.Visit(visitor);
    }

    internal void OnTrade(in Trade trade, long time, long receivedAt, long observedFrom)
    {
        if (_imported)
        {
            return;
        }

        switch (_builder.Add(trade, time, receivedAt, observedFrom))
        {
            case BarTrade.Late:
                _lateTrades++;
                break;
            case BarTrade.Future:
                _futureTrades++;
                break;
            case BarTrade.Applied:
            case BarTrade.Partial:
                break;
        }
    }

    /// <summary>Closes the earliest bar that is due; repeat until false.</summary>
    internal bool TryClose(long now, out Bar bar)
    {
        if (!_builder.TryClose(now, out bar))
        {
            return false;
        }

        Append(bar);
        return true;
    }

    /// <summary>
    /// Makes the series an imported one if the bar is its first: before the bar's own arrival closes a built one.
    /// </summary>
    internal void Claim(in Bar bar, long receivedAt)
    {
        if (_count == 0 && IsSettled(bar, receivedAt))
        {
            _imported = true;
            _builder.Discard();
        }
    }

    /// <summary>Takes an imported bar of this timeframe.</summary>
    /// <returns>True when it was appended.</returns>
    internal bool Import(in Bar bar, long receivedAt)
    {
        Claim(bar, receivedAt);
        if (!_imported && _count > 0)
        {
            _mixedBars++;
            return false;
        }

        if (!IsSettled(bar, receivedAt) || (_count > 0 && bar.StartTime <= _bars[_newest].StartTime))
        {
            _refusedBars++;
            return false;
        }

        Append(bar);
        return true;
    }

    internal void Discard() => _builder.Discard();

    /// <summary>Closed and forming bars were measured in other units: they are no history of what comes.</summary>
    internal void Forget()
    {
        _builder.Discard();
        _bars.AsSpan().Clear();
        _newest = -1;
        _count = 0;
    }

    internal void Reset()
    {
        Forget();
        _imported = false;
        _lateTrades = _futureTrades = _mixedBars = _refusedBars = 0;
    }

    private static bool IsSettled(in Bar bar, long receivedAt) => receivedAt - bar.Timeframe >= bar.StartTime;

    private void Append(in Bar bar)
    {
        _newest = _newest + 1 == _bars.Length ? 0 : _newest + 1;
        _bars[_newest] = bar;
        if (_count < _bars.Length)
        {
            _count++;
        }
    }
}
