using System;
using System.Globalization;
using LowLatency.Core.Events;
using LowLatency.Core.Formats.MessagePack;
using LowLatency.Core.Values;
using LowLatency.Sandbox.Market;
using LowLatency.Sandbox.Web;

namespace LowLatency.Sandbox.Alpaca;

/// <summary>A field: text, a decimal, a whole number, a time, a list of texts.</summary>
internal readonly record struct DataField(string Name, object Value);

/// <summary>A time.</summary>
internal readonly record struct Moment(long Nanoseconds);

/// <summary>Items of market messages, and a message of them in either format.</summary>
internal static class DataItems
{
    internal static DataField[] Of(string kind, params ReadOnlySpan<(string Name, object Value)> fields)
    {
        // The kind is always the first: clients look for it there.
        DataField[] item = new DataField[fields.Length + 1];
        item[0] = new DataField("T", kind);
        for (int i = 0; i < fields.Length; i++)
        {
            item[i + 1] = new DataField(fields[i].Name, fields[i].Value);
        }

        return item;
    }

    internal static DataField[] Print(ListedInstrument instrument, Print print) => instrument.Kind == InstrumentKind.Equity
        ? Of(
            "t",
            ("S", instrument.Symbol),
            ("i", print.Number),
            ("x", "V"),
            ("p", instrument.Price(print.Price)),
            ("s", instrument.Quantity(print.Quantity)),
            ("c", new[] { "@" }),
            ("z", "C"),
            ("t", new Moment(print.At)))
        : Of(
            "t",
            ("S", instrument.Symbol),
            ("p", instrument.Price(print.Price)),
            ("s", instrument.Quantity(print.Quantity)),
            ("t", new Moment(print.At)),
            ("i", print.Number),
            ("tks", print.Aggressor == Side.Sell ? "S" : "B"));

    internal static DataField[] Quote(ListedInstrument instrument, long now)
    {
        Core.Market.Book book = instrument.Book;
        return instrument.Kind == InstrumentKind.Equity
            ? Of(
                "q",
                ("S", instrument.Symbol),
                ("bx", "V"),
                ("bp", instrument.Price(book.BestBidPrice)),
                ("bs", instrument.Quantity(book.BestBidQuantity)),
                ("ax", "V"),
                ("ap", instrument.Price(book.BestAskPrice)),
                ("as", instrument.Quantity(book.BestAskQuantity)),
                ("c", new[] { "R" }),
                ("z", "C"),
                ("t", new Moment(now)))
            : Of(
                "q",
                ("S", instrument.Symbol),
                ("bp", instrument.Price(book.BestBidPrice)),
                ("bs", instrument.Quantity(book.BestBidQuantity)),
                ("ap", instrument.Price(book.BestAskPrice)),
                ("as", instrument.Quantity(book.BestAskQuantity)),
                ("t", new Moment(now)));
    }

    internal static DataField[] Status(ListedInstrument instrument, long now)
    {
        bool open = instrument.Status == TradingStatus.Open;
        return Of(
            "s",
            ("S", instrument.Symbol),
            ("sc", open ? "T" : "H"),
            ("sm", open ? "Trading Resumption" : "Trading Halt"),
            ("rc", string.Empty),
            ("rm", string.Empty),
            ("t", new Moment(now)),
            ("z", "C"));
    }

    internal static DataField[] Bar(ListedInstrument instrument, Candle candle) => Of(
        "b",
        ("S", instrument.Symbol),
        ("o", instrument.Price(candle.Open)),
        ("h", instrument.Price(candle.High)),
        ("l", instrument.Price(candle.Low)),
        ("c", instrument.Price(candle.Close)),
        ("v", instrument.Quantity(candle.Volume)),
        ("n", candle.Trades),
        ("vw", decimal.Round(candle.Turnover / instrument.Quantity(candle.Volume), 6)),
        ("t", new Moment(candle.Start)));

    internal static byte[] Text(DataField[][] items) => Json.Bytes(writer =>
    {
        writer.WriteStartArray();
        foreach (DataField[] item in items)
        {
            writer.WriteStartObject();
            foreach (DataField field in item)
            {
                writer.WritePropertyName(field.Name);
                switch (field.Value)
                {
                    case string text:
                        writer.WriteStringValue(text);
                        break;
                    case decimal number:
                        writer.WriteRawValue(Units.Text(number));
                        break;
                    case Moment at:
                        writer.WriteStringValue(AlpacaJson.Time(at.Nanoseconds));
                        break;
                    case string[] texts:
                        writer.WriteStartArray();
                        foreach (string one in texts)
                        {
                            writer.WriteStringValue(one);
                        }

                        writer.WriteEndArray();
                        break;
                    default:
                        writer.WriteNumberValue((long)field.Value);
                        break;
                }
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    });

    internal static byte[] Packed(DataField[][] items)
    {
        MessagePackWriter writer = new();
        writer.WriteArrayHeader(items.Length);
        foreach (DataField[] item in items)
        {
            writer.WriteMapHeader(item.Length);
            foreach (DataField field in item)
            {
                writer.WriteText(field.Name);
                switch (field.Value)
                {
                    case string text:
                        writer.WriteText(text);
                        break;
                    case decimal number when decimal.Truncate(number) == number:
                        writer.WriteInteger((long)number);
                        break;
                    case decimal number:
                        writer.WriteFloat(double.Parse(number.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture));
                        break;
                    case Moment at:
                        writer.WriteTimestamp(at.Nanoseconds);
                        break;
                    case string[] texts:
                        writer.WriteArrayHeader(texts.Length);
                        foreach (string one in texts)
                        {
                            writer.WriteText(one);
                        }

                        break;
                    default:
                        writer.WriteInteger((long)field.Value);
                        break;
                }
            }
        }

        return writer.Written.ToArray();
    }
}
