using System;
using System.Collections.Generic;
using System.Text.Json;
using LowLatency.Sandbox.Trading;
using LowLatency.Sandbox.Web;

namespace LowLatency.Sandbox.Alpaca;

/// <summary>
/// The stream of orders of Alpaca. Its messages are JSON in binary frames, as the venue's are, or MessagePack for who asks for
/// it; decoders must look at the content, not at the frame.
/// </summary>
internal sealed class AlpacaOrderFeed(Exchange exchange, AlpacaJson json) : ISessionHandler, IAccountEvents
{
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
        if (!MessagePackJson.TryRead(message, out JsonElement root))
        {
            Authorization(session, "unauthorized", "authenticate");
            return;
        }

        bool hasData = root.TryGetProperty("data", out JsonElement data);
        switch (Json.Text(root, "action"))
        {
            case "auth":
                Authenticate(session, reader, Json.Text(root, "key"), Json.Text(root, "secret"));
                break;
            case "authenticate":
                Authenticate(session, reader, Json.Text(data, "key_id"), Json.Text(data, "secret_key"));
                break;
            case "listen" when reader.Account is null:
                Authorization(session, "unauthorized", "listen");
                break;
            case "listen":
                // The list replaces the one before; what is not known is left out without a word.
                reader.Listens = false;
                if (hasData && data.ValueKind == JsonValueKind.Object && data.TryGetProperty("streams", out JsonElement streams) && streams.ValueKind == JsonValueKind.Array)
                {
                    foreach (JsonElement stream in streams.EnumerateArray())
                    {
                        reader.Listens |= stream.ValueKind == JsonValueKind.String && stream.GetString() == "trade_updates";
                    }
                }

                Send(session, writer =>
                {
                    writer.WriteStartObject();
                    writer.WriteString("stream", "listening");
                    writer.WriteStartObject("data");
                    writer.WriteStartArray("streams");
                    if (reader.Listens)
                    {
                        writer.WriteStringValue("trade_updates");
                    }

                    writer.WriteEndArray();
                    writer.WriteEndObject();
                    writer.WriteEndObject();
                });
                break;
        }
    }

    public void OnOrder(TradingAccount account, SandboxOrder order, OrderChange change)
    {
        switch (change)
        {
            case OrderChange.Accepted:
                Tell(account, order, "new", null);
                break;
            case OrderChange.Amended when order.Replaces is { } old:
                Tell(account, old, "replaced", null);
                Tell(account, order, "new", null);
                break;
            case OrderChange.Ended:
                Tell(account, order, order.Phase == OrderPhase.Expired ? "expired" : "canceled", null);
                break;
            case OrderChange.Rejected:
                Tell(account, order, "rejected", null);
                break;
            case OrderChange.CancelLost:
                Tell(account, order, "order_cancel_rejected", null);
                break;
            case OrderChange.AmendLost:
                Tell(account, order, "order_replace_rejected", null);
                break;
        }
    }

    public void OnFill(TradingAccount account, Fill fill)
    {
        if (fill.Order is { } order)
        {
            Tell(account, order, fill.Leaves == 0 ? "fill" : "partial_fill", fill);
        }
    }

    /// <summary>Tells who listens to an account.</summary>
    internal void Tell(TradingAccount account, SandboxOrder order, string what, Fill? fill)
    {
        foreach (Session session in _sessions)
        {
            Reader reader = (Reader)session.State!;
            if (reader.Listens && reader.Account == account)
            {
                Send(session, writer => Write(writer, account, order, what, fill));
            }
        }
    }

    private void Write(Utf8JsonWriter writer, TradingAccount account, SandboxOrder order, string what, Fill? fill)
    {
        writer.WriteStartObject();
        writer.WriteString("stream", "trade_updates");
        writer.WriteStartObject("data");
        writer.WriteString("at", AlpacaJson.Time(exchange.Now));
        writer.WriteString("event_id", exchange.Ids.Uuid());
        writer.WriteString("event", what);
        writer.WriteString("timestamp", AlpacaJson.Time(fill?.At ?? order.UpdatedAt));
        writer.WriteString("execution_id", fill?.Id ?? exchange.Ids.Uuid());
        if (fill is not null)
        {
            writer.WriteString("price", Market.Units.Text(fill.Instrument.Price(fill.Price)));
            writer.WriteString("qty", AlpacaJson.Number(fill.Instrument, fill.Quantity));
            writer.WriteString("position_qty", Market.Units.Text(decimal.Round(AlpacaFunds.QuantityOf(account, fill.Instrument), 9, MidpointRounding.ToZero)));
        }

        writer.WritePropertyName("order");
        json.Order(writer, order);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private void Authenticate(Session session, Reader reader, string? key, string? secret)
    {
        bool known = key is not null && exchange.Alpaca.TryGetValue(key, out TradingAccount? account) && account.Owner.Secret == secret;
        reader.Account = known ? exchange.Alpaca[key!] : null;
        Authorization(session, known ? "authorized" : "unauthorized", "authenticate");
    }

    private void Authorization(Session session, string status, string action) => Send(session, writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("stream", "authorization");
        writer.WriteStartObject("data");
        writer.WriteString("action", action);
        writer.WriteString("status", status);
        writer.WriteEndObject();
        writer.WriteEndObject();
    });

    private void Send(Session session, Action<Utf8JsonWriter> write)
    {
        byte[] message = Json.Bytes(write);
        session.Send(session.WantsMessagePack ? MessagePackJson.Of(message) : message, exchange.Now, isBinary: true);
    }

    private sealed class Reader
    {
        internal TradingAccount? Account { get; set; }

        internal bool Listens { get; set; }
    }
}
