using System;
using System.Text.Json;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Sandbox.Market;
using LowLatency.Sandbox.Trading;
using LowLatency.Sandbox.Web;

namespace LowLatency.Sandbox.Alpaca;

/// <summary>Order entry of Alpaca: what it refuses at once, and what it takes; the rest comes on the stream of orders.</summary>
internal sealed class AlpacaEntry(Exchange exchange, AlpacaFunds funds, AlpacaOrderFeed feed)
{
    private const int ClientIdMax = 128;
    private const int DecimalsMax = 9;


    internal AlpacaError? Create(TradingAccount account, JsonElement body, out SandboxOrder? order)
    {
        order = null;
        AlpacaError? refusal = Read(account, body, out OrderRequest? request);
        if (refusal is null)
        {
            order = account.Place(request!, exchange.Now, null);
        }

        return refusal;
    }

    internal AlpacaError? Cancel(TradingAccount account, SandboxOrder order)
    {
        if (!order.IsOpen || IsPending(order, CommandVerb.Cancel))
        {
            return NotInState(order);
        }

        account.Cancel(order, exchange.Now, null);
        feed.Tell(account, order, "pending_cancel", null);
        return null;
    }

    /// <summary>Replaces an order by a new one.</summary>
    internal AlpacaError? Replace(TradingAccount account, SandboxOrder old, JsonElement body, out SandboxOrder? order)
    {
        order = null;
        if (old.Phase != OrderPhase.Working || old.Pending.Count != 0)
        {
            return NotInState(old);
        }

        ListedInstrument instrument = old.Instrument;
        AlpacaTerms terms = (AlpacaTerms)old.Terms;
        long quantity = old.Quantity;
        long price = old.Price;
        long stop = old.TriggerPrice;
        if (terms.Notional is not null)
        {
            return AlpacaError.Unprocessable("notional orders cannot be replaced");
        }

        if (Json.Text(body, "qty") is { } qtyText && (!Units.TryParse(qtyText, instrument.Rules.QuantityExponent, out quantity) || quantity <= 0))
        {
            return AlpacaError.Invalid("qty must be a positive number of at most 9 decimals");
        }

        AlpacaError? refusal = PriceOf(body, "limit_price", instrument, ref price) ?? PriceOf(body, "stop_price", instrument, ref stop);
        if (refusal is not null)
        {
            return refusal;
        }

        if (Json.Text(body, "trail") is { Length: > 0 } || (Json.Text(body, "time_in_force") is { } force && force != terms.TimeInForce))
        {
            return AlpacaError.NotSimulated("a replacement of trail or time_in_force");
        }

        if (quantity <= old.Filled)
        {
            return AlpacaError.Unprocessable("qty must be greater than what is filled already");
        }

        refusal = ClientIdOf(account, body, out string clientId)
            ?? Afford(account, instrument, old.Side, price, quantity - old.Filled, old);
        if (refusal is not null)
        {
            return refusal;
        }

        // What is written before its time shows what was asked for.
        SandboxOrder next = account.Succeed(old, clientId, terms, exchange.Now);
        next.Price = price;
        next.Quantity = quantity;
        next.TriggerPrice = stop;
        order = next;
        account.Amend(old, old.IsLimit ? price : 0, quantity, stop, exchange.Now, answer =>
        {
            if (answer.IsDone)
            {
                account.HandOver(old, next);
                next.TriggerPrice = stop;
            }
            else
            {
                account.Fail(next, answer.Reason, exchange.Now);
            }
        });
        feed.Tell(account, old, "pending_replace", null);
        return null;
    }

    internal static AlpacaError NotInState(SandboxOrder order) =>
        AlpacaError.Unprocessable($"order is already in \"{AlpacaJson.StatusOf(order)}\" state");

    private static bool IsPending(SandboxOrder order, CommandVerb verb)
    {
        foreach (PendingCommand pending in order.Pending)
        {
            if (pending.Verb == verb)
            {
                return true;
            }
        }

        return false;
    }

    // Two decimals from a dollar on, four below.
    private static AlpacaError? PriceOf(JsonElement body, string name, ListedInstrument instrument, ref long price)
    {
        if (Json.Text(body, name) is not { } text)
        {
            return null;
        }

        if (!Units.TryParse(text, out decimal value) || value <= 0)
        {
            return AlpacaError.Invalid($"{name} must be > 0");
        }

        bool share = instrument.Kind == InstrumentKind.Equity;
        int decimals = value >= 1 ? 2 : 4;
        return Units.TryParse(text, instrument.Rules.PriceExponent, out price) && price % instrument.Rules.Tick == 0 && (!share || decimal.Round(value, decimals) == value)
            ? null
            : AlpacaError.Unprocessable($"invalid {name} {text}. sub-penny increment does not fulfill minimum pricing criteria");
    }

    private AlpacaError? ClientIdOf(TradingAccount account, JsonElement body, out string clientId)
    {
        clientId = Json.Text(body, "client_order_id") is { Length: > 0 } said ? said : exchange.Ids.Uuid();
        return clientId.Length > ClientIdMax ? AlpacaError.Invalid("client_order_id must be no more than 128 characters")
            : account.ByClientId(clientId) is not null ? AlpacaError.Invalid("client_order_id must be unique")
            : null;
    }

    private AlpacaError? Afford(
        TradingAccount account, ListedInstrument instrument, Side side, long price, long quantity, SandboxOrder? except)
    {
        decimal wanted = instrument.Quantity(quantity);
        decimal held = AlpacaFunds.QuantityOf(account, instrument);
        decimal available = held - AlpacaFunds.HeldForSale(account, instrument, except);
        bool share = instrument.Kind == InstrumentKind.Equity;
        if (side == Side.Sell && (held > 0 || !share) && wanted > available)
        {
            return AlpacaError.Forbidden(
                $"insufficient qty available for order (requested: {Units.Text(wanted)}, available: {Units.Text(available)})",
                writer =>
                {
                    writer.WriteString("available", Units.Text(available));
                    writer.WriteString("existing_qty", Units.Text(held));
                    writer.WriteString("held_for_orders", Units.Text(held - available));
                    writer.WriteString("symbol", instrument.Symbol);
                });
        }

        if (side == Side.Sell && held <= 0 && decimal.Truncate(wanted) != wanted)
        {
            return AlpacaError.Forbidden("fractional orders cannot be sold short");
        }

        AlpacaFunds.State state = funds.Of(account, except);
        decimal power = share ? state.BuyingPower : Math.Max(0, Math.Min(state.BuyingPower, state.Cash - state.Held));
        decimal cost = AlpacaFunds.CostOf(account, instrument, side, price, quantity);
        return cost <= power ? null : AlpacaError.Forbidden("insufficient buying power", writer =>
        {
            writer.WriteString("buying_power", Units.Money(power));
            writer.WriteString("cost_basis", Units.Money(cost));
        });
    }

    private AlpacaError? Read(TradingAccount account, JsonElement body, out OrderRequest? request)
    {
        request = null;
        string symbol = Json.Text(body, "symbol") ?? string.Empty;
        if (exchange.Listing.FindAlpaca(symbol) is not { } instrument)
        {
            return AlpacaError.Invalid($"asset \"{symbol}\" not found");
        }

        if (account.Owner.IsReadOnly)
        {
            return AlpacaError.Forbidden("account is restricted to liquidation only");
        }

        Side side = Json.Text(body, "side") switch { "buy" => Side.Buy, "sell" => Side.Sell, _ => Side.None };
        string type = Json.Text(body, "type") ?? Json.Text(body, "order_type") ?? string.Empty;
        string force = Json.Text(body, "time_in_force") ?? string.Empty;
        if (side == Side.None || type is not ("market" or "limit" or "stop" or "stop_limit" or "trailing_stop"))
        {
            return AlpacaError.Invalid(side == Side.None ? "side must be buy or sell" : "invalid order type");
        }

        if (Json.Text(body, "order_class") is { Length: > 0 } orderClass && orderClass != "simple")
        {
            return AlpacaError.NotSimulated("orders of class " + orderClass);
        }

        if (force is "opg" or "cls")
        {
            return AlpacaError.NotSimulated("auctions (time_in_force " + force + ")");
        }

        bool crypto = instrument.Kind == InstrumentKind.Spot;
        if (force is not ("day" or "gtc" or "ioc" or "fok") || (crypto && force is not ("gtc" or "ioc")))
        {
            return AlpacaError.Invalid(crypto ? "invalid crypto time_in_force" : "invalid time_in_force");
        }

        bool extended = Json.Flag(body, "extended_hours");
        if (extended && (type != "limit" || force is not ("day" or "gtc")))
        {
            return AlpacaError.Unprocessable("extended hours order must be DAY or GTC limit orders");
        }

        return Terms(account, instrument, side, type, force, extended, body, out request);
    }

    private AlpacaError? Terms(
        TradingAccount account,
        ListedInstrument instrument,
        Side side,
        string type,
        string force,
        bool extended,
        JsonElement body,
        out OrderRequest? request)
    {
        request = null;
        bool limited = type is "limit" or "stop_limit";
        bool stops = type is "stop" or "stop_limit";
        long price = 0;
        long stop = 0;
        AlpacaError? refusal = limited && Json.Text(body, "limit_price") is null ? AlpacaError.Invalid("limit orders require limit price")
            : stops && Json.Text(body, "stop_price") is null ? AlpacaError.Invalid("stop orders require stop price")
            : !limited && Json.Text(body, "limit_price") is not null ? AlpacaError.Invalid(type + " orders must not have limit_price")
            : null;
        refusal ??= (limited ? PriceOf(body, "limit_price", instrument, ref price) : null)
            ?? (stops ? PriceOf(body, "stop_price", instrument, ref stop) : null)
            ?? Trail(body, type, instrument, out _);
        if (refusal is not null)
        {
            return refusal;
        }

        _ = Trail(body, type, instrument, out long offset);
        string? notional = Json.Text(body, "notional");
        string? qty = Json.Text(body, "qty");
        if ((notional is null) == (qty is null))
        {
            return AlpacaError.Invalid(qty is null ? "qty or notional is required" : "only one of qty or notional is accepted");
        }

        long quantity = 0;
        decimal money = 0;
        if (qty is not null && (!Units.TryParse(qty, DecimalsMax, out quantity) || quantity <= 0 || !Units.TryParse(qty, instrument.Rules.QuantityExponent, out quantity)))
        {
            return AlpacaError.Invalid("qty must be > 0 and have at most 9 decimals");
        }

        if (notional is not null && (type != "market" || !Units.TryParse(notional, out money) || money < 1 || decimal.Round(money, 2) != money))
        {
            return AlpacaError.Invalid("notional must be at least 1 with 2 decimals, and is for market orders");
        }

        refusal = ClientIdOf(account, body, out string clientId) ?? Wash(account, instrument, side, limited ? price : 0);
        long worth = notional is null || instrument.Mark == 0 ? quantity
            : (long)(money / instrument.Mark * Instrument.PowerOf10(instrument.Rules.QuantityExponent));
        refusal ??= Afford(account, instrument, side, price, worth, null);
        if (refusal is not null)
        {
            return refusal;
        }

        request = new OrderRequest
        {
            Instrument = instrument,
            ClientId = clientId,
            Side = side,
            Type = type switch
            {
                "market" => OrderType.Market,
                "limit" => OrderType.Limit,
                "stop" => OrderType.Stop,
                "stop_limit" => OrderType.StopLimit,
                _ => OrderType.TrailingStop,
            },
            Force = force switch
            {
                "ioc" => TimeInForce.ImmediateOrCancel,
                "fok" => TimeInForce.FillOrKill,
                "day" => TimeInForce.Day,
                _ => TimeInForce.GoodTillCancel,
            },
            Flags = (extended ? OrderFlags.ExtendedHours : OrderFlags.None) | (notional is null ? OrderFlags.None : OrderFlags.Notional),
            Price = price,
            Quantity = notional is null ? quantity : (long)(money * 100_000_000m),
            TriggerPrice = stop,
            TrailingOffset = offset,
            Terms = new AlpacaTerms
            {
                Type = type,
                TimeInForce = force,
                ExtendedHours = extended,
                Notional = notional,
                PositionIntent = Json.Text(body, "position_intent"),
                TrailPrice = Json.Text(body, "trail_price"),
                TrailPercent = Json.Text(body, "trail_percent"),
            },
        };
        return null;
    }

    private static AlpacaError? Trail(JsonElement body, string type, ListedInstrument instrument, out long offset)
    {
        offset = 0;
        if (type != "trailing_stop")
        {
            return null;
        }

        string? price = Json.Text(body, "trail_price");
        string? percent = Json.Text(body, "trail_percent");
        decimal part = 0;
        if ((price is null) == (percent is null) || (percent is not null && (!Units.TryParse(percent, out part) || part <= 0 || part >= 100)))
        {
            return AlpacaError.Invalid("trailing stop orders must specify one of trail_price or trail_percent");
        }

        if (price is not null)
        {
            return PriceOf(body, "trail_price", instrument, ref offset);
        }

        decimal units = instrument.Mark * part / 100 * Instrument.PowerOf10(instrument.Rules.PriceExponent);
        offset = Math.Max(instrument.Rules.Tick, (long)units / instrument.Rules.Tick * instrument.Rules.Tick);
        return null;
    }

    // An order that could meet one of the account's own is refused.
    private static AlpacaError? Wash(TradingAccount account, ListedInstrument instrument, Side side, long price)
    {
        foreach (SandboxOrder other in account.Open)
        {
            if (other.Instrument == instrument && other.Side != side && !other.IsConditional && other.IsLimit
                && (price == 0 || (side == Side.Buy ? price >= other.Price : price <= other.Price)))
            {
                return AlpacaError.Forbidden("potential wash trade detected. use complex orders", writer =>
                {
                    writer.WriteString("existing_order_id", other.VenueId);
                    writer.WriteString("reject_reason", "opposite side limit order exists");
                });
            }
        }

        return null;
    }
}
