using System;
using System.Runtime.CompilerServices;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Values;

namespace LowLatency.Core.Market;

/// <summary>
/// What is known of one instrument's market: its rules, book, quote, last print, status and bars. Written by
/// <see cref="MarketView"/> alone.
/// </summary>
public sealed class InstrumentMarket : IStateful
{
    private readonly InstrumentId _id;
    private readonly long[] _timeframes;
    private readonly long _barGrace;
    private readonly int _barCapacity;
    private readonly MarketGuard _guard;
    private readonly DataDoubt _doubt = new();

    // A function of guard and symbol: looked up with the definition, so it is no state.
    private GuardLimits _limits;
    private BarSeries[] _series = [];
    private InstrumentDefined _defined;
    private Instrument _definition;
    private bool _isDefined;
    private Quote _quote;
    private long _quoteAt;
    private Trade _lastTrade;
    private long _lastTradeAt;
    private long _lastBarClose;
    private long _lastBarAt;
    private long _lastMarketAt;
    private long _bookAt;
    private long _observedFrom = long.MaxValue;
    private long _splitAt;
    private TradingStatus _status;
    private bool _groupOpen;
    private bool _hasFreshPrint;
    private long _malformed;

    // The best prices, looked up once for whatever asks between two events: a function of the rest, so it is no state.
    private Outlook _outlook;

    internal InstrumentMarket(InstrumentId id, long[] timeframes, long barGrace, int barCapacity, MarketGuard guard)
    {
        _guard = guard;
        _limits = guard.Default;
        _id = id;
        _timeframes = timeframes;
        _barGrace = barGrace;
        _barCapacity = barCapacity;
    }

    /// <summary>The rules; all zero until the instrument is defined.</summary>
    public ref readonly Instrument Definition => ref _definition;

    /// <summary>
    /// True once a valid definition came. Nothing else is known of an instrument that is not defined.
    /// </summary>
    public bool IsDefined => _isDefined;

    /// <summary>The venue's name of it.</summary>
    public Symbol24 Symbol => _defined.Symbol;

    /// <summary>The currency of its prices.</summary>
    public Currency8 Currency => _defined.Currency;

    /// <summary>Counts definitions, by the source's own number.</summary>
    public int DefinitionVersion => _defined.DefinitionVersion;

    /// <summary>The full-depth book; never ready when the instrument has no book feed.</summary>
    public Book Book { get; } = new();

    /// <summary>The last quote; all zero when none came since the start or the last interruption.</summary>
    public ref readonly Quote Quote => ref _quote;

    /// <summary>ReceivedAt of the last quote; 0 when there is none.</summary>
    public long QuoteAt => _quoteAt;

    /// <summary>The last print that may set a price (suspicious ones may not). It survives interruptions.</summary>
    public ref readonly Trade LastTrade => ref _lastTrade;

    /// <summary>ReceivedAt of the last print; 0 when there is none.</summary>
    public long LastTradeAt => _lastTradeAt;

    /// <summary>Trading status: open once defined, then as the venue says.</summary>
    public TradingStatus Status => _status;

    /// <summary>ReceivedAt of the last trade, quote, book or bar event of the instrument; 0 when none came.</summary>
    public long LastMarketAt => _lastMarketAt;

    /// <summary>
    /// Prints without a positive quantity, quotes with a negative one, bars without a timeframe, bars that ended before a split
    /// that is known already: ignored.
    /// </summary>
    public long Malformed => _malformed;

    /// <summary>ReceivedAt of the last event of the best prices' own stream, book or quotes; 0 when none came.</summary>
    public long BestAt => Book.HasData ? _bookAt : _quoteAt;

    /// <summary>ReceivedAt of the last split that acted; 0 when none did. Bars that ended before it are of old shares.</summary>
    public long SplitAt => _splitAt;

    /// <summary>ReceivedAt of the last bar of a source; 0 when none came.</summary>
    public long LastBarAt => _lastBarAt;

    /// <summary>Events that were not believed: no price, no bar and no call comes from them.</summary>
    public long HeldBack => _doubt.HeldBack;

    /// <summary>Events whose venue's stamp lies before the newest one of their stream.</summary>
    public long Backwards => _doubt.Backwards;

    /// <summary>Events whose venue's stamp lies too far from their receipt.</summary>
    public long OffClock => _doubt.OffClock;

    /// <summary>ReceivedAt of what <see cref="TryReferencePrice"/> gives; 0 without a price.</summary>
    public long ReferenceAt => _doubt.IsSuspect ? _doubt.AcceptedAt
        : TryBest(out _, out _, out _, out _) ? BestAt : _lastTradeAt != 0 ? _lastTradeAt : _lastBarAt;

    /// <summary>
    /// True when the data can be acted on: no group is open, and the book is ready when the instrument has a book feed,
    /// else a usable quote stands, else a print or a bar came since the start or the last interruption; and nothing of it is
    /// doubted: a price that moved too far and is not confirmed, a stamp that runs backwards or lies too far from its receipt.
    /// </summary>
    public bool IsReady => _isDefined && !_groupOpen && !_doubt.Exists && (Book.HasData ? Book.IsReady : HasQuote || _hasFreshPrint);

    private bool HasQuote =>
        _quote.BidQuantity > 0 && _quote.AskQuantity > 0 && _quote.BidPrice <= _quote.AskPrice;

    /// <summary>
    /// The best bid and ask. An instrument with a book feed speaks through its book alone, so that one stream never
    /// vouches for another; else the quote speaks. A locked quote is usable (it may join several venues), a crossed one
    /// is not.
    /// </summary>
    /// <param name="bid">Price units.</param>
    /// <param name="bidQuantity">Quantity units.</param>
    /// <param name="ask">Price units.</param>
    /// <param name="askQuantity">Quantity units.</param>
    /// <returns>False (and zeros) unless both sides are known.</returns>
    public bool TryBest(out long bid, out long bidQuantity, out long ask, out long askQuantity)
    {
        ref readonly Outlook outlook = ref LookUp();
        bid = outlook.Bid;
        bidQuantity = outlook.BidQuantity;
        ask = outlook.Ask;
        askQuantity = outlook.AskQuantity;
        return outlook.HasBest;
    }

    /// <summary>
    /// A price to value and to compare with: the mid rounded down to a price unit, else the last print, else the last
    /// imported bar's close. The latter two may be older than the last interruption: see <see cref="IsReady"/>,
    /// <see cref="LastMarketAt"/>. While a move is not confirmed it is the price before it.
    /// </summary>
    /// <param name="price">Price units; 0 when the result is false.</param>
    /// <returns>False when no price is known.</returns>
    public bool TryReferencePrice(out long price)
    {
        ref readonly Outlook outlook = ref LookUp();
        price = outlook.Reference;
        return outlook.HasReference;
    }

    /// <summary>The bars of a timeframe.</summary>
    /// <param name="timeframe">Nanoseconds.</param>
    /// <returns>Null when the timeframe is not kept or the instrument is not defined.</returns>
    public BarSeries? Bars(long timeframe)
    {
        for (int i = 0; i < _series.Length; i++)
        {
            if (_series[i].Timeframe == timeframe)
            {
                return _isDefined ? _series[i] : null;
            }
        }

        return null;
    }

    /// <inheritdoc/>
    public void Visit(StateVisitor visitor)
    {
        _outlook.IsKnown = false;
        visitor.Visit(ref _isDefined);
        if (!_isDefined)
        {
            Forget();
            return;
        }

        visitor.VisitStruct(ref _defined);
        Allocate();
        _definition = _defined.ToInstrument(_id);
        _limits = _guard.LimitsOf(_defined.Symbol);
        _doubt.Visit(visitor);
        Book.Visit(visitor);
        visitor.VisitStruct(ref _quote);
        visitor.Visit(ref _quoteAt);
        visitor.VisitStruct(ref _lastTrade);
        visitor.Visit(ref _lastTradeAt);
        visitor.Visit(ref _lastBarClose);
        visitor.Visit(ref _lastBarAt);
        visitor.Visit(ref _lastMarketAt);
        visitor.Visit(ref _bookAt);
        visitor.Visit(ref _observedFrom);
        visitor.Visit(ref _splitAt);
        visitor.VisitStruct(ref _status);
        visitor.Visit(ref _groupOpen);
        visitor.Visit(ref _hasFreshPrint);
        visitor.Visit(ref _malformed);
        for (int i = 0; i < _series.Length; i++)
        {
            _series[i].Visit(visitor);
        }
    }

    internal ReadOnlySpan<BarSeries> Series => _isDefined ? _series : [];

    /// <summary>
    /// Takes a definition. One that cannot be right leaves the instrument undefined: nothing trades on it.
    /// </summary>
    /// <returns>False when the definition was refused.</returns>
    internal bool Define(in InstrumentDefined defined)
    {
        _outlook.IsKnown = false;
        if (!IsSound(defined))
        {
            _isDefined = false;
            Forget();
            return false;
        }

        // Other units mean that no number seen so far can be compared with one to come.
        bool sameUnits = _isDefined
            && defined.PriceExponent == _defined.PriceExponent
            && defined.QuantityExponent == _defined.QuantityExponent
            && ((ReadOnlySpan<byte>)defined.Currency).SequenceEqual(_defined.Currency);
        TradingStatus status = _isDefined ? _status : TradingStatus.Open;
        if (!sameUnits)
        {
            Forget();
        }

        _defined = defined;
        _definition = defined.ToInstrument(_id);
        _limits = _guard.LimitsOf(defined.Symbol);
        _status = status;
        _isDefined = true;
        Allocate();
        return true;
    }

    /// <summary>Takes levels. A book is a fold: what is doubted of it is taken too, and nobody acts on it.</summary>
    /// <returns>False when they are not believed.</returns>
    internal bool ApplyBook(in Event e)
    {
        _outlook.IsKnown = false;
        bool believed = _doubt.SeeTime(_limits, DataStream.Book, e);
        Observe(e.ReceivedAt, e.VenueTime);
        _lastMarketAt = e.ReceivedAt;
        _bookAt = e.ReceivedAt;
        Book.Apply(e);
        return believed
            && (_limits.MaxMoveBps == 0 || !Book.IsReady || !Book.HasBothSides || SeeMid(Book.BestBidPrice, Book.BestAskPrice, e.ReceivedAt));
    }

    /// <summary>Takes a quote.</summary>
    /// <returns>False when it is not believed.</returns>
    internal bool ApplyQuote(in Event e)
    {
        _outlook.IsKnown = false;
        TrackGroup(e.Flags);
        if (e.Quote.BidQuantity < 0 || e.Quote.AskQuantity < 0)
        {
            _malformed++;
            return true;
        }

        bool hasBoth = e.Quote.BidQuantity > 0 && e.Quote.AskQuantity > 0 && e.Quote.BidPrice <= e.Quote.AskPrice;
        if (!_doubt.SeeTime(_limits, DataStream.Quotes, e)
            || (hasBoth && !SeeMid(e.Quote.BidPrice, e.Quote.AskPrice, e.ReceivedAt)))
        {
            return false;
        }

        Observe(e.ReceivedAt, e.VenueTime);
        _lastMarketAt = e.ReceivedAt;
        _quote = e.Quote;
        _quoteAt = e.ReceivedAt;
        return true;
    }

    /// <summary>Takes a print.</summary>
    /// <returns>False when it is not believed.</returns>
    internal bool ApplyTrade(in Event e)
    {
        _outlook.IsKnown = false;
        TrackGroup(e.Flags);
        if (e.Trade.Quantity <= 0)
        {
            _malformed++;
            return true;
        }

        bool marked = (e.Trade.Marks & TradeMarks.Suspicious) != 0;
        if (!_doubt.SeeTime(_limits, DataStream.Trades, e)
            || (!marked && !_doubt.SeePrice(_limits, e.Trade.Price, e.ReceivedAt)))
        {
            return false;
        }

        Observe(e.ReceivedAt, e.VenueTime);
        _lastMarketAt = e.ReceivedAt;
        if (marked)
        {
            return true;
        }

        _lastTrade = e.Trade;
        _lastTradeAt = e.ReceivedAt;
        _hasFreshPrint = true;
        long time = e.VenueTime > 0 ? e.VenueTime : e.ReceivedAt;
        for (int i = 0; i < _series.Length; i++)
        {
            _series[i].OnTrade(e.Trade, time, e.ReceivedAt, _observedFrom);
        }

        return true;
    }

    /// <summary>Lets the first imported bar of a timeframe take the series before bars close.</summary>
    internal void ClaimBar(in Event e)
    {
        if (e.Bar.Timeframe >= 1 && (_splitAt == 0 || _splitAt - e.Bar.Timeframe < e.Bar.StartTime))
        {
            Bars(e.Bar.Timeframe)?.Claim(e.Bar, e.ReceivedAt);
        }
    }

    /// <summary>Takes an imported bar.</summary>
    /// <returns>True when a series took it.</returns>
    internal bool ApplyBar(in Event e)
    {
        _outlook.IsKnown = false;
        TrackGroup(e.Flags);
        if (e.Bar.Timeframe < 1 || (_splitAt != 0 && _splitAt - e.Bar.Timeframe >= e.Bar.StartTime))
        {
            _malformed++;
            return false;
        }

        if (!_doubt.SeeTime(_limits, DataStream.Bars, e))
        {
            return false;
        }

        BarSeries? series = Bars(e.Bar.Timeframe);
        bool taken = series is not null && series.Import(e.Bar, e.ReceivedAt);
        if (taken || (series is null && e.ReceivedAt - e.Bar.Timeframe >= e.Bar.StartTime))
        {
            _lastMarketAt = e.ReceivedAt;
            _lastBarClose = e.Bar.Close;
            _lastBarAt = e.ReceivedAt;
            _hasFreshPrint = true;
        }

        return taken;
    }

    /// <summary>Takes a status; what is delisted stays so.</summary>
    internal void ApplyStatus(TradingStatus status) =>
        _status = _status == TradingStatus.Delisted ? _status : status;

    /// <summary>
    /// A corporate action that acts. A split leaves one price, the last one known in new shares, to value with; nothing is
    /// ready until fresh data comes, and no bar of old shares is left. What is delisted does not trade any more.
    /// </summary>
    internal void Act(in CorporateAction action, long receivedAt)
    {
        _outlook.IsKnown = false;
        if (action.Delists)
        {
            CarryOver(new ShareRatio(1, 1));
            _status = TradingStatus.Delisted;
        }
        else if (action.Splits)
        {
            CarryOver(new ShareRatio(action.NewShares, action.OldShares));
            _splitAt = receivedAt;
            for (int i = 0; i < _series.Length; i++)
            {
                _series[i].Forget();
            }
        }
    }

    // Of all prices the one that is valued with stays, as the close of a bar that nobody saw.
    private void CarryOver(in ShareRatio ratio)
    {
        bool known = TryReferencePrice(out long price);
        long at = ReferenceAt;
        _doubt.Split(ratio);
        Interrupt();
        _lastTrade = default;
        _lastTradeAt = 0;
        _lastBarClose = known ? ratio.PriceDown(price) : 0;
        _lastBarAt = known ? at : 0;
        _outlook.IsKnown = false;
    }

    internal void ApplyStream(StreamState state, long receivedAt)
    {
        if (state == StreamState.Up)
        {
            Observe(receivedAt, 0);
            return;
        }

        Interrupt();
    }

    /// <summary>
    /// Data is missing: nothing is ready until fresh data comes, and forming bars are not whole any more.
    /// </summary>
    internal void Interrupt()
    {
        _outlook.IsKnown = false;
        _doubt.Interrupt();
        Book.Invalidate();
        _quote = default;
        _quoteAt = 0;
        _hasFreshPrint = false;
        _observedFrom = long.MaxValue;
        for (int i = 0; i < _series.Length; i++)
        {
            _series[i].Discard();
        }
    }

    /// <summary>A new run: open groups never end, and what happened while nothing ran was missed.</summary>
    internal void StartEpoch()
    {
        _outlook.IsKnown = false;
        Book.CutOpenGroup();
        _groupOpen = false;
        Interrupt();
    }

    private static bool IsSound(in InstrumentDefined d) =>
        d.InstrumentKind is InstrumentKind.Equity or InstrumentKind.Spot or InstrumentKind.Linear or InstrumentKind.Inverse
        && d.PriceExponent <= Instrument.ExponentMax
        && d.QuantityExponent <= Instrument.ExponentMax
        && d.Tick >= 1
        && d.Lot >= 1
        && d.MinQuantity >= d.Lot
        && d.MaxQuantity >= d.MinQuantity
        && d.MinNotional >= 0
        && d.Multiplier >= 1;

    // A venue clock ahead of ours would let a trade of before the observation fall into a bar that starts after it.
    private void Observe(long receivedAt, long venueTime)
    {
        if (_observedFrom == long.MaxValue)
        {
            _observedFrom = Math.Max(receivedAt, venueTime);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref readonly Outlook LookUp()
    {
        if (!_outlook.IsKnown)
        {
            LookAgain();
        }

        return ref _outlook;
    }

    private void LookAgain()
    {
        bool fromBook = Book.HasData;
        ref Outlook o = ref _outlook;
        o.IsKnown = true;
        BookLevel bid = new(_quote.BidPrice, _quote.BidQuantity);
        BookLevel ask = new(_quote.AskPrice, _quote.AskQuantity);
        o.HasBest = !_doubt.IsSuspect && (fromBook ? Book.IsReady && Book.TryBest(out bid, out ask) : HasQuote);
        o.Bid = o.HasBest ? bid.Price : 0;
        o.BidQuantity = o.HasBest ? bid.Quantity : 0;
        o.Ask = o.HasBest ? ask.Price : 0;
        o.AskQuantity = o.HasBest ? ask.Quantity : 0;
        o.HasReference = _doubt.IsSuspect || o.HasBest || _lastTradeAt != 0 || _lastBarAt != 0;
        o.Reference = _doubt.IsSuspect ? _doubt.Accepted
            : o.HasBest ? o.Bid + ((o.Ask - o.Bid) / 2)
            : _lastTradeAt != 0 ? _lastTrade.Price : _lastBarClose;
    }

    private bool SeeMid(long bid, long ask, long now) => _doubt.SeePrice(_limits, bid + ((ask - bid) / 2), now);

    private void TrackGroup(EventFlags flags) =>
        _groupOpen = (flags & EventFlags.Last) == 0 && (_groupOpen || (flags & EventFlags.First) != 0);

    /// <summary>Memory is taken when the instrument is defined: a cold moment.</summary>
    private void Allocate()
    {
        Book.Reserve();
        if (_series.Length == 0 && _timeframes.Length > 0)
        {
            _series = new BarSeries[_timeframes.Length];
            for (int i = 0; i < _series.Length; i++)
            {
                _series[i] = new BarSeries(_timeframes[i], _barGrace, _barCapacity);
            }
        }
    }

    private void Forget()
    {
        _outlook.IsKnown = false;
        _doubt.Reset();
        Book.Reset();
        _defined = default;
        _definition = default;
        _quote = default;
        _lastTrade = default;
        _quoteAt = _lastTradeAt = _lastBarClose = _lastBarAt = _lastMarketAt = _bookAt = _malformed = _splitAt = 0;
        _observedFrom = long.MaxValue;
        _status = TradingStatus.Unknown;
        _groupOpen = _hasFreshPrint = false;
        for (int i = 0; i < _series.Length; i++)
        {
            _series[i].Reset();
        }
    }

    private struct Outlook
    {
        public bool IsKnown;
        public bool HasBest;
        public bool HasReference;
        public long Bid;
        public long BidQuantity;
        public long Ask;
        public long AskQuantity;
        public long Reference;
    }
}
