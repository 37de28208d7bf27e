using System;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Gateways.Wire;

namespace LowLatency.Gateways.Bybit;

/// <summary>How an order request travels.</summary>
public enum BybitChannel : byte
{
    /// <summary>As the body of a REST request.</summary>
    Rest,

    /// <summary>As a message on the order-entry connection.</summary>
    WebSocket,
}

/// <summary>
/// Writes requests to Bybit into a buffer of the caller: orders one by one and in batches, pings, subscriptions. A result of 0
/// means that nothing may be sent: the buffer was too small, or the venue has no such order.
/// </summary>
public sealed class BybitRequests
{
    /// <summary>Orders of one batch of derivatives.</summary>
    public const int BatchMaxLinear = 20;

    /// <summary>Orders of one batch of spot.</summary>
    public const int BatchMaxSpot = 10;

    /// <summary>Topics of one subscription: what a public connection takes of spot.</summary>
    public const int TopicsMax = 10;

    private readonly InstrumentTable _instruments;
    private readonly ushort _instance;

    /// <summary>Creates the writer.</summary>
    /// <param name="instruments">The session's instruments.</param>
    /// <param name="instance">The instance that client order ids carry.</param>
    public BybitRequests(InstrumentTable instruments, ushort instance)
    {
        _instruments = instruments;
        _instance = instance;
    }

    /// <summary>Writes one command.</summary>
    /// <param name="channel">How it travels.</param>
    /// <param name="command">The command.</param>
    /// <param name="requestNumber">The request's number, from 1; on the WebSocket only.</param>
    /// <param name="timestamp">Milliseconds since 1970 UTC; on the WebSocket only, elsewhere it is a header.</param>
    /// <param name="window">Milliseconds for which the request is good; on the WebSocket only.</param>
    /// <param name="destination">Gets the request.</param>
    /// <returns>Bytes written; 0 when nothing may be sent.</returns>
    public int Write(
        BybitChannel channel, in Command command, long requestNumber, long timestamp, int window, Span<byte> destination)
    {
        BodyWriter body = new(destination);
        if (!_instruments.TryFind(command.Instrument, out int place))
        {
            return 0;
        }

        ref readonly InstrumentDefined rules = ref _instruments.RulesAt(place);
        if (channel == BybitChannel.WebSocket)
        {
            Head(ref body, OpOf(command.Verb), requestNumber, timestamp, window);
        }

        body.Raw("{"u8);
        body.Pair("category"u8, CategoryOf(rules.InstrumentKind));
        Order(ref body, command, rules);
        body.Raw("}"u8);
        if (channel == BybitChannel.WebSocket)
        {
            body.Raw("]}"u8);
        }

        return body.Length;
    }

    /// <summary>Writes commands of one verb and one category as a batch.</summary>
    /// <param name="channel">How it travels.</param>
    /// <param name="commands">At least one, at most what the category takes.</param>
    /// <param name="requestNumber">The request's number, from 1; on the WebSocket only.</param>
    /// <param name="timestamp">Milliseconds since 1970 UTC; on the WebSocket only.</param>
    /// <param name="window">Milliseconds for which the request is good; on the WebSocket only.</param>
    /// <param name="destination">Gets the request.</param>
    /// <returns>Bytes written; 0 when nothing may be sent: also when verbs or categories differ.</returns>
    public int WriteBatch(
        BybitChannel channel,
        ReadOnlySpan<Command> commands,
        long requestNumber,
        long timestamp,
        int window,
        Span<byte> destination)
    {
        BodyWriter body = new(destination);
        if (commands.IsEmpty || !_instruments.TryFind(commands[0].Instrument, out int first))
        {
            return 0;
        }

        InstrumentKind kind = _instruments.RulesAt(first).InstrumentKind;
        if (commands.Length > (kind == InstrumentKind.Spot ? BatchMaxSpot : BatchMaxLinear))
        {
            return 0;
        }

        CommandVerb verb = commands[0].Verb;
        if (channel == BybitChannel.WebSocket)
        {
            Head(ref body, BatchOf(verb), requestNumber, timestamp, window);
        }

        body.Raw("{"u8);
        body.Pair("category"u8, CategoryOf(kind));
        body.Name("request"u8);
        body.Raw("["u8);
        for (int i = 0; i < commands.Length; i++)
        {
            ref readonly Command command = ref commands[i];
            if (command.Verb != verb || !_instruments.TryFind(command.Instrument, out int place)
                || _instruments.RulesAt(place).InstrumentKind != kind)
            {
                return 0;
            }

            body.Raw(i == 0 ? "{"u8 : ",{"u8);
            Order(ref body, command, _instruments.RulesAt(place));
            body.Raw("}"u8);
        }

        body.Raw("]}"u8);
        if (channel == BybitChannel.WebSocket)
        {
            body.Raw("]}"u8);
        }

        return body.Length;
    }

    /// <summary>Writes a ping.</summary>
    /// <param name="requestNumber">The request's number, from 1.</param>
    /// <param name="destination">Gets the message.</param>
    /// <returns>Bytes written; 0 when it did not fit.</returns>
    public static int WritePing(long requestNumber, Span<byte> destination)
    {
        BodyWriter body = new(destination);
        body.Raw("{"u8);
        RequestId(ref body, "req_id"u8, requestNumber);
        body.Pair("op"u8, "ping"u8);
        body.Raw("}"u8);
        return body.Length;
    }

    /// <summary>Writes a subscription.</summary>
    /// <param name="topics">1 to <see cref="TopicsMax"/> topics.</param>
    /// <param name="requestNumber">The request's number, from 1.</param>
    /// <param name="subscribe">False ends it.</param>
    /// <param name="destination">Gets the message.</param>
    /// <returns>Bytes written; 0 when it did not fit or a topic is no topic.</returns>
    public static int WriteSubscription(
        ReadOnlySpan<string> topics, long requestNumber, bool subscribe, Span<byte> destination)
    {
        Ensure.That(topics.Length is >= 1 and <= TopicsMax, "a subscription has 1 to 10 topics");
        Span<byte> ascii = stackalloc byte[64];
        BodyWriter body = new(destination);
        body.Raw("{"u8);
        RequestId(ref body, "req_id"u8, requestNumber);
        body.Pair("op"u8, subscribe ? "subscribe"u8 : "unsubscribe"u8);
        body.Name("args"u8);
        body.Raw("["u8);
        for (int i = 0; i < topics.Length; i++)
        {
            if (!System.Text.Encoding.UTF8.TryGetBytes(topics[i], ascii, out int length) || length == 0)
            {
                return 0;
            }

            body.Raw(i == 0 ? ""u8 : ","u8);
            body.Text(ascii[..length]);
        }

        body.Raw("]}"u8);
        return body.Length;
    }

    /// <summary>Writes a request's number where the venue has its id.</summary>
    internal static void RequestId(scoped ref BodyWriter body, scoped ReadOnlySpan<byte> name, long requestNumber)
    {
        Span<byte> text = stackalloc byte[DecimalText.LengthMax];
        body.Pair(name, text[..DecimalText.Format(requestNumber, 0, text)]);
    }

    private static void Head(ref BodyWriter body, ReadOnlySpan<byte> op, long requestNumber, long timestamp, int window)
    {
        body.Raw("{"u8);
        RequestId(ref body, "reqId"u8, requestNumber);
        body.Name("header"u8);
        body.Raw("{"u8);
        body.Pair("X-BAPI-TIMESTAMP"u8, timestamp, 0);
        body.Pair("X-BAPI-RECV-WINDOW"u8, window, 0);
        body.Raw("}"u8);
        body.Pair("op"u8, op);
        body.Name("args"u8);
        body.Raw("["u8);
    }

    private void Order(ref BodyWriter body, in Command command, in InstrumentDefined rules)
    {
        body.Pair("symbol"u8, InstrumentTable.NameOf(rules));
        switch (command.Verb)
        {
            case CommandVerb.New:
                New(ref body, command, rules);
                break;
            case CommandVerb.Amend:
                // The venue's quantity is the total, filled part included, as the command's is.
                body.Pair("orderLinkId"u8, command.Order, _instance);
                body.Pair("qty"u8, command.Quantity, rules.QuantityExponent);

                // A stop that trades at any price has no price; one that has been triggered no trigger any more.
                bool sleeps = command.TriggerPrice > 0 && rules.InstrumentKind != InstrumentKind.Spot;
                bool hasPrice = command.Price > 0 || !(sleeps && command.Type == OrderType.Stop);
                if (hasPrice)
                {
                    body.Pair("price"u8, command.Price, rules.PriceExponent);
                }

                if (sleeps)
                {
                    body.Pair("triggerPrice"u8, command.TriggerPrice, rules.PriceExponent);
                }

                if ((hasPrice && command.Price <= 0) || command.Quantity <= 0 || (command.Flags & OrderFlags.Notional) != 0)
                {
                    body.Refuse();
                }

                break;
            case CommandVerb.Cancel when command.Order.IsNone:
                // An order that somebody else made, or a second one of an id.
                Span<byte> id = stackalloc byte[36];
                int length = WireId.Format(command.VenueOrder, id);
                body.Pair("orderId"u8, id[..length]);
                if (length == 0)
                {
                    body.Refuse();
                }

                break;
            case CommandVerb.Cancel:
                body.Pair("orderLinkId"u8, command.Order, _instance);
                break;
            default:
                body.Refuse();
                break;
        }
    }

    private void New(ref BodyWriter body, in Command command, in InstrumentDefined rules)
    {
        bool spot = rules.InstrumentKind == InstrumentKind.Spot;
        bool market = command.Type is OrderType.Market or OrderType.Stop or OrderType.MarketIfTouched;
        bool sleeps = command.Type is OrderType.Stop or OrderType.StopLimit or OrderType.MarketIfTouched
            or OrderType.LimitIfTouched;
        bool amount = (command.Flags & OrderFlags.Notional) != 0;
        if (command.Side == Side.None || command.Quantity <= 0 || command.Order.IsNone
            || command.Type is OrderType.None or OrderType.TrailingStop or OrderType.MarketOnOpen or OrderType.MarketOnClose
            || command.TimeInForce is TimeInForce.None or TimeInForce.Day
            || (command.Flags & OrderFlags.ExtendedHours) != 0
            || (!market && command.Price <= 0) || (sleeps && command.TriggerPrice <= 0)
            || (sleeps && spot)
            || (amount && (!spot || !market || command.Side != Side.Buy)))
        {
            body.Refuse();
            return;
        }

        bool postOnly = (command.Flags & OrderFlags.PostOnly) != 0;
        if (postOnly && (market || command.TimeInForce != TimeInForce.GoodTillCancel))
        {
            body.Refuse();
            return;
        }

        body.Pair("side"u8, command.Side == Side.Buy ? "Buy"u8 : "Sell"u8);
        body.Pair("orderType"u8, market ? "Market"u8 : "Limit"u8);
        body.Pair("qty"u8, command.Quantity, amount ? Money.Exponent : rules.QuantityExponent);
        if (!market)
        {
            body.Pair("price"u8, command.Price, rules.PriceExponent);
        }

        // A market order is an immediate one at this venue whatever it says.
        body.Pair("timeInForce"u8, postOnly ? "PostOnly"u8 : market ? "IOC"u8 : command.TimeInForce switch
        {
            TimeInForce.ImmediateOrCancel => "IOC"u8,
            TimeInForce.FillOrKill => "FOK"u8,
            _ => "GTC"u8,
        });
        body.Pair("orderLinkId"u8, command.Order, _instance);
        if (sleeps)
        {
            bool stop = command.Type is OrderType.Stop or OrderType.StopLimit;
            body.Pair("triggerPrice"u8, command.TriggerPrice, rules.PriceExponent);
            body.Name("triggerDirection"u8);
            body.Number(stop == (command.Side == Side.Buy) ? 1 : 2);
            body.Pair("triggerBy"u8, "LastPrice"u8);
        }

        if (spot)
        {
            // Without it the quantity of a market purchase is taken for an amount of money.
            if (market)
            {
                body.Pair("marketUnit"u8, amount ? "quoteCoin"u8 : "baseCoin"u8);
            }

            if ((command.Flags & OrderFlags.ReduceOnly) != 0)
            {
                body.Refuse();
            }

            return;
        }

        if ((command.Flags & OrderFlags.ReduceOnly) != 0)
        {
            body.Yes("reduceOnly"u8);
        }

        body.Name("positionIdx"u8);
        body.Number(0);
    }

    private static ReadOnlySpan<byte> CategoryOf(InstrumentKind kind) =>
        kind == InstrumentKind.Spot ? "spot"u8 : "linear"u8;

    private static ReadOnlySpan<byte> OpOf(CommandVerb verb) => verb switch
    {
        CommandVerb.New => "order.create"u8,
        CommandVerb.Amend => "order.amend"u8,
        _ => "order.cancel"u8,
    };

    private static ReadOnlySpan<byte> BatchOf(CommandVerb verb) => verb switch
    {
        CommandVerb.New => "order.create-batch"u8,
        CommandVerb.Amend => "order.amend-batch"u8,
        _ => "order.cancel-batch"u8,
    };
}
