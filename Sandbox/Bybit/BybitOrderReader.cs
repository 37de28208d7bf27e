using System;
using System.Buffers;
using System.Text.Json;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Sandbox.Market;
using LowLatency.Sandbox.Trading;
using LowLatency.Sandbox.Web;

namespace LowLatency.Sandbox.Bybit;

/// <summary>Reads a new order out of a request, with all that the venue checks before its matching engine sees it.</summary>
internal sealed class BybitOrderReader(Exchange exchange)
{
    private const int LinkIdMax = 36;

    private static readonly SearchValues<char> LinkIdLetters =
        SearchValues.Create("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-");

    /// <summary>Reads it.</summary>
    /// <param name="account">Whose.</param>
    /// <param name="category">The category of the request.</param>
    /// <param name="args">The order.</param>
    /// <param name="request">What to send; null when it is refused.</param>
    internal BybitError Read(TradingAccount account, string? category, JsonElement args, out OrderRequest? request)
    {
        request = null;
        if (Array.IndexOf(BybitEntry.Categories, category) < 0)
        {
            return BybitError.Params("Illegal category");
        }

        bool spot = category == "spot";
        if (exchange.Listing.Find(category!, Json.Text(args, "symbol") ?? string.Empty) is not { } instrument)
        {
            return spot ? new BybitError(170121, "Invalid symbol.") : BybitError.Params("params error: symbol invalid");
        }

        Side side = Json.Text(args, "side") switch { "Buy" => Side.Buy, "Sell" => Side.Sell, _ => Side.None };
        string orderType = Json.Text(args, "orderType") ?? string.Empty;
        bool market = orderType == "Market";
        if (side == Side.None || (!market && orderType != "Limit"))
        {
            return BybitError.Params(side == Side.None ? "Side invalid" : "OrderType invalid");
        }

        string link = Json.Text(args, "orderLinkId") ?? string.Empty;
        if (!IsLinkId(link))
        {
            return BybitError.Params("orderLinkId: at most 36 characters of 0-9 A-Z a-z _ -");
        }

        if (link.Length != 0 && account.ByClientId(link) is not null)
        {
            return BybitError.Duplicate(spot);
        }

        if (NotSimulated(args) is { } what)
        {
            return BybitError.Params("the sandbox does not simulate " + what);
        }

        if (Json.TryWhole(args, "positionIdx", out long index) && index != 0)
        {
            return BybitError.Params("position idx not match position mode");
        }

        string force = Json.Text(args, "timeInForce") is { Length: > 0 } said ? said : market ? "IOC" : "GTC";
        TimeInForce inForce = market ? TimeInForce.ImmediateOrCancel : force switch
        {
            "GTC" or "PostOnly" or "RPI" => TimeInForce.GoodTillCancel,
            "IOC" => TimeInForce.ImmediateOrCancel,
            "FOK" => TimeInForce.FillOrKill,
            _ => TimeInForce.None,
        };
        if (inForce == TimeInForce.None)
        {
            return BybitError.Params("timeInForce invalid");
        }

        return Terms(account, instrument, side, market, force, inForce, link, args, out request);
    }

    private static BybitError Terms(
        TradingAccount account,
        ListedInstrument instrument,
        Side side,
        bool market,
        string force,
        TimeInForce inForce,
        string link,
        JsonElement args,
        out OrderRequest? request)
    {
        request = null;
        bool spot = instrument.Kind == InstrumentKind.Spot;
        bool reduces = Json.Flag(args, "reduceOnly");
        bool sleeps = Json.Text(args, "triggerPrice") is { Length: > 0 } text && text != "0";
        string unit = !spot || !market ? string.Empty
            : Json.Text(args, "marketUnit") is { Length: > 0 } unitSaid ? unitSaid
            : side == Side.Buy ? "quoteCoin" : "baseCoin";
        bool amount = unit == "quoteCoin";
        long price = 0;
        long trigger = 0;
        if ((!market && !Units.TryParse(Json.Text(args, "price"), instrument.Rules.PriceExponent, out price))
            || (sleeps && !Units.TryParse(Json.Text(args, "triggerPrice"), instrument.Rules.PriceExponent, out trigger)))
        {
            return BybitError.OfRejection(ReportReason.PriceOffTick, spot)!.Value;
        }

        if (!Units.TryParse(Json.Text(args, "qty"), amount ? Money.Exponent : instrument.Rules.QuantityExponent, out long quantity) || quantity <= 0)
        {
            return BybitError.OfRejection(ReportReason.QuantityOffLot, spot)!.Value;
        }

        if (!amount && quantity < instrument.Rules.MinQuantity)
        {
            return spot ? new BybitError(170136, "Order quantity exceeded lower limit.") : BybitError.Params("The number of contracts is below minimum limit allowed");
        }

        if (!market && !BybitEntry.IsInBand(instrument, side, price))
        {
            return BybitError.Band(spot, side == Side.Buy);
        }

        _ = Json.TryWhole(args, "triggerDirection", out long direction);
        if (sleeps && (spot || direction is not (1 or 2)))
        {
            return BybitError.Params(spot ? "the sandbox does not simulate conditional orders of pairs" : "TriggerDirection invalid");
        }

        decimal cost = amount ? Units.Value(quantity, Money.Exponent) : 0;
        long worst = market ? side == Side.Buy ? instrument.Book.BestAskPrice : instrument.Book.BestBidPrice : price;
        bool isPaid = !spot || (amount
            ? account.Ledger.CashOf(instrument.Quote) - BybitWalletView.Locked(account, instrument.Quote) >= (side == Side.Buy ? cost : 0)
            : BybitEntry.HasFunds(account, instrument, side, worst, quantity, null));
        if (!isPaid)
        {
            return BybitError.Balance(spot);
        }

        bool isStop = direction == 1 == (side == Side.Buy);
        OrderType type = sleeps
            ? isStop ? market ? OrderType.Stop : OrderType.StopLimit : market ? OrderType.MarketIfTouched : OrderType.LimitIfTouched
            : market ? OrderType.Market : OrderType.Limit;
        OrderFlags flags = (force is "PostOnly" or "RPI" && !market ? OrderFlags.PostOnly : OrderFlags.None)
            | (reduces ? OrderFlags.ReduceOnly : OrderFlags.None)
            | (amount ? OrderFlags.Notional : OrderFlags.None);
        request = new OrderRequest
        {
            Instrument = instrument,
            ClientId = link,
            Side = side,
            Type = type,
            Force = sleeps ? TimeInForce.GoodTillCancel : inForce,
            Flags = flags,
            Price = price,
            Quantity = quantity,
            TriggerPrice = trigger,
            Terms = new BybitTerms
            {
                OrderType = market ? "Market" : "Limit",
                TimeInForce = market ? "IOC" : force,
                TriggerBy = sleeps ? Json.Text(args, "triggerBy") ?? "LastPrice" : string.Empty,
                TriggerDirection = sleeps ? (int)direction : 0,
                ReduceOnly = reduces,
                CloseOnTrigger = Json.Flag(args, "closeOnTrigger"),
                MarketUnit = unit,
                SmpType = Json.Text(args, "smpType") ?? "None",
                Amount = amount ? Json.Text(args, "qty")! : string.Empty,
            },
        };
        return BybitError.Ok;
    }

    // What would be believed to protect a position must not be taken and forgotten.
    private static string? NotSimulated(JsonElement args)
    {
        foreach (string name in new[] { "takeProfit", "stopLoss", "bboSideType", "orderIv" })
        {
            if (Json.Text(args, name) is { Length: > 0 } value && value != "0")
            {
                return name;
            }
        }

        return Json.Text(args, "orderFilter") is "tpslOrder" or "StopOrder" ? "orderFilter of take profit and stop orders"
            : Json.Text(args, "isLeverage") == "1" ? "spot margin (isLeverage)"
            : null;
    }

    private static bool IsLinkId(string text) => text.Length <= LinkIdMax && text.AsSpan().IndexOfAnyExcept(LinkIdLetters) < 0;
}
