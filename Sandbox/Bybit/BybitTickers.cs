using System.Collections.Generic;
using System.Globalization;
using System.Text.Json;
using LowLatency.Core.Market;
using LowLatency.Core.Values;
using LowLatency.Sandbox.Market;

namespace LowLatency.Sandbox.Bybit;

/// <summary>Tickers: the same fields for REST, snapshots and differences.</summary>
internal static class BybitTickers
{
    /// <summary>Minutes between two fundings.</summary>
    internal const int FundingMinutes = 480;

    private const long Minute = 60_000_000_000;

    /// <summary>The fields and their text now, always in the same order.</summary>
    internal static List<(string Name, string Text)> Fields(ListedInstrument instrument, long now)
    {
        Book book = instrument.Book;
        long last = instrument.LastPrice;
        decimal moved = instrument.FirstPrice == 0 ? 0 : decimal.Round((decimal)(last - instrument.FirstPrice) / instrument.FirstPrice, 6);
        List<(string, string)> fields =
        [
            ("symbol", instrument.Symbol),
            ("lastPrice", instrument.PriceText(last)),
            ("highPrice24h", instrument.PriceText(instrument.HighPrice)),
            ("lowPrice24h", instrument.PriceText(instrument.LowPrice)),
            ("prevPrice24h", instrument.PriceText(instrument.FirstPrice)),
            ("volume24h", instrument.QuantityText(instrument.Volume)),
            ("turnover24h", Units.Money(instrument.Turnover)),
            ("price24hPcnt", Units.Text(moved)),
        ];
        if (instrument.Kind == InstrumentKind.Spot)
        {
            fields.Add(("usdIndexPrice", Units.Money(instrument.Mark)));
            return fields;
        }

        long funding = FundingMinutes * Minute;
        fields.AddRange(
        [
            ("prevPrice1h", instrument.PriceText(instrument.FirstPrice)),
            ("markPrice", Units.Money(instrument.Mark)),
            ("indexPrice", Units.Money(instrument.Mark)),
            ("openInterest", instrument.QuantityText(0)),
            ("openInterestValue", "0"),
            ("fundingRate", "0.0001"),
            ("nextFundingTime", BybitJson.Ms(now - (now % funding) + funding)),
            ("fundingIntervalHour", (FundingMinutes / 60).ToString(CultureInfo.InvariantCulture)),
            ("bid1Price", book.BidCount == 0 ? string.Empty : instrument.PriceText(book.BestBidPrice)),
            ("bid1Size", instrument.QuantityText(book.BestBidQuantity)),
            ("ask1Price", book.AskCount == 0 ? string.Empty : instrument.PriceText(book.BestAskPrice)),
            ("ask1Size", instrument.QuantityText(book.BestAskQuantity)),
        ]);
        return fields;
    }

    /// <summary>Writes the whole ticker; REST gives the best prices of pairs too.</summary>
    internal static void Write(Utf8JsonWriter writer, ListedInstrument instrument, long now)
    {
        writer.WriteStartObject();
        foreach ((string name, string text) in Fields(instrument, now))
        {
            writer.WriteString(name, text);
        }

        if (instrument.Kind == InstrumentKind.Spot)
        {
            writer.WriteString("bid1Price", instrument.PriceText(instrument.Book.BestBidPrice));
            writer.WriteString("bid1Size", instrument.QuantityText(instrument.Book.BestBidQuantity));
            writer.WriteString("ask1Price", instrument.PriceText(instrument.Book.BestAskPrice));
            writer.WriteString("ask1Size", instrument.QuantityText(instrument.Book.BestAskQuantity));
        }

        writer.WriteEndObject();
    }
}
