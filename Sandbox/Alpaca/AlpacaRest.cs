using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text.Json;
using LowLatency.Core.Values;
using LowLatency.Sandbox.Bybit;
using LowLatency.Sandbox.Market;
using LowLatency.Sandbox.Trading;
using LowLatency.Sandbox.Web;

namespace LowLatency.Sandbox.Alpaca;

/// <summary>Trading REST of Alpaca: keys, budget, endpoints.</summary>
internal sealed class AlpacaRest(Exchange exchange, AlpacaEntry entry, AlpacaJson json, AlpacaFunds funds) : IRestVenue
{
    private const int RequestsPerMinute = 200;
    private const long Minute = 60_000;

    private readonly Dictionary<string, Queue<long>> _requests = new(StringComparer.Ordinal);
    private readonly AlpacaLists _lists = new(exchange, json);

    public RestReply RateLimited(RestRequest request) => AlpacaError.TooMany.Reply();

    public RestReply Broken(int status) => new()
    {
        Status = status,
        Body = System.Text.Encoding.ASCII.GetBytes($"{{\"message\":\"{status}\"}}"),
    };

    public void Handle(RestRequest request, Action<RestReply> done)
    {
        RestReply reply = Answer(request, out TradingAccount? account);
        reply.Headers.Add(("X-Request-ID", exchange.Ids.Trace()));
        if (account is not null)
        {
            int limit = RequestsPerMinute * Math.Max(1, exchange.Options.RateFactor);
            Queue<long> taken = _requests[account.Owner.Key];
            reply.Headers.Add(("X-RateLimit-Limit", limit.ToString(CultureInfo.InvariantCulture)));
            reply.Headers.Add(("X-RateLimit-Remaining", Math.Max(0, limit - taken.Count).ToString(CultureInfo.InvariantCulture)));
            long reset = ((taken.Count == 0 ? exchange.NowMs : taken.Peek()) + Minute) / 1_000;
            reply.Headers.Add(("X-RateLimit-Reset", reset.ToString(CultureInfo.InvariantCulture)));
        }

        done(reply);
    }

    private static RestReply Put(AlpacaError? error, Action<Utf8JsonWriter> write) => error?.Reply() ?? Json.Reply(200, write);

    private static RestReply Nothing() => new() { Status = 204, Body = [] };

    private TradingAccount? AccountOf(RestRequest request)
    {
        string? key = request.Header("APCA-API-KEY-ID");
        string? secret = request.Header("APCA-API-SECRET-KEY");
        bool bearer = request.Header("Authorization") is not null;
        return !bearer && key is not null && exchange.Alpaca.TryGetValue(key, out TradingAccount? account) && account.Owner.Secret == secret
            ? account
            : null;
    }

    private bool IsWithinBudget(TradingAccount account)
    {
        if (!_requests.TryGetValue(account.Owner.Key, out Queue<long>? taken))
        {
            taken = _requests[account.Owner.Key] = new Queue<long>();
        }

        while (taken.TryPeek(out long first) && first <= exchange.NowMs - Minute)
        {
            _ = taken.Dequeue();
        }

        if (exchange.Options.RateFactor == 0)
        {
            return true;
        }

        if (taken.Count >= RequestsPerMinute * exchange.Options.RateFactor)
        {
            return false;
        }

        taken.Enqueue(exchange.NowMs);
        return true;
    }

    private RestReply Answer(RestRequest request, out TradingAccount? account)
    {
        account = AccountOf(request);
        if (account is null)
        {
            return AlpacaError.Unauthorized.Reply();
        }

        if (!IsWithinBudget(account))
        {
            return AlpacaError.TooMany.Reply();
        }

        JsonElement body = default;
        if (request.Method is "POST" or "PATCH" && !BybitRest.TryParse(request.Body, out body))
        {
            return new AlpacaError(400, 40010000, "request body format is invalid").Reply();
        }

        TradingAccount owner = account;
        string path = request.Path;
        const string orders = "/v2/orders/";
        const string positions = "/v2/positions/";
        if (path.StartsWith(orders, StringComparison.Ordinal))
        {
            return OneOrder(request.Method, owner, owner.ByVenueId(path[orders.Length..]), path[orders.Length..], body);
        }

        if (path.StartsWith(positions, StringComparison.Ordinal))
        {
            return OnePosition(request, owner, Uri.UnescapeDataString(path[positions.Length..]));
        }

        switch (request.Method, path)
        {
            case ("GET", "/v2/account"):
                return Json.Reply(200, writer => WriteAccount(writer, owner));
            case ("POST", "/v2/orders"):
                AlpacaError? refused = entry.Create(owner, body, out SandboxOrder? created);
                return Put(refused, writer => json.Order(writer, created!));
            case ("GET", "/v2/orders"):
                return _lists.Orders(request, owner);
            case ("DELETE", "/v2/orders"):
                return CancelAll(owner);
            case ("GET", "/v2/orders:by_client_order_id"):
                string name = request.Parameter("client_order_id") ?? string.Empty;
                SandboxOrder? found = owner.ByClientId(name);
                return Put(found is null ? AlpacaError.NotFound("order not found for " + name) : null, writer => json.Order(writer, found!));
            case ("GET", "/v2/positions"):
                return _lists.Positions(owner);
            case ("DELETE", "/v2/positions"):
                return CloseAll(owner);
            default:
                return _lists.Handle(request, owner)
                    ?? AlpacaError.NotFound("the sandbox has no " + request.Method + " " + path).Reply();
        }
    }

    private RestReply OneOrder(string method, TradingAccount account, SandboxOrder? order, string id, JsonElement body)
    {
        if (order is null)
        {
            return AlpacaError.NotFound("order not found for " + id).Reply();
        }

        switch (method)
        {
            case "GET":
                return Json.Reply(200, writer => json.Order(writer, order));
            case "DELETE":
                return entry.Cancel(account, order)?.Reply() ?? Nothing();
            case "PATCH":
                AlpacaError? refused = entry.Replace(account, order, body, out SandboxOrder? next);
                return Put(refused, writer => json.Order(writer, next!));
            default:
                return new AlpacaError(405, 40510000, "method not allowed").Reply();
        }
    }

    private RestReply OnePosition(RestRequest request, TradingAccount account, string symbol)
    {
        ListedInstrument? instrument = exchange.Listing.FindAlpaca(symbol);
        decimal held = instrument is null ? 0 : AlpacaFunds.QuantityOf(account, instrument);
        if (held == 0)
        {
            return AlpacaError.NotFound("position does not exist").Reply();
        }

        if (request.Method == "GET")
        {
            return Json.Reply(200, writer => json.Position(writer, account, instrument!));
        }

        decimal quantity = Math.Abs(held);
        string? wanted = request.Parameter("qty");
        string? percent = request.Parameter("percentage");
        if ((wanted is not null && (!Units.TryParse(wanted, out quantity) || quantity <= 0))
            || (percent is not null && (!Units.TryParse(percent, out quantity) || quantity is <= 0 or > 100)))
        {
            return AlpacaError.Invalid("qty or percentage is out of range").Reply();
        }

        quantity = percent is null ? quantity : Math.Abs(held) * quantity / 100;
        AlpacaError? refused = Close(account, instrument!, held, quantity, out SandboxOrder? order);
        return Put(refused, writer => json.Order(writer, order!));
    }

    private AlpacaError? Close(TradingAccount account, ListedInstrument instrument, decimal held, decimal quantity, out SandboxOrder? order)
    {
        string force = instrument.Kind == InstrumentKind.Spot ? "gtc" : "day";
        byte[] request = Json.Bytes(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("symbol", instrument.Symbol);
            writer.WriteString("qty", Units.Text(decimal.Round(quantity, 9, MidpointRounding.ToZero)));
            writer.WriteString("side", held > 0 ? "sell" : "buy");
            writer.WriteString("type", "market");
            writer.WriteString("time_in_force", force);
            writer.WriteEndObject();
        });
        _ = BybitRest.TryParse(request, out JsonElement body);
        return entry.Create(account, body, out order);
    }

    private RestReply CancelAll(TradingAccount account)
    {
        List<(SandboxOrder Order, AlpacaError? Error)> results = [];
        foreach (SandboxOrder order in new List<SandboxOrder>(account.Open))
        {
            results.Add((order, entry.Cancel(account, order)));
        }

        return Json.Reply(207, writer =>
        {
            writer.WriteStartArray();
            foreach ((SandboxOrder order, AlpacaError? error) in results)
            {
                writer.WriteStartObject();
                writer.WriteString("id", order.VenueId);
                writer.WriteNumber("status", error?.Status ?? 200);
                writer.WritePropertyName("body");
                json.Order(writer, order);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        });
    }

    private RestReply CloseAll(TradingAccount account)
    {
        foreach (SandboxOrder order in new List<SandboxOrder>(account.Open))
        {
            _ = entry.Cancel(account, order);
        }

        List<(string Symbol, AlpacaError? Error, SandboxOrder? Order)> results = [];
        foreach (ListedInstrument instrument in exchange.Listing.All)
        {
            decimal held = instrument.IsAlpaca ? AlpacaFunds.QuantityOf(account, instrument) : 0;
            if (held != 0)
            {
                AlpacaError? error = Close(account, instrument, held, Math.Abs(held), out SandboxOrder? order);
                results.Add((instrument.Symbol, error, order));
            }
        }

        return Json.Reply(207, writer =>
        {
            writer.WriteStartArray();
            foreach ((string symbol, AlpacaError? error, SandboxOrder? order) in results)
            {
                writer.WriteStartObject();
                writer.WriteString("symbol", symbol);
                writer.WriteNumber("status", error?.Status ?? 200);
                writer.WritePropertyName("body");
                if (order is null)
                {
                    writer.WriteRawValue(error!.Reply().Body);
                }
                else
                {
                    json.Order(writer, order);
                }

                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        });
    }

    private void WriteAccount(Utf8JsonWriter writer, TradingAccount account)
    {
        AlpacaFunds.State state = funds.Of(account);
        string start = Units.Money(account.StartCash["USD"]);
        writer.WriteStartObject();
        writer.WriteString("id", account.Uuid);
        writer.WriteString("account_number", "SB" + account.Uuid[..8].ToUpperInvariant());
        writer.WriteString("status", "ACTIVE");
        writer.WriteString("crypto_status", "ACTIVE");
        writer.WriteString("currency", "USD");
        writer.WriteString("buying_power", Units.Money(state.BuyingPower));
        writer.WriteString("regt_buying_power", Units.Money(state.BuyingPower));
        writer.WriteString("non_marginable_buying_power", Units.Money(Math.Max(0, Math.Min(state.BuyingPower, state.Cash - state.Held))));
        writer.WriteString("options_buying_power", "0");
        writer.WriteNumber("options_approved_level", 0);
        writer.WriteNumber("options_trading_level", 0);
        writer.WriteString("cash", Units.Money(state.Cash));
        writer.WriteString("accrued_fees", "0");
        writer.WriteString("portfolio_value", Units.Money(state.Equity));
        writer.WriteBoolean("trading_blocked", account.Owner.IsReadOnly);
        writer.WriteBoolean("transfers_blocked", false);
        writer.WriteBoolean("account_blocked", false);
        writer.WriteString("created_at", AlpacaJson.Time(exchange.StartedAt));
        writer.WriteBoolean("trade_suspended_by_user", false);
        writer.WriteString("multiplier", AlpacaFunds.Multiplier.ToString(CultureInfo.InvariantCulture));
        writer.WriteBoolean("shorting_enabled", true);
        writer.WriteString("equity", Units.Money(state.Equity));
        writer.WriteString("last_equity", start);
        writer.WriteString("long_market_value", Units.Money(state.Long));
        writer.WriteString("short_market_value", Units.Money(state.Short));
        writer.WriteString("initial_margin", Units.Money(state.Initial));
        writer.WriteString("maintenance_margin", Units.Money(state.Maintenance));
        writer.WriteString("last_maintenance_margin", "0");
        writer.WriteString("sma", "0");
        writer.WriteString("intraday_adjustments", "0");
        writer.WriteString("pending_reg_taf_fees", "0");
        writer.WriteString("balance_asof", AlpacaJson.Time(exchange.StartedAt)[..10]);
        if (exchange.Options.AlpacaShape == AlpacaShape.Before)
        {
            writer.WriteBoolean("pattern_day_trader", false);
            writer.WriteNumber("daytrade_count", 0);
            writer.WriteString("daytrading_buying_power", "0");
        }

        writer.WriteEndObject();
    }
}
