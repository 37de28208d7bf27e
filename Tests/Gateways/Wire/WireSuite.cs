using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Text.Json;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Gateways.Alpaca;
using LowLatency.Gateways.Bybit;
using LowLatency.Gateways.Wire;
using LowLatency.Tests.Gateways.Alpaca;
using LowLatency.Tests.Gateways.Bybit;
using LowLatency.Tests.Suites;

namespace LowLatency.Tests.Gateways.Wire;

/// <summary>
/// Damaged messages of both venues in turn. Whatever comes: nothing is thrown, nothing is allocated, a refused message has no
/// event, an event is within its ranges, and where the slow parser can judge, the two say the same.
/// </summary>
internal sealed class WireSuite : Suite
{
    private const long Received = 1_786_000_000_000_000_000;

    public override string Name => "wire";

    public override string Unit => "damaged messages";

    public override long LongCount => 20_000_000;

    public override long TestCount => 600_000;

    public override int BlockSize => 5_000;

    public override IEnumerable<string> MustReach
    {
        get
        {
            foreach (string venue in new[] { "bybit", "alpaca" })
            {
                yield return venue + ": Events None";
                yield return venue + ": Nothing None";
                foreach (WireFault fault in Enum.GetValues<WireFault>())
                {
                    // Messages longer than the cap, or of more parts than a batch holds, have tests of their own.
                    if (fault is not (WireFault.None or WireFault.TooLong or WireFault.TooMany))
                    {
                        yield return $"{venue}: Refused {fault}";
                    }
                }
            }

            foreach (string name in MessageMutator.Names)
            {
                yield return "mutation: " + name;
            }

            yield return "compared with the slow parser";
            yield return "compared with the framework's reader";
            yield return "books applied after a snapshot";
        }
    }

    public override void RunBlock(long first, long end, ulong seed, Tally tally)
    {
        Bench bench = new();
        for (long index = first; index < end; index++)
        {
            Xoshiro256 dice = new(Mix(seed, index));
            byte[] message = [];
            try
            {
                bench.Run(index % 2 == 0, ref dice, tally, ref message);
            }
            catch (Exception failure)
            {
                throw new SuiteFailure(this, index, seed, new InvalidOperationException(
                    failure.Message + "\nin " + Encoding.Latin1.GetString(message), failure));
            }
        }
    }

    /// <summary>The decoders of one worker.</summary>
    private sealed class Bench
    {
        private static readonly byte[][] BybitPublic = [.. BybitCorpus.Public.Select(Encoding.UTF8.GetBytes)];
        private static readonly byte[][] BybitPrivate = [.. BybitCorpus.Private.Select(Encoding.UTF8.GetBytes)];
        private static readonly byte[][] AlpacaData = [.. AlpacaCorpus.Data.Concat(AlpacaCorpus.Answers).Select(Encoding.UTF8.GetBytes)];
        private static readonly byte[][] AlpacaTrade = [.. AlpacaCorpus.Trade.Select(Encoding.UTF8.GetBytes)];
        private static readonly byte[][] PackedData =
            [.. AlpacaCorpus.Data.Concat(AlpacaCorpus.Answers).Select(text => AlpacaCorpus.Pack(text.Replace("\"t\":\"no\"", "\"t\":\"2026-08-06T15:01:45Z\"", StringComparison.Ordinal), name => name == "t"))];

        private static readonly byte[][] PackedTrade =
            [.. AlpacaCorpus.Trade.Select(text => AlpacaCorpus.Pack(text, name => name is "timestamp" or "updated_at"))];

        private readonly BybitPublicDecoder _linear = new(BybitCorpus.Table(), InstrumentKind.Linear);
        private readonly BybitPrivateDecoder _private = new(BybitCorpus.Table(), BybitCorpus.Instance);
        private readonly BybitRestDecoder _bybitRest = new(BybitCorpus.Table(), BybitCorpus.Instance);
        private readonly AlpacaDataDecoder _data = new(AlpacaCorpus.Table());
        private readonly AlpacaTradeDecoder _trade = new(AlpacaCorpus.Table(), AlpacaCorpus.Instance);
        private readonly AlpacaRestDecoder _alpacaRest = new(AlpacaCorpus.Table(), AlpacaCorpus.Instance);
        private readonly SlowAlpaca _slowAlpaca = new(AlpacaCorpus.Instruments);

        internal Bench()
        {
            // Names of fields are looked up in tables that are made when they are first needed.
            Array.ForEach(BybitPublic, message => _linear.Decode(message, Received));
            Array.ForEach(BybitPrivate, message => _private.Decode(message, Received));
            _bybitRest.Decode(BybitRead.Orders, """{"retCode":0,"result":{"list":[]}}"""u8, Received);
            _private.Decode("""{"op":"order.create","retCode":0,"data":{"list":[{"orderId":"1"}]},"retExtInfo":{"list":[{"code":1}]},"header":{}}"""u8, Received);
            Array.ForEach(AlpacaData, message => _data.Decode(message, Received));
            Array.ForEach(PackedData, message => _data.Decode(message, Received));
            Array.ForEach(AlpacaTrade, message => _trade.Decode(message, Received));
            Array.ForEach(PackedTrade, message => _trade.Decode(message, Received));
            _alpacaRest.Decode(AlpacaRead.Orders, "[]"u8, Received);
            WarmFloats();
            _alpacaRest.Decode(AlpacaRead.Positions, "[]"u8, Received);
        }

        // The framework makes tables of its own when it first spells a float that is hard to spell.
        private static void WarmFloats()
        {
            Span<byte> text = stackalloc byte[64];
            foreach (double hard in new[] { 87.6, 5E-324, 1E300, 2.4866858415709276E-08, 9007199254740993.0 })
            {
                hard.TryFormat(text, out _, "R", System.Globalization.CultureInfo.InvariantCulture);
            }
        }

        internal void Run(bool bybit, ref Xoshiro256 dice, Tally tally, ref byte[] message)
        {
            int way = (int)dice.NextBelow(8);
            if (bybit)
            {
                WireOutcome outcome = way < 5 ? Public(ref dice, tally, ref message)
                    : way < 7 ? Private(ref dice, tally, ref message)
                    : BybitPage(ref dice, tally, ref message);
                tally.Add($"bybit: {outcome.Result} {outcome.Fault}");
            }
            else
            {
                WireOutcome outcome = way < 3 ? Data(ref dice, tally, ref message)
                    : way < 5 ? Trade(ref dice, tally, ref message)
                    : way < 7 ? Packed(ref dice, tally, ref message)
                    : AlpacaPage(ref dice, tally, ref message);
                tally.Add($"alpaca: {outcome.Result} {outcome.Fault}");
            }

            if (dice.NextBelow(4) == 0)
            {
                CompareReaders(message);
                tally.Add("compared with the framework's reader");
            }
        }

        private WireOutcome Public(ref Xoshiro256 dice, Tally tally, ref byte[] message)
        {
            int which = (int)dice.NextBelow((uint)BybitPublic.Length);
            message = Damage(BybitPublic[which], ref dice, tally);
            SlowBybit slow = new(BybitCorpus.Instruments, InstrumentKind.Linear);
            _linear.Reconnect();
            bool before = which > 0 && dice.NextBelow(2) == 0;
            if (before)
            {
                _linear.Decode(BybitPublic[which - 1], Received);
                slow.Public(BybitPublic[which - 1]);
            }

            long allocated = GC.GetAllocatedBytesForCurrentThread();
            WireOutcome outcome = _linear.Decode(message, Received);
            NothingAllocated(allocated);
            byte[] copy = message;
            Judge(outcome, _linear.Batch, message, tally, () => slow.Public(copy));
            tally.Add("books applied after a snapshot", before && outcome.Result == WireResult.Events
                && _linear.Batch.Events[0].Kind == EventKind.BookLevels
                && (_linear.Batch.Events[0].Flags & EventFlags.Snapshot) == 0 ? 1 : 0);
            return outcome;
        }

        private WireOutcome Private(ref Xoshiro256 dice, Tally tally, ref byte[] message)
        {
            message = Damage(BybitPrivate[dice.NextBelow((uint)BybitPrivate.Length)], ref dice, tally);
            SlowBybit slow = new(BybitCorpus.Instruments, InstrumentKind.Linear);
            long allocated = GC.GetAllocatedBytesForCurrentThread();
            WireOutcome outcome = _private.Decode(message, Received);
            NothingAllocated(allocated);
            byte[] copy = message;
            Judge(outcome, _private.Batch, message, tally, () => slow.Private(copy, BybitCorpus.Instance));
            return outcome;
        }

        // The list of a private message as a page of a REST answer.
        private WireOutcome BybitPage(ref Xoshiro256 dice, Tally tally, ref byte[] message)
        {
            int which = (int)dice.NextBelow((uint)BybitPrivate.Length);
            string text = BybitCorpus.Private[which];
            int data = text.IndexOf("\"data\":", StringComparison.Ordinal);
            string page = $$"""{"retCode":0,"retMsg":"OK","result":{"category":"linear","list":{{text[(data + 7)..^1]}},"nextPageCursor":"a%3D"},"time":1786000000123}""";
            message = Damage(Encoding.UTF8.GetBytes(page), ref dice, tally);
            BybitRead read = text.Contains("\"wallet\"", StringComparison.Ordinal) ? BybitRead.Wallet
                : text.Contains("\"position\"", StringComparison.Ordinal) ? BybitRead.Positions
                : text.Contains("\"order", StringComparison.Ordinal) ? BybitRead.Orders
                : BybitRead.Executions;
            long allocated = GC.GetAllocatedBytesForCurrentThread();
            WireOutcome outcome = _bybitRest.Decode(read, message, Received);
            NothingAllocated(allocated);
            Check(outcome, _bybitRest.Batch);
            return outcome;
        }

        private WireOutcome Data(ref Xoshiro256 dice, Tally tally, ref byte[] message)
        {
            message = Damage(AlpacaData[dice.NextBelow((uint)AlpacaData.Length)], ref dice, tally);
            long allocated = GC.GetAllocatedBytesForCurrentThread();
            WireOutcome outcome = _data.Decode(message, Received);
            NothingAllocated(allocated);
            byte[] copy = message;
            Judge(outcome, _data.Batch, message, tally, () => _slowAlpaca.Data(copy));
            return outcome;
        }

        private WireOutcome Trade(ref Xoshiro256 dice, Tally tally, ref byte[] message)
        {
            message = Damage(AlpacaTrade[dice.NextBelow((uint)AlpacaTrade.Length)], ref dice, tally);
            long allocated = GC.GetAllocatedBytesForCurrentThread();
            WireOutcome outcome = _trade.Decode(message, Received);
            NothingAllocated(allocated);
            byte[] copy = message;
            Judge(outcome, _trade.Batch, message, tally, () => _slowAlpaca.Trade(copy, AlpacaCorpus.Instance));
            return outcome;
        }

        private WireOutcome Packed(ref Xoshiro256 dice, Tally tally, ref byte[] message)
        {
            bool data = dice.NextBelow(2) == 0;
            byte[][] corpus = data ? PackedData : PackedTrade;
            message = Damage(corpus[dice.NextBelow((uint)corpus.Length)], ref dice, tally);
            long allocated = GC.GetAllocatedBytesForCurrentThread();
            WireOutcome outcome = data ? _data.Decode(message, Received) : _trade.Decode(message, Received);
            NothingAllocated(allocated);
            Check(outcome, data ? _data.Batch : _trade.Batch);
            return outcome;
        }

        private WireOutcome AlpacaPage(ref Xoshiro256 dice, Tally tally, ref byte[] message)
        {
            const string position = """[{"symbol":"BTCUSD","qty":"0.5","side":"long","avg_entry_price":"65000.1","current_price":"1","unrealized_pl":"-1"}]""";
            bool orders = dice.NextBelow(2) == 0;
            string update = AlpacaCorpus.Trade[dice.NextBelow((uint)AlpacaCorpus.Trade.Length)];
            string page = orders ? "[" + update[(update.IndexOf("\"order\":", StringComparison.Ordinal) + 8)..^2] + "]" : position;
            message = Damage(Encoding.UTF8.GetBytes(page), ref dice, tally);
            long allocated = GC.GetAllocatedBytesForCurrentThread();
            WireOutcome outcome = _alpacaRest.Decode(orders ? AlpacaRead.Orders : AlpacaRead.Positions, message, Received);
            NothingAllocated(allocated);
            Check(outcome, _alpacaRest.Batch);
            return outcome;
        }

        private static byte[] Damage(byte[] message, ref Xoshiro256 dice, Tally tally)
        {
            for (long left = 1 + dice.NextBelow(3); left > 0; left--)
            {
                message = MessageMutator.Mutate(message, ref dice, out string what);
                tally.Add("mutation: " + what);
            }

            return message;
        }

        private static void Judge(WireOutcome outcome, EventBatch batch, byte[] message, Tally tally, Func<List<string>> slow)
        {
            Check(outcome, batch);
            if (MessageMutator.IsPlain(message))
            {
                tally.Add("compared with the slow parser");
                if (WireCompare.Difference(outcome, batch, slow) is { } difference)
                {
                    throw new InvalidOperationException(difference);
                }
            }
        }

        private static void NothingAllocated(long before)
        {
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            if (allocated != 0)
            {
                throw new InvalidOperationException($"{allocated} bytes were allocated");
            }
        }

        private static void Check(WireOutcome outcome, EventBatch batch)
        {
            if ((outcome.Result == WireResult.Events) != !batch.Events.IsEmpty
                || (outcome.Result == WireResult.Refused) != (outcome.Fault != WireFault.None))
            {
                throw new InvalidOperationException($"{outcome} with {batch.Events.Length} events");
            }

            foreach (ref readonly Event e in batch.Events)
            {
                bool isIn = e.Kind switch
                {
                    EventKind.Trade => e.Trade.Price > 0 && e.Trade.Quantity > 0,
                    EventKind.Quote => Math.Min(e.Quote.BidPrice, e.Quote.AskPrice) >= 0
                        && Math.Min(e.Quote.BidQuantity, e.Quote.AskQuantity) >= 0,
                    EventKind.BookLevels => Levels(e.BookLevels),
                    EventKind.Bar => e.Bar.Low > 0 && e.Bar.Low <= e.Bar.High && e.Bar.Volume >= 0 && e.Bar.Timeframe > 0,
                    EventKind.Execution => e.Execution.Price > 0 && e.Execution.Quantity > 0 && e.Execution.Side != Side.None
                        && e.Execution.ExecutionId != VenueId.None,
                    EventKind.OrderReport => e.OrderReport.Price >= 0 && e.OrderReport.Quantity >= 0
                        && e.OrderReport.CumulativeQuantity >= 0 && e.OrderReport.Status != OrderStatus.None,
                    EventKind.PriceBand => e.PriceBand.Lowest > 0 && e.PriceBand.Highest >= e.PriceBand.Lowest,
                    EventKind.Liquidation => e.Liquidation.Price > 0 && e.Liquidation.Quantity > 0,
                    EventKind.DerivativePrices => e.DerivativePrices.MarkPrice >= 0 && e.DerivativePrices.OpenInterest >= 0,
                    EventKind.CashBooked => e.CashBooked.BookingId != VenueId.None,
                    EventKind.TradeCorrected => e.TradeCorrected.Price >= 0 && e.TradeCorrected.Quantity >= 0,
                    EventKind.PositionReport or EventKind.BalanceReport or EventKind.TradingStatus or EventKind.StreamState => true,
                    _ => false,
                };
                if (!isIn || e.ReceivedAt != Received || e.VenueTime < 0 || e.Instrument.Value > 5 || e.Version == 0
                    || e.Source is not (EventSource.Bybit or EventSource.Alpaca))
                {
                    throw new InvalidOperationException("out of range: " + string.Join('|', WireShow.Lines([e])));
                }
            }
        }

        private static bool Levels(in BookLevels levels)
        {
            for (int i = 0; i < levels.Count; i++)
            {
                if (levels.PriceAt(i) <= 0 || levels.QuantityAt(i) < 0)
                {
                    return false;
                }
            }

            return true;
        }

        // Our walk and the framework's: the same tokens, or both none.
        private static void CompareReaders(byte[] message)
        {
            JsonCursor cursor = new(message);
            Utf8JsonReader reader = new(message, new JsonReaderOptions { MaxDepth = JsonCursor.DepthMax });
            bool more = true;
            while (more)
            {
                bool ours = cursor.Read();
                bool theirs;
                try
                {
                    theirs = reader.Read();
                }
                catch (JsonException)
                {
                    // The framework looks ahead in places, so it may notice a token earlier or later; both must refuse in the end.
                    while (cursor.Read())
                    {
                    }

                    if (!cursor.IsFault)
                    {
                        throw new InvalidOperationException("our reader takes what the framework's refuses");
                    }

                    return;
                }

                if (ours != theirs || (!ours && cursor.IsFault))
                {
                    throw new InvalidOperationException($"readers differ at {reader.TokenStartIndex}: {cursor.Token} {reader.TokenType}");
                }

                more = ours;
                if (more && (Kind(reader.TokenType) != cursor.Token
                    || (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName or JsonTokenType.Number
                        && !reader.ValueSpan.SequenceEqual(cursor.Bytes))))
                {
                    throw new InvalidOperationException($"tokens differ at {reader.TokenStartIndex}: {cursor.Token} {reader.TokenType}");
                }
            }
        }

        private static JsonToken Kind(JsonTokenType type) => type switch
        {
            JsonTokenType.StartObject => JsonToken.StartObject,
            JsonTokenType.EndObject => JsonToken.EndObject,
            JsonTokenType.StartArray => JsonToken.StartArray,
            JsonTokenType.EndArray => JsonToken.EndArray,
            JsonTokenType.PropertyName => JsonToken.Name,
            JsonTokenType.String => JsonToken.Text,
            JsonTokenType.Number => JsonToken.Number,
            JsonTokenType.True => JsonToken.True,
            JsonTokenType.False => JsonToken.False,
            JsonTokenType.Null => JsonToken.Null,
            _ => JsonToken.None,
        };
    }
}
