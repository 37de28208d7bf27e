using System.Text.Json;
using LowLatency.Core.Events;
using LowLatency.Core.Portfolio;
using LowLatency.Core.Values;
using LowLatency.Sandbox.Market;
using LowLatency.Sandbox.Trading;

namespace LowLatency.Sandbox.Bybit;

/// <summary>Orders, executions and positions as the venue writes them, on streams and in answers alike.</summary>
internal static class BybitJson
{
    internal static string Ms(long nanoseconds) => (nanoseconds / 1_000_000).ToString(System.Globalization.CultureInfo.InvariantCulture);

    internal static void Order(Utf8JsonWriter writer, SandboxOrder order, bool lostCancel = false)
    {
        ListedInstrument instrument = order.Instrument;
        BybitTerms terms = (BybitTerms)order.Terms;
        bool amount = terms.Amount.Length != 0;
        writer.WriteStartObject();
        writer.WriteString("category", instrument.Category);
        writer.WriteString("symbol", instrument.Symbol);
        writer.WriteString("orderId", order.VenueId);
        writer.WriteString("orderLinkId", order.ClientId);
        writer.WriteString("blockTradeId", string.Empty);
        writer.WriteString("side", order.Side == Side.Buy ? "Buy" : "Sell");
        writer.WriteNumber("positionIdx", 0);
        writer.WriteString("orderStatus", StatusOf(order));
        writer.WriteString("cancelType", lostCancel ? "CancelByUser" : order.IsOpen || order.Phase == OrderPhase.Filled ? "UNKNOWN" : BybitError.CancelType(order.Reason));
        writer.WriteString("rejectReason", lostCancel ? "EC_OrigClOrdIDDoesNotExist" : order.IsOpen || order.Phase == OrderPhase.Filled ? "EC_NoError" : BybitError.RejectReason(order.Reason));
        writer.WriteString("timeInForce", terms.TimeInForce);
        writer.WriteString("isLeverage", instrument.Kind == InstrumentKind.Spot ? "0" : string.Empty);
        writer.WriteString("price", instrument.PriceText(order.Price));
        writer.WriteString("qty", amount ? terms.Amount : instrument.QuantityText(order.Quantity));
        writer.WriteString("avgPrice", order.Filled == 0 ? string.Empty : Units.Text(decimal.Round(order.AveragePrice, 8)));
        writer.WriteString("leavesQty", order.IsOpen && !amount ? instrument.QuantityText(order.Leaves) : instrument.QuantityText(0));
        writer.WriteString("leavesValue", order.IsOpen && !amount ? Units.Money(instrument.Notional(order.Price, order.Leaves)) : "0");
        writer.WriteString("cumExecQty", instrument.QuantityText(order.Filled));
        writer.WriteString("cumExecValue", Units.Money(order.FilledValue));
        writer.WriteString("cumExecFee", Units.Text(order.Fee));
        writer.WriteStartObject("cumFeeDetail");
        if (order.Filled != 0)
        {
            writer.WriteString(order.FeeCoin, Units.Text(order.Fee));
        }

        writer.WriteEndObject();
        writer.WriteString("closedPnl", "0");
        writer.WriteString("feeCurrency", instrument.Kind == InstrumentKind.Spot ? order.FeeCoin : string.Empty);
        writer.WriteString("orderType", terms.OrderType);
        writer.WriteString("stopOrderType", order.IsConditional ? "Stop" : string.Empty);
        writer.WriteString("orderIv", string.Empty);
        writer.WriteString("triggerPrice", order.TriggerPrice == 0 ? string.Empty : instrument.PriceText(order.TriggerPrice));
        writer.WriteString("takeProfit", string.Empty);
        writer.WriteString("stopLoss", string.Empty);
        writer.WriteString("tpTriggerBy", string.Empty);
        writer.WriteString("slTriggerBy", string.Empty);
        writer.WriteString("tpLimitPrice", string.Empty);
        writer.WriteString("slLimitPrice", string.Empty);
        writer.WriteString("tpslMode", instrument.Kind == InstrumentKind.Spot ? string.Empty : "UNKNOWN");
        writer.WriteNumber("triggerDirection", terms.TriggerDirection);
        writer.WriteString("triggerBy", terms.TriggerBy);
        writer.WriteString("lastPriceOnCreated", string.Empty);
        writer.WriteBoolean("reduceOnly", terms.ReduceOnly);
        writer.WriteBoolean("closeOnTrigger", terms.CloseOnTrigger);
        writer.WriteString("placeType", string.Empty);
        writer.WriteString("smpType", terms.SmpType);
        writer.WriteNumber("smpGroup", 0);
        writer.WriteString("smpOrderId", string.Empty);
        writer.WriteString("marketUnit", terms.MarketUnit);
        writer.WriteString("createType", "CreateByUser");
        writer.WriteString("createdTime", Ms(order.CreatedAt));
        writer.WriteString("updatedTime", Ms(order.UpdatedAt));
        writer.WriteEndObject();
    }

    internal static void Execution(Utf8JsonWriter writer, Fill fill)
    {
        ListedInstrument instrument = fill.Instrument;
        BybitTerms? terms = (BybitTerms?)fill.Order?.Terms;
        writer.WriteStartObject();
        writer.WriteString("category", instrument.Category);
        writer.WriteString("symbol", instrument.Symbol);
        writer.WriteString("closedSize", fill.Closed == 0 ? "0" : instrument.QuantityText(fill.Closed));
        writer.WriteString("execFee", Units.Text(fill.Fee));
        writer.WriteString("execId", fill.Id);
        writer.WriteString("execPrice", instrument.PriceText(fill.Price));
        writer.WriteString("execQty", instrument.QuantityText(fill.Quantity));
        writer.WriteString("execType", fill.Kind switch { FillKind.Trade => "Trade", FillKind.Funding => "Funding", _ => "BustTrade" });
        writer.WriteString("execValue", Units.Money(fill.Value));
        writer.WriteString("execPnl", Units.Money(fill.Profit));
        writer.WriteString("feeRate", Units.Text(fill.Rate));
        writer.WriteString("feeCurrency", instrument.Kind == InstrumentKind.Spot ? fill.FeeCoin : string.Empty);
        writer.WriteString("tradeIv", string.Empty);
        writer.WriteString("markIv", string.Empty);
        writer.WriteString("blockTradeId", string.Empty);
        writer.WriteString("markPrice", instrument.Kind == InstrumentKind.Spot ? string.Empty : Units.Money(instrument.Mark));
        writer.WriteString("indexPrice", string.Empty);
        writer.WriteString("underlyingPrice", string.Empty);
        writer.WriteString("leavesQty", instrument.QuantityText(fill.Leaves));
        writer.WriteString("orderId", fill.Order?.VenueId ?? fill.Id);
        writer.WriteString("orderLinkId", fill.Order?.ClientId ?? string.Empty);
        writer.WriteString("orderPrice", fill.Order is null ? "0" : instrument.PriceText(fill.Order.Price));
        writer.WriteString("orderQty", instrument.QuantityText(fill.Cumulative + fill.Leaves));
        writer.WriteString("orderType", terms?.OrderType ?? "UNKNOWN");
        writer.WriteString("stopOrderType", fill.Order?.IsConditional == true ? "Stop" : "UNKNOWN");
        writer.WriteString("side", fill.Side == Side.Buy ? "Buy" : "Sell");
        writer.WriteString("execTime", Ms(fill.At));
        writer.WriteString("isLeverage", "0");
        writer.WriteBoolean("isMaker", fill.IsMaker);
        writer.WriteNumber("seq", fill.Sequence);
        writer.WriteString("marketUnit", terms?.MarketUnit ?? string.Empty);
        writer.WriteString("createType", fill.Order is null ? string.Empty : "CreateByUser");
        writer.WriteEndObject();
    }

    /// <summary>A fill of the fast stream: no fee, and no id of the client for who rested.</summary>
    internal static void FastExecution(Utf8JsonWriter writer, Fill fill)
    {
        writer.WriteStartObject();
        writer.WriteString("category", fill.Instrument.Category);
        writer.WriteString("symbol", fill.Instrument.Symbol);
        writer.WriteString("orderId", fill.Order?.VenueId ?? string.Empty);
        writer.WriteBoolean("isMaker", fill.IsMaker);
        writer.WriteString("orderLinkId", fill.IsMaker ? string.Empty : fill.Order?.ClientId ?? string.Empty);
        writer.WriteString("execId", fill.Id);
        writer.WriteString("execPrice", fill.Instrument.PriceText(fill.Price));
        writer.WriteString("execQty", fill.Instrument.QuantityText(fill.Quantity));
        writer.WriteString("side", fill.Side == Side.Buy ? "Buy" : "Sell");
        writer.WriteString("execTime", Ms(fill.At));
        writer.WriteNumber("seq", fill.Sequence);
        writer.WriteEndObject();
    }

    /// <summary>The position of an instrument; streams call its price the entry price, answers the average.</summary>
    internal static void Position(
        Utf8JsonWriter writer, TradingAccount account, ListedInstrument instrument, string leverage, long startedAt, bool isStream)
    {
        ref readonly Position position = ref account.Ledger.PositionOf(instrument);
        long size = System.Math.Abs(position.Quantity);
        decimal held = instrument.Quantity(position.Quantity);
        decimal value = System.Math.Abs(held * instrument.Mark);
        decimal average = held == 0 ? 0 : position.Cost * 0.00000001m / held;
        string zero = isStream ? "0" : string.Empty;
        long changed = account.Ledger.PositionChangedAt(instrument);
        writer.WriteStartObject();
        writer.WriteString("category", instrument.Category);
        writer.WriteString("symbol", instrument.Symbol);
        writer.WriteNumber("positionIdx", 0);
        writer.WriteNumber("tradeMode", 0);
        writer.WriteNumber("riskId", 1);
        writer.WriteString("riskLimitValue", "2000000");
        writer.WriteString("side", position.Quantity > 0 ? "Buy" : position.Quantity < 0 ? "Sell" : string.Empty);
        writer.WriteString("size", instrument.QuantityText(size));
        writer.WriteString(isStream ? "entryPrice" : "avgPrice", Units.Text(decimal.Round(average, 8)));
        writer.WriteString("leverage", leverage);
        writer.WriteString("positionValue", Units.Money(System.Math.Abs(position.Cost) * 0.00000001m));
        writer.WriteString("positionBalance", "0");
        writer.WriteString("markPrice", Units.Money(instrument.Mark));
        writer.WriteString("positionIM", Units.Money(value / BybitWalletView.Leverage));
        writer.WriteString("positionMM", Units.Money(value / 100));
        writer.WriteString("takeProfit", zero);
        writer.WriteString("stopLoss", zero);
        writer.WriteString("trailingStop", "0");
        writer.WriteString("unrealisedPnl", Units.Money(BybitWalletView.Unrealised(account, instrument)));
        writer.WriteString("curRealisedPnl", Units.Money(position.Realised * 0.00000001m));
        writer.WriteString("cumRealisedPnl", Units.Money((position.Realised - position.Fees) * 0.00000001m));
        writer.WriteString("sessionAvgPrice", zero);
        writer.WriteString("createdTime", Ms(startedAt));
        writer.WriteString("updatedTime", Ms(changed == 0 ? startedAt : changed));
        writer.WriteString("tpslMode", "Full");
        writer.WriteString("liqPrice", string.Empty);
        writer.WriteString("bustPrice", string.Empty);
        writer.WriteString("positionStatus", "Normal");
        writer.WriteNumber("adlRankIndicator", 0);
        writer.WriteNumber("autoAddMargin", 0);
        writer.WriteString("leverageSysUpdatedTime", string.Empty);
        writer.WriteString("mmrSysUpdatedTime", string.Empty);
        writer.WriteNumber("seq", instrument.Changes);
        writer.WriteBoolean("isReduceOnly", false);
        writer.WriteEndObject();
    }

    private static string StatusOf(SandboxOrder order) => order.Phase switch
    {
        OrderPhase.Filled => "Filled",
        OrderPhase.Rejected => order.Reason is ReportReason.PostOnlyWouldTake or ReportReason.FillOrKillUnfilled or ReportReason.NoLiquidity or ReportReason.SelfTrade
            ? "Cancelled"
            : "Rejected",
        OrderPhase.Cancelled or OrderPhase.Expired or OrderPhase.Replaced => order.Filled != 0 && order.Instrument.Kind == InstrumentKind.Spot
            ? "PartiallyFilledCanceled"
            : order.IsConditional && order.Filled == 0 ? "Deactivated" : "Cancelled",
        _ => order.Filled != 0 ? "PartiallyFilled" : order.IsConditional ? "Untriggered" : "New",
    };
}
