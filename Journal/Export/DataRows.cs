using System;
using System.Collections.Generic;
using System.IO;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Journal.Inspection;

namespace LowLatency.Journal.Export;

/// <summary>
/// Events in our own data format, which <c>import</c> reads: instruments, trades, quotes, book levels, bars, gaps, corporate actions that
/// act, and what is said of derivatives. What the format has no row for is left out and counted.
/// </summary>
internal sealed class DataRows
{
    private readonly TextWriter _writer;
    private readonly InstrumentNames _names;
    private readonly SortedDictionary<string, long> _leftOut = new(StringComparer.Ordinal);
    private readonly InstrumentDefined[] _written = new InstrumentDefined[Limits.Instruments + 1];

    /// <summary>Writes the head of the file.</summary>
    /// <param name="writer">Where it goes.</param>
    /// <param name="names">The instruments as they are at the begin of the range.</param>
    /// <param name="definitions">All instruments of the range.</param>
    public DataRows(TextWriter writer, InstrumentNames names, IEnumerable<(InstrumentId Id, InstrumentDefined Definition)> definitions)
    {
        _writer = writer;
        _names = names;
        _writer.Write("lowlatency-csv,1\n");
        foreach ((InstrumentId id, InstrumentDefined definition) in definitions)
        {
            _written[id.Value] = definition;
            string kind = definition.InstrumentKind switch
            {
                InstrumentKind.Equity => "equity",
                InstrumentKind.Spot => "spot",
                InstrumentKind.Linear => "linear",
                InstrumentKind.Inverse => "inverse",
                InstrumentKind.None => throw new InvalidDataException(
                    $"instrument {id.Value}: it has no kind; the format knows equity, spot and linear"),
            };
            string price(long units) => PayloadFields.Decimal(units, definition.PriceExponent);
            string quantity(long units) => PayloadFields.Decimal(units, definition.QuantityExponent);
            Line(
                $"instrument,{definition.Symbol},{kind},{definition.Currency},{definition.PriceExponent},{definition.QuantityExponent},"
                + FormattableString.Invariant($"{price(definition.Tick)},{quantity(definition.Lot)},")
                + FormattableString.Invariant($"{quantity(definition.MinQuantity)},{quantity(definition.MaxQuantity)},")
                + FormattableString.Invariant(
                    $"{PayloadFields.Decimal(definition.MinNotional, Money.Exponent)},{definition.Multiplier}"));
        }
    }

    /// <summary>Rows of data.</summary>
    public long Rows { get; private set; }

    /// <summary>Kinds that have no row, and how many there were.</summary>
    public IReadOnlyDictionary<string, long> LeftOut => _leftOut;

    /// <summary>Writes an event, if there is a row for it.</summary>
    /// <param name="e">The event.</param>
    public void Write(in Event e)
    {
        string when = FormattableString.Invariant($"{e.ReceivedAt},{(e.VenueTime == 0 ? string.Empty : e.VenueTime)}");
        string symbol = _names.TryGet(e.Instrument, out InstrumentDefined definition)
            ? definition.Symbol.ToString()
            : string.Empty;
        switch (e.Kind)
        {
            case EventKind.InstrumentDefined:
                RefuseRedefinition(e);
                break;
            case EventKind.Trade:
                Trade trade = e.Trade;
                string aggressor = trade.Aggressor switch
                {
                    Side.Buy => "buy",
                    Side.Sell => "sell",
                    Side.None => string.Empty,
                };
                Row($"trade,{when},{symbol},{Price(e, trade.Price)},{Quantity(e, trade.Quantity)},{aggressor},{Id(trade.TradeId)}");
                if (trade.Marks != 0 || trade.SaleCondition != 0 || trade.Exchange != 0)
                {
                    LeaveOut("marks, sale condition or exchange of a trade");
                }

                break;
            case EventKind.Quote:
                Quote quote = e.Quote;
                Row($"quote,{when},{symbol},{Price(e, quote.BidPrice)},{Quantity(e, quote.BidQuantity)},"
                    + $"{Price(e, quote.AskPrice)},{Quantity(e, quote.AskQuantity)},{Id(quote.UpdateId)}");
                break;
            case EventKind.BookLevels:
                Levels(e, when, symbol);
                break;
            case EventKind.Bar:
                Bar bar = e.Bar;
                Row(FormattableString.Invariant($"bar,{when},{symbol},{bar.StartTime},{bar.Timeframe / 1_000_000_000},")
                    + $"{Price(e, bar.Open)},{Price(e, bar.High)},{Price(e, bar.Low)},{Price(e, bar.Close)},"
                    + $"{Quantity(e, bar.Volume)},{Id(bar.TradeCount)}");
                if (bar.Turnover != 0)
                {
                    LeaveOut("turnover of a bar");
                }

                break;
            case EventKind.StreamState when e.StreamState.State == StreamState.Gap && e.Instrument.Value != 0:
                Row($"gap,{when},{symbol}");
                break;
            case EventKind.CorporateAction when e.CorporateAction.Effect == CorporateActionEffect.InForce:
                Row(Action(e.CorporateAction, when, symbol));
                break;
            case EventKind.DerivativePrices:
                DerivativePrices prices = e.DerivativePrices;
                Row($"derivative,{when},{symbol},{Nano(prices.MarkPrice)},{Nano(prices.IndexPrice)},"
                    + $"{PayloadFields.Decimal(prices.FundingRate, 12)},{Id(prices.NextFunding)},"
                    + $"{Id(prices.FundingInterval / 1_000_000_000)},{Quantity(e, prices.OpenInterest)}");
                break;
            default:
                LeaveOut(e.Kind.ToString());
                break;
        }
    }

    private static string Action(in CorporateAction action, string when, string symbol) => action.Action switch
    {
        CorporateActionKind.Split => FormattableString.Invariant(
            $"split,{when},{symbol},{action.NewShares},{action.OldShares},{Nano(action.ReferencePrice)}"),
        CorporateActionKind.Dividend => FormattableString.Invariant(
            $"dividend,{when},{symbol},{Nano(action.CashPerShare)},{Nano(action.ReferencePrice)},{Id(action.PayAfterDays)}"),
        CorporateActionKind.Renamed => $"renamed,{when},{symbol},{action.NewSymbol}",
        _ => $"delisted,{when},{symbol}",
    };

    // 10^-9 of the currency; nothing for none.
    private static string Nano(long units) => units == 0 ? string.Empty : PayloadFields.Decimal(units, Instrument.ExponentMax);

    private static string Id(long id) => id == 0 ? string.Empty : FormattableString.Invariant($"{id}");

    private string Price(in Event e, long units) => PayloadFields.Amount(e, Unit.Price, units, _names);

    private string Quantity(in Event e, long units) => PayloadFields.Amount(e, Unit.Quantity, units, _names);

    private void Levels(in Event e, string when, string symbol)
    {
        BookLevels levels = e.BookLevels;
        string mode = (e.Flags & EventFlags.Snapshot) != 0 ? "snapshot" : "diff";
        for (int i = 0; i < levels.Count; i++)
        {
            string side = levels.SideAt(i) == Side.Buy ? "bid" : "ask";
            Row($"level,{when},{symbol},{mode},{Id(levels.UpdateId)},{Id(levels.PreviousUpdateId)},{side},"
                + $"{Price(e, levels.PriceAt(i))},{Quantity(e, levels.QuantityAt(i))}");
        }
    }

    /// <summary>The format defines an instrument once, in front: a change inside the range cannot be told in it.</summary>
    private void RefuseRedefinition(in Event e)
    {
        InstrumentDefined then = _written[e.Instrument.Value];
        InstrumentDefined now = e.InstrumentDefined;
        bool same = then.Symbol.ToString() == now.Symbol.ToString()
            && then.PriceExponent == now.PriceExponent
            && then.QuantityExponent == now.QuantityExponent
            && then.Tick == now.Tick
            && then.Lot == now.Lot;
        if (!same)
        {
            throw new InvalidDataException(
                $"event {e.Sequence} defines instrument {e.Instrument.Value} anew; the data format knows one definition of an "
                + "instrument: export the range before it and the range after it, each by itself");
        }
    }

    private void LeaveOut(string what) => _leftOut[what] = _leftOut.GetValueOrDefault(what) + 1;

    private void Row(string text)
    {
        Line(text);
        Rows++;
    }

    private void Line(string text)
    {
        _writer.Write(text);
        _writer.Write('\n');
    }
}
