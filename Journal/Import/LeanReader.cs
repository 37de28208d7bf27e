using System;
using LowLatency.Core.Events;
using LowLatency.Core.Values;

namespace LowLatency.Journal.Import;

/// <summary>
/// A day of LEAN data of one symbol: trade bars of a minute or a second, or trade ticks of an equity. The stamp of a
/// bar is its start, so it is published one timeframe later: nobody may know a bar before it has ended.
/// </summary>
internal sealed class LeanReader : ImportReader
{
    private const long MillisecondsPerDay = 86_400_000;
    private const long Second = 1_000_000_000;
    private const int EquityPriceExponent = 4;

    // Event times are counted from 1970.
    private const int YearMin = 1971;

    private readonly LeanPath _path;
    private readonly InstrumentId _instrument;
    private readonly int _priceExponent;
    private readonly int _quantityExponent;
    private readonly bool _isEquity;
    private readonly long _timeframe;
    private long _lastStamp = -1;

    internal LeanReader(
        LineReader lines, FileSummary summary, LeanPath path, InstrumentId instrument, in InstrumentDefined definition)
        : base(lines, summary)
    {
        _path = path;
        _instrument = instrument;
        _isEquity = IsEquity(path);
        _priceExponent = definition.PriceExponent;
        _quantityExponent = definition.QuantityExponent;
        _timeframe = path.Resolution switch
        {
            "minute" => 60 * Second,
            "second" => Second,
            _ => 0,
        };
    }

    /// <summary>Symbol and kind from the path; decimals by definition (equity) or from the first lines.</summary>
    internal static InstrumentFinding Find(string path, InstrumentOptions options, out LeanPath place)
    {
        if (!LeanPath.TryParse(path, out place))
        {
            throw new ImportException(path, 0, "file", path, LeanPath.Form);
        }

        if (place.Kind != "trade" || (place.Resolution == "tick" && !IsEquity(place)))
        {
            throw new ImportException(
                path,
                0,
                "file",
                $"{place.Resolution} {place.Kind}",
                "trade bars (minute, second), or trade ticks of an equity");
        }

        if (place.Date.Year is < YearMin or > NewYorkTime.YearMax)
        {
            throw new ImportException(
                path, 0, "file", Number(place.Date.Year), $"a year from {YearMin} to {NewYorkTime.YearMax}");
        }

        if (options.Symbol is not null && options.Symbol != place.Symbol)
        {
            throw new ImportException(path, 0, "symbol", place.Symbol, options.Symbol);
        }

        InstrumentKind natural = place.Security switch
        {
            "equity" => InstrumentKind.Equity,
            "crypto" => InstrumentKind.Spot,
            _ => InstrumentKind.Linear,
        };
        if (options.Kind != InstrumentKind.None && options.Kind != natural)
        {
            throw new ImportException(path, 0, "kind", options.Kind.ToString(), natural.ToString());
        }

        // New York is behind UTC: its days begin after UTC's.
        long notBefore = Fields.FromMilliseconds("file", Midnight(place.Date));
        if (IsEquity(place))
        {
            if (options.PriceExponent is not (null or EquityPriceExponent)
                || options.QuantityExponent is not (null or 0))
            {
                throw new ImportException(
                    path, 0, "price-exponent, quantity-exponent", "another", "4 and 0: the unit of the format");
            }

            return new InstrumentFinding(EventSource.Lean, place.Symbol, natural, EquityPriceExponent, 0, notBefore);
        }

        DecimalsProbe probe = Measure(path, options);
        return new InstrumentFinding(EventSource.Lean, place.Symbol, natural, probe.Price, probe.Quantity, notBefore);
    }

    private protected override void OnLine(ReadOnlySpan<byte> line)
    {
        CommaFields fields = new(line);
        long stamp = Stamp(fields.Next("time"));
        if (_timeframe == 0)
        {
            OnTick(ref fields, stamp);
        }
        else
        {
            OnBar(ref fields, stamp);
        }
    }

    private static bool IsEquity(LeanPath path) => path.Security == "equity";

    private static long Midnight(DateOnly date) =>
        (date.DayNumber - new DateOnly(1970, 1, 1).DayNumber) * MillisecondsPerDay;

    private static DecimalsProbe Measure(string path, InstrumentOptions options)
    {
        using LineReader lines = new(path);
        DecimalsProbe probe = new();
        try
        {
            while (lines.Line < options.ProbeLines && lines.TryRead(out ReadOnlySpan<byte> line))
            {
                CommaFields fields = new(line);
                fields.Next("time");
                probe.Measure(fields.Next("open"), isPrice: true);
                probe.Measure(fields.Next("high"), isPrice: true);
                probe.Measure(fields.Next("low"), isPrice: true);
                probe.Measure(fields.Next("close"), isPrice: true);
                probe.Measure(fields.Next("volume"), isPrice: false);
            }
        }
        catch (FieldException e)
        {
            throw e.At(path, lines.Line);
        }

        return probe;
    }

    private void OnBar(ref CommaFields fields, long start)
    {
        if (start == _lastStamp)
        {
            throw new FieldException("time", Number(start), "one bar for a time");
        }

        _lastStamp = start;
        long open = Price("open", fields.Next("open"));
        ReadOnlySpan<byte> highText = fields.Next("high");
        long high = Price("high", highText);
        ReadOnlySpan<byte> lowText = fields.Next("low");
        long low = Price("low", lowText);
        long close = Price("close", fields.Next("close"));
        long volume = Quantity("volume", fields.Next("volume"));
        fields.End();
        if (high < Math.Max(open, close) || low > high)
        {
            throw new FieldException("high", highText, "not below open, low or close");
        }

        if (low > Math.Min(open, close))
        {
            throw new FieldException("low", lowText, "not above open or close");
        }

        long end = start + _timeframe;
        Event header = Header(end, end, _instrument, EventSource.Lean);
        Summary.Apply("bar");
        Put(header, new Bar
        {
            StartTime = start,
            Timeframe = _timeframe,
            Open = open,
            High = high,
            Low = low,
            Close = close,
            Volume = volume,
        });
    }

    private void OnTick(ref CommaFields fields, long time)
    {
        long price = Price("price", fields.Next("price"));
        ReadOnlySpan<byte> sizeText = fields.Next("size");
        long size = Quantity("size", sizeText);
        ReadOnlySpan<byte> exchange = fields.Next("exchange");
        ReadOnlySpan<byte> condition = fields.Next("sale condition");
        ReadOnlySpan<byte> suspicious = fields.Next("suspicious");
        fields.End();
        if (size == 0)
        {
            throw new FieldException("size", sizeText, "more than zero");
        }

        if (exchange.Length > 1 || (exchange.Length == 1 && exchange[0] is < (byte)'A' or > (byte)'Z'))
        {
            throw new FieldException("exchange", exchange, "one capital letter, or nothing");
        }

        if (suspicious.Length != 1 || suspicious[0] is not ((byte)'0' or (byte)'1'))
        {
            throw new FieldException("suspicious", suspicious, "0 or 1");
        }

        Event header = Header(time, time, _instrument, EventSource.Lean);
        Summary.Apply("trade");
        Put(header, new Trade
        {
            Price = price,
            Quantity = size,
            SaleCondition = Hexadecimal(condition),
            Exchange = exchange.Length == 0 ? (byte)0 : exchange[0],
            Marks = suspicious[0] == (byte)'1' ? TradeMarks.Suspicious : TradeMarks.None,
        });
    }

    /// <summary>Milliseconds since midnight of the file's date, New York or (crypto) UTC, to nanoseconds.</summary>
    private long Stamp(ReadOnlySpan<byte> text)
    {
        long millisecond = Fields.Whole("time", text);
        if (millisecond >= MillisecondsPerDay)
        {
            throw new FieldException("time", text, "milliseconds since midnight, below 86400000");
        }

        if (!_isEquity)
        {
            return Fields.FromMilliseconds("time", Midnight(_path.Date) + millisecond);
        }

        return NewYorkTime.TryToUtc(_path.Date, millisecond, out long utc)
            ? Fields.FromMilliseconds("time", utc)
            : throw new FieldException("time", text, "a New York time that no change of clocks skips or repeats");
    }

    /// <summary>Equity prices are whole numbers of 0.0001; crypto prices are decimal text.</summary>
    private long Price(string field, ReadOnlySpan<byte> text) => _isEquity
        ? Positive(field, Fields.Whole(field, text), text)
        : Fields.PositiveAmount(field, text, _priceExponent);

    private long Quantity(string field, ReadOnlySpan<byte> text) => Fields.Amount(field, text, _quantityExponent);

    private static long Positive(string field, long value, ReadOnlySpan<byte> text) =>
        value > 0 ? value : throw new FieldException(field, text, "more than zero");

    private static uint Hexadecimal(ReadOnlySpan<byte> text)
    {
        uint value = 0;
        foreach (byte character in text)
        {
            int digit = character switch
            {
                >= (byte)'0' and <= (byte)'9' => character - '0',
                >= (byte)'a' and <= (byte)'f' => character - 'a' + 10,
                >= (byte)'A' and <= (byte)'F' => character - 'A' + 10,
                _ => -1,
            };
            if (digit < 0 || text.Length > 8)
            {
                throw new FieldException("sale condition", text, "at most 8 hexadecimal digits");
            }

            value = (value << 4) | (uint)digit;
        }

        return value;
    }
}
