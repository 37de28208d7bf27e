using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text.Json;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Sandbox.Market;
using LowLatency.Sandbox.Trading;

namespace LowLatency.Sandbox.Alpaca;

/// <summary>Orders, positions, assets and activities as the venue writes them.</summary>
internal sealed class AlpacaJson(Exchange exchange)
{
    private const long Second = 1_000_000_000;
    private const decimal Unit = 0.00000001m;

    private readonly Dictionary<string, string> _assets = new(StringComparer.Ordinal);

    /// <summary>RFC 3339 with nanoseconds, in UTC.</summary>
    internal static string Time(long nanoseconds)
    {
        string seconds = DateTimeOffset.FromUnixTimeSeconds(nanoseconds / Second).ToString("yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture);
        string rest = (nanoseconds % Second).ToString("d9", CultureInfo.InvariantCulture).TrimEnd('0');
        return rest.Length == 0 ? seconds + "Z" : $"{seconds}.{rest}Z";
    }

    /// <summary>The venue's id of an instrument.</summary>
    internal string AssetId(ListedInstrument instrument)
    {
        if (!_assets.TryGetValue(instrument.Symbol, out string? id))
        {
            id = _assets[instrument.Symbol] = exchange.Ids.Uuid();
        }

        return id;
    }

    internal static string Number(ListedInstrument instrument, long quantity) => Units.Text(instrument.Quantity(quantity));

    internal static string StatusOf(SandboxOrder order)
    {
        foreach (PendingCommand pending in order.Pending)
        {
            if (order.Phase == OrderPhase.Working && pending.Verb != CommandVerb.New)
            {
                return pending.Verb == CommandVerb.Cancel ? "pending_cancel" : "pending_replace";
            }
        }

        return order.Phase switch
        {
            OrderPhase.Sent => "pending_new",
            OrderPhase.Working => order.Filled != 0 ? "partially_filled" : "new",
            OrderPhase.Filled => "filled",
            OrderPhase.Cancelled => "canceled",
            OrderPhase.Expired => "expired",
            OrderPhase.Replaced => "replaced",
            _ => "rejected",
        };
    }

    internal void Order(Utf8JsonWriter writer, SandboxOrder order)
    {
        ListedInstrument instrument = order.Instrument;
        AlpacaTerms terms = (AlpacaTerms)order.Terms;
        bool amount = terms.Notional is not null;
        writer.WriteStartObject();
        writer.WriteString("id", order.VenueId);
        writer.WriteString("client_order_id", order.ClientId);
        writer.WriteString("created_at", Time(order.CreatedAt));
        writer.WriteString("updated_at", Time(order.UpdatedAt));
        writer.WriteString("submitted_at", Time(order.CreatedAt));
        WriteTime(writer, "filled_at", order.Phase == OrderPhase.Filled ? order.FilledAt : 0);
        WriteTime(writer, "expired_at", order.Phase == OrderPhase.Expired ? order.UpdatedAt : 0);
        WriteTime(writer, "canceled_at", order.Phase == OrderPhase.Cancelled ? order.UpdatedAt : 0);
        WriteTime(writer, "failed_at", order.Phase == OrderPhase.Rejected ? order.UpdatedAt : 0);
        WriteTime(writer, "replaced_at", order.Phase == OrderPhase.Replaced ? order.ReplacedBy!.CreatedAt : 0);
        WriteText(writer, "replaced_by", order.ReplacedBy?.VenueId);
        WriteText(writer, "replaces", order.Replaces?.VenueId);
        writer.WriteString("asset_id", AssetId(instrument));
        writer.WriteString("symbol", instrument.Symbol);
        writer.WriteString("asset_class", instrument.Category);
        WriteText(writer, "notional", terms.Notional);
        WriteText(writer, "qty", amount ? null : Number(instrument, order.Quantity));
        writer.WriteString("filled_qty", Number(instrument, order.Filled));
        WriteText(writer, "filled_avg_price", order.Filled == 0 ? null : Units.Text(decimal.Round(order.AveragePrice, 9)));
        writer.WriteString("order_class", string.Empty);
        writer.WriteString("order_type", terms.Type);
        writer.WriteString("type", terms.Type);
        writer.WriteString("side", order.Side == Side.Buy ? "buy" : "sell");
        WriteText(writer, "position_intent", terms.PositionIntent);
        writer.WriteString("time_in_force", terms.TimeInForce);
        WriteText(writer, "limit_price", order.Price == 0 ? null : Units.Text(instrument.Price(order.Price)));
        WriteText(writer, "stop_price", order.TriggerPrice == 0 ? null : Units.Text(instrument.Price(order.TriggerPrice)));
        writer.WriteString("status", StatusOf(order));
        writer.WriteBoolean("extended_hours", terms.ExtendedHours);
        writer.WriteNull("legs");
        WriteText(writer, "trail_percent", terms.TrailPercent);
        WriteText(writer, "trail_price", terms.TrailPrice);
        writer.WriteNull("hwm");
        writer.WriteNull("subtag");
        writer.WriteNull("source");
        writer.WriteEndObject();
    }

    internal void Position(Utf8JsonWriter writer, TradingAccount account, ListedInstrument instrument)
    {
        decimal quantity = decimal.Round(AlpacaFunds.QuantityOf(account, instrument), 9, MidpointRounding.ToZero);
        decimal held = instrument.Quantity(account.Ledger.PositionOf(instrument).Quantity);
        decimal average = held == 0 ? instrument.Mark : account.Ledger.PositionOf(instrument).Cost * Unit / held;
        decimal value = quantity * instrument.Mark;
        decimal cost = quantity * average;
        decimal available = Math.Sign(quantity) * (Math.Abs(quantity) - AlpacaFunds.HeldForSale(account, instrument));
        string profit = Units.Money(value - cost);
        string part = cost == 0 ? "0" : Units.Text(decimal.Round((value - cost) / Math.Abs(cost), 8));
        writer.WriteStartObject();
        writer.WriteString("asset_id", AssetId(instrument));
        writer.WriteString("symbol", instrument.Symbol.Replace("/", string.Empty, StringComparison.Ordinal));
        writer.WriteString("exchange", instrument.Kind == InstrumentKind.Spot ? "CRYPTO" : "NASDAQ");
        writer.WriteString("asset_class", instrument.Category);
        writer.WriteBoolean("asset_marginable", instrument.Kind == InstrumentKind.Equity);
        writer.WriteString("qty", Units.Text(quantity));
        writer.WriteString("qty_available", Units.Text(quantity > 0 ? available : quantity));
        writer.WriteString("avg_entry_price", Units.Text(decimal.Round(average, 8)));
        writer.WriteString("side", quantity < 0 ? "short" : "long");
        writer.WriteString("market_value", Units.Money(value));
        writer.WriteString("cost_basis", Units.Money(cost));
        writer.WriteString("unrealized_pl", profit);
        writer.WriteString("unrealized_plpc", part);
        writer.WriteString("unrealized_intraday_pl", profit);
        writer.WriteString("unrealized_intraday_plpc", part);
        writer.WriteString("current_price", Units.Money(instrument.Mark));
        writer.WriteString("lastday_price", Units.Text(instrument.Price(instrument.FirstPrice)));
        writer.WriteString("change_today", instrument.FirstPrice == 0 ? "0" : Units.Text(decimal.Round((instrument.Mark / instrument.Price(instrument.FirstPrice)) - 1, 8)));
        writer.WriteEndObject();
    }

    internal void Asset(Utf8JsonWriter writer, ListedInstrument instrument)
    {
        bool share = instrument.Kind == InstrumentKind.Equity;
        writer.WriteStartObject();
        writer.WriteString("id", AssetId(instrument));
        writer.WriteString("class", instrument.Category);
        writer.WriteString("exchange", share ? "NASDAQ" : "CRYPTO");
        writer.WriteString("symbol", instrument.Symbol);
        writer.WriteString("name", instrument.Symbol + " of the sandbox");
        writer.WriteString("status", "active");
        writer.WriteBoolean("tradable", instrument.Status == TradingStatus.Open);
        writer.WriteBoolean("marginable", share);
        writer.WriteBoolean("shortable", share);
        writer.WriteBoolean("easy_to_borrow", share);
        writer.WriteBoolean("fractionable", true);
        writer.WriteString("maintenance_margin_requirement", share ? "30" : "100");
        if (!share)
        {
            writer.WriteString("min_order_size", Units.Text(instrument.Quantity(instrument.Rules.MinQuantity)));
            writer.WriteString("min_trade_increment", Units.Text(instrument.Quantity(instrument.Rules.Lot)));
            writer.WriteString("price_increment", Units.Text(instrument.Price(instrument.Rules.Tick)));
        }

        writer.WriteStartArray("attributes");
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>The id of an activity: its time to the millisecond, then the execution.</summary>
    internal static string ActivityId(Fill fill)
    {
        DateTimeOffset at = DateTimeOffset.FromUnixTimeMilliseconds(fill.At / 1_000_000);
        return at.ToString("yyyyMMddHHmmssfff", CultureInfo.InvariantCulture) + "::" + fill.Id;
    }

    internal static void Activity(Utf8JsonWriter writer, Fill fill)
    {
        SandboxOrder order = fill.Order!;
        writer.WriteStartObject();
        writer.WriteString("id", ActivityId(fill));
        writer.WriteString("activity_type", "FILL");
        writer.WriteString("transaction_time", Time(fill.At));
        writer.WriteString("type", fill.Leaves == 0 ? "fill" : "partial_fill");
        writer.WriteString("price", Units.Text(fill.Instrument.Price(fill.Price)));
        writer.WriteString("qty", Number(fill.Instrument, fill.Quantity));
        writer.WriteString("side", fill.Side == Side.Buy ? "buy" : "sell");
        writer.WriteString("symbol", fill.Instrument.Symbol);
        writer.WriteString("leaves_qty", Number(fill.Instrument, fill.Leaves));
        writer.WriteString("order_id", order.VenueId);
        writer.WriteString("cum_qty", Number(fill.Instrument, fill.Cumulative));
        writer.WriteString("order_status", fill.Leaves == 0 ? "filled" : "partially_filled");
        writer.WriteEndObject();
    }

    private static void WriteTime(Utf8JsonWriter writer, string name, long nanoseconds) =>
        WriteText(writer, name, nanoseconds == 0 ? null : Time(nanoseconds));

    internal static void WriteText(Utf8JsonWriter writer, string name, string? text)
    {
        if (text is null)
        {
            writer.WriteNull(name);
        }
        else
        {
            writer.WriteString(name, text);
        }
    }
}
