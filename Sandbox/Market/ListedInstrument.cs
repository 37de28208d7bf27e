using System;
using System.Collections.Generic;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Values;

namespace LowLatency.Sandbox.Market;

/// <summary>An instrument as the sandbox shows it: rules, book, prints, candles.</summary>
internal sealed class ListedInstrument
{
    /// <summary>Prints that are kept for who asks.</summary>
    internal const int PrintsKept = 1_000;

    private const long Minute = 60_000_000_000;
    private const long Day = 1_440 * Minute;

    private readonly Queue<Print> _prints = new();

    internal ListedInstrument(InstrumentId id, in InstrumentDefined definition)
    {
        Id = id;
        Define(definition);
        Symbol = definition.Symbol.ToString();
        Quote = definition.Currency.ToString();
        int slash = Symbol.IndexOf('/', StringComparison.Ordinal);
        Base = slash > 0 ? Symbol[..slash]
            : Symbol.EndsWith(Quote, StringComparison.Ordinal) ? Symbol[..^Quote.Length]
            : Symbol;
        IsAlpaca = Kind == InstrumentKind.Equity || slash > 0;
        Category = Kind switch
        {
            InstrumentKind.Linear => "linear",
            InstrumentKind.Spot => IsAlpaca ? "crypto" : "spot",
            _ => "us_equity",
        };
        Candles =
        [
            new("1", Minute), new("3", 3 * Minute), new("5", 5 * Minute), new("15", 15 * Minute), new("30", 30 * Minute),
            new("60", 60 * Minute), new("120", 120 * Minute), new("240", 240 * Minute), new("360", 360 * Minute),
            new("720", 720 * Minute), new("D", Day),
        ];
    }

    internal InstrumentId Id { get; }

    internal InstrumentDefined Definition { get; private set; }

    internal Instrument Rules { get; private set; }

    internal InstrumentKind Kind => Definition.InstrumentKind;

    internal string Symbol { get; }

    internal string Base { get; }

    internal string Quote { get; }

    /// <summary>The venue's word for its kind.</summary>
    internal string Category { get; }

    internal bool IsAlpaca { get; }

    internal Book Book { get; } = new(2_048);

    internal TradingStatus Status { get; private set; } = TradingStatus.Open;

    internal IReadOnlyList<CandleSeries> Candles { get; }

    internal IReadOnlyCollection<Print> Prints => _prints;

    /// <summary>The last print; 0 before the first.</summary>
    internal long LastPrice { get; private set; }

    internal long FirstPrice { get; private set; }

    internal long HighPrice { get; private set; }

    internal long LowPrice { get; private set; }

    internal long Volume { get; private set; }

    internal decimal Turnover { get; private set; }

    /// <summary>Changes with every print and every book: what a cross sequence is made of.</summary>
    internal long Changes { get; private set; } = 1_000_000;

    internal bool IsReady => Book.IsReady && Book.HasBothSides;

    /// <summary>The middle of the book, else the last print.</summary>
    internal decimal Mark => IsReady
        ? Units.Value(Book.BestBidPrice + Book.BestAskPrice, Rules.PriceExponent) / 2
        : Units.Value(LastPrice, Rules.PriceExponent);

    internal string PriceText(long price) => Units.Text(price, Rules.PriceExponent);

    internal string QuantityText(long quantity) => Units.Text(quantity, Rules.QuantityExponent);

    internal decimal Price(long price) => Units.Value(price, Rules.PriceExponent);

    internal decimal Quantity(long quantity) => Units.Value(quantity, Rules.QuantityExponent);

    internal decimal Notional(long price, long quantity) => Price(price) * Quantity(quantity);

    internal void Define(in InstrumentDefined definition)
    {
        Definition = definition;
        Rules = definition.ToInstrument(Id);
    }

    /// <summary>Takes an event of its own. True when the book is at the end of a change.</summary>
    internal bool Take(in Event published)
    {
        switch (published.Kind)
        {
            case EventKind.BookLevels:
                Book.Apply(published);
                Changes++;
                return published.EndsGroup;
            case EventKind.Quote:
                TakeQuote(published.Quote);
                Changes++;
                return true;
            case EventKind.TradingStatus:
                Status = published.TradingStatus.Status;
                return false;
            case EventKind.StreamState when published.StreamState.State != StreamState.Up:
                Book.Invalidate();
                return false;
            case EventKind.Trade:
                TakePrint(published);
                return false;
            default:
                return false;
        }
    }

    /// <summary>Ends candles whose time is over.</summary>
    internal void CloseCandles(long now, Action<ListedInstrument, CandleSeries, Candle> closed)
    {
        foreach (CandleSeries series in Candles)
        {
            while (series.TryClose(now, out Candle candle))
            {
                closed(this, series, candle);
            }
        }
    }

    private void TakePrint(in Event published)
    {
        ref readonly Trade trade = ref published.Trade;
        long before = LastPrice;
        LastPrice = trade.Price;
        FirstPrice = FirstPrice == 0 ? trade.Price : FirstPrice;
        HighPrice = Math.Max(HighPrice, trade.Price);
        LowPrice = LowPrice == 0 ? trade.Price : Math.Min(LowPrice, trade.Price);
        Volume += trade.Quantity;
        decimal turnover = Notional(trade.Price, trade.Quantity);
        Turnover += turnover;
        Changes++;
        string direction = trade.Price > before ? "PlusTick" : trade.Price < before ? "MinusTick" : "ZeroPlusTick";
        _prints.Enqueue(new Print(
            published.VenueTime, trade.Price, trade.Quantity, trade.Aggressor, ++PrintNumber, direction, Changes));
        if (_prints.Count > PrintsKept)
        {
            _ = _prints.Dequeue();
        }

        foreach (CandleSeries series in Candles)
        {
            series.Print(published.ReceivedAt, trade.Price, trade.Quantity, turnover);
        }
    }

    internal long PrintNumber { get; private set; }

    // A market of quotes has a book of one level.
    private void TakeQuote(in Quote quote)
    {
        Event snapshot = new() { Instrument = Id, Flags = EventFlags.Whole | EventFlags.Snapshot };
        BookLevels levels = new() { Layout = 1, UpdateId = quote.UpdateId };
        if (quote.BidQuantity > 0)
        {
            _ = levels.TryAdd(Side.Buy, quote.BidPrice, quote.BidQuantity);
        }

        if (quote.AskQuantity > 0)
        {
            _ = levels.TryAdd(Side.Sell, quote.AskPrice, quote.AskQuantity);
        }

        snapshot.Set(levels);
        Book.Apply(snapshot);
    }
}

/// <summary>A print of the market.</summary>
internal readonly record struct Print(
    long At, long Price, long Quantity, Side Aggressor, long Number, string Direction, long Sequence);
