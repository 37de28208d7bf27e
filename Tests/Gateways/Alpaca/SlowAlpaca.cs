using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using System.Text.Json;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Tests.Gateways.Wire;
using static LowLatency.Tests.Gateways.Wire.SlowJson;

namespace LowLatency.Tests.Gateways.Alpaca;

/// <summary>Alpaca's JSON messages read slowly; MessagePack is compared with the same message in JSON.</summary>
internal sealed class SlowAlpaca(IReadOnlyList<(InstrumentId Id, InstrumentDefined Rules)> instruments)
{
    internal List<string> Data(ReadOnlyMemory<byte> message)
    {
        using JsonDocument document = Parse(message);
        if (document.RootElement.ValueKind != JsonValueKind.Array)
        {
            throw new SlowRefusalException("no list");
        }

        List<string> lines = [];
        bool control = false;
        foreach (JsonElement item in document.RootElement.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Object)
            {
                throw new SlowRefusalException("no object");
            }

            string kind = Text(item, "T");
            if (kind.Length != 1)
            {
                control = IsControl(item, kind) || control;
                continue;
            }

            if (kind is "u" or "d" or "i" or "o" or "n")
            {
                continue;
            }

            if (kind is not ("t" or "q" or "b" or "s" or "l" or "c" or "x"))
            {
                throw new SlowRefusalException("kind");
            }

            if (Find(Text(item, "S")) is { } found)
            {
                long at = Absent(item, "t") ? throw new SlowRefusalException("time") : Rfc3339(item, "t");
                lines.Add(Item(kind, item, found.Id, found.Rules, at));
            }
        }

        // An answer that comes with data is an answer.
        return control ? throw new SlowRefusalException("an answer") : lines;
    }

    internal List<string> Trade(ReadOnlyMemory<byte> message, ushort instance)
    {
        using JsonDocument document = Parse(message);
        JsonElement root = document.RootElement;
        if (Text(root, "stream") != "trade_updates" || !Has(root, "data", out JsonElement data)
            || !Has(data, "order", out JsonElement order) || order.ValueKind != JsonValueKind.Object)
        {
            throw new SlowRefusalException("no update");
        }

        string name = Text(data, "event");
        bool passing = name is "pending_new" or "pending_cancel" or "pending_replace" or "stopped" or "suspended" or "calculated"
            or "replaced" or "restated";
        bool fill = name is "fill" or "partial_fill";
        bool refusal = name is "order_replace_rejected" or "order_cancel_rejected";
        if (!passing && !fill && !refusal
            && name is not ("new" or "canceled" or "expired" or "rejected" or "accepted" or "done_for_day" or "held"))
        {
            throw new SlowRefusalException("event");
        }

        if (Find(Text(order, "symbol")) is not { } found)
        {
            return [];
        }

        List<string> states = Order(order, found, instance, out string side, out long cumulative, out long orderAt);
        if (passing)
        {
            return [];
        }

        long stamp = Rfc3339(data, "timestamp");
        long at = stamp != 0 ? stamp : orderAt;
        if (fill)
        {
            string id = FillId(Text(order, "id"), cumulative);
            long price = NeedPositive(Units(data, "price", found.Rules.PriceExponent));
            long quantity = NeedPositive(Units(data, "qty", found.Rules.QuantityExponent));
            return cumulative < quantity
                ? throw new SlowRefusalException("cumulative")
                : [Line(found.Id, at, Inv($"Fill {Ours(order, instance).Id} id={id} {side} {price} x {quantity} fee=0 cum={cumulative} Unknown"))];
        }

        if (refusal)
        {
            string status = Text(order, "status");
            bool ended = status is "canceled" or "expired" or "rejected" or "filled";
            string said = name == "order_replace_rejected" ? "AmendRejected" : "CancelRejected";
            string body = Body(order, found, instance);
            return [Line(found.Id, at, body.Replace("{status}", said + (ended ? " UnknownOrder" : " VenueDecision"), StringComparison.Ordinal))];
        }

        return [.. states.Select(state => Line(found.Id, at, state))];
    }

    // The order's id with the filled quantity folded into its last sixteen digits.
    private static string FillId(string order, long cumulative)
    {
        string[] halves = Id(order).Split('.');
        ulong low = ulong.Parse(halves[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture) ^ (ulong)cumulative;
        return Inv($"{halves[0]}.{low:x}");
    }

    private static List<string> Order(
        JsonElement order, (InstrumentId Id, InstrumentDefined Rules) found, ushort instance, out string side, out long cumulative, out long at)
    {
        string body = Body(order, found, instance);
        cumulative = OrNothing(order, "filled_qty", found.Rules.QuantityExponent);
        side = SideOf(order, "side", needed: true);
        string word = Text(order, "status");
        string status = word switch
        {
            "new" or "partially_filled" or "filled" or "accepted" or "done_for_day" or "accepted_for_bidding" or "held"
                or "pending_cancel" or "pending_replace" => "Accepted",
            "canceled" => "Cancelled",
            "expired" => "Expired",
            "rejected" => "Rejected",
            "pending_new" or "replaced" or "stopped" or "suspended" or "calculated" => string.Empty,
            _ => throw new SlowRefusalException("status"),
        };
        long updated = Rfc3339(order, "updated_at");
        long submitted = Rfc3339(order, "submitted_at");
        at = updated != 0 ? updated : submitted;
        if (status.Length == 0)
        {
            return [];
        }

        string Say(string said) => body.Replace("{status}", said + " None", StringComparison.Ordinal);
        bool amended = Ours(order, instance).IsReplacement && status == "Accepted" && word != "filled"
            && OrNothing(order, "qty", found.Rules.QuantityExponent) != 0;
        return amended ? [Say(status), Say("Amended")] : [Say(status)];
    }

    private static string Body(JsonElement order, (InstrumentId Id, InstrumentDefined Rules) found, ushort instance)
    {
        string venue = Id(Text(order, "id"));
        long price = OrNothing(order, "limit_price", found.Rules.PriceExponent);
        long quantity = OrNothing(order, "qty", found.Rules.QuantityExponent);
        long cumulative = OrNothing(order, "filled_qty", found.Rules.QuantityExponent);
        return price < 0 || quantity < 0 || cumulative < 0 || (Absent(order, "qty") && Absent(order, "notional"))
            ? throw new SlowRefusalException("order")
            : Inv($"Order {Ours(order, instance).Id} venue={venue} {{status}} {price} x {quantity} cum={cumulative} code=0");
    }

    private static (long Id, bool IsReplacement) Ours(JsonElement order, ushort instance)
    {
        string[] text = Text(order, "client_order_id").Split('.', 2);
        bool ours = OrderId.TryParse(Encoding.UTF8.GetBytes(text[0]), out ushort maker, out OrderId id) && maker == instance;
        return (ours ? id.Packed : 0, text.Length > 1);
    }

    private static bool IsControl(JsonElement item, string kind) => kind switch
    {
        "subscription" => true,
        "success" when Text(item, "msg") is "connected" or "authenticated" => true,
        "error" when Units(item, "code", 0) is >= 0 and <= int.MaxValue => true,
        _ => throw new SlowRefusalException("control"),
    };

    private static string Item(string kind, JsonElement item, InstrumentId id, InstrumentDefined rules, long at)
    {
        int p = rules.PriceExponent;
        int q = rules.QuantityExponent;
        long price;
        long quantity;
        switch (kind)
        {
            case "t":
                price = NeedPositive(Units(item, "p", p));
                quantity = NeedPositive(Units(item, "s", q));
                string exchange = Text(item, "x");
                return Line(id, at, Inv($"Trade {price} x {quantity} None id={OrNothing(item, "i", 0)} marks=0 cond={Conditions(item)} ex={(exchange.Length == 1 ? exchange[0] : 0)}"));
            case "q":
                long bid = OrNothing(item, "bp", p);
                long bidSize = OrNothing(item, "bs", q);
                long ask = OrNothing(item, "ap", p);
                long askSize = OrNothing(item, "as", q);
                if (Math.Min(Math.Min(bid, bidSize), Math.Min(ask, askSize)) < 0)
                {
                    throw new SlowRefusalException("negative");
                }

                (bid, bidSize) = bid == 0 || bidSize == 0 ? (0, 0) : (bid, bidSize);
                (ask, askSize) = ask == 0 || askSize == 0 ? (0, 0) : (ask, askSize);
                return Line(id, at, Inv($"Quote {bid} x {bidSize} / {ask} x {askSize} u=0"));
            case "b":
                long open = Need(Units(item, "o", p));
                long high = Need(Units(item, "h", p));
                long low = NeedPositive(Units(item, "l", p));
                long close = Need(Units(item, "c", p));
                long volume = Need(Units(item, "v", q));
                long count = OrNothing(item, "n", 0);
                return volume >= 0 && count >= 0 && low <= Math.Min(open, close) && high >= Math.Max(open, close)
                    && at <= long.MaxValue - 60_000_000_000
                    ? Line(id, at + 60_000_000_000, Inv($"Bar {at}+60000000000 {open} {high} {low} {close} v={volume} t=0 n={count}"))
                    : throw new SlowRefusalException("bar");
            case "s":
                string status = Text(item, "sc") switch
                {
                    "T" or "3" or "5" => "Open",
                    "H" or "2" or "P" or "4" or "D" or "I" => "Halted",
                    "Q" => "Auction",
                    "E" => "LimitUpDown",
                    _ => "Unknown",
                };
                return Line(id, at, "Status " + status);
            case "l":
                long up = Need(Units(item, "u", p));
                long down = NeedPositive(Units(item, "d", p));
                return up >= down ? Line(id, at, Inv($"Band {down}..{up}")) : throw new SlowRefusalException("band");
            case "c":
                price = NeedPositive(Units(item, "cp", p));
                quantity = NeedPositive(Units(item, "cs", q));
                return Line(id, at, Inv($"Corrected {Need(Units(item, "oi", 0))} {Need(Units(item, "op", p))} x {Need(Units(item, "os", q))} -> {price} x {quantity}"));
            default:
                return Line(id, at, Inv($"Corrected {Need(Units(item, "i", 0))} {Need(Units(item, "p", p))} x {Need(Units(item, "s", q))} -> 0 x 0"));
        }
    }

    private static uint Conditions(JsonElement item)
    {
        uint bits = 0;
        if (!Has(item, "c", out JsonElement list) || list.ValueKind != JsonValueKind.Array)
        {
            return 0;
        }

        foreach (JsonElement entry in list.EnumerateArray())
        {
            if (entry.ValueKind != JsonValueKind.String)
            {
                break;
            }

            string text = entry.GetRawText()[1..^1];
            bits |= text.Length == 1 && text[0] is >= 'A' and <= 'Z' ? 1u << (text[0] - 'A')
                : text.Length == 1 && text[0] is >= '4' and <= '9' ? 1u << (text[0] - '4' + 26)
                : 0;
        }

        return bits;
    }

    private (InstrumentId Id, InstrumentDefined Rules)? Find(string symbol)
    {
        foreach (bool slash in new[] { true, false })
        {
            foreach ((InstrumentId id, InstrumentDefined rules) in instruments)
            {
                string name = rules.Symbol.ToString();
                if (symbol.Length > 0 && symbol == (slash ? name : name.Contains('/') ? name.Replace("/", string.Empty, StringComparison.Ordinal) : string.Empty))
                {
                    return (id, rules);
                }
            }
        }

        return null;
    }

    private static string Line(InstrumentId id, long at, string body) =>
        string.Create(CultureInfo.InvariantCulture, $"#{id.Value} at {at} by Alpaca: {body}");

    private static string Inv(FormattableString text) => FormattableString.Invariant(text);
}
