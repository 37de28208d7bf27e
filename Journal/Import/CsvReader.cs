using System;
using System.Collections.Generic;
using System.Text;
using LowLatency.Core.Events;
using LowLatency.Core.Values;

namespace LowLatency.Journal.Import;

/// <summary>
/// Our own comma separated format, described in <c>docs/data.md</c>: a header line, instrument rows, data rows. Strict:
/// each row has exactly its fields, and the last line ends with a line feed, so that a cut file is not taken for whole.
/// </summary>
internal sealed class CsvReader : ImportReader
{
    private readonly IReadOnlyList<CsvInstrument> _instruments;
    private LevelPacker _open = new(LevelsMax);
    private LevelPacker _complete = new(LevelsMax);
    private Message? _message;
    private Event _after;
    private bool _hasAfter;
    private bool _inData;

    internal CsvReader(LineReader lines, FileSummary summary, IReadOnlyList<CsvInstrument> instruments)
        : base(lines, summary) => _instruments = instruments;

    /// <summary>The first line of every file.</summary>
    internal static ReadOnlySpan<byte> FirstLine => "lowlatency-csv,1"u8;

    /// <summary>Reads the instrument rows, up to the first row of data.</summary>
    internal static List<CsvInstrument> Find(string path, out long notBefore)
    {
        using LineReader lines = new(path);
        List<CsvInstrument> found = [];
        notBefore = 0;
        try
        {
            while (lines.TryRead(out ReadOnlySpan<byte> line))
            {
                if (lines.Line == 1)
                {
                    CheckHeader(line);
                    continue;
                }

                CommaFields fields = new(line);
                ReadOnlySpan<byte> row = fields.Next("row");
                if (!row.SequenceEqual("instrument"u8))
                {
                    notBefore = CsvTime.Parse("received_at", fields.Next("received_at"));
                    break;
                }

                CsvInstrument instrument = CsvInstrument.Parse(ref fields);
                foreach (CsvInstrument other in found)
                {
                    if (other.Symbol.AsSpan().SequenceEqual(instrument.Symbol))
                    {
                        throw new FieldException("symbol", instrument.Symbol, "one instrument row for a symbol");
                    }
                }

                found.Add(instrument);
            }
        }
        catch (FieldException e)
        {
            throw e.At(path, lines.Line);
        }

        return found.Count > 0
            ? found
            : throw new ImportException(path, lines.Line, "row", "<missing>", "an instrument row before the data");
    }

    private protected override void OnLine(ReadOnlySpan<byte> line)
    {
        if (!Lines.Terminated)
        {
            throw new FieldException(
                "end of line", "<missing>", "a line feed after the last line: without it the file may be cut");
        }

        if (Lines.Line == 1)
        {
            CheckHeader(line);
            return;
        }

        CommaFields fields = new(line);
        ReadOnlySpan<byte> row = fields.Next("row");
        if (row.SequenceEqual("instrument"u8))
        {
            if (_inData)
            {
                throw new FieldException("row", row, "instrument rows before the first row of data");
            }

            return;
        }

        _inData = true;
        if (row.SequenceEqual("level"u8))
        {
            OnLevel(ref fields);
            return;
        }

        CompleteMessage();
        if (row.SequenceEqual("trade"u8))
        {
            OnTrade(ref fields);
        }
        else if (row.SequenceEqual("quote"u8))
        {
            OnQuote(ref fields);
        }
        else if (row.SequenceEqual("bar"u8))
        {
            OnBar(ref fields);
        }
        else if (row.SequenceEqual("gap"u8))
        {
            Event header = RowHeader(ref fields, out _);
            fields.End();
            Summary.Gaps++;
            PutAfter(header, new StreamStateChanged { State = StreamState.Gap }, "gap");
        }
        else
        {
            OnFact(row, ref fields);
        }
    }

    /// <summary>The levels of a message go before the row that showed that the message was complete.</summary>
    private protected override bool TryTakeGroup(ref Event next)
    {
        if (_complete.TryTake(ref next))
        {
            return true;
        }

        if (!_hasAfter)
        {
            return false;
        }

        next = _after;
        _hasAfter = false;
        return true;
    }

    private protected override void OnEnd() => CompleteMessage();

    private static void CheckHeader(ReadOnlySpan<byte> line)
    {
        if (!line.SequenceEqual(FirstLine))
        {
            throw new FieldException("header", line, Encoding.ASCII.GetString(FirstLine));
        }
    }

    private void OnFact(ReadOnlySpan<byte> row, ref CommaFields fields)
    {
        string name = Encoding.ASCII.GetString(row);
        if (Array.IndexOf(CsvFacts.Rows.Split(", "), name) < 0)
        {
            throw new FieldException("row", row, "instrument, trade, quote, level, bar, gap, " + CsvFacts.Rows);
        }

        Event header = RowHeader(ref fields, out CsvInstrument instrument);
        if (CsvFacts.TryAction(row, ref fields, instrument, out CorporateAction action))
        {
            PutAfter(header, action, name);
        }
        else
        {
            PutAfter(header, CsvFacts.Derivative(ref fields, instrument), name);
        }
    }

    private void OnTrade(ref CommaFields fields)
    {
        Event header = RowHeader(ref fields, out CsvInstrument instrument);
        Trade trade = new()
        {
            Price = Fields.Price("price", fields.Next("price"), instrument.PriceExponent),
            Quantity = Fields.PositiveAmount("quantity", fields.Next("quantity"), instrument.QuantityExponent),
            Aggressor = Aggressor(fields.Next("aggressor")),
            TradeId = Optional("trade_id", fields.Next("trade_id")),
        };
        fields.End();
        PutAfter(header, trade, "trade");
    }

    private void OnQuote(ref CommaFields fields)
    {
        Event header = RowHeader(ref fields, out CsvInstrument instrument);
        Quote quote = new()
        {
            BidPrice = Fields.Price("bid_price", fields.Next("bid_price"), instrument.PriceExponent),
            BidQuantity = Fields.Amount("bid_quantity", fields.Next("bid_quantity"), instrument.QuantityExponent),
            AskPrice = Fields.Price("ask_price", fields.Next("ask_price"), instrument.PriceExponent),
            AskQuantity = Fields.Amount("ask_quantity", fields.Next("ask_quantity"), instrument.QuantityExponent),
            UpdateId = Optional("update_id", fields.Next("update_id")),
        };
        fields.End();
        PutAfter(header, quote, "quote");
    }

    private void OnBar(ref CommaFields fields)
    {
        Event header = RowHeader(ref fields, out CsvInstrument instrument);
        long start = CsvTime.Parse("start", fields.Next("start"));
        ReadOnlySpan<byte> secondsText = fields.Next("seconds");
        long seconds = Fields.Whole("seconds", secondsText);
        const long secondsMax = 31 * 86_400;
        if (seconds is < 1 or > secondsMax)
        {
            throw new FieldException("seconds", secondsText, $"1 to {secondsMax}");
        }

        long timeframe = seconds * 1_000_000_000;
        if (header.ReceivedAt - timeframe < start)
        {
            throw new FieldException(
                "received_at", Number(header.ReceivedAt), $"not before the end of the bar, {start} + {timeframe}");
        }

        Bar bar = new()
        {
            StartTime = start,
            Timeframe = timeframe,
            Open = Fields.Price("open", fields.Next("open"), instrument.PriceExponent),
            High = Fields.Price("high", fields.Next("high"), instrument.PriceExponent),
            Low = Fields.Price("low", fields.Next("low"), instrument.PriceExponent),
            Close = Fields.Price("close", fields.Next("close"), instrument.PriceExponent),
            Volume = Fields.Amount("volume", fields.Next("volume"), instrument.QuantityExponent),
            TradeCount = Optional("trades", fields.Next("trades")),
        };
        fields.End();
        if (bar.High < Math.Max(bar.Open, bar.Close))
        {
            throw new FieldException("high", Number(bar.High), "not below open or close (in price units)");
        }

        if (bar.Low > Math.Min(bar.Open, bar.Close))
        {
            throw new FieldException("low", Number(bar.Low), "not above open or close (in price units)");
        }

        PutAfter(header, bar, "bar");
    }

    /// <summary>Consecutive rows of the same times, symbol, mode and update numbers are one message.</summary>
    private void OnLevel(ref CommaFields fields)
    {
        Event header = RowHeader(ref fields, out CsvInstrument instrument);
        ReadOnlySpan<byte> mode = fields.Next("mode");
        bool isSnapshot = mode.SequenceEqual("snapshot"u8);
        if (!isSnapshot && !mode.SequenceEqual("diff"u8))
        {
            throw new FieldException("mode", mode, "snapshot or diff");
        }

        Message message = new(
            header.ReceivedAt,
            header.VenueTime,
            header.Instrument,
            isSnapshot,
            Optional("update_id", fields.Next("update_id")),
            Optional("previous_update_id", fields.Next("previous_update_id")));
        ReadOnlySpan<byte> side = fields.Next("side");
        if (!side.SequenceEqual("bid"u8) && !side.SequenceEqual("ask"u8))
        {
            throw new FieldException("side", side, "bid or ask");
        }

        long price = Fields.Price("price", fields.Next("price"), instrument.PriceExponent);
        long quantity = Fields.Amount("quantity", fields.Next("quantity"), instrument.QuantityExponent);
        fields.End();
        if (_message != message)
        {
            CompleteMessage();
            _message = message;
            _open.Clear();
        }

        if (!_open.TryAdd(side[0] == (byte)'a' ? Side.Sell : Side.Buy, price, quantity))
        {
            throw new FieldException("row", "level", $"at most {LevelsMax} levels in a message");
        }
    }

    private void CompleteMessage()
    {
        if (_message is not { } message)
        {
            return;
        }

        _message = null;
        Event header = new()
        {
            ReceivedAt = message.ReceivedAt,
            VenueTime = message.VenueTime,
            Instrument = message.Instrument,
            Source = EventSource.Csv,
        };
        Summary.Apply(message.IsSnapshot ? "snapshot" : "diff");
        _open.Complete(header, message.Update, message.PreviousUpdate, message.IsSnapshot);
        (_open, _complete) = (_complete, _open);
    }

    private Event RowHeader(ref CommaFields fields, out CsvInstrument instrument)
    {
        long receivedAt = CsvTime.Parse("received_at", fields.Next("received_at"));
        ReadOnlySpan<byte> venueText = fields.Next("venue_time");
        long venueTime = venueText.Length == 0 ? 0 : CsvTime.Parse("venue_time", venueText);
        ReadOnlySpan<byte> symbol = fields.Next("symbol");
        foreach (CsvInstrument candidate in _instruments)
        {
            if (symbol.SequenceEqual(candidate.Symbol))
            {
                instrument = candidate;
                return Header(receivedAt, venueTime, candidate.Id, EventSource.Csv);
            }
        }

        throw new FieldException("symbol", symbol, "the symbol of an instrument row");
    }

    private void PutAfter<T>(Event header, in T payload, string name)
        where T : unmanaged, IPayload
    {
        Summary.Apply(name);
        header.Set(payload);
        _after = header;
        _hasAfter = true;
    }

    private static Side Aggressor(ReadOnlySpan<byte> text) =>
        text.Length == 0 ? Side.None
        : text.SequenceEqual("buy"u8) ? Side.Buy
        : text.SequenceEqual("sell"u8) ? Side.Sell
        : throw new FieldException("aggressor", text, "buy, sell, or nothing");

    private static long Optional(string field, ReadOnlySpan<byte> text) =>
        text.Length == 0 ? 0 : Fields.Whole(field, text);

    private readonly record struct Message(
        long ReceivedAt, long VenueTime, InstrumentId Instrument, bool IsSnapshot, long Update, long PreviousUpdate);
}
