using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text.Json;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Sandbox.Market;
using LowLatency.Sandbox.Trading;
using LowLatency.Sandbox.Web;

namespace LowLatency.Sandbox.Bybit;

/// <summary>What anybody may ask: time, instruments, books, prints, candles, tickers, price limits.</summary>
internal sealed class BybitMarketRest(Exchange exchange)
{
    internal BybitError Handle(RestRequest request, out Action<Utf8JsonWriter>? result)
    {
        result = null;
        if (request.Path == "/v5/market/time")
        {
            long now = exchange.Now;
            result = writer =>
            {
                writer.WriteStartObject();
                writer.WriteString("timeSecond", (now / 1_000_000_000).ToString(CultureInfo.InvariantCulture));
                writer.WriteString("timeNano", now.ToString(CultureInfo.InvariantCulture));
                writer.WriteEndObject();
            };
            return BybitError.Ok;
        }

        string? category = request.Parameter("category");
        string? symbol = request.Parameter("symbol");
        if (Array.IndexOf(BybitEntry.Categories, category) < 0)
        {
            return category is "inverse" or "option" ? Empty(category, out result) : BybitError.Params("Illegal category");
        }

        ListedInstrument? instrument = symbol is null ? null : exchange.Listing.Find(category!, symbol);
        if (symbol is not null && instrument is null)
        {
            return BybitError.Params("params error: symbol invalid " + symbol);
        }

        switch (request.Path)
        {
            case "/v5/market/instruments-info":
                return Instruments(request, category!, instrument, out result);
            case "/v5/market/tickers":
                result = writer => Listed(writer, category!, instrument, BybitTickers.Write);
                return BybitError.Ok;
        }

        if (instrument is null)
        {
            return BybitError.Params("params error: symbol is required");
        }

        switch (request.Path)
        {
            case "/v5/market/orderbook":
                int depth = Limit(request, 25, 1_000);
                result = writer => WriteBook(writer, instrument, depth);
                return BybitError.Ok;
            case "/v5/market/recent-trade":
                int prints = Limit(request, category == "spot" ? 60 : 500, category == "spot" ? 60 : 1_000);
                result = writer => WritePrints(writer, category!, instrument, prints);
                return BybitError.Ok;
            case "/v5/market/kline":
                return Candles(request, category!, instrument, out result);
            case "/v5/market/price-limit":
                (long buy, long sell) = BybitEntry.LimitsOf(instrument);
                result = writer =>
                {
                    writer.WriteStartObject();
                    writer.WriteString("symbol", instrument.Symbol);
                    writer.WriteString("buyLmt", instrument.PriceText(buy));
                    writer.WriteString("sellLmt", instrument.PriceText(sell));
                    writer.WriteString("ts", exchange.NowMs.ToString(CultureInfo.InvariantCulture));
                    writer.WriteEndObject();
                };
                return BybitError.Ok;
            default:
                return BybitError.Params("the sandbox has no " + request.Path);
        }
    }

    private static int Limit(RestRequest request, int usual, int most) =>
        int.TryParse(request.Parameter("limit"), NumberStyles.None, CultureInfo.InvariantCulture, out int limit) ? Math.Clamp(limit, 1, most) : usual;

    private static BybitError Empty(string category, out Action<Utf8JsonWriter>? result)
    {
        result = writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("category", category);
            writer.WriteStartArray("list");
            writer.WriteEndArray();
            writer.WriteString("nextPageCursor", string.Empty);
            writer.WriteEndObject();
        };
        return BybitError.Ok;
    }

    private BybitError Instruments(RestRequest request, string category, ListedInstrument? only, out Action<Utf8JsonWriter>? result)
    {
        result = null;
        if (request.Parameter("status") is { } status && status != "Trading")
        {
            return Empty(category, out result);
        }

        // The cursor is where the page goes on; it comes back percent-encoded once or not at all.
        int limit = Limit(request, 500, 1_000);
        int from = 0;
        if (request.Parameter("cursor") is { } cursor
            && !int.TryParse(cursor.Replace("first=", string.Empty, StringComparison.Ordinal), NumberStyles.None, CultureInfo.InvariantCulture, out from))
        {
            return BybitError.Params("params error: cursor invalid");
        }

        List<ListedInstrument> listed = [];
        foreach (ListedInstrument instrument in exchange.Listing.All)
        {
            if (instrument.Category == category && (only is null || only == instrument))
            {
                listed.Add(instrument);
            }
        }

        int to = Math.Min(listed.Count, from + limit);
        result = writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("category", category);
            writer.WriteStartArray("list");
            for (int i = from; i < to; i++)
            {
                WriteInstrument(writer, listed[i]);
            }

            writer.WriteEndArray();
            writer.WriteString("nextPageCursor", to < listed.Count ? "first%3D" + to.ToString(CultureInfo.InvariantCulture) : string.Empty);
            writer.WriteEndObject();
        };
        return BybitError.Ok;
    }

    private void Listed(Utf8JsonWriter writer, string category, ListedInstrument? only, Action<Utf8JsonWriter, ListedInstrument, long> write)
    {
        writer.WriteStartObject();
        writer.WriteString("category", category);
        writer.WriteStartArray("list");
        foreach (ListedInstrument instrument in exchange.Listing.All)
        {
            if (instrument.Category == category && (only is null || only == instrument))
            {
                write(writer, instrument, exchange.Now);
            }
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteInstrument(Utf8JsonWriter writer, ListedInstrument instrument)
    {
        Instrument rules = instrument.Rules;
        bool spot = instrument.Kind == InstrumentKind.Spot;
        writer.WriteStartObject();
        writer.WriteString("symbol", instrument.Symbol);
        writer.WriteString("status", instrument.Status == TradingStatus.Open ? "Trading" : "Closed");
        writer.WriteString("baseCoin", instrument.Base);
        writer.WriteString("quoteCoin", instrument.Quote);
        if (!spot)
        {
            writer.WriteString("contractType", "LinearPerpetual");
            writer.WriteString("settleCoin", instrument.Quote);
            writer.WriteString("launchTime", "1585526400000");
            writer.WriteString("deliveryTime", "0");
            writer.WriteString("deliveryFeeRate", string.Empty);
            writer.WriteString("priceScale", rules.PriceExponent.ToString(CultureInfo.InvariantCulture));
            writer.WriteStartObject("leverageFilter");
            writer.WriteString("minLeverage", "1");
            writer.WriteString("maxLeverage", "10.00");
            writer.WriteString("leverageStep", "0.01");
            writer.WriteEndObject();
            writer.WriteBoolean("unifiedMarginTrade", true);
            writer.WriteNumber("fundingInterval", BybitTickers.FundingMinutes);
            writer.WriteString("copyTrading", "none");
            writer.WriteString("upperFundingRate", "0.00375");
            writer.WriteString("lowerFundingRate", "-0.00375");
        }
        else
        {
            writer.WriteString("innovation", "0");
            writer.WriteString("marginTrading", "none");
            writer.WriteString("stTag", "0");
        }

        writer.WriteStartObject("priceFilter");
        writer.WriteString("tickSize", instrument.PriceText(rules.Tick));
        if (!spot)
        {
            writer.WriteString("minPrice", instrument.PriceText(rules.Tick));
            writer.WriteString("maxPrice", instrument.PriceText(Instrument.PowerOf10(rules.PriceExponent) * 1_999_999));
        }

        writer.WriteEndObject();
        writer.WriteStartObject("lotSizeFilter");
        string least = instrument.QuantityText(rules.MinQuantity);
        string most = instrument.QuantityText(rules.MaxQuantity);
        string notional = Units.Money(Units.Value(rules.MinNotional, Money.Exponent));
        writer.WriteString("minOrderQty", least);
        writer.WriteString("maxOrderQty", most);
        if (spot)
        {
            writer.WriteString("basePrecision", instrument.QuantityText(rules.Lot));
            writer.WriteString("quotePrecision", "0.00000001");
            writer.WriteString("minOrderAmt", notional);
            writer.WriteString("maxOrderAmt", "10000000");
            writer.WriteString("maxLimitOrderQty", most);
            writer.WriteString("maxMarketOrderQty", most);
        }
        else
        {
            writer.WriteString("qtyStep", instrument.QuantityText(rules.Lot));
            writer.WriteString("maxMktOrderQty", most);
            writer.WriteString("postOnlyMaxOrderQty", most);
            writer.WriteString("minNotionalValue", notional);
        }

        writer.WriteEndObject();
        writer.WriteStartObject("riskParameters");
        writer.WriteString("priceLimitRatioX", "0.1");
        writer.WriteString("priceLimitRatioY", "0.1");
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private void WriteBook(Utf8JsonWriter writer, ListedInstrument instrument, int depth)
    {
        writer.WriteStartObject();
        writer.WriteString("s", instrument.Symbol);
        foreach (Side side in new[] { Side.Buy, Side.Sell })
        {
            writer.WriteStartArray(side == Side.Buy ? "b" : "a");
            int levels = Math.Min(depth, side == Side.Buy ? instrument.Book.BidCount : instrument.Book.AskCount);
            for (int i = 0; i < levels; i++)
            {
                Core.Market.BookLevel level = instrument.Book.LevelAt(side, i);
                writer.WriteStartArray();
                writer.WriteStringValue(instrument.PriceText(level.Price));
                writer.WriteStringValue(instrument.QuantityText(level.Quantity));
                writer.WriteEndArray();
            }

            writer.WriteEndArray();
        }

        writer.WriteNumber("ts", exchange.NowMs);
        writer.WriteNumber("u", instrument.Changes);
        writer.WriteNumber("seq", instrument.Changes);
        writer.WriteNumber("cts", exchange.NowMs);
        writer.WriteEndObject();
    }

    private static void WritePrints(Utf8JsonWriter writer, string category, ListedInstrument instrument, int limit)
    {
        List<Print> newest = [.. instrument.Prints];
        newest.Reverse();
        writer.WriteStartObject();
        writer.WriteString("category", category);
        writer.WriteStartArray("list");
        for (int i = 0; i < Math.Min(limit, newest.Count); i++)
        {
            Print print = newest[i];
            writer.WriteStartObject();
            writer.WriteString("execId", print.Number.ToString(CultureInfo.InvariantCulture));
            writer.WriteString("symbol", instrument.Symbol);
            writer.WriteString("price", instrument.PriceText(print.Price));
            writer.WriteString("size", instrument.QuantityText(print.Quantity));
            writer.WriteString("side", print.Aggressor == Side.Sell ? "Sell" : "Buy");
            writer.WriteString("time", BybitJson.Ms(print.At));
            writer.WriteBoolean("isBlockTrade", false);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static BybitError Candles(RestRequest request, string category, ListedInstrument instrument, out Action<Utf8JsonWriter>? result)
    {
        result = null;
        CandleSeries? series = null;
        foreach (CandleSeries one in instrument.Candles)
        {
            series = one.Name == request.Parameter("interval") ? one : series;
        }

        if (series is null)
        {
            return BybitError.Params("Invalid period!");
        }

        int limit = Limit(request, 200, 1_000);
        result = writer =>
        {
            List<Candle> newest = [.. series.Closed];
            if (series.Current.Start != 0)
            {
                newest.Add(series.Current);
            }

            newest.Reverse();
            writer.WriteStartObject();
            writer.WriteString("category", category);
            writer.WriteString("symbol", instrument.Symbol);
            writer.WriteStartArray("list");
            for (int i = 0; i < Math.Min(limit, newest.Count); i++)
            {
                Candle candle = newest[i];
                writer.WriteStartArray();
                writer.WriteStringValue(BybitJson.Ms(candle.Start));
                writer.WriteStringValue(instrument.PriceText(candle.Open));
                writer.WriteStringValue(instrument.PriceText(candle.High));
                writer.WriteStringValue(instrument.PriceText(candle.Low));
                writer.WriteStringValue(instrument.PriceText(candle.Close));
                writer.WriteStringValue(instrument.QuantityText(candle.Volume));
                writer.WriteStringValue(Units.Money(candle.Turnover));
                writer.WriteEndArray();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        };
        return BybitError.Ok;
    }
}
