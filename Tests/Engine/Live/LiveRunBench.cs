using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Text.Json.Nodes;
using LowLatency.Core.Events;
using LowLatency.Core.Risk;
using LowLatency.Core.Values;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Live;
using LowLatency.Engine.Network;
using LowLatency.Engine.Running;
using LowLatency.Gateways.Live;
using LowLatency.Tests.Determinism;
using LowLatency.Tests.Gateways.Live;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Engine.Live;

/// <summary>
/// A live run in virtual time: the real lifecycle, session, journal and account, against a venue of a test. One instrument,
/// one strategy that always wants the same order.
/// </summary>
internal sealed class LiveRunBench : IDisposable
{
    internal const ushort Instance = 11;

    private const long Step = 10 * VirtualClock.Millisecond;

    private readonly Credentials _credentials = Credentials.Of("key", "secret");
    private readonly LiveLog _log;
    private readonly AlertSender _alerts;
    private readonly JournalDirectory _journal;
    private readonly Session _session;
    private readonly LiveControl _control;
    private readonly LiveParts _parts;

    internal LiveRunBench(string folder, Action<JsonNode>? change = null, string? activate = null)
    {
        Folder = folder;
        Configuration = Configure(change);
        Watch = new LiveWatch(Configuration.Live!);
        Venue = new FakeBybit(Clock);
        Host = new BenchHost(Clock, Venue);
        Net = new VirtualNet(Clock, Host) { Permit = Kill };
        Venue.Override = path => path.StartsWith("/v5/account/wallet-balance", StringComparison.Ordinal) ? (200, Wallet())
            : path.StartsWith("/v5/market/instruments-info?category=spot", StringComparison.Ordinal) ? (200, Spot)
            : null;
        Run = Path.Combine(folder, "run");
        _journal = JournalDirectory.Open(Run, Configuration, mayResume: true, venue: VenueKind.Live);
        _log = new LiveLog(_journal.Path, [_credentials]);
        _alerts = new AlertSender(Configuration.Live!.Access, _log);
        LiveVenues venues = LiveVenues.Of(Configuration, [_credentials], Net, Kill, Clock.Now);
        Inputs = new LiveInputs(new BenchClock(Clock), venues.Accounts, venues.Markets, Configuration.TickInterval);
        _session = new Session(new SessionPlan
        {
            Configuration = Configuration,
            Inputs = Inputs,
            Live = new LiveGate(venues.Accounts),
            Journal = _journal,
            Topology = GeneratedRuns.Shape(TopologyMode.Inline),
            Observer = Watch,
            Activate = activate,
        });
        Inputs.Last = _session.Recovered?.Facts.Now ?? long.MinValue;
        LiveParts.HandOver(_session, venues.Accounts, Clock.Now, Clock.Now);
        LiveStatus status = new(Configuration, ["1000001"], _journal.Epoch);
        _control = new LiveControl(_journal.Path, new RunMemory(_journal.Path), Kill, () => status.ToJson(_alerts), _ => { });
        _parts = new LiveParts
        {
            Configuration = Configuration,
            Session = _session,
            Inputs = Inputs,
            Account = venues.Accounts,
            Market = venues.Markets,
            Watch = Watch,
            Kill = Kill,
            Lease = new LiveLease(Kill),
            Control = _control,
            Status = status,
            Alerts = _alerts,
            Log = _log,
        };
        Life = new LiveRun(_parts);
    }

    internal string Folder { get; }

    internal string Run { get; }

    internal EngineConfiguration Configuration { get; }

    internal VirtualClock Clock { get; } = new();

    internal FakeBybit Venue { get; }

    internal BenchHost Host { get; }

    internal VirtualNet Net { get; }

    internal KillLatch Kill { get; } = new();

    internal LiveWatch Watch { get; }

    internal LiveInputs Inputs { get; }

    internal LiveRun Life { get; }

    internal decimal Cash { get; set; } = 100_000;

    /// <summary>Bitcoin that the account holds, as text.</summary>
    internal string Coin { get; set; } = "0";

    internal bool IsStopAsked { get; set; }

    internal RiskStage Risk => _session.Pipeline.Risk;

    /// <summary>Alarms so far, in their order.</summary>
    internal IEnumerable<string> Alarms => (File.Exists(LogPath) ? File.ReadLines(LogPath) : [])
        .Select(line => JsonDocument.Parse(line).RootElement.GetProperty("what").GetString()!)
        .Where(what => Enum.TryParse<LiveAlarm>(what, out _));

    private string LogPath => Path.Combine(Run, LiveLog.FileName);

    /// <summary>The example of a live run, with one instrument and one strategy.</summary>
    internal static EngineConfiguration Configure(Action<JsonNode>? change = null)
    {
        JsonNode root = JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Root, "examples", "live-sandbox.json")))!;
        root["live"]!["instruments"] = new JsonArray(new JsonObject { ["symbol"] = "BTCUSDT" });
        root["strategies"] = new JsonArray(new JsonObject
        {
            ["name"] = "maker",
            ["type"] = "market-maker",
            ["instruments"] = new JsonArray("BTCUSDT"),
            ["parameters"] = new JsonObject
            {
                ["halfSpreadTicks"] = 50,
                ["quantity"] = "0.01",
                ["maxInventory"] = "0.05",
                ["skewTicks"] = 1,
                ["refreshTicks"] = 1_000,
            },
        });
        root["risk"]!.AsObject().Remove("instruments");
        root["session"]!["journal"]!["segmentMiB"] = 1;
        root["session"]!["journal"]!["durability"] = "written";
        change?.Invoke(root);
        return GeneratedRuns.Read(root);
    }

    /// <summary>The name that an order of this instance has at the venue.</summary>
    internal static string LinkOf(OrderId order)
    {
        byte[] text = new byte[36];
        return System.Text.Encoding.ASCII.GetString(text, 0, order.Format(Instance, text));
    }

    internal void For(long nanoseconds)
    {
        for (long end = Clock.Now + nanoseconds; Clock.Now < end && !_session.IsDone;)
        {
            Clock.Advance(Step);
            while (Life.Cycle(() => IsStopAsked))
            {
                // Everything that is there.
            }
        }
    }

    internal void Until(Func<bool> condition, long longest = 60 * VirtualClock.Second)
    {
        for (long end = Clock.Now + longest; !condition();)
        {
            if (Clock.Now >= end)
            {
                Assert.Fail(
                    $"it does not come: {Life.Phase}, {Risk.State}, {_parts.WhatIsOpen()}, {string.Join('/', Watch.Commands)} commands, "
                    + string.Join(' ', Alarms));
            }

            For(Step);
        }
    }

    internal LiveRunBench Trading()
    {
        Until(() => Life.Phase == LivePhase.Live);
        return this;
    }

    internal void Operator(OperatorVerb verb) => Inputs.Say(Preamble.Said(verb, "test", 0));

    /// <summary>Ends the journal: what a test asks of the run's files comes after it.</summary>
    internal void Finish() => _session.Finish();

    public void Dispose()
    {
        _control.Dispose();
        _session.Dispose();
        _journal.Dispose();
        _alerts.Dispose();
        _log.Dispose();
        _credentials.Dispose();
    }

    private string Spot =>
        """{"retCode":0,"retMsg":"OK","result":{"category":"spot","list":[{"symbol":"BTCUSDT","baseCoin":"BTC","quoteCoin":"USDT","innovation":"0","status":"Trading","marginTrading":"none","lotSizeFilter":{"basePrecision":"0.000001","quotePrecision":"0.00000001","minOrderQty":"0.000001","maxOrderQty":"100","minOrderAmt":"5","maxOrderAmt":"10000000","maxLimitOrderQty":"100"},"priceFilter":{"tickSize":"0.10"},"riskParameters":{}}]},"retExtInfo":{},"time":"""
        + (Clock.Now / VirtualClock.Millisecond) + "}";

    private string Wallet() => FormattableString.Invariant(
        $$"""{"retCode":0,"retMsg":"OK","result":{"list":[{"accountType":"UNIFIED","totalEquity":"{{Cash}}","totalWalletBalance":"{{Cash}}","totalAvailableBalance":"{{Cash}}","totalPerpUPL":"0","totalInitialMargin":"0","totalMaintenanceMargin":"0","coin":[{"coin":"USDT","walletBalance":"{{Cash}}","equity":"{{Cash}}","availableToWithdraw":"","borrowAmount":"0","totalOrderIM":"0","totalPositionIM":"0","totalPositionMM":"0","unrealisedPnl":"0"},{"coin":"BTC","walletBalance":"{{Coin}}","equity":"{{Coin}}","availableToWithdraw":"","borrowAmount":"0","totalOrderIM":"0","totalPositionIM":"0","totalPositionMM":"0","unrealisedPnl":"0"}]}]},"retExtInfo":{},"time":{{Clock.Now / VirtualClock.Millisecond}}}""");

    private sealed class BenchClock(VirtualClock clock) : IClock
    {
        public long Now => clock.Now;
    }
}

/// <summary>The venue of a bench: an account, and a book that ticks.</summary>
internal sealed class BenchHost : IVirtualHost
{
    private readonly VirtualClock _clock;
    private readonly FakeBybit _account;
    private VirtualConnection? _market;
    private long _update = 100;

    /// <summary>The best bid.</summary>
    internal decimal Bid { get; set; } = 65_000m;

    internal BenchHost(VirtualClock clock, FakeBybit account)
    {
        _clock = clock;
        _account = account;
        Tick();
    }

    public void OnOpen(VirtualConnection connection) => connection.Accept();

    public void OnMessage(VirtualConnection connection, string text)
    {
        if (!connection.Url.Contains("/public", StringComparison.Ordinal))
        {
            _account.OnMessage(connection, text);
            return;
        }

        using JsonDocument document = JsonDocument.Parse(text);
        string op = document.RootElement.GetProperty("op").GetString()!;
        string id = document.RootElement.GetProperty("req_id").GetString()!;
        string message = op == "ping" ? "pong" : string.Empty;
        connection.Push($$"""{"success":true,"ret_msg":"{{message}}","conn_id":"c","req_id":"{{id}}","op":"{{op}}"}""");
        if (op == "subscribe")
        {
            _market = connection;
            Book();
        }
    }

    public void OnRequest(VirtualRest client, VirtualRequest request) => _account.OnRequest(client, request);

    private void Tick()
    {
        if (_market is not null)
        {
            Book();
        }

        _clock.After(100 * VirtualClock.Millisecond, Tick);
    }

    private void Book() => _market!.Push(FormattableString.Invariant(
        $$"""{"topic":"orderbook.50.BTCUSDT","type":"snapshot","ts":{{_clock.Now / VirtualClock.Millisecond}},"data":{"s":"BTCUSDT","b":[["{{Bid}}","{{1 + (_update % 2)}}"]],"a":[["{{Bid + 0.1m}}","1"]],"u":{{++_update}},"seq":{{_update}}},"cts":{{_clock.Now / VirtualClock.Millisecond}}}"""));
}
