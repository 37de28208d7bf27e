using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text.Json;
using LowLatency.Sandbox.Faults;
using LowLatency.Sandbox.Trading;
using LowLatency.Sandbox.Web;

namespace LowLatency.Sandbox.Bybit;

/// <summary>Order entry of Bybit over WebSocket.</summary>
internal sealed class BybitTradeSocket(Exchange exchange, BybitAuth auth, BybitBudget budget, BybitEntry entry) : ISessionHandler
{
    // Numbers of requests that a connection remembers.
    private const int RequestsKept = 1_000;
    private const int RequestIdMax = 36;

    private static readonly Dictionary<string, (string Path, int Limit, int SpotLimit)> Ops = new(StringComparer.Ordinal)
    {
        ["order.create"] = ("/v5/order/create", 10, 20),
        ["order.amend"] = ("/v5/order/amend", 10, 10),
        ["order.cancel"] = ("/v5/order/cancel", 10, 20),
        ["order.create-batch"] = ("/v5/order/create-batch", 10, 20),
        ["order.amend-batch"] = ("/v5/order/amend-batch", 10, 20),
        ["order.cancel-batch"] = ("/v5/order/cancel-batch", 10, 20),
    };

    public void OnOpened(Session session) => session.State = new Reader();

    public void OnClosed(Session session)
    {
    }

    public void OnMessage(Session session, ReadOnlyMemory<byte> message, bool isBinary)
    {
        Reader reader = (Reader)session.State!;
        if (!BybitStream.TryRead(message, out BybitStream.Request request))
        {
            Answer(session, request with { Op = string.Empty }, BybitError.Params("Request format error"));
            return;
        }

        switch (request.Op)
        {
            case "ping":
                Pong(session, request);
                break;
            case "auth":
                Authenticate(session, reader, request);
                break;
            default:
                FaultRule? fault = session.FaultOf(message.Span, exchange.Now);
                switch (fault?.Kind)
                {
                    case FaultKind.LoseRequest:
                        return;
                    case FaultKind.RateLimit:
                        Answer(session, request, BybitError.TooMany, new BudgetState(10, 0, exchange.NowMs + 1_000));
                        return;
                    case FaultKind.Error:
                        Answer(session, request, BybitError.ServerError);
                        return;
                }

                Order(session, reader, request, isSilent: fault?.Kind == FaultKind.AcceptThenTimeout);
                break;
        }
    }

    private void Pong(Session session, BybitStream.Request request) => session.Send(
        Json.Bytes(writer =>
        {
            writer.WriteStartObject();
            if (request.Id is not null)
            {
                writer.WriteString("reqId", request.Id);
            }

            writer.WriteNumber("retCode", 0);
            writer.WriteString("retMsg", "OK");
            writer.WriteString("op", "pong");
            writer.WriteStartArray("data");
            writer.WriteStringValue(BybitJson.Ms(exchange.Now));
            writer.WriteEndArray();
            writer.WriteString("connId", session.Name);
            writer.WriteEndObject();
        }),
        exchange.Now);

    private void Authenticate(Session session, Reader reader, BybitStream.Request request)
    {
        List<string> args = BybitStream.Topics(request.Args);
        BybitError error = reader.Account is not null ? BybitError.RepeatedAuth
            : args.Count != 3 ? BybitError.Params("Params Error")
            : auth.CheckStream(args[0], args[1], args[2], session.From, out reader.Account);
        session.Send(
            Json.Bytes(writer =>
            {
                writer.WriteStartObject();
                if (request.Id is not null)
                {
                    writer.WriteString("reqId", request.Id);
                }

                writer.WriteNumber("retCode", error.Code);
                writer.WriteString("retMsg", error.Message);
                writer.WriteString("op", "auth");
                writer.WriteString("connId", session.Name);
                writer.WriteEndObject();
            }),
            exchange.Now);
    }

    private void Order(Session session, Reader reader, BybitStream.Request request, bool isSilent)
    {
        BybitError error = Check(reader, request, out JsonElement args);
        if (!error.IsOk)
        {
            Answer(session, request, error);
            return;
        }

        TradingAccount account = reader.Account!;
        (string path, int limit, int spotLimit) = Ops[request.Op];
        string? category = Json.Text(args, "category");
        bool spot = category == "spot";
        bool isBatch = path.EndsWith("-batch", StringComparison.Ordinal);
        int wanted = isBatch ? Math.Max(1, BybitRest.CountOf(args)) : 1;
        int got = budget.Take(
            account.Owner.Key, path + (spot ? " spot" : string.Empty), spot ? spotLimit : limit, wanted, exchange.NowMs, out BudgetState state);
        if (got == 0)
        {
            Answer(session, request, BybitError.TooMany, state);
            return;
        }

        string verb = request.Op["order.".Length..];
        if (isBatch)
        {
            string one = verb[..^"-batch".Length];
            entry.Batch(account, one, args, got, (failure, answers, symbols) =>
            {
                (Action<Utf8JsonWriter> result, Action<Utf8JsonWriter> extra) = BybitRest.WriteBatch(answers, symbols, category, exchange.NowMs, one == "create");
                Put(failure, failure.IsOk ? result : null, failure.IsOk ? extra : null);
            });
            return;
        }

        Action<TradingAccount, string?, JsonElement, Action<EntryAnswer>> carryOut = verb switch
        {
            "create" => entry.Create,
            "amend" => entry.Amend,
            _ => entry.Cancel,
        };
        carryOut(account, category, args, answer => Put(answer.Error, writer => BybitRest.WriteOrderIds(writer, answer.Order), null));

        void Put(BybitError failure, Action<Utf8JsonWriter>? data, Action<Utf8JsonWriter>? extra)
        {
            if (!isSilent)
            {
                Answer(session, request, failure, state, failure.IsOk ? data : null, extra);
            }
        }
    }

    private BybitError Check(Reader reader, BybitStream.Request request, out JsonElement args)
    {
        args = default;
        if (!Ops.ContainsKey(request.Op))
        {
            return BybitError.UnknownOp;
        }

        if (reader.Account is null)
        {
            return BybitError.KeyInvalid with { Message = "Request not authorized" };
        }

        if (reader.Account.Owner.IsReadOnly)
        {
            return BybitError.NoPermission;
        }

        if (request.Id is { Length: > RequestIdMax })
        {
            return BybitError.Params("reqId has more than 36 characters");
        }

        if (request.Id is not null && !reader.Remember(request.Id, RequestsKept))
        {
            return BybitError.DuplicateRequest;
        }

        if (!request.Root.TryGetProperty("header", out JsonElement header) || Json.Text(header, "X-BAPI-TIMESTAMP") is not { } stamp)
        {
            return BybitError.Params("Params Error: header X-BAPI-TIMESTAMP is missing");
        }

        BybitError error = auth.CheckTime(stamp, Json.Text(header, "X-BAPI-RECV-WINDOW") ?? string.Empty);
        if (!error.IsOk)
        {
            return error;
        }

        if (request.Args.ValueKind != JsonValueKind.Array || request.Args.GetArrayLength() != 1 || request.Args[0].ValueKind != JsonValueKind.Object)
        {
            return BybitError.Params("Params Error: args holds one object");
        }

        args = request.Args[0];
        return BybitError.Ok;
    }

    private void Answer(
        Session session,
        BybitStream.Request request,
        BybitError error,
        BudgetState? state = null,
        Action<Utf8JsonWriter>? data = null,
        Action<Utf8JsonWriter>? extra = null) => session.Send(
            Json.Bytes(writer =>
            {
                writer.WriteStartObject();
                if (request.Id is not null)
                {
                    writer.WriteString("reqId", request.Id);
                }

                writer.WriteNumber("retCode", error.Code);
                writer.WriteString("retMsg", error.Message);
                writer.WriteString("op", request.Op);
                WriteOr(writer, "data", data);
                WriteOr(writer, "retExtInfo", extra);
                writer.WriteStartObject("header");
                if (state is { } left)
                {
                    writer.WriteString("X-Bapi-Limit", left.Limit.ToString(CultureInfo.InvariantCulture));
                    writer.WriteString("X-Bapi-Limit-Status", left.Left.ToString(CultureInfo.InvariantCulture));
                    writer.WriteString("X-Bapi-Limit-Reset-Timestamp", left.ResetAt.ToString(CultureInfo.InvariantCulture));
                }

                writer.WriteString("Traceid", exchange.Ids.Trace());
                writer.WriteString("Timenow", BybitJson.Ms(exchange.Now));
                writer.WriteEndObject();
                writer.WriteString("connId", session.Name);
                writer.WriteEndObject();
            }),
            exchange.Now);

    private static void WriteOr(Utf8JsonWriter writer, string name, Action<Utf8JsonWriter>? write)
    {
        writer.WritePropertyName(name);
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

    private sealed class Reader
    {
        internal TradingAccount? Account;

        private readonly HashSet<string> _known = new(StringComparer.Ordinal);
        private readonly Queue<string> _order = new();

        /// <summary>False when the connection has had a request of that number.</summary>
        internal bool Remember(string id, int most)
        {
            if (!_known.Add(id))
            {
                return false;
            }

            _order.Enqueue(id);
            if (_order.Count > most)
            {
                _ = _known.Remove(_order.Dequeue());
            }

            return true;
        }
    }
}
