using System;
using LowLatency.Core.Events;
using LowLatency.Core.Values;

namespace LowLatency.Journal.Import;

/// <summary>
/// LEAN data of one symbol: a day of bars or quotes of a minute or a second, or of trade and quote ticks of an equity, or
/// bars or quotes of hours or days over many years. The stamp of a bar is its start, so it is published one timeframe later: nobody may know a bar before it has ended. Of a
/// quote bar that is the quote at its end. A quote tick brings one side; the other is as it was.
/// </summary>
internal sealed class LeanReader : ImportReader
{
    internal const int EquityPriceExponent = 4;

    private const long MillisecondsPerDay = 86_400_000;
    private const long Second = 1_000_000_000;

    // Event times are counted from 1970.
    private const int YearMin = 1971;

    private readonly LeanPath _path;
    private readonly InstrumentId _instrument;
    private readonly int _priceExponent;
    private readonly int _quantityExponent;
    private readonly bool _isEquity;
    private readonly long _timeframe;
    private readonly bool _isQuote;
    private readonly DateOnly _from;
    private readonly DateOnly _to;
    private readonly LeanFactors? _factors;
    private DateOnly _date;
    private long _lastStamp = -1;
    private Quote _quote;

    internal LeanReader(
        LineReader lines,
        FileSummary summary,
        LeanPath path,
        InstrumentOptions options,
        InstrumentId instrument,
        in InstrumentDefined definition)
        : base(lines, summary)
    {
        _from = options.From ?? DateOnly.MinValue;
        _to = options.To ?? DateOnly.MaxValue;
        _factors = options.IsAdjusted ? LeanFactors.Open(path.MarketFolder, options.Symbol ?? path.Symbol) : null;
        _date = path.Date;
        _path = path;
        _instrument = instrument;
        _isEquity = IsEquity(path);
        _isQuote = path.Kind == "quote";
        _priceExponent = definition.PriceExponent;
        _quantityExponent = definition.QuantityExponent;
        _timeframe = path.Resolution switch
        {
            "daily" => 86_400 * Second,
            "hour" => 3_600 * Second,
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

        if (place.Kind is not ("trade" or "quote") || (place.Resolution == "tick" && !IsEquity(place)))
        {
            throw new ImportException(
                path,
                0,
                "file",
                $"{place.Resolution} {place.Kind}",
                "trade or quote bars (daily, hour, minute, second), or trade or quote ticks of an equity");
        }

        if (!place.IsSeries && (options.From is not null || options.To is not null))
        {
            throw new ImportException(path, 0, "from, to", "given", "none: only files of hours and days hold many dates");
        }

        if (options.IsAdjusted && !IsEquity(place))
        {
            throw new ImportException(path, 0, "prices", "adjusted", "raw: only shares have factors");
        }

        if (!place.IsSeries && place.Date.Year is < YearMin or > NewYorkTime.YearMax)
        {
            throw new ImportException(
                path, 0, "file", Number(place.Date.Year), $"a year from {YearMin} to {NewYorkTime.YearMax}");
        }

        string symbol = place.Symbol;
        if (options.Symbol is { } wanted && wanted != symbol)
        {
            // A share that was renamed lies under the name of its day; its map file tells which.
            if (!IsEquity(place) || place.IsSeries || !LeanTickers.Open(place.MarketFolder, wanted).Has(symbol, place.Date))
            {
                throw new ImportException(path, 0, "symbol", symbol, wanted);
            }

            symbol = wanted;
        }

        InstrumentKind natural = LeanPath.KindOf(path, place.Security, place.Market, symbol, options.Kind);

        // New York is behind UTC: its days begin after UTC's.
        DateOnly first = place.IsSeries ? options.From ?? new DateOnly(YearMin, 1, 1) : place.Date;
        long notBefore = Fields.FromMilliseconds("file", Midnight(first));
        if (IsEquity(place))
        {
            int exponent = options.IsAdjusted ? LeanFactors.PriceExponent : EquityPriceExponent;
            if ((options.PriceExponent ?? exponent) != exponent || options.QuantityExponent is not (null or 0))
            {
                throw new ImportException(
                    path,
                    0,
                    "price-exponent, quantity-exponent",
                    "another",
                    $"{Number(exponent)} and 0: the unit of the {(options.IsAdjusted ? "adjusted prices" : "format")}");
            }

            if (options.IsAdjusted)
            {
                LeanFactors.Open(place.MarketFolder, symbol);
            }

            return new InstrumentFinding(EventSource.Lean, symbol, natural, exponent, 0, notBefore)
            {
                Market = place.Market,
            };
        }

        DecimalsProbe probe = Measure(path, options, place.Kind == "quote" ? 2 : 1);
        return new InstrumentFinding(EventSource.Lean, symbol, natural, probe.Price, probe.Quantity, notBefore)
        {
            Market = place.Market,
        };
    }

    private protected override void OnLine(ReadOnlySpan<byte> line)
    {
        CommaFields fields = new(line);
        ReadOnlySpan<byte> time = fields.Next("time");
        long stamp = _path.IsSeries ? DatedStamp(time) : Stamp("time", time, Fields.Whole("time", time));
        if (_date < _from || _date > _to)
        {
            Summary.Discard("outside of the dates");
            return;
        }

        if (_timeframe == 0)
        {
            if (_isQuote)
            {
                OnQuoteTick(ref fields, stamp);
            }
            else
            {
                OnTick(ref fields, stamp);
            }

            return;
        }

        if (stamp == _lastStamp)
        {
            throw new FieldException("time", Number(stamp), "one bar for a time");
        }

        _lastStamp = stamp;
        if (_isQuote)
        {
            OnQuoteBar(ref fields, stamp + _timeframe);
        }
        else
        {
            OnBar(ref fields, stamp);
        }
    }

    private static bool IsEquity(LeanPath path) => path.Security == "equity";

    private static long Midnight(DateOnly date) =>
        (date.DayNumber - new DateOnly(1970, 1, 1).DayNumber) * MillisecondsPerDay;

    private static DecimalsProbe Measure(string path, InstrumentOptions options, int sides)
    {
        using LineReader lines = new(path);
        DecimalsProbe probe = new();
        try
        {
            while (lines.Line < options.ProbeLines && lines.TryRead(out ReadOnlySpan<byte> line))
            {
                CommaFields fields = new(line);
                fields.Next("time");
                for (int side = 0; side < sides; side++)
                {
                    probe.Measure(fields.Next("open"), isPrice: true);
                    probe.Measure(fields.Next("high"), isPrice: true);
                    probe.Measure(fields.Next("low"), isPrice: true);
                    probe.Measure(fields.Next("close"), isPrice: true);
                    ReadOnlySpan<byte> amount = fields.Next(sides == 1 ? "volume" : "size");
                    if (sides == 1 || DecimalText.Decimals(amount) <= LeanQuotes.SizeDecimalsMax)
                    {
                        probe.Measure(amount, isPrice: false);
                    }
                }
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
        long open = Price("open", fields.Next("open"));
        ReadOnlySpan<byte> highText = fields.Next("high");
        long high = Price("high", highText);
        ReadOnlySpan<byte> lowText = fields.Next("low");
        long low = Price("low", lowText);
        long close = Price("close", fields.Next("close"));
        long volume = Quantity("volume", fields.Next("volume"));
        fields.End();
        LeanQuotes.CheckBar(string.Empty, open, high, low, close, highText, lowText);
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

        CheckExchange(exchange);
        bool isSuspicious = IsSuspicious(suspicious);
        Event header = Header(time, time, _instrument, EventSource.Lean);
        Summary.Apply("trade");
        Put(header, new Trade
        {
            Price = price,
            Quantity = size,
            SaleCondition = Hexadecimal(condition),
            Exchange = exchange.Length == 0 ? (byte)0 : exchange[0],
            Marks = isSuspicious ? TradeMarks.Suspicious : TradeMarks.None,
        });
    }

    private void OnQuoteTick(ref CommaFields fields, long time)
    {
        ReadOnlySpan<byte> bid = fields.Next("bid");
        ReadOnlySpan<byte> bidSize = fields.Next("bid size");
        ReadOnlySpan<byte> ask = fields.Next("ask");
        ReadOnlySpan<byte> askSize = fields.Next("ask size");
        CheckExchange(fields.Next("exchange"));
        Hexadecimal(fields.Next("condition"));
        bool isSuspicious = IsSuspicious(fields.Next("suspicious"));
        fields.End();
        bool hasBid = TrySide("bid", bid, bidSize, out long bidPrice, out long bidQuantity);
        bool hasAsk = TrySide("ask", ask, askSize, out long askPrice, out long askQuantity);
        Event header = Header(time, time, _instrument, EventSource.Lean);
        if (isSuspicious || !(hasBid || hasAsk))
        {
            Summary.Discard(isSuspicious ? "suspicious quote" : "quote without a side");
            return;
        }

        if (hasBid)
        {
            (_quote.BidPrice, _quote.BidQuantity) = (bidPrice, bidQuantity);
        }

        if (hasAsk)
        {
            (_quote.AskPrice, _quote.AskQuantity) = (askPrice, askQuantity);
        }

        Summary.Apply("quote");
        Put(header, _quote);
    }

    /// <summary>A side of an equity tick: price and size, or 0 and 0 where the tick does not speak of it.</summary>
    private bool TrySide(
        string field, ReadOnlySpan<byte> priceText, ReadOnlySpan<byte> sizeText, out long price, out long quantity)
    {
        price = Fields.Whole(field, priceText);
        quantity = Fields.Whole(field + " size", sizeText);
        if (price == 0 != (quantity == 0))
        {
            throw new FieldException(
                price == 0 ? field : field + " size", price == 0 ? priceText : sizeText, "price and size, or 0 and 0");
        }

        price = price == 0 || _factors is null ? price : _factors.Adjust(field, priceText, price, _date);
        return price != 0;
    }

    private void OnQuoteBar(ref CommaFields fields, long end)
    {
        Quote quote = default;
        bool isRounded = false;
        OnSide("bid ", ref fields, out quote.BidPrice, out quote.BidQuantity, ref isRounded);
        OnSide("ask ", ref fields, out quote.AskPrice, out quote.AskQuantity, ref isRounded);
        fields.End();
        Event header = Header(end, end, _instrument, EventSource.Lean);
        Summary.Apply(isRounded ? "quote, size rounded to the unit" : "quote");
        Put(header, quote);
    }

    /// <summary>A side of a quote bar; all its fields are empty where there was no quote.</summary>
    private void OnSide(
        string side, ref CommaFields fields, out long price, out long quantity, ref bool isRounded)
    {
        ReadOnlySpan<byte> openText = fields.Next(side);
        ReadOnlySpan<byte> highText = fields.Next(side);
        ReadOnlySpan<byte> lowText = fields.Next(side);
        ReadOnlySpan<byte> closeText = fields.Next(side);
        ReadOnlySpan<byte> sizeText = fields.Next(side);
        (price, quantity) = (0, 0);
        if (openText.Length + highText.Length + lowText.Length + closeText.Length + sizeText.Length == 0)
        {
            return;
        }

        price = Price(side + "close", closeText);
        LeanQuotes.CheckBar(
            side,
            Price(side + "open", openText),
            Price(side + "high", highText),
            Price(side + "low", lowText),
            price,
            highText,
            lowText);
        quantity = _isEquity
            ? Fields.Whole(side + "size", sizeText)
            : LeanQuotes.Size(side + "size", sizeText, _quantityExponent, ref isRounded);
    }

    private static void CheckExchange(ReadOnlySpan<byte> exchange)
    {
        if (exchange.Length > 1 || (exchange.Length == 1 && exchange[0] is < (byte)'A' or > (byte)'Z'))
        {
            throw new FieldException("exchange", exchange, "one capital letter, or nothing");
        }
    }

    private static bool IsSuspicious(ReadOnlySpan<byte> text) => text.Length == 1 && text[0] is ((byte)'0' or (byte)'1')
        ? text[0] == (byte)'1'
        : throw new FieldException("suspicious", text, "0 or 1");

    /// <summary><c>YYYYMMDD HH:MM</c> to nanoseconds; the date is kept.</summary>
    private long DatedStamp(ReadOnlySpan<byte> text)
    {
        const string allowed = "YYYYMMDD HH:MM";
        if (text.Length != allowed.Length || text[8] != (byte)' ' || text[11] != (byte)':')
        {
            throw new FieldException("time", text, allowed);
        }

        _date = LeanSideFile.Date("time", text[..8]);
        long hour = Fields.Whole("time", text[9..11]);
        long minute = Fields.Whole("time", text[12..]);
        return hour < 24 && minute < 60
            ? Stamp("time", text, ((hour * 60) + minute) * 60_000)
            : throw new FieldException("time", text, allowed);
    }

    /// <summary>Milliseconds since midnight of the date, New York or (crypto) UTC, to nanoseconds.</summary>
    private long Stamp(string field, ReadOnlySpan<byte> text, long millisecond)
    {
        if (millisecond >= MillisecondsPerDay)
        {
            throw new FieldException(field, text, "milliseconds since midnight, below 86400000");
        }

        if (!_isEquity)
        {
            return Fields.FromMilliseconds(field, Midnight(_date) + millisecond);
        }

        return NewYorkTime.TryToUtc(_date, millisecond, out long utc)
            ? Fields.FromMilliseconds(field, utc)
            : throw new FieldException(field, text, "a New York time that no change of clocks skips or repeats");
    }

    /// <summary>Equity prices are whole numbers of 0.0001, adjusted ones of 10^-9; crypto prices are decimal text.</summary>
    private long Price(string field, ReadOnlySpan<byte> text) =>
        !_isEquity ? Fields.PositiveAmount(field, text, _priceExponent)
        : _factors is null ? Positive(field, Fields.Whole(field, text), text)
        : _factors.Adjust(field, text, Positive(field, Fields.Whole(field, text), text), _date);

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
