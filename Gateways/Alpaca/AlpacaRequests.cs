using System;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Gateways.Wire;

namespace LowLatency.Gateways.Alpaca;

/// <summary>
/// Writes requests to Alpaca into a buffer of the caller. A result of 0 means that nothing may be sent: the buffer was too
/// small, or the venue has no such order.
/// </summary>
/// <remarks>
/// Replacing an order makes a new one at this venue, which needs a client order id of its own: it is that of the order, a
/// point, and the number of the event that asked. So every order of a chain leads back to the one order that it is here.
/// </remarks>
public sealed class AlpacaRequests
{
    /// <summary>Symbols of one subscription.</summary>
    public const int SymbolsMax = Limits.Instruments;

    private readonly InstrumentTable _instruments;
    private readonly ushort _instance;

    /// <summary>Creates the writer.</summary>
    /// <param name="instruments">The session's instruments.</param>
    /// <param name="instance">The instance that client order ids carry.</param>
    public AlpacaRequests(InstrumentTable instruments, ushort instance)
    {
        _instruments = instruments;
        _instance = instance;
    }

    /// <summary>Writes the body of a new order (POST) or of a replacement (PATCH).</summary>
    /// <param name="command">A new order or an amendment.</param>
    /// <param name="sequence">The event that caused it.</param>
    /// <param name="destination">Gets the body.</param>
    /// <returns>Bytes written; 0 when nothing may be sent.</returns>
    public int Write(in Command command, long sequence, Span<byte> destination)
    {
        BodyWriter body = new(destination);
        if (!_instruments.TryFind(command.Instrument, out int place))
        {
            return 0;
        }

        ref readonly InstrumentDefined rules = ref _instruments.RulesAt(place);
        body.Raw("{"u8);
        switch (command.Verb)
        {
            case CommandVerb.New:
                New(ref body, command, rules);
                break;
            case CommandVerb.Amend:
                Replace(ref body, command, rules, sequence);
                break;
            default:
                body.Refuse();
                break;
        }

        body.Raw("}"u8);
        return body.Length;
    }

    /// <summary>Writes the path of a command: of all orders for a new one, of the venue's order otherwise.</summary>
    /// <param name="command">The command.</param>
    /// <param name="destination">Gets the path.</param>
    /// <returns>Bytes written; 0 when the venue's id of the order is not known: it is looked up by its client id first.</returns>
    public static int WritePath(in Command command, Span<byte> destination)
    {
        BodyWriter path = new(destination);
        path.Raw("/v2/orders"u8);
        if (command.Verb != CommandVerb.New)
        {
            Span<byte> id = stackalloc byte[36];
            int length = WireId.Format(command.VenueOrder, id);
            if (length == 0)
            {
                return 0;
            }

            path.Raw("/"u8);
            path.Raw(id[..length]);
        }

        return path.Length;
    }

    /// <summary>Writes the path that looks an order up by its client id.</summary>
    /// <param name="order">The order, as it was first sent.</param>
    /// <param name="destination">Gets the path and query.</param>
    /// <returns>Bytes written; 0 when it did not fit.</returns>
    public int WriteLookup(OrderId order, Span<byte> destination)
    {
        Span<byte> id = stackalloc byte[36];
        BodyWriter path = new(destination);
        path.Raw("/v2/orders:by_client_order_id?client_order_id="u8);
        path.Raw(id[..order.Format(_instance, id)]);
        return path.Length;
    }

    /// <summary>Writes the authentication of the order stream or of a data stream.</summary>
    /// <param name="key">The key's id.</param>
    /// <param name="secret">Its secret.</param>
    /// <param name="destination">Gets the message; it holds the secret, so it is cleared after it was sent.</param>
    /// <returns>Bytes written; 0 when it did not fit.</returns>
    public static int WriteAuthentication(ReadOnlySpan<byte> key, ReadOnlySpan<byte> secret, Span<byte> destination)
    {
        BodyWriter body = new(destination);
        body.Raw("{"u8);
        body.Pair("action"u8, "auth"u8);
        body.Pair("key"u8, key);
        body.Pair("secret"u8, secret);
        body.Raw("}"u8);
        return body.Length;
    }

    /// <summary>Writes the request for the order stream.</summary>
    /// <param name="destination">Gets the message.</param>
    /// <returns>Bytes written; 0 when it did not fit.</returns>
    public static int WriteListen(Span<byte> destination)
    {
        BodyWriter body = new(destination);
        body.Raw("{\"action\":\"listen\",\"data\":{\"streams\":[\"trade_updates\"]}}"u8);
        return body.Length;
    }

    /// <summary>Writes a subscription to everything of some symbols that is decoded.</summary>
    /// <param name="instruments">The instruments; at most <see cref="SymbolsMax"/>.</param>
    /// <param name="destination">Gets the message.</param>
    /// <returns>Bytes written; 0 when it did not fit or an instrument is not known.</returns>
    public int WriteSubscription(ReadOnlySpan<InstrumentId> instruments, Span<byte> destination)
    {
        Ensure.That(instruments.Length is >= 1 and <= SymbolsMax, "a subscription has 1 to 64 symbols");
        BodyWriter body = new(destination);
        body.Raw("{"u8);
        body.Pair("action"u8, "subscribe"u8);
        Symbols(ref body, "trades"u8, instruments);
        Symbols(ref body, "quotes"u8, instruments);
        Symbols(ref body, "bars"u8, instruments);
        if (_instruments.TryFind(instruments[0], out int place)
            && _instruments.RulesAt(place).InstrumentKind == InstrumentKind.Equity)
        {
            Symbols(ref body, "statuses"u8, instruments);
            Symbols(ref body, "lulds"u8, instruments);
        }

        body.Raw("}"u8);
        return body.Length;
    }

    private void Symbols(ref BodyWriter body, ReadOnlySpan<byte> channel, ReadOnlySpan<InstrumentId> instruments)
    {
        body.Name(channel);
        body.Raw("["u8);
        for (int i = 0; i < instruments.Length; i++)
        {
            body.Raw(i == 0 ? ""u8 : ","u8);
            if (_instruments.TryFind(instruments[i], out int place))
            {
                body.Text(InstrumentTable.NameOf(_instruments.RulesAt(place)));
            }
            else
            {
                body.Refuse();
            }
        }

        body.Raw("]"u8);
    }

    private void New(ref BodyWriter body, in Command command, in InstrumentDefined rules)
    {
        bool equity = rules.InstrumentKind == InstrumentKind.Equity;
        bool auction = command.Type is OrderType.MarketOnOpen or OrderType.MarketOnClose;
        bool limit = command.Type is OrderType.Limit or OrderType.StopLimit;
        bool stop = command.Type is OrderType.Stop or OrderType.StopLimit;
        bool trailing = command.Type == OrderType.TrailingStop;
        bool amount = (command.Flags & OrderFlags.Notional) != 0;
        bool extended = (command.Flags & OrderFlags.ExtendedHours) != 0;
        if (command.Side == Side.None || command.Quantity <= 0 || command.Order.IsNone
            || command.Type is OrderType.None or OrderType.MarketIfTouched or OrderType.LimitIfTouched
            || (command.Flags & OrderFlags.PostOnly) != 0
            || (auction && !equity)
            || (!auction && command.TimeInForce == TimeInForce.None)
            || (!equity && command.TimeInForce is TimeInForce.Day or TimeInForce.FillOrKill)
            || (limit && !IsPrice(command.Price, rules)) || (stop && !IsPrice(command.TriggerPrice, rules))
            || (trailing && command.TrailingOffset <= 0)
            || (amount && command.Type != OrderType.Market)
            || (extended && (command.Type != OrderType.Limit
                || command.TimeInForce is not (TimeInForce.Day or TimeInForce.GoodTillCancel))))
        {
            body.Refuse();
            return;
        }

        body.Pair("symbol"u8, InstrumentTable.NameOf(rules));
        if (amount)
        {
            body.Pair("notional"u8, command.Quantity, Money.Exponent);
        }
        else
        {
            body.Pair("qty"u8, command.Quantity, rules.QuantityExponent);
        }

        body.Pair("side"u8, command.Side == Side.Buy ? "buy"u8 : "sell"u8);
        body.Pair("type"u8, TypeOf(command.Type));
        body.Pair("time_in_force"u8, command.Type switch
        {
            OrderType.MarketOnOpen => "opg"u8,
            OrderType.MarketOnClose => "cls"u8,
            _ => ForceOf(command.TimeInForce),
        });
        if (limit)
        {
            body.Pair("limit_price"u8, command.Price, rules.PriceExponent);
        }

        if (stop)
        {
            body.Pair("stop_price"u8, command.TriggerPrice, rules.PriceExponent);
        }

        if (trailing)
        {
            body.Pair("trail_price"u8, command.TrailingOffset, rules.PriceExponent);
        }

        if (extended)
        {
            body.Yes("extended_hours"u8);
        }

        // The venue has no reduce-only order; saying that a position is closed is the nearest there is.
        if ((command.Flags & OrderFlags.ReduceOnly) != 0)
        {
            body.Pair("position_intent"u8, command.Side == Side.Buy ? "buy_to_close"u8 : "sell_to_close"u8);
        }

        body.Pair("client_order_id"u8, command.Order, _instance);
    }

    private void Replace(ref BodyWriter body, in Command command, in InstrumentDefined rules, long sequence)
    {
        bool stop = command.Type is OrderType.Stop or OrderType.StopLimit && command.TriggerPrice > 0;
        bool limit = !stop || command.Type == OrderType.StopLimit;
        if (command.Quantity <= 0 || command.Order.IsNone || sequence < 0
            || (limit && !IsPrice(command.Price, rules)) || (stop && !IsPrice(command.TriggerPrice, rules)))
        {
            body.Refuse();
            return;
        }

        body.Pair("qty"u8, command.Quantity, rules.QuantityExponent);
        if (limit)
        {
            body.Pair("limit_price"u8, command.Price, rules.PriceExponent);
        }

        if (stop)
        {
            body.Pair("stop_price"u8, command.TriggerPrice, rules.PriceExponent);
        }

        Span<byte> id = stackalloc byte[36 + 1 + DecimalText.LengthMax];
        int length = command.Order.Format(_instance, id);
        id[length++] = AlpacaWords.ReplacementMark;
        length += DecimalText.Format(sequence, 0, id[length..]);
        body.Pair("client_order_id"u8, id[..length]);
    }

    // Two decimals from a dollar on, four below: anything else is refused as a sub-penny price.
    private static bool IsPrice(long price, in InstrumentDefined rules)
    {
        if (price <= 0 || rules.InstrumentKind != InstrumentKind.Equity)
        {
            return price > 0;
        }

        long dollar = Instrument.PowerOf10(rules.PriceExponent);
        int decimals = price >= dollar ? 2 : 4;
        return rules.PriceExponent <= decimals || price % Instrument.PowerOf10(rules.PriceExponent - decimals) == 0;
    }

    private static ReadOnlySpan<byte> TypeOf(OrderType type) => type switch
    {
        OrderType.Limit => "limit"u8,
        OrderType.Stop => "stop"u8,
        OrderType.StopLimit => "stop_limit"u8,
        OrderType.TrailingStop => "trailing_stop"u8,
        _ => "market"u8,
    };

    private static ReadOnlySpan<byte> ForceOf(TimeInForce force) => force switch
    {
        TimeInForce.ImmediateOrCancel => "ioc"u8,
        TimeInForce.FillOrKill => "fok"u8,
        TimeInForce.Day => "day"u8,
        _ => "gtc"u8,
    };
}
