using System;
using System.Collections.Generic;
using System.Text.Json;
using LowLatency.Sandbox.Trading;
using LowLatency.Sandbox.Web;

namespace LowLatency.Sandbox.Bybit;

/// <summary>REST of Bybit: finds the endpoint, checks the signature and the budget, wraps the answer.</summary>
internal sealed class BybitRest : IRestVenue
{
    private readonly Exchange _exchange;
    private readonly BybitAuth _auth;
    private readonly BybitBudget _budget;
    private readonly BybitEntry _entry;
    private readonly BybitMarketRest _market;
    private readonly BybitAccountRest _account;

    internal BybitRest(Exchange exchange, BybitAuth auth, BybitBudget budget, BybitEntry entry)
    {
        _exchange = exchange;
        _auth = auth;
        _budget = budget;
        _entry = entry;
        _market = new BybitMarketRest(exchange);
        _account = new BybitAccountRest(exchange);
    }

    internal void OnRestart() => _account.OnRestart();

    /// <summary>The leverage that an account has set for a symbol.</summary>
    internal string LeverageOf(TradingAccount account, string symbol) => _account.LeverageOf(account, symbol);

    public RestReply RateLimited(RestRequest request)
    {
        RestReply reply = Reply(BybitError.TooMany, null);
        AddHeaders(reply, new BudgetState(10, 0, _exchange.NowMs + 1_000));
        return reply;
    }

    public RestReply Broken(int status) => new()
    {
        Status = status,
        Body = System.Text.Encoding.ASCII.GetBytes($"<html><head><title>{status}</title></head><body>{status}</body></html>"),
        ContentType = "text/html",
    };

    public void Handle(RestRequest request, Action<RestReply> done)
    {
        if (request.Method == "GET" && request.Body.Length != 0)
        {
            // The network in front of the venue refuses a GET with a body.
            done(Broken(403));
            return;
        }

        string path = request.Path;
        if (path.StartsWith("/v5/market/", StringComparison.Ordinal))
        {
            BybitError error = _market.Handle(request, out Action<Utf8JsonWriter>? result);
            done(Reply(error, result));
            return;
        }

        if (!Endpoints.TryGetValue((request.Method, path), out Endpoint endpoint))
        {
            done(new RestReply { Status = 404, Body = "404 page not found"u8.ToArray(), ContentType = "text/plain" });
            return;
        }

        BybitError refused = _auth.Check(request, out TradingAccount? account);
        if (!refused.IsOk)
        {
            done(Reply(refused, null));
            return;
        }

        JsonElement body = default;
        if (request.Method == "POST" && !TryParse(request.Body, out body))
        {
            done(Reply(BybitError.Params("Request parameter error: the body is no JSON object"), null));
            return;
        }

        if (request.Method == "POST" && account!.Owner.IsReadOnly)
        {
            done(Reply(BybitError.NoPermission, null));
            return;
        }

        bool spot = Json.Text(body, "category") == "spot";
        int wanted = endpoint.IsBatch ? Math.Max(1, CountOf(body)) : 1;
        int got = _budget.Take(
            account!.Owner.Key, path + (spot ? " spot" : string.Empty), spot ? endpoint.SpotLimit : endpoint.Limit, wanted, _exchange.NowMs, out BudgetState state);
        if (got == 0)
        {
            RestReply reply = Reply(BybitError.TooMany, null);
            AddHeaders(reply, state);
            done(reply);
            return;
        }

        Run(path, request, account, body, got, (error, result, extra) =>
        {
            RestReply reply = Reply(error, result, extra);
            AddHeaders(reply, state);
            done(reply);
        });
    }

    /// <summary>Writes the answers of a batch: the orders, and beside them their codes.</summary>
    internal static (Action<Utf8JsonWriter> Result, Action<Utf8JsonWriter> Extra) WriteBatch(
        EntryAnswer[] answers, string[] symbols, string? category, long nowMs, bool isCreate) =>
    (
        writer =>
        {
            writer.WriteStartObject();
            writer.WriteStartArray("list");
            for (int i = 0; i < answers.Length; i++)
            {
                writer.WriteStartObject();
                writer.WriteString("category", category);
                writer.WriteString("symbol", symbols[i]);
                writer.WriteString("orderId", answers[i].Order?.VenueId ?? string.Empty);
                writer.WriteString("orderLinkId", answers[i].Order?.ClientId ?? string.Empty);
                if (isCreate)
                {
                    writer.WriteString("createAt", answers[i].Order is null ? string.Empty : nowMs.ToString(System.Globalization.CultureInfo.InvariantCulture));
                }

                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        },
        writer =>
        {
            writer.WriteStartObject();
            writer.WriteStartArray("list");
            foreach (EntryAnswer answer in answers)
            {
                writer.WriteStartObject();
                writer.WriteNumber("code", answer.Error.Code);
                writer.WriteString("msg", answer.Error.Message);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }
    );

    internal static void WriteOrderIds(Utf8JsonWriter writer, SandboxOrder? order)
    {
        writer.WriteStartObject();
        if (order is not null)
        {
            writer.WriteString("orderId", order.VenueId);
            writer.WriteString("orderLinkId", order.ClientId);
        }

        writer.WriteEndObject();
    }

    internal static bool TryParse(ReadOnlyMemory<byte> utf8, out JsonElement element)
    {
        element = default;
        try
        {
            Utf8JsonReader reader = new(utf8.Span, new JsonReaderOptions { MaxDepth = 8 });
            element = JsonElement.ParseValue(ref reader);
            return element.ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    internal static int CountOf(JsonElement body) =>
        body.ValueKind == JsonValueKind.Object && body.TryGetProperty("request", out JsonElement list) && list.ValueKind == JsonValueKind.Array
            ? list.GetArrayLength()
            : 0;

    private void Run(
        string path,
        RestRequest request,
        TradingAccount account,
        JsonElement body,
        int allowed,
        Action<BybitError, Action<Utf8JsonWriter>?, Action<Utf8JsonWriter>?> done)
    {
        string? category = Json.Text(body, "category");
        switch (path)
        {
            case "/v5/order/create":
                _entry.Create(account, category, body, Single);
                return;
            case "/v5/order/amend":
                _entry.Amend(account, category, body, Single);
                return;
            case "/v5/order/cancel":
                _entry.Cancel(account, category, body, Single);
                return;
            case "/v5/order/cancel-all":
                _entry.CancelAll(account, category, body, (error, orders) => done(error, writer => WriteCancelled(writer, orders), null));
                return;
            case "/v5/order/create-batch" or "/v5/order/amend-batch" or "/v5/order/cancel-batch":
                string verb = path["/v5/order/".Length..^"-batch".Length];
                _entry.Batch(account, verb, body, allowed, (error, answers, symbols) =>
                {
                    (Action<Utf8JsonWriter> result, Action<Utf8JsonWriter> extra) = WriteBatch(answers, symbols, category, _exchange.NowMs, verb == "create");
                    done(error, result, error.IsOk ? extra : null);
                });
                return;
            default:
                BybitError found = _account.Handle(request, account, body, out Action<Utf8JsonWriter>? result);
                done(found, result, null);
                return;
        }

        void Single(EntryAnswer answer) => done(answer.Error, writer => WriteOrderIds(writer, answer.Order), null);
    }

    private static void WriteCancelled(Utf8JsonWriter writer, List<SandboxOrder> orders)
    {
        writer.WriteStartObject();
        writer.WriteStartArray("list");
        foreach (SandboxOrder order in orders)
        {
            WriteOrderIds(writer, order);
        }

        writer.WriteEndArray();
        writer.WriteString("success", "1");
        writer.WriteEndObject();
    }

    private static void AddHeaders(RestReply reply, BudgetState state)
    {
        reply.Headers.Add(("X-Bapi-Limit", state.Limit.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        reply.Headers.Add(("X-Bapi-Limit-Status", state.Left.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        reply.Headers.Add(("X-Bapi-Limit-Reset-Timestamp", state.ResetAt.ToString(System.Globalization.CultureInfo.InvariantCulture)));
    }

    private RestReply Reply(BybitError error, Action<Utf8JsonWriter>? result, Action<Utf8JsonWriter>? extra = null)
    {
        RestReply reply = Json.Reply(200, writer =>
        {
            writer.WriteStartObject();
            writer.WriteNumber("retCode", error.Code);
            writer.WriteString("retMsg", error.Message);
            writer.WritePropertyName("result");
            WriteOr(writer, error.IsOk ? result : null);
            writer.WritePropertyName("retExtInfo");
            WriteOr(writer, extra);
            writer.WriteNumber("time", _exchange.NowMs);
            writer.WriteEndObject();
        });
        reply.Headers.Add(("Traceid", _exchange.Ids.Trace()));
        reply.Headers.Add(("Timenow", _exchange.NowMs.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        return reply;
    }

    private static void WriteOr(Utf8JsonWriter writer, Action<Utf8JsonWriter>? write)
    {
        if (write is null)
        {
            writer.WriteStartObject();
            writer.WriteEndObject();
        }
        else
        {
            write(writer);
        }
    }

    /// <summary>Requests of a second.</summary>
    private readonly record struct Endpoint(int Limit, int SpotLimit, bool IsBatch = false);

    private static readonly Dictionary<(string Method, string Path), Endpoint> Endpoints = new()
    {
        [("POST", "/v5/order/create")] = new(10, 20),
        [("POST", "/v5/order/amend")] = new(10, 10),
        [("POST", "/v5/order/cancel")] = new(10, 20),
        [("POST", "/v5/order/cancel-all")] = new(10, 20),
        [("POST", "/v5/order/create-batch")] = new(10, 20, true),
        [("POST", "/v5/order/amend-batch")] = new(10, 20, true),
        [("POST", "/v5/order/cancel-batch")] = new(10, 20, true),
        [("POST", "/v5/order/disconnected-cancel-all")] = new(5, 5),
        [("GET", "/v5/order/realtime")] = new(50, 50),
        [("GET", "/v5/order/history")] = new(50, 50),
        [("GET", "/v5/execution/list")] = new(50, 50),
        [("GET", "/v5/position/list")] = new(50, 50),
        [("GET", "/v5/position/closed-pnl")] = new(50, 50),
        [("POST", "/v5/position/set-leverage")] = new(10, 10),
        [("POST", "/v5/position/switch-mode")] = new(10, 10),
        [("GET", "/v5/account/wallet-balance")] = new(50, 50),
        [("GET", "/v5/account/info")] = new(50, 50),
        [("GET", "/v5/account/fee-rate")] = new(5, 5),
        [("GET", "/v5/account/query-dcp-info")] = new(5, 5),
        [("GET", "/v5/user/query-api")] = new(10, 10),
    };
}
