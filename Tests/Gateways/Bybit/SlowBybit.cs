using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Numerics;
using System.Text;
using System.Text.Json;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Tests.Gateways.Wire;
using static LowLatency.Tests.Gateways.Wire.SlowJson;

namespace LowLatency.Tests.Gateways.Bybit;

/// <summary>
/// Bybit's messages read slowly: the lines that <see cref="WireShow"/> should show, or a refusal. Written from the venue's
/// rules, not from the decoders.
/// </summary>
internal sealed class SlowBybit(IReadOnlyList<(InstrumentId Id, InstrumentDefined Rules)> instruments, InstrumentKind kind)
{
    private readonly Dictionary<ushort, long> _books = [];
    private readonly Dictionary<ushort, long> _tops = [];
    private readonly Dictionary<ushort, string> _depths = [];
    private readonly Dictionary<ushort, long[]> _tickers = [];

    internal List<string> Public(ReadOnlyMemory<byte> message)
    {
        using JsonDocument document = Parse(message);
        JsonElement root = document.RootElement;
        string topic = Text(root, "topic");
        if (root.ValueKind != JsonValueKind.Object || topic.Length == 0)
        {
            throw new SlowRefusalException("no topic");
        }

        // A data object twice is not one message.
        if (root.EnumerateObject().Count(p => p.NameEquals("data")) > 1 && topic.StartsWith("orderbook.", StringComparison.Ordinal))
        {
            throw new SlowRefusalException("data twice");
        }

        string[] parts = topic.Split('.', 3);
        long sent = Stamp(root, "ts");
        long matched = Stamp(root, "cts");
        return parts[0] switch
        {
            "orderbook" when parts.Length == 3 => Book(root, parts[1], parts[2], matched != 0 ? matched : sent),
            "publicTrade" when parts.Length > 1 => Trades(root),
            "tickers" when parts.Length > 1 => Ticker(root, sent),
            "kline" when parts.Length == 3 => Candles(root, parts[1], parts[2]),
            "allLiquidation" when parts.Length > 1 => Liquidations(root),
            "priceLimit" when parts.Length > 1 => Limit(root, sent),
            _ => throw new SlowRefusalException("topic"),
        };
    }

    internal List<string> Private(ReadOnlyMemory<byte> message, ushort instance)
    {
        using JsonDocument document = Parse(message);
        JsonElement root = document.RootElement;
        string topic = Text(root, "topic");
        if (root.ValueKind != JsonValueKind.Object || topic.Length == 0)
        {
            throw new SlowRefusalException("no topic");
        }

        if (topic.StartsWith("dcp", StringComparison.Ordinal))
        {
            return [];
        }

        string[] parts = topic.Split('.');
        bool fast = parts[0] == "execution" && parts.Length > 1 && parts[1] == "fast";
        if (parts[0] is not ("order" or "execution" or "position" or "wallet"))
        {
            throw new SlowRefusalException("topic");
        }

        long created = Milliseconds(root, "creationTime");
        if (!Has(root, "data", out JsonElement data))
        {
            throw new SlowRefusalException("data");
        }

        string category = parts.Length > 1 ? parts[^1] : string.Empty;
        return Items(data, item => parts[0] switch
        {
            "order" => Order(item, category, created, instance),
            "execution" => Execution(item, category, created, instance, fast),
            "position" => Position(item, category, created),
            _ => Wallet(item, created),
        });
    }

    private static long Stamp(JsonElement root, string name)
    {
        if (!Has(root, name, out JsonElement value))
        {
            return 0;
        }

        string text = value.ValueKind == JsonValueKind.String ? value.GetRawText()[1..^1] : value.GetRawText();
        long units = Need(text.Contains('e', StringComparison.OrdinalIgnoreCase) ? null : Units(text, 0));
        return units >= 0 && units <= long.MaxValue / 1_000_000 ? units * 1_000_000 : throw new SlowRefusalException("time");
    }

    private static List<string> Items(JsonElement list, Func<JsonElement, IEnumerable<string>> each)
    {
        if (list.ValueKind != JsonValueKind.Array)
        {
            throw new SlowRefusalException("no list");
        }

        List<string> lines = [];
        foreach (JsonElement item in list.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Object)
            {
                throw new SlowRefusalException("no object");
            }

            lines.AddRange(each(item));
        }

        return lines;
    }

    private (InstrumentId Id, InstrumentDefined Rules)? Find(string symbol, InstrumentKind of)
    {
        foreach ((InstrumentId id, InstrumentDefined rules) in instruments)
        {
            if (rules.Symbol.ToString() == symbol && rules.InstrumentKind == of)
            {
                return (id, rules);
            }
        }

        return null;
    }

    private static string Line(InstrumentId id, long at, string body) =>
        string.Create(CultureInfo.InvariantCulture, $"#{id.Value} at {at} by Bybit: {body}");

    private static string Inv(FormattableString text) => FormattableString.Invariant(text);

    private List<string> Book(JsonElement root, string depthText, string symbol, long at)
    {
        string type = Text(root, "type");
        long? depth = Units(depthText, 0);
        if (!Has(root, "data", out JsonElement data) || data.ValueKind != JsonValueKind.Object
            || depth is null or < 1 or > 1000 || depthText.Contains('e', StringComparison.OrdinalIgnoreCase))
        {
            throw new SlowRefusalException("book");
        }

        string[] once = ["b", "a", "u"];
        if (once.Any(name => data.EnumerateObject().Count(p => p.NameEquals(name)) != 1)
            || data.EnumerateObject().Where(p => p.NameEquals("s")).Any(p => p.Value.ValueKind != JsonValueKind.String || p.Value.GetRawText()[1..^1] != symbol)
            || Text(data, "s") != symbol || data.EnumerateObject().Count(p => p.NameEquals("seq")) > 1)
        {
            throw new SlowRefusalException("book fields");
        }

        JsonElement number = data.GetProperty("u");
        long update = number.ValueKind == JsonValueKind.Number && !number.GetRawText().Contains('e', StringComparison.OrdinalIgnoreCase)
            ? NeedPositive(Units(number.GetRawText(), 0))
            : throw new SlowRefusalException("u");
        (InstrumentId Id, InstrumentDefined Rules)? found = Find(symbol, kind);
        List<(string Side, long Price, long Quantity)> levels = [];
        if (found is not null)
        {
            foreach ((string name, string side) in data.EnumerateObject().Where(p => p.Name is "b" or "a")
                .Select(p => (p.Name, p.Name == "b" ? "Buy" : "Sell")))
            {
                JsonElement list = data.GetProperty(name);
                if (list.ValueKind != JsonValueKind.Array)
                {
                    throw new SlowRefusalException("levels");
                }

                foreach (JsonElement level in list.EnumerateArray())
                {
                    JsonElement[] pair = level.ValueKind == JsonValueKind.Array ? [.. level.EnumerateArray()] : [];
                    if (pair.Length != 2 || pair.Any(p => p.ValueKind != JsonValueKind.String || p.GetRawText().Contains('e', StringComparison.OrdinalIgnoreCase)))
                    {
                        throw new SlowRefusalException("level");
                    }

                    long price = NeedPositive(Units(pair[0].GetRawText()[1..^1], found.Value.Rules.PriceExponent));
                    long quantity = Need(Units(pair[1].GetRawText()[1..^1], found.Value.Rules.QuantityExponent));
                    levels.Add(quantity >= 0 ? (side, price, quantity) : throw new SlowRefusalException("negative"));
                }
            }
        }

        if (type is not ("snapshot" or "delta") || levels.Count > 2000)
        {
            throw new SlowRefusalException("type");
        }

        if (found is null)
        {
            return [];
        }

        InstrumentId id = found.Value.Id;
        bool snapshot = type == "snapshot";
        if (depth == 1)
        {
            return Top(id, at, levels, update, snapshot);
        }

        string depthKey = Inv($"{depth}");
        if (_depths.GetValueOrDefault(id.Value, depthKey) != depthKey)
        {
            throw new SlowRefusalException("second depth");
        }

        _depths[id.Value] = depthKey;
        long last = _books.GetValueOrDefault(id.Value);
        bool replaces = snapshot || update == 1;
        if (!replaces && last == 0)
        {
            return [];
        }

        if (!replaces && update != last + 1)
        {
            _books[id.Value] = 0;
            return [Line(id, at, "Stream Gap")];
        }

        _books[id.Value] = update;
        StringBuilder text = new(Inv($"Book u={update} after={(replaces ? 0 : last)} snapshot={replaces}"));
        foreach ((string side, long price, long quantity) in levels)
        {
            text.Append(CultureInfo.InvariantCulture, $" {side}:{price}:{quantity}");
        }

        return [Line(id, at, text.ToString())];
    }

    private List<string> Top(
        InstrumentId id, long at, List<(string Side, long Price, long Quantity)> levels, long update, bool snapshot)
    {
        (string, long Price, long Quantity)[] bids = [.. levels.Where(l => l.Side == "Buy")];
        (string, long Price, long Quantity)[] asks = [.. levels.Where(l => l.Side == "Sell")];
        if (bids.Length > 1 || asks.Length > 1 || levels.Any(l => l.Quantity == 0) || (!snapshot && update != 1))
        {
            throw new SlowRefusalException("top");
        }

        if (snapshot && update != 1 && _tops.GetValueOrDefault(id.Value) == update)
        {
            return [];
        }

        _tops[id.Value] = update;
        (long bid, long bidSize) = bids.Length == 0 ? (0, 0) : (bids[0].Price, bids[0].Quantity);
        (long ask, long askSize) = asks.Length == 0 ? (0, 0) : (asks[0].Price, asks[0].Quantity);
        return [Line(id, at, Inv($"Quote {bid} x {bidSize} / {ask} x {askSize} u={update}"))];
    }

    private List<string> Trades(JsonElement root)
    {
        Has(root, "data", out JsonElement data);
        List<string> lines = Items(data, item =>
        {
            if (Find(Text(item, "s"), kind) is not { } found)
            {
                return [];
            }

            long at = Milliseconds(item, "T");
            long price = NeedPositive(Units(item, "p", found.Rules.PriceExponent));
            long quantity = NeedPositive(Units(item, "v", found.Rules.QuantityExponent));
            string side = SideOf(item, "S", needed: false);
            string number = Text(item, "i");
            long id = number.Length <= 19 && !number.Contains('e', StringComparison.OrdinalIgnoreCase) && Units(number, 0) is > 0 and long n ? n : 0;
            bool block = Has(item, "BT", out JsonElement bt) && bt.ValueKind == JsonValueKind.True;
            return [Line(found.Id, at, Inv($"Trade {price} x {quantity} {side} id={id} marks={(block ? 1 : 0)} cond=0 ex=0"))];
        });
        return data.GetArrayLength() > 1024 ? throw new SlowRefusalException("too many") : lines;
    }

    private List<string> Ticker(JsonElement root, long sent)
    {
        string type = Text(root, "type");
        if (!Has(root, "data", out JsonElement data) || data.ValueKind != JsonValueKind.Object || type is not ("snapshot" or "delta"))
        {
            throw new SlowRefusalException("ticker");
        }

        if (Find(Text(data, "symbol"), kind) is not { } found || kind == InstrumentKind.Spot)
        {
            return [];
        }

        if (type == "delta" && !_tickers.ContainsKey(found.Id.Value))
        {
            return [];
        }

        long[] before = type == "snapshot" ? new long[6] : _tickers[found.Id.Value];
        long[] now = [.. before];
        void Merge(int at, string name, int exponent)
        {
            if (Has(data, name, out _))
            {
                now[at] = OrNothing(data, name, exponent, cut: true);
            }
        }

        Merge(0, "markPrice", 9);
        Merge(1, "indexPrice", 9);
        Merge(2, "fundingRate", 12);
        Merge(5, "openInterest", found.Rules.QuantityExponent);
        if (now[0] < 0 || now[1] < 0 || now[5] < 0)
        {
            throw new SlowRefusalException("negative");
        }

        if (Has(data, "nextFundingTime", out _))
        {
            now[3] = Milliseconds(data, "nextFundingTime");
        }

        if (!Absent(data, "fundingIntervalHour"))
        {
            long hours = Need(Units(data, "fundingIntervalHour", 0));
            now[4] = hours is >= 1 and <= 24 ? hours * 3_600_000_000_000 : throw new SlowRefusalException("hours");
        }

        if (type == "delta" && now.SequenceEqual(before))
        {
            return [];
        }

        _tickers[found.Id.Value] = now;
        return [Line(found.Id, sent, Inv($"Prices m={now[0]} i={now[1]} f={now[2]} at {now[3]} every {now[4]} oi={now[5]}"))];
    }

    private List<string> Candles(JsonElement root, string interval, string symbol)
    {
        (string Name, long Minutes)[] known =
        [
            ("1", 1), ("3", 3), ("5", 5), ("15", 15), ("30", 30), ("60", 60), ("120", 120), ("240", 240), ("360", 360),
            ("720", 720), ("D", 1440), ("W", 10080), ("M", 0),
        ];
        Dictionary<string, long> minutes = known.ToDictionary(entry => entry.Name, entry => entry.Minutes);
        if (!minutes.TryGetValue(interval.TrimStart('0') is { Length: > 0 } trimmed && interval.Length <= 3 ? trimmed : interval, out long length))
        {
            throw new SlowRefusalException("interval");
        }

        long frame = length * 60_000_000_000;
        (InstrumentId Id, InstrumentDefined Rules)? found = Find(symbol, kind);
        Has(root, "data", out JsonElement data);
        return Items(data, item =>
        {
            if (found is null || !Has(item, "confirm", out JsonElement confirm) || confirm.ValueKind != JsonValueKind.True)
            {
                return [];
            }

            long start = Milliseconds(item, "start");
            long last = Milliseconds(item, "end");
            if (start == 0)
            {
                throw new SlowRefusalException("start");
            }

            if (length == 0)
            {
                return [];
            }

            if ((last != 0 && (BigInteger)last + 1_000_000 - start != frame) || (BigInteger)start + frame > long.MaxValue)
            {
                throw new SlowRefusalException("length");
            }

            int price = found.Value.Rules.PriceExponent;
            int quantity = found.Value.Rules.QuantityExponent;
            long open = Need(Units(item, "open", price));
            long high = Need(Units(item, "high", price));
            long low = NeedPositive(Units(item, "low", price));
            long close = Need(Units(item, "close", price));
            long volume = Need(Units(item, "volume", quantity));
            long turnover = Math.Max(0, Units(item, "turnover", price + quantity) ?? 0);
            return low <= Math.Min(open, close) && high >= Math.Max(open, close) && volume >= 0
                ? [Line(found.Value.Id, start + frame, Inv($"Bar {start}+{frame} {open} {high} {low} {close} v={volume} t={turnover} n=0"))]
                : throw new SlowRefusalException("bar");
        });
    }

    private List<string> Liquidations(JsonElement root)
    {
        Has(root, "data", out JsonElement data);
        return Items(data, item =>
        {
            if (Find(Text(item, "s"), kind) is not { } found)
            {
                return [];
            }

            long at = Milliseconds(item, "T");
            long price = NeedPositive(Units(item, "p", found.Rules.PriceExponent));
            long quantity = NeedPositive(Units(item, "v", found.Rules.QuantityExponent));
            return [Line(found.Id, at, Inv($"Liquidation {SideOf(item, "S", needed: true)} {price} x {quantity}"))];
        });
    }

    private List<string> Limit(JsonElement root, long sent)
    {
        if (!Has(root, "data", out JsonElement data) || data.ValueKind != JsonValueKind.Object)
        {
            throw new SlowRefusalException("data");
        }

        if (Find(Text(data, "symbol"), kind) is not { } found)
        {
            return [];
        }

        long high = Need(Units(data, "buyLmt", found.Rules.PriceExponent));
        long low = NeedPositive(Units(data, "sellLmt", found.Rules.PriceExponent));
        return high >= low ? [Line(found.Id, sent, Inv($"Band {low}..{high}"))] : throw new SlowRefusalException("band");
    }

    private (InstrumentId Id, InstrumentDefined Rules)? Of(JsonElement item, string category) =>
        (Absent(item, "category") ? category : Text(item, "category")) switch
        {
            "linear" => Find(Text(item, "symbol"), InstrumentKind.Linear),
            "spot" => Find(Text(item, "symbol"), InstrumentKind.Spot),
            _ => null,
        };

    private static long Ours(JsonElement item, ushort instance) =>
        OrderId.TryParse(Encoding.UTF8.GetBytes(Text(item, "orderLinkId")), out ushort maker, out OrderId order) && maker == instance
            ? order.Packed
            : 0;

    private IEnumerable<string> Order(JsonElement item, string category, long created, ushort instance)
    {
        if (Of(item, category) is not { } found)
        {
            return [];
        }

        string word = Text(item, "orderStatus");
        string status = word switch
        {
            "New" or "Created" or "PartiallyFilled" or "Filled" or "Untriggered" or "Triggered" => "Accepted",
            "Cancelled" or "PartiallyFilledCanceled" or "Deactivated" => "Cancelled",
            "Rejected" => "Rejected",
            _ => throw new SlowRefusalException("status"),
        };
        string venue = Id(Text(item, "orderId"));
        int quantityExponent = found.Rules.QuantityExponent;
        long price = OrNothing(item, "price", found.Rules.PriceExponent);
        long cumulative = OrNothing(item, "cumExecQty", quantityExponent);
        bool amount = Text(item, "marketUnit") == "quoteCoin";
        long quantity = amount ? 0 : Need(Units(item, "qty", quantityExponent));
        if (price < 0 || cumulative < 0 || quantity < 0)
        {
            throw new SlowRefusalException("negative");
        }

        long first = Milliseconds(item, "createdTime");
        long then = Milliseconds(item, "updatedTime");
        string reason = Reason(Text(item, "rejectReason"), Text(item, "cancelType"));
        if (word == "Filled" && reason == "UnknownOrder")
        {
            status = "CancelRejected";
        }
        else if (status == "Accepted")
        {
            reason = "None";
        }

        long at = then != 0 ? then : first != 0 ? first : created;
        string Say(string said) => Line(
            found.Id, at, Inv($"Order {Ours(item, instance)} venue={venue} {said} {reason} {price} x {quantity} cum={cumulative} code=0"));
        return status == "Accepted" && then > first && !amount && word != "Filled" ? [Say(status), Say("Amended")] : [Say(status)];
    }

    private static string Reason(string reject, string cancel)
    {
        string first = reject switch
        {
            "" or "EC_NoError" => "None",
            "EC_PostOnlyWillTakeLiquidity" => "PostOnlyWouldTake",
            "EC_NoImmediateQtyToFill" => "NoLiquidity",
            "EC_NoEnoughQtyToFill" => "FillOrKillUnfilled",
            "EC_OrigClOrdIDDoesNotExist" => "UnknownOrder",
            "EC_PerCancelRequest" => "Requested",
            "EC_InvalidSymbolStatus" => "NotTrading",
            _ => "Unlisted",
        };
        return first is not ("None" or "Unlisted") ? first : cancel switch
        {
            "" or "UNKNOWN" => first,
            "CancelByUser" => "Requested",
            "CancelByReduceOnly" => "ReduceOnlyWouldAdd",
            "CancelBySmp" => "SelfTrade",
            "CancelByDCP" => "DisconnectProtection",
            "CancelByPrepareLiq" or "CancelAllBeforeLiq" or "CancelByPrepareAdl" or "CancelAllBeforeAdl" => "Liquidation",
            "CancelByAdmin" or "CancelBySettle" or "CancelByTpSlTsClear" or "CancelByRebalance" => "VenueDecision",
            _ => cancel.StartsWith("CancelByOCO", StringComparison.Ordinal) ? "VenueDecision" : "Unlisted",
        };
    }

    private IEnumerable<string> Execution(JsonElement item, string category, long created, ushort instance, bool fast)
    {
        if (Of(item, category) is not { } found)
        {
            return [];
        }

        string type = Text(item, "execType");
        if ((Absent(item, "execType") && !fast)
            || type is not ("" or "Trade" or "Funding" or "AdlTrade" or "BustTrade" or "Settle" or "Delivery" or "BlockTrade" or "MovePosition" or "FutureSpread"))
        {
            throw new SlowRefusalException("type");
        }

        string id = Id(Text(item, "execId"));
        long time = Milliseconds(item, "execTime");
        long at = time != 0 ? time : created;
        int price = found.Rules.PriceExponent;
        int quantity = found.Rules.QuantityExponent;
        if (type == "Funding")
        {
            long paid = Absent(item, "execFee") ? throw new SlowRefusalException("fee") : Need(Units(item, "execFee", 8, cut: true));
            long atPrice = OrNothing(item, "execPrice", 9, cut: true);
            long size = OrNothing(item, "execQty", quantity);
            long rate = OrNothing(item, "feeRate", 12, cut: true);
            string holder = SideOf(item, "side", needed: false);
            return size < 0 || paid == long.MinValue
                ? throw new SlowRefusalException("funding")
                : [Line(found.Id, at, Inv($"Booked id={id} {-paid} at {atPrice} of {(holder == "Sell" ? -size : size)} rate={rate} Funding"))];
        }

        string side = SideOf(item, "side", needed: true);
        long fillPrice = NeedPositive(Units(item, "execPrice", price));
        long fillQuantity = NeedPositive(Units(item, "execQty", quantity));
        if (fast)
        {
            return [];
        }

        long fee = Fee(item, found.Rules, side, fillPrice);
        long leaves = OrNothing(item, "leavesQty", quantity);
        long whole = OrNothing(item, "orderQty", quantity);
        if (leaves < 0 || whole < 0)
        {
            throw new SlowRefusalException("negative");
        }

        bool ours = type is "" or "Trade";
        BigInteger gone = (BigInteger)whole - leaves;
        BigInteger cumulative = ours && !Absent(item, "leavesQty") && !Absent(item, "orderQty") && gone >= fillQuantity ? gone : 0;
        string liquidity = !Has(item, "isMaker", out JsonElement maker) ? "Unknown"
            : maker.ValueKind == JsonValueKind.True ? "Maker"
            : maker.ValueKind == JsonValueKind.False ? "Taker"
            : "Unknown";
        return [Line(found.Id, at, Inv($"Fill {(ours ? Ours(item, instance) : 0)} id={id} {side} {fillPrice} x {fillQuantity} fee={fee} cum={cumulative} {liquidity}"))];
    }

    private static long Fee(JsonElement item, InstrumentDefined rules, string side, long price)
    {
        if (Absent(item, "execFee"))
        {
            return 0;
        }

        string coin = Text(item, "feeCurrency");
        string symbol = rules.Symbol.ToString();
        string quote = rules.Currency.ToString();
        bool spot = rules.InstrumentKind == InstrumentKind.Spot;
        bool rebate = Text(item, "execFee").StartsWith('-');
        bool inQuote = coin.Length > 0 ? coin == quote : !spot || (side == "Buy" == rebate);
        if (inQuote)
        {
            return Need(Units(item, "execFee", 8, cut: true));
        }

        if (!spot || !symbol.EndsWith(quote, StringComparison.Ordinal) || (coin.Length > 0 && coin + quote != symbol))
        {
            throw new SlowRefusalException("coin");
        }

        BigInteger exact = (BigInteger)Need(Units(item, "execFee", 12, cut: true)) * price;
        BigInteger scale = BigInteger.Pow(10, 12 + rules.PriceExponent - 8);
        BigInteger rounded = exact >= 0 ? (exact + scale - 1) / scale : exact / scale;
        return rounded <= long.MaxValue && rounded > long.MinValue ? (long)rounded : throw new SlowRefusalException("fee");
    }

    private IEnumerable<string> Position(JsonElement item, string category, long created)
    {
        if (Of(item, category) is not { } found)
        {
            return [];
        }

        string side = SideOf(item, "side", needed: false);
        long size = Need(Units(item, "size", found.Rules.QuantityExponent));
        long average = OrNothing(item, Absent(item, "avgPrice") ? "entryPrice" : "avgPrice", 9, cut: true);
        long mark = OrNothing(item, "markPrice", 9, cut: true);
        long liquidation = OrNothing(item, "liqPrice", 9, cut: true);
        long open = OrNothing(item, "unrealisedPnl", 8, cut: true);
        long done = OrNothing(item, "cumRealisedPnl", 8, cut: true);
        long leg = OrNothing(item, "positionIdx", 0);
        long update = OrNothing(item, "seq", 0);
        long time = Milliseconds(item, "updatedTime");
        bool reduce = Has(item, "isReduceOnly", out JsonElement only) && only.ValueKind == JsonValueKind.True;
        long quantity = side == "Sell" ? -size : side == "Buy" ? size : 0;
        return size < 0 || leg is < 0 or > 2 || (size != 0 && side == "None")
            ? throw new SlowRefusalException("position")
            : [Line(found.Id, time != 0 ? time : created, Inv($"Position {quantity} avg={average} mark={mark} liq={liquidation} open={open} done={done} u={Math.Max(0, update)} leg={leg} ro={(reduce ? 1 : 0)}"))];
    }

    private static List<string> Wallet(JsonElement item, long created)
    {
        long Total(string name) => OrNothing(item, name, 8, cut: true);
        List<string> lines =
        [
            Line(InstrumentId.None, created, Inv($"Balance '' cash={Total("totalWalletBalance")} eq={Total("totalEquity")} av={Total("totalAvailableBalance")} debt=0 im={Total("totalInitialMargin")} mm={Total("totalMaintenanceMargin")} open={Total("totalPerpUPL")}")),
        ];
        Has(item, "coin", out JsonElement coins);
        lines.AddRange(Items(coins, coin =>
        {
            string name = Text(coin, "coin");
            long Of(string field) => OrNothing(coin, field, 8, cut: true);
            BigInteger margin = (BigInteger)Of("totalOrderIM") + Of("totalPositionIM");
            string line = Line(InstrumentId.None, created, Inv($"Balance '{name}' cash={Of("walletBalance")} eq={Of("equity")} av={Of("availableToWithdraw")} debt={Of("borrowAmount")} im={margin} mm={Of("totalPositionMM")} open={Of("unrealisedPnl")}"));
            return name.Length == 0 || name.Any(c => c is <= ' ' or > '~') || margin > long.MaxValue || margin < long.MinValue
                ? throw new SlowRefusalException("coin")
                : name.Length > 8 ? [] : [line];
        }));
        return lines;
    }
}
