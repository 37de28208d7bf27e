using System;
using System.Collections.Generic;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Journal;
using LowLatency.Journal.Format;
using LowLatency.Journal.Inspection;
using LowLatency.Tests.Journal.Support;
using Xunit;

namespace LowLatency.Tests.Journal.Inspection;

public sealed class JournalInspectorTests
{
    /// <summary>Whole numbers that are no amount of an instrument or a currency.</summary>
    private static readonly string[] PlainNumbers =
        ["TradeId", "UpdateId", "StartTime", "Timeframe", "Turnover", "TradeCount", "Number", "Interval", "Waiting",
            "CommandSequence", "PreviousUpdateId", "AsOf", "AtPrice", "AveragePrice", "FundingInterval", "FundingRate", "IndexPrice",
            "LiquidationPrice", "MarkPrice", "NextFunding", "Rate", "NewShares", "OldShares", "CashPerShare", "ReferencePrice",
            "Ours", "Theirs", "VenuePrice"];

    [Fact]
    public void Filters_choose_by_range_kind_and_instrument()
    {
        FaultyStorage storage = Sample();
        Assert.Equal([0, 1, 2, 3, 4, 5], Sequences(storage, new InspectionFilter()));
        Assert.Equal([2, 3], Sequences(storage, new InspectionFilter { From = 2, To = 3 }));
        Assert.Equal([1, 4], Sequences(storage, new InspectionFilter { Kind = EventKind.Trade }));
        Assert.Equal([0, 1, 2, 3], Sequences(storage, new InspectionFilter { Instrument = new InstrumentId(1) }));
        Assert.Equal(
            [4], Sequences(storage, new InspectionFilter { Kind = EventKind.Trade, Instrument = new InstrumentId(2) }));
    }

    [Fact]
    public void Json_lines_name_every_field_with_exact_decimals_once_the_instrument_is_defined()
    {
        List<JsonElement> lines = [];
        using (JournalInspector inspector = new(Sample(), JournalFixture.Folder, new InspectionFilter()))
        {
            Event e = default;
            while (inspector.Next(ref e))
            {
                lines.Add(JsonDocument.Parse(inspector.Formatter.Json(e)).RootElement.Clone());
            }

            Assert.Equal(new InstrumentId(1), inspector.Names.Find("BTCUSDT"));
        }

        Assert.Equal("BTCUSDT", lines[0].GetProperty("payload").GetProperty("symbol").GetString());
        Assert.Equal("0.10", lines[0].GetProperty("payload").GetProperty("tick").GetRawText());
        JsonElement trade = lines[1];
        Assert.Equal("BTCUSDT", trade.GetProperty("symbol").GetString());
        Assert.Equal("Trade", trade.GetProperty("kind").GetString());
        Assert.Equal("Whole", trade.GetProperty("flags").GetString());
        Assert.Equal("-65000.05", trade.GetProperty("payload").GetProperty("price").GetRawText());
        Assert.Equal("0.012", trade.GetProperty("payload").GetProperty("quantity").GetRawText());
        Assert.Equal("Sell", trade.GetProperty("payload").GetProperty("aggressor").GetString());
        Assert.Equal("-0.00000001", lines[2].GetProperty("payload").GetProperty("fee").GetRawText());
        Assert.Equal("3-9-1", lines[2].GetProperty("payload").GetProperty("order").GetString());
        Assert.Equal(
            "[[\"bid\",1.00,0.005],[\"ask\",1.02,0.000]]",
            lines[3].GetProperty("payload").GetProperty("levels").GetRawText());
        Assert.Equal(100, lines[4].GetProperty("payload").GetProperty("priceUnits").GetInt64());
    }

    [Fact]
    public void A_person_reads_the_same()
    {
        using JournalInspector inspector = new(
            Sample(), JournalFixture.Folder, new InspectionFilter { Kind = EventKind.Trade });
        Event e = default;
        Assert.True(inspector.Next(ref e));
        string line = inspector.Formatter.Human(e);
        Assert.StartsWith("         1 2026-01-02T03:04:05.000000001Z Trade BTCUSDT Bybit [Whole]", line, StringComparison.Ordinal);
        Assert.Contains(" price=-65000.05 quantity=0.012 ", line, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_kind_is_formatted_with_every_field_and_every_number_has_a_declared_unit()
    {
        EventFormatter formatter = new(new InstrumentNames());
        int kinds = 0;
        foreach (Type type in typeof(Event).Assembly.GetTypes())
        {
            if (type.IsValueType && type.IsAssignableTo(typeof(IPayload)))
            {
                Event e = default;
                e.Kind = (EventKind)type.GetProperty("Kind", BindingFlags.Public | BindingFlags.Static)!.GetValue(null)!;
                JsonElement payload = JsonDocument.Parse(formatter.Json(e)).RootElement.GetProperty("payload");
                foreach (FieldInfo field in type.GetFields(BindingFlags.Public | BindingFlags.Instance))
                {
                    bool number = field.FieldType == typeof(long);
                    bool known = PayloadFields.UnitOf(field.Name) != Unit.Plain
                        || Array.IndexOf(PlainNumbers, field.Name) >= 0;
                    Assert.True(!number || known, type.Name + "." + field.Name + " has no declared unit");
                    string name = char.ToLowerInvariant(field.Name[0]) + field.Name[1..];
                    bool shown = payload.TryGetProperty(name, out _) || payload.TryGetProperty(name + "Units", out _);
                    bool hidden = field.Name.StartsWith("Reserved", StringComparison.Ordinal)
                        || type == typeof(BookLevels);
                    Assert.True(shown || hidden, type.Name + "." + field.Name + " is not shown");
                }

                kinds++;
            }
        }

        Assert.Equal(Enum.GetValues<EventKind>().Length - 1, kinds);
    }

    /// <summary>Whatever bytes stand in a record: a line comes out of it, and never an exception or nothing.</summary>
    [Fact]
    public void Any_bytes_of_any_kind_are_text()
    {
        Xoshiro256 dice = new(20_261_121);
        InstrumentNames names = new();
        EventFormatter formatter = new(names);
        byte[] bytes = new byte[Event.Size];
        EventKind[] kinds = Enum.GetValues<EventKind>();
        for (int i = 0; i < 100_000; i++)
        {
            for (int at = 0; at < bytes.Length; at += 8)
            {
                ulong word = dice.NextBelow(3) switch { 0 => 0, 1 => ulong.MaxValue, _ => dice.Next() };
                BitConverter.TryWriteBytes(bytes.AsSpan(at), word);
            }

            Event e = MemoryMarshal.Read<Event>(bytes);
            if (i % 4 != 0)
            {
                e.Kind = kinds[i % kinds.Length];
                e.Instrument = new InstrumentId((ushort)(1 + (i % 3)));
            }

            // Definitions of nonsense, too, are what the lines after them are read by.
            names.Observe(e);
            Assert.StartsWith("{\"sequence\":", formatter.Json(e), StringComparison.Ordinal);
            JsonDocument.Parse(formatter.Json(e)).Dispose();
            Assert.Contains(e.Kind.ToString(), formatter.Human(e), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(0, 0, "0")]
    [InlineData(-5, 0, "-5")]
    [InlineData(5, 2, "0.05")]
    [InlineData(-123, 2, "-1.23")]
    [InlineData(long.MinValue, 8, "-92233720368.54775808")]
    public void Decimals_are_exact(long units, int exponent, string expected) =>
        Assert.Equal(expected, PayloadFields.Decimal(units, exponent));

    [Fact]
    public void Statistics_count_what_is_there()
    {
        JournalStatistics statistics = JournalStatistics.Of(Sample(), JournalFixture.Folder);
        Assert.Equal((6, 5, 0L, 5L), (statistics.Events, statistics.Groups, statistics.First, statistics.Last));
        Assert.Equal(2, statistics.Of(EventKind.Trade));
        Assert.Equal(4, statistics.Of(new InstrumentId(1)));
        Assert.Equal(6, Assert.Single(statistics.Epochs).Events);
        Assert.True(statistics.IsSynthetic);
        Assert.Equal(5, statistics.Kinds().Count);
    }

    private static List<long> Sequences(FaultyStorage storage, InspectionFilter filter)
    {
        using JournalInspector inspector = new(storage, JournalFixture.Folder, filter);
        List<long> sequences = [];
        Event e = default;
        while (inspector.Next(ref e))
        {
            sequences.Add(e.Sequence);
        }

        return sequences;
    }

    private static FaultyStorage Sample()
    {
        FaultyStorage storage = new();
        JournalWriter writer = JournalFixture.Create(storage, Durability.Written);
        BookLevels levels = new() { BasePrice = 100 };
        Assert.True(levels.TryAdd(Side.Buy, 100, 5));
        Assert.True(levels.TryAdd(Side.Sell, 102, 0));
        Append(writer, 1, EventFlags.Whole, new InstrumentDefined
        {
            Symbol = Symbol24.Of("BTCUSDT"),
            Currency = Currency8.Of("USDT"),
            Tick = 10,
            InstrumentKind = InstrumentKind.Linear,
            PriceExponent = 2,
            QuantityExponent = 3,
        });
        Append(writer, 1, EventFlags.Whole, new Trade { Price = -6_500_005, Quantity = 12, Aggressor = Side.Sell });
        Append(writer, 1, EventFlags.Whole, new Execution { Order = OrderId.Of(3, 9, 1), Fee = -1 });
        Append(writer, 1, EventFlags.First, levels);
        Append(writer, 2, EventFlags.Whole | EventFlags.Synthetic, new Trade { Price = 100 });
        Append(writer, 0, EventFlags.Whole, new Tick { Number = 1, Interval = 100 });
        Assert.Null(writer.Close());
        return storage;
    }

    private static void Append<T>(JournalWriter writer, ushort instrument, EventFlags flags, in T payload)
        where T : unmanaged, IPayload
    {
        Event e = default;
        e.Set(payload);
        e.Sequence = writer.NextSequence;
        e.ReceivedAt = 1_767_323_045_000_000_000 + e.Sequence;
        e.Instrument = new InstrumentId(instrument);
        e.Source = EventSource.Bybit;
        e.Flags = flags;
        writer.Append(in e);
    }
}
