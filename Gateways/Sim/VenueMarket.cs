using System;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Values;

namespace LowLatency.Gateways.Sim;

/// <summary>The finest market data that an instrument has had so far; it never goes back.</summary>
internal enum MarketDetail
{
    /// <summary>None yet.</summary>
    None = 0,

    /// <summary>Bars only.</summary>
    Bars = 1,

    /// <summary>Prints without quotes.</summary>
    Prints = 2,

    /// <summary>Best bid and ask.</summary>
    Quotes = 3,

    /// <summary>An order book.</summary>
    Book = 4,
}

/// <summary>The market of one instrument as the venue sees it: rules, status, what is shown, what we took of it.</summary>
internal sealed class VenueMarket
{
    private readonly SimulatedVenueSettings _settings;
    private readonly VenueHours[] _hours;
    private readonly Book _book = new();
    private readonly ConsumedLiquidity _consumedBids = new();
    private readonly ConsumedLiquidity _consumedAsks = new();
    private Instrument _rules;
    private Quote _quote;
    private bool _isDefined;
    private bool _quoteReady;
    private int _status;
    private int _detail;
    private int _calendar;
    private bool _hasPrinted;
    private long _finestTimeframe = long.MaxValue;
    private long _lastPrice;
    private long _splitAt;
    private long _beyondBids;
    private long _beyondAsks;
    private Symbol24 _symbol;

    /// <param name="settings">Names the calendars.</param>
    /// <param name="hours">The hours of those that never close, then those of each calendar.</param>
    internal VenueMarket(SimulatedVenueSettings settings, VenueHours[] hours)
    {
        _settings = settings;
        _hours = hours;
    }

    internal ref readonly Instrument Rules => ref _rules;

    /// <summary>The venue's name of it.</summary>
    internal Symbol24 Symbol => _symbol;

    /// <summary>When its orders work.</summary>
    internal VenueHours Hours => _hours[_calendar];

    internal bool HasPrinted => _hasPrinted;

    /// <summary>How long a period can take that tells of an auction: the shortest bar, where there are only bars.</summary>
    internal long Slowness => Detail == MarketDetail.Bars ? _finestTimeframe : 0;

    internal bool IsDefined => _isDefined;

    internal MarketDetail Detail => (MarketDetail)_detail;

    /// <summary>
    /// False while the venue says halted or closed. A data set without status events trades: the status that nobody
    /// ever told is no halt.
    /// </summary>
    internal bool IsTrading => (TradingStatus)_status is TradingStatus.Unknown or TradingStatus.Open;

    /// <summary>True when there is something to match against.</summary>
    internal bool IsReady => Detail switch
    {
        MarketDetail.Book => _book.IsReady,
        MarketDetail.Quotes => _quoteReady,
        MarketDetail.Prints or MarketDetail.Bars => true,
        MarketDetail.None => false,
    };

    /// <summary>True when the data shows standing quantities; else an order waits for prints or bars.</summary>
    internal bool ShowsDepth => Detail >= MarketDetail.Quotes;

    /// <summary>The last print or close, price units; 0 before the first.</summary>
    internal long LastPrice => _lastPrice;

    /// <summary>Takes the rules.</summary>
    /// <returns>True when the units changed: prices and quantities of before mean nothing now.</returns>
    internal bool Define(in Event defined)
    {
        Instrument rules = defined.InstrumentDefined.ToInstrument(defined.Instrument);
        Ensure.That(rules.Tick >= 1 && rules.Lot >= 1, "an instrument's tick and lot are at least 1");
        bool changed = _isDefined
            && (rules.PriceExponent != _rules.PriceExponent || rules.QuantityExponent != _rules.QuantityExponent
                || rules.Multiplier != _rules.Multiplier || rules.Kind != _rules.Kind);
        _rules = rules;
        _isDefined = true;
        _symbol = defined.InstrumentDefined.Symbol;
        _calendar = CalendarOf(defined.InstrumentDefined.Symbol);
        if (changed)
        {
            _book.Reset();
            _consumedBids.Clear();
            _consumedAsks.Clear();
            _quote = default;
            _quoteReady = false;
            _detail = (int)MarketDetail.None;
            _finestTimeframe = long.MaxValue;
            _lastPrice = 0;
            LastFill = 0;
            _splitAt = 0;
            _hasPrinted = false;
        }

        return changed;
    }

    /// <summary>Takes a status; what is delisted stays so.</summary>
    internal void SetStatus(TradingStatus status) =>
        _status = _status == (int)TradingStatus.Delisted ? _status : (int)status;

    /// <summary>Old shares became new ones: what is shown is gone, the last prices are those of new shares.</summary>
    internal void Split(in ShareRatio ratio, long at)
    {
        _book.CutOpenGroup();
        _book.Invalidate();
        _consumedBids.Clear();
        _consumedAsks.Clear();
        _quote = default;
        _quoteReady = false;
        _lastPrice = ratio.PriceDown(_lastPrice);
        LastFill = ratio.PriceDown(LastFill);
        _splitAt = at;
    }

    internal void SetStream(StreamState state)
    {
        if (state is StreamState.Down or StreamState.Gap)
        {
            _book.CutOpenGroup();
            _book.Invalidate();
            _quoteReady = false;
        }
    }

    /// <summary>Takes book levels.</summary>
    /// <returns>True at the end of a group, the moment to match.</returns>
    internal bool TakeLevels(in Event levels)
    {
        _detail = (int)MarketDetail.Book;
        _book.Apply(levels);
        return levels.EndsGroup && Settle();
    }

    /// <summary>Takes a quote.</summary>
    /// <returns>True when it is the finest data, so that it is to be matched against.</returns>
    internal bool TakeQuote(in Quote quote)
    {
        if (Detail > MarketDetail.Quotes)
        {
            return false;
        }

        _detail = (int)MarketDetail.Quotes;
        _quote = quote;
        _quoteReady = true;
        return Settle();
    }

    /// <summary>Takes a print. Prints matter beside quotes and books too: they say who traded.</summary>
    internal void TakeTrade(in Trade trade)
    {
        if (Detail < MarketDetail.Prints)
        {
            _detail = (int)MarketDetail.Prints;
        }

        _lastPrice = trade.Price;
        _hasPrinted = true;
    }

    /// <summary>Takes a bar.</summary>
    /// <returns>True when it is the finest data; of several timeframes the shortest seen counts.</returns>
    internal bool TakeBar(in Bar bar)
    {
        bool isOld = _splitAt != 0 && _splitAt - bar.Timeframe >= bar.StartTime;
        if (isOld || Detail > MarketDetail.Bars || bar.Timeframe > _finestTimeframe)
        {
            return false;
        }

        _detail = (int)MarketDetail.Bars;
        _finestTimeframe = bar.Timeframe;
        _lastPrice = bar.Close;
        return true;
    }

    /// <summary>Levels shown on a side.</summary>
    internal int Levels(Side side)
    {
        if (Detail == MarketDetail.Book)
        {
            return side == Side.Buy ? _book.BidCount : _book.AskCount;
        }

        return Detail == MarketDetail.Quotes && (side == Side.Buy ? _quote.BidQuantity : _quote.AskQuantity) > 0 ? 1 : 0;
    }

    /// <summary>True when a side shows a level.</summary>
    internal bool Shows(Side side) => Detail == MarketDetail.Book
        ? !_book.IsEmpty(side)
        : Detail == MarketDetail.Quotes && (side == Side.Buy ? _quote.BidQuantity : _quote.AskQuantity) > 0;

    /// <summary>The best price that a side shows; it shows one.</summary>
    internal long BestOf(Side side) => Detail == MarketDetail.Book
        ? side == Side.Buy ? _book.BestBidPrice : _book.BestAskPrice
        : side == Side.Buy ? _quote.BidPrice : _quote.AskPrice;

    /// <summary>A shown level; depth 0 is the best.</summary>
    internal BookLevel LevelAt(Side side, int depth) =>
        Detail == MarketDetail.Book ? _book.LevelAt(side, depth)
        : side == Side.Buy ? new BookLevel(_quote.BidPrice, _quote.BidQuantity)
        : new BookLevel(_quote.AskPrice, _quote.AskQuantity);

    /// <summary>
    /// Quantity shown at a price. Beyond the last level shown it is <see cref="VenueOrder.UnknownQueue"/>: the data
    /// ends there, the market may not.
    /// </summary>
    internal long Displayed(Side side, long price)
    {
        if (!Shows(side))
        {
            return 0;
        }

        long last = Detail == MarketDetail.Book ? _book.WorstPrice(side) : LevelAt(side, 0).Price;
        if (side == Side.Buy ? price < last : price > last)
        {
            return VenueOrder.UnknownQueue;
        }

        if (Detail == MarketDetail.Book)
        {
            return _book.QuantityAt(side, price);
        }

        return price == last ? LevelAt(side, 0).Quantity : 0;
    }

    /// <summary>What an order of a side would trade at first; the last price where nothing is shown; 0 for none.</summary>
    internal long PriceFor(Side side)
    {
        Side opposite = side.Opposite();
        return !ShowsDepth ? _lastPrice : Shows(opposite) ? BestOf(opposite) : 0;
    }

    /// <summary>Price of our last fill, price units; 0 before the first.</summary>
    internal long LastFill { get; set; }

    /// <summary>
    /// What the market says that it is worth, 10^-9 of the quote currency: the last print or close, without one the middle of
    /// what is shown, without both sides our last fill; 0 when nobody says anything.
    /// </summary>
    internal long WorthE9
    {
        get
        {
            long unit = Instrument.PowerOf10(Instrument.ExponentMax - _rules.PriceExponent);
            return _lastPrice != 0 ? _lastPrice * unit
                : Shows(Side.Buy) && Shows(Side.Sell)
                    ? (BestOf(Side.Buy) + BestOf(Side.Sell)) * unit / 2
                : LastFill * unit;
        }
    }

    /// <summary>A price to value with, as the engine has it: the middle of what is shown, else the last print or close; 0 for none.</summary>
    internal long Reference
    {
        get
        {
            if (!Shows(Side.Buy) || !Shows(Side.Sell))
            {
                return _lastPrice;
            }

            long bid = BestOf(Side.Buy);
            return bid + ((BestOf(Side.Sell) - bid) / 2);
        }
    }

    /// <summary>How much an amount of money buys or sells at a price: a multiple of the lot, at most the amount.</summary>
    internal long QuantityFor(long amount, long price)
    {
        Int128 each = (Int128)price * _rules.Multiplier;
        int shift = Money.Exponent - _rules.PriceExponent - _rules.QuantityExponent;
        Int128 units = shift >= 0
            ? amount / (each * Instrument.PowerOf10(shift))
            : (Int128)amount * Instrument.PowerOf10(-shift) / each;
        return units > long.MaxValue ? 0 : (long)units / _rules.Lot * _rules.Lot;
    }

    /// <summary>What our orders took beyond the last level of a side since it was shown, quantity units.</summary>
    internal ref long Beyond(Side side) => ref side == Side.Buy ? ref _beyondBids : ref _beyondAsks;

    /// <summary>All that a side shows, quantity units.</summary>
    internal long Shown(Side side)
    {
        long sum = 0;
        int levels = Levels(side);
        for (int i = 0; i < levels; i++)
        {
            sum += LevelAt(side, i).Quantity;
        }

        return sum;
    }

    /// <summary>What our orders took of a side's levels.</summary>
    internal ConsumedLiquidity Consumed(Side side) => side == Side.Buy ? _consumedBids : _consumedAsks;

    internal void Visit(StateVisitor visitor)
    {
        // Only what can differ from a fresh market is walked, so that instruments without data cost little.
        visitor.Visit(ref _isDefined);
        visitor.Visit(ref _quoteReady);
        visitor.Visit(ref _status);
        visitor.Visit(ref _detail);
        visitor.Visit(ref _calendar);
        visitor.Visit(ref _hasPrinted);
        visitor.Visit(ref _finestTimeframe);
        visitor.Visit(ref _lastPrice);
        visitor.Visit(ref _splitAt);
        visitor.Visit(ref _beyondBids);
        visitor.Visit(ref _beyondAsks);
        long lastFill = LastFill;
        visitor.Visit(ref lastFill);
        LastFill = lastFill;
        visitor.VisitStruct(ref _quote);
        visitor.VisitStruct(ref _symbol);
        VisitRules(visitor);
        _book.Visit(visitor);
        _consumedBids.Visit(visitor);
        _consumedAsks.Visit(visitor);
    }

    private int CalendarOf(Symbol24 symbol)
    {
        for (int i = 0; i < _settings.Calendars.Length; i++)
        {
            Symbol24 listed = _settings.Calendars[i].Symbol;
            if (((ReadOnlySpan<byte>)listed).SequenceEqual(symbol))
            {
                return i + 1;
            }
        }

        return 0;
    }

    private bool Settle()
    {
        if (IsReady)
        {
            Settle(Side.Buy, _consumedBids);
            Settle(Side.Sell, _consumedAsks);
            _beyondBids = _beyondAsks = 0;
        }

        return true;
    }

    private void Settle(Side side, ConsumedLiquidity consumed)
    {
        int i = 0;
        while (i < consumed.Count)
        {
            if (consumed.Bound(i, Displayed(side, consumed.PriceAt(i))))
            {
                i++;
            }
        }
    }

    // Instrument has padding, so it is walked field by field.
    private void VisitRules(StateVisitor visitor)
    {
        int id = _rules.Id.Value;
        int kind = (int)_rules.Kind;
        int priceExponent = _rules.PriceExponent;
        int quantityExponent = _rules.QuantityExponent;
        int multiplier = _rules.Multiplier;
        long tick = _rules.Tick;
        long lot = _rules.Lot;
        long minQuantity = _rules.MinQuantity;
        long maxQuantity = _rules.MaxQuantity;
        long minNotional = _rules.MinNotional;
        visitor.Visit(ref id);
        visitor.Visit(ref kind);
        visitor.Visit(ref priceExponent);
        visitor.Visit(ref quantityExponent);
        visitor.Visit(ref multiplier);
        visitor.Visit(ref tick);
        visitor.Visit(ref lot);
        visitor.Visit(ref minQuantity);
        visitor.Visit(ref maxQuantity);
        visitor.Visit(ref minNotional);
        _rules = new Instrument
        {
            Id = new InstrumentId((ushort)id),
            Kind = (InstrumentKind)kind,
            PriceExponent = (byte)priceExponent,
            QuantityExponent = (byte)quantityExponent,
            Tick = tick,
            Lot = lot,
            MinQuantity = minQuantity,
            MaxQuantity = maxQuantity,
            MinNotional = minNotional,
            Multiplier = multiplier,
        };
    }
}
