using System;
using System.Collections.Generic;
using System.Text.Json;
using LowLatency.Core.Values;
using LowLatency.Sandbox.Market;
using LowLatency.Sandbox.Trading;
using LowLatency.Sandbox.Web;

namespace LowLatency.Sandbox.Bybit;

/// <summary>The stream of an account at Bybit: orders, executions, positions, wallet.</summary>
internal sealed class BybitPrivateFeed(Exchange exchange, BybitAuth auth, BybitRest rest) : ISessionHandler, IAccountEvents
{
    private static readonly string[] Kinds = ["order", "execution", "execution.fast", "position", "wallet", "greeks", "dcp"];

    private readonly HashSet<Session> _sessions = [];

    public void OnOpened(Session session)
    {
        session.State = new Reader();
        _ = _sessions.Add(session);
    }

    public void OnClosed(Session session) => _sessions.Remove(session);

    public void OnMessage(Session session, ReadOnlyMemory<byte> message, bool isBinary)
    {
        Reader reader = (Reader)session.State!;
        if (!BybitStream.TryRead(message, out BybitStream.Request request))
        {
            BybitStream.Acknowledge(session, new BybitStream.Request(string.Empty, null, default, default), "Request format error", exchange.Now);
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
            case "subscribe" or "unsubscribe" when reader.Account is null:
                BybitStream.Acknowledge(session, request, "Request not authorized", exchange.Now);
                break;
            case "subscribe":
                Subscribe(session, reader, request);
                break;
            case "unsubscribe":
                foreach (string topic in BybitStream.Topics(request.Args))
                {
                    _ = reader.Topics.Remove(topic);
                }

                BybitStream.Acknowledge(session, request, string.Empty, exchange.Now);
                break;
            default:
                BybitStream.Acknowledge(session, request, "error:unknown operation", exchange.Now);
                break;
        }
    }

    public void OnOrder(TradingAccount account, SandboxOrder order, OrderChange change)
    {
        ListedInstrument instrument = order.Instrument;
        bool isRefused = change == OrderChange.Rejected
            && BybitError.OfRejection(order.Reason, instrument.Kind == InstrumentKind.Spot) is not null;

        // What was refused at once was never an order, and a refused amendment is told by its answer.
        if (isRefused || change == OrderChange.AmendLost)
        {
            return;
        }

        Tell(account, "order", instrument.Category, writer => BybitJson.Order(writer, order, change == OrderChange.CancelLost));
        if (instrument.Kind == InstrumentKind.Linear)
        {
            // Pushed on every change of an order, even when the position is as it was.
            TellPosition(account, instrument);
        }
        else if (change != OrderChange.Filled)
        {
            TellWallet(account);
        }
    }

    public void OnFill(TradingAccount account, Fill fill)
    {
        Tell(account, "execution", fill.Instrument.Category, writer => BybitJson.Execution(writer, fill));
        if (fill.Kind == FillKind.Trade)
        {
            Tell(account, "execution.fast", fill.Instrument.Category, writer => BybitJson.FastExecution(writer, fill), hasId: false);
        }
        else if (fill.Kind == FillKind.Liquidation)
        {
            TellPosition(account, fill.Instrument);
        }

        TellWallet(account);
    }

    private static bool IsTopic(string topic)
    {
        foreach (string kind in Kinds)
        {
            if (topic == kind || (topic.StartsWith(kind + ".", StringComparison.Ordinal)
                && topic[(kind.Length + 1)..] is "linear" or "spot" or "inverse" or "option" or "future"))
            {
                return true;
            }
        }

        return false;
    }

    // The two ways to name topics may not be mixed in one request.
    private static bool IsCategorised(string topic) =>
        topic.EndsWith(".linear", StringComparison.Ordinal) || topic.EndsWith(".spot", StringComparison.Ordinal)
        || topic.EndsWith(".inverse", StringComparison.Ordinal) || topic.EndsWith(".option", StringComparison.Ordinal);

    private void Pong(Session session, BybitStream.Request request) => session.Send(
        Json.Bytes(writer =>
        {
            writer.WriteStartObject();
            if (request.Id is not null)
            {
                writer.WriteString("req_id", request.Id);
            }

            writer.WriteString("op", "pong");
            writer.WriteStartArray("args");
            writer.WriteStringValue(BybitJson.Ms(exchange.Now));
            writer.WriteEndArray();
            writer.WriteString("conn_id", session.Name);
            writer.WriteEndObject();
        }),
        exchange.Now);

    private void Authenticate(Session session, Reader reader, BybitStream.Request request)
    {
        List<string> args = BybitStream.Topics(request.Args);
        BybitError error = args.Count != 3 ? BybitError.Params("Params Error") : auth.CheckStream(args[0], args[1], args[2], session.From, out reader.Account);
        BybitStream.Acknowledge(session, request, error.IsOk ? string.Empty : error.Message, exchange.Now);
    }

    private void Subscribe(Session session, Reader reader, BybitStream.Request request)
    {
        List<string> topics = BybitStream.Topics(request.Args);
        bool categorised = false;
        bool whole = false;
        string problem = topics.Count == 0 ? "error:args is empty" : string.Empty;
        foreach (string topic in topics)
        {
            problem = problem.Length != 0 ? problem : IsTopic(topic) ? string.Empty : "error:handler not found,topic:" + topic;
            categorised |= IsCategorised(topic);
            whole |= !IsCategorised(topic) && topic is "order" or "execution" or "position";
        }

        problem = problem.Length == 0 && categorised && whole ? "error:all-in-one and categorised topics cannot be mixed in one request" : problem;
        if (problem.Length == 0)
        {
            reader.Topics.UnionWith(topics);
        }

        BybitStream.Acknowledge(session, request, problem, exchange.Now);
    }

    private void TellPosition(TradingAccount account, ListedInstrument instrument) => Tell(
        account,
        "position",
        instrument.Category,
        writer => BybitJson.Position(writer, account, instrument, rest.LeverageOf(account, instrument.Symbol), exchange.StartedAt, isStream: true));

    private void TellWallet(TradingAccount account) =>
        Tell(account, "wallet", string.Empty, writer => BybitWalletView.Write(writer, exchange, account, null));

    private void Tell(TradingAccount account, string kind, string category, Action<Utf8JsonWriter> write, bool hasId = true)
    {
        foreach (Session session in _sessions)
        {
            Reader reader = (Reader)session.State!;
            string? topic = reader.Account != account ? null
                : reader.Topics.Contains(kind) ? kind
                : reader.Topics.Contains(kind + "." + category) ? kind + "." + category
                : null;
            if (topic is null)
            {
                continue;
            }

            byte[] message = Json.Bytes(writer =>
            {
                writer.WriteStartObject();
                if (hasId)
                {
                    writer.WriteString("id", exchange.Ids.Uuid());
                }

                writer.WriteString("topic", topic);
                writer.WriteNumber("creationTime", exchange.NowMs);
                writer.WriteStartArray("data");
                write(writer);
                writer.WriteEndArray();
                writer.WriteEndObject();
            });
            session.Send(message, exchange.Now);
        }
    }

    private sealed class Reader
    {
        internal TradingAccount? Account;

        internal HashSet<string> Topics { get; } = new(StringComparer.Ordinal);
    }
}
