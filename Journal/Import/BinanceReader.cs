using System;
using System.Collections.Generic;
using System.Text;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using static LowLatency.Journal.Import.BinanceMessage;

namespace LowLatency.Journal.Import;

/// <summary>Raw Binance messages of one symbol, each after its local receive time: <c>ns json</c>.</summary>
internal sealed class BinanceReader : ImportReader
{
    // Differences, and levels in them, that may wait for a snapshot; beyond it the oldest are dropped.
    private const int WaitingMax = 1 << 14;
    private const int WaitingLevelsMax = 1 << 20;

    private readonly LevelPacker _packer = new(LevelsMax);
    private readonly BinanceMessage _message;
    private readonly BinanceBookRule _rule;
    private readonly Queue<Difference> _waiting = new();
    private readonly InstrumentId _instrument;
    private readonly byte[] _symbol;
    private readonly bool _futures;
    private readonly int _priceExponent;
    private readonly int _quantityExponent;
    private int _waitingLevels;
    private long _receivedAt;

    internal BinanceReader(
        LineReader lines, FileSummary summary, InstrumentId instrument, in InstrumentDefined definition)
        : base(lines, summary)
    {
        _instrument = instrument;
        _symbol = Encoding.ASCII.GetBytes(definition.Symbol.ToString());
        _futures = definition.InstrumentKind == InstrumentKind.Linear;
        _priceExponent = definition.PriceExponent;
        _quantityExponent = definition.QuantityExponent;
        _rule = new BinanceBookRule(_futures);
        _message = new BinanceMessage(_packer)
        {
            PriceExponent = _priceExponent,
            QuantityExponent = _quantityExponent,
        };
    }

    /// <summary>Looks at the first lines: symbol, kind, decimals.</summary>
    internal static InstrumentFinding Find(string path, InstrumentOptions options)
    {
        using LineReader lines = new(path);
        DecimalsProbe probe = new();
        BinanceMessage message = new(new LevelPacker(LevelsMax)) { Probe = probe };
        string? symbol = options.Symbol;
        InstrumentKind kind = options.Kind;
        long notBefore = 0;
        try
        {
            while (lines.Line < options.ProbeLines && lines.TryRead(out ReadOnlySpan<byte> line))
            {
                ReadOnlySpan<byte> json = Split(line, out long receivedAt);
                notBefore = notBefore == 0 ? receivedAt : notBefore;
                message.Parse(json);
                Measure(probe, message, json);
                symbol ??= message.Has(Field.Symbol) ? Encoding.ASCII.GetString(json[message.Symbol]) : null;
                bool difference = message.Has(Field.FirstUpdate | Field.LastUpdate);
                if (kind == InstrumentKind.None && difference)
                {
                    kind = message.Has(Field.PreviousUpdate) ? InstrumentKind.Linear : InstrumentKind.Spot;
                }
                else if (kind == InstrumentKind.None && message.Has(Field.BidQuantity))
                {
                    // Only the best bid and ask of futures names its type.
                    kind = message.Has(Field.Type) ? InstrumentKind.Linear : InstrumentKind.Spot;
                }
            }
        }
        catch (FieldException e)
        {
            throw e.At(path, lines.Line);
        }
        catch (System.Text.Json.JsonException e)
        {
            throw NotJson(path, lines.Line, e);
        }

        if (symbol is null || kind is not (InstrumentKind.Linear or InstrumentKind.Spot))
        {
            throw new ImportException(
                path,
                0,
                symbol is null ? "symbol" : "kind",
                symbol is null || kind == InstrumentKind.None ? $"not found in {lines.Line} lines" : "equity",
                "messages that show it, or the options symbol= and kind=linear or kind=spot");
        }

        return new InstrumentFinding(EventSource.Binance, symbol, kind, probe.Price, probe.Quantity, notBefore);
    }

    private protected override void OnLine(ReadOnlySpan<byte> line)
    {
        ReadOnlySpan<byte> json = Split(line, out _receivedAt);
        _message.Parse(json);
        Event header = Header(_receivedAt, _message.VenueTime, _instrument, EventSource.Binance);
        if (_message.Has(Field.LastUpdateId))
        {
            OnSnapshot(header);
            return;
        }

        ReadOnlySpan<byte> type = TypeOf(json);
        if (type.SequenceEqual("bookTicker"u8))
        {
            OnQuote(header, json);
        }
        else if (type.SequenceEqual("trade"u8))
        {
            OnTrade(header, json);
        }
        else if (type.SequenceEqual("depthUpdate"u8) || type.SequenceEqual("depth"u8))
        {
            OnDifference(header, json);
        }
        else
        {
            Summary.Ignore(Encoding.Latin1.GetString(type));
        }
    }

    private protected override bool TryTakeGroup(ref Event next)
    {
        // A snapshot lets the differences go that have waited for it. They are known from now on, not earlier.
        while (!_packer.TryTake(ref next))
        {
            if (_rule.IsWaiting || !_waiting.TryPeek(out Difference waiting))
            {
                return false;
            }

            Event header = Header(_receivedAt, waiting.VenueTime, _instrument, EventSource.Binance);
            long previous = _rule.Last;
            switch (_rule.OnDifference(waiting.First, waiting.Last, waiting.Previous))
            {
                case DifferenceRuling.Apply:
                    _packer.Clear();
                    foreach (LevelChange level in waiting.Levels)
                    {
                        _packer.TryAdd(level.Side, level.Price, level.Quantity);
                    }

                    Summary.Apply("depth");
                    _packer.Complete(header, waiting.Last, previous, snapshot: false);
                    Release();
                    break;
                case DifferenceRuling.Old:
                    Summary.Discard("depth older than the snapshot");
                    Release();
                    break;
                case DifferenceRuling.Gap:
                    PutGap(header);
                    return false;
                case DifferenceRuling.Wait:
                    return false;
            }
        }

        return true;
    }

    private protected override void OnEnd()
    {
        while (_waiting.Count > 0)
        {
            Summary.Discard("depth without a snapshot");
            Release();
        }
    }

    private static ReadOnlySpan<byte> Split(ReadOnlySpan<byte> line, out long receivedAt)
    {
        int blank = line.IndexOf((byte)' ');
        if (blank < 0)
        {
            throw new FieldException("received-at", line, "nanoseconds since 1970 UTC, a blank, a JSON object");
        }

        receivedAt = Fields.Nanoseconds("received-at", line[..blank]);
        return line[(blank + 1)..];
    }

    private static void Measure(DecimalsProbe probe, BinanceMessage message, ReadOnlySpan<byte> json)
    {
        if (message.Has(Field.Price | Field.Quantity))
        {
            probe.Measure(json[message.Price], isPrice: true);
            probe.Measure(json[message.Quantity], isPrice: false);
        }

        if (message.Has(Field.BidPrice | Field.BidQuantity | Field.AskPrice | Field.AskQuantity))
        {
            probe.Measure(json[message.BidPrice], isPrice: true);
            probe.Measure(json[message.BidQuantity], isPrice: false);
            probe.Measure(json[message.AskPrice], isPrice: true);
            probe.Measure(json[message.AskQuantity], isPrice: false);
        }
    }

    /// <summary>The message's own type, or the one in its stream's name: <c>btcusdt@depth@100ms</c>.</summary>
    private ReadOnlySpan<byte> TypeOf(ReadOnlySpan<byte> json)
    {
        if (_message.Has(Field.Type))
        {
            return json[_message.Type];
        }

        if (_message.Has(Field.Stream))
        {
            ReadOnlySpan<byte> stream = json[_message.Stream];
            ReadOnlySpan<byte> type = stream[(stream.IndexOf((byte)'@') + 1)..];
            int second = type.IndexOf((byte)'@');
            return second < 0 ? type : type[..second];
        }

        return _message.Has(Field.Response)
            ? "response"u8
            : throw new FieldException("json", json, "a stream's message, a depth snapshot, or a response");
    }

    private void OnSnapshot(in Event header)
    {
        _message.Require(Field.Bids | Field.Asks);
        if (!_rule.OnSnapshot(_message.LastUpdateId))
        {
            Summary.Discard("snapshot not newer than the book");
            return;
        }

        Summary.Apply("snapshot");
        _packer.Complete(header, _message.LastUpdateId, 0, snapshot: true);
    }

    private void OnDifference(in Event header, ReadOnlySpan<byte> json)
    {
        CheckSymbol(json);
        _message.Require(Field.FirstUpdate | Field.LastUpdate);
        if (_message.Has(Field.PreviousUpdate) != _futures)
        {
            throw new FieldException(
                "pu", _futures ? "<missing>" : "present", _futures ? "futures have it" : "spot does not have it");
        }

        if (!_message.Has(Field.Bids) || !_message.Has(Field.Asks))
        {
            throw new FieldException(_message.Has(Field.Bids) ? "a" : "b", "<missing>", "an array of levels");
        }

        if (_message.FirstUpdate > _message.LastUpdate)
        {
            throw new FieldException("U", Number(_message.FirstUpdate), $"at most u, {Number(_message.LastUpdate)}");
        }

        long previous = _rule.Last;
        switch (_rule.OnDifference(_message.FirstUpdate, _message.LastUpdate, _message.PreviousUpdate))
        {
            case DifferenceRuling.Apply:
                Summary.Apply("depth");
                _packer.Complete(header, _message.LastUpdate, previous, snapshot: false);
                break;
            case DifferenceRuling.Old:
                Summary.Discard("depth older than the snapshot");
                break;
            case DifferenceRuling.Gap:
                PutGap(header);
                Keep(header.VenueTime);
                break;
            case DifferenceRuling.Wait:
                Keep(header.VenueTime);
                break;
        }
    }

    private void OnQuote(in Event header, ReadOnlySpan<byte> json)
    {
        CheckSymbol(json);
        _message.Require(
            Field.LastUpdate | Field.BidPrice | Field.BidQuantity | Field.AskPrice | Field.AskQuantity);
        Summary.Apply("bookTicker");
        Put(header, new Quote
        {
            BidPrice = Fields.Amount("b", json[_message.BidPrice], _priceExponent),
            BidQuantity = Fields.Amount("B", json[_message.BidQuantity], _quantityExponent),
            AskPrice = Fields.Amount("a", json[_message.AskPrice], _priceExponent),
            AskQuantity = Fields.Amount("A", json[_message.AskQuantity], _quantityExponent),
            UpdateId = _message.LastUpdate,
        });
    }

    private void OnTrade(in Event header, ReadOnlySpan<byte> json)
    {
        CheckSymbol(json);
        _message.Require(Field.TradeId | Field.Price | Field.Quantity | Field.BuyerIsMaker);
        long price = Fields.Amount("p", json[_message.Price], _priceExponent);
        long quantity = Fields.Amount("q", json[_message.Quantity], _quantityExponent);
        if (price == 0 || quantity == 0)
        {
            // The venue numbers cancelled prints too (type NA).
            Summary.Discard("trade without price or quantity");
            return;
        }

        // Insurance fund and deleveraging prints happen beside the book: nobody could have traded there.
        bool beside = _message.Has(Field.TradeType) && !json[_message.TradeType].SequenceEqual("MARKET"u8);
        Summary.Apply(beside ? "trade beside the book" : "trade");
        Put(header, new Trade
        {
            Price = price,
            Quantity = quantity,
            TradeId = _message.TradeId,
            Aggressor = _message.BuyerIsMaker ? Side.Sell : Side.Buy,
            Marks = beside ? TradeMarks.Suspicious : TradeMarks.None,
        });
    }

    private void CheckSymbol(ReadOnlySpan<byte> json)
    {
        _message.Require(Field.Symbol);
        if (!json[_message.Symbol].SequenceEqual(_symbol))
        {
            throw new FieldException(
                "s", json[_message.Symbol], $"{Encoding.ASCII.GetString(_symbol)}: a capture is of one symbol");
        }
    }

    private void Keep(long venueTime)
    {
        LevelChange[] levels = _packer.Levels.ToArray();
        _waiting.Enqueue(new Difference(
            venueTime, _message.FirstUpdate, _message.LastUpdate, _message.PreviousUpdate, levels));
        _waitingLevels += levels.Length;

        // Dropping the oldest is safe: if a snapshot needs one of them, the rule finds the gap.
        while (_waiting.Count > WaitingMax || _waitingLevels > WaitingLevelsMax)
        {
            Summary.Discard("depth dropped while waiting for a snapshot");
            Release();
        }
    }

    private void Release() => _waitingLevels -= _waiting.Dequeue().Levels.Length;

    private readonly record struct Difference(
        long VenueTime, long First, long Last, long Previous, LevelChange[] Levels);
}
