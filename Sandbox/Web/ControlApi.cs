using System;
using System.Collections.Generic;
using System.Text.Json;
using LowLatency.Sandbox.Faults;
using LowLatency.Sandbox.Market;
using LowLatency.Sandbox.Trading;

namespace LowLatency.Sandbox.Web;

/// <summary>
/// The control endpoint: what the sandbox is, which faults are armed, arm more, forget them, restart a venue. Called by the
/// exchange's thread only.
/// </summary>
internal sealed class ControlApi(Exchange exchange, FaultPlan faults, Action<bool, int> restart, Func<IEnumerable<Session>> sessions)
{
    internal RestReply Handle(RestRequest request) => (request.Method, request.Path) switch
    {
        ("GET", "/sandbox/status") => Status(),
        ("GET", "/sandbox/identity") => Identity(request),
        ("GET", "/sandbox/faults") => Listed(200),
        ("POST", "/sandbox/faults") => Arm(request),
        ("DELETE", "/sandbox/faults") => Forget(),
        ("POST", "/sandbox/restart") => RestartVenue(request),
        ("POST", "/sandbox/disconnect") => Disconnect(request),
        _ => Refused(404, "allowed are GET /sandbox/status and /sandbox/identity, GET, POST and DELETE /sandbox/faults, POST /sandbox/restart, POST /sandbox/disconnect"),
    };

    private static RestReply Refused(int status, string message) => Json.Reply(status, writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("error", message);
        writer.WriteEndObject();
    });

    /// <summary>Says that no real money moves here, to whoever asks, in an answer that was not made before.</summary>
    private static RestReply Identity(RestRequest request) => Json.Reply(200, writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("exchange", SandboxServer.Name);
        writer.WriteString("nonce", request.Parameter("nonce") ?? string.Empty);
        writer.WriteEndObject();
    });

    private RestReply Arm(RestRequest request)
    {
        try
        {
            // One rule, or a scenario's list of them.
            using JsonDocument document = JsonDocument.Parse(request.Body, new JsonDocumentOptions { MaxDepth = 8 });
            List<FaultRule> rules = [];
            if (document.RootElement.ValueKind == JsonValueKind.Array)
            {
                foreach (JsonElement item in document.RootElement.EnumerateArray())
                {
                    rules.Add(Scenario.FaultOf(item, $"[{rules.Count}]"));
                }
            }
            else
            {
                rules.Add(Scenario.FaultOf(document.RootElement, "fault"));
            }

            if (faults.Rules.Count + rules.Count > FaultPlan.RulesMax)
            {
                return Refused(409, $"{faults.Rules.Count} rules are armed; allowed are {FaultPlan.RulesMax}");
            }

            foreach (FaultRule rule in rules)
            {
                _ = faults.TryArm(rule, exchange.Now);
            }

            return Listed(201);
        }
        catch (JsonException failure)
        {
            return Refused(400, "not JSON: " + failure.Message);
        }
        catch (FormatException failure)
        {
            return Refused(400, failure.Message);
        }
    }

    private RestReply Forget()
    {
        faults.Clear();
        return Listed(200);
    }

    private RestReply RestartVenue(RestRequest request)
    {
        string? venue = request.Parameter("venue");
        string ms = request.Parameter("ms") ?? "0";
        if (venue is not ("bybit" or "alpaca") || !int.TryParse(ms, out int down) || down is < 0 or > FaultRule.TimeMax)
        {
            return Refused(400, $"venue is bybit or alpaca, ms 0 to {FaultRule.TimeMax}");
        }

        restart(venue == "bybit", down);
        return Listed(200);
    }

    private RestReply Disconnect(RestRequest request)
    {
        if (!FaultNames.TryChannel(request.Parameter("channel"), out SandboxChannel channel))
        {
            return Refused(400, "channel is one of " + FaultNames.AllChannels);
        }

        foreach (Session session in sessions())
        {
            if (session.Channel == channel)
            {
                session.Abort();
            }
        }

        return Listed(200);
    }

    private RestReply Listed(int status) => Json.Reply(status, writer =>
    {
        writer.WriteStartObject();
        writer.WriteStartArray("faults");
        foreach (FaultPlan.Armed armed in faults.Rules)
        {
            FaultRule rule = armed.Rule;
            writer.WriteStartObject();
            writer.WriteString("kind", FaultNames.Of(rule.Kind));
            writer.WriteString("channel", FaultNames.Of(rule.Channel));
            writer.WriteString("match", rule.Match);
            writer.WriteNumber("nth", rule.Nth);
            writer.WriteNumber("every", rule.Every);
            writer.WriteNumber("count", rule.Count);
            writer.WriteNumber("seen", armed.Seen);
            writer.WriteNumber("fired", armed.Fired);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    private RestReply Status() => Json.Reply(200, writer =>
    {
        writer.WriteStartObject();
        writer.WriteNumber("time", exchange.NowMs);
        writer.WriteBoolean("marketOver", exchange.IsMarketOver);
        writer.WriteStartArray("instruments");
        foreach (ListedInstrument instrument in exchange.Listing.All)
        {
            writer.WriteStartObject();
            writer.WriteString("venue", instrument.IsAlpaca ? "alpaca" : "bybit");
            writer.WriteString("category", instrument.Category);
            writer.WriteString("symbol", instrument.Symbol);
            writer.WriteString("bid", instrument.IsReady ? instrument.PriceText(instrument.Book.BestBidPrice) : string.Empty);
            writer.WriteString("ask", instrument.IsReady ? instrument.PriceText(instrument.Book.BestAskPrice) : string.Empty);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartArray("accounts");
        foreach (SandboxAccount account in exchange.Options.Accounts)
        {
            writer.WriteStartObject();
            writer.WriteString("key", account.Key);
            writer.WriteNumber("bybitOrders", exchange.Bybit[account.Key].Orders.Count);
            writer.WriteNumber("bybitFills", exchange.Bybit[account.Key].Ledger.Fills.Count);
            writer.WriteNumber("alpacaOrders", exchange.Alpaca[account.Key].Orders.Count);
            writer.WriteNumber("alpacaFills", exchange.Alpaca[account.Key].Ledger.Fills.Count);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartArray("sessions");
        foreach (Session session in sessions())
        {
            writer.WriteStartObject();
            writer.WriteString("channel", FaultNames.Of(session.Channel));
            writer.WriteString("path", session.Path);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    });
}
