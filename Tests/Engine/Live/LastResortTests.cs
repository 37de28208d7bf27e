using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading;
using System.Threading.Tasks;
using LowLatency.Core.Events;
using LowLatency.Core.Orders;
using LowLatency.Core.Values;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Live;
using LowLatency.Engine.Network;
using LowLatency.Gateways.Alpaca;
using LowLatency.Gateways.Bybit;
using LowLatency.Gateways.Live;
using LowLatency.Sandbox;
using LowLatency.Sandbox.Faults;
using LowLatency.Tests.Determinism;
using LowLatency.Tests.Engine.Network;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Engine.Live;

/// <summary>What is left of a run that died: its orders are taken away by connections of their own, and a person is told.</summary>
[Collection("LiveSockets")]
public sealed class LastResortTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("cancel", true, "Died OrdersTakenAway")]
    [InlineData("refused", false, "Died OrdersMayWork")]
    [InlineData("leave", true, "Died")]
    [InlineData("not begun", true, "Died")]
    public async Task Orders_of_a_run_that_died_are_taken_away_and_told_of(string what, bool isProven, string told)
    {
        FaultRule refuses = new() { Kind = FaultKind.Error, Channel = SandboxChannel.BybitRest, Match = "/v5/order/cancel", Count = 0 };
        await using SandboxServer sandbox = await SandboxServer.StartAsync(
            new SandboxOptions { RateFactor = 10, Faults = what == "refused" ? [refuses] : [] });
        using (LiveRig<BybitVenue> rig = LiveRig.Bybit(sandbox))
        {
            rig.Until(() => rig.Account.IsReady && rig.BestBid > 0);
            OrderId[] rest = [.. Enumerable.Range(90, 5).Select(
                part => rig.New(Side.Buy, OrderType.Limit, rig.BestBid * part / 100 / rig.Tick * rig.Tick, 10))];
            rig.Until(() => rest.All(order => rig.Orders[order].State == OrderState.Working));
        }

        string heard = Path.Combine(_folder.Path, "heard");
        EngineConfiguration configuration = LiveRunBench.Configure(root =>
        {
            string stream = sandbox.WebSocket.ToString().TrimEnd('/');
            JsonNode access = root["live"]!["access"]!;
            root["instance"] = 5;
            root["live"]!["onStop"] = what == "leave" ? "leave" : "cancel";
            access["rest"] = sandbox.Http.ToString().TrimEnd('/');
            access["private"] = stream + "/v5/private";
            access["alertCommand"] = Script(heard);
        });
        using Credentials key = Credentials.Of("sandbox-key-1", "sandbox-secret-1");
        using LiveLog log = new(_folder.Path, [key]);
        using AlertSender alerts = new(configuration.Live!.Access, log, TimeSpan.FromMilliseconds(1));
        KillLatch kill = new();
        using LastResort resort = new(
            configuration,
            kill,
            alerts,
            inherits: what != "not begun",
            other => LiveVenues.Sweep(configuration, [key], other, SweepScope.Ours, new LiveClock().Now));
        Assert.Equal(isProven, resort.Act(new InvalidOperationException("planted")));
        Assert.True(kill.IsSet);

        // It is told of before it returns, and only once.
        Assert.Equal(isProven, resort.Act(new InvalidOperationException("another")));
        List<JsonElement> alerted = [.. File.ReadLines(heard).Select(line => JsonDocument.Parse(line).RootElement)];
        Assert.Equal(told, string.Join(' ', alerted.Select(alert => alert.GetProperty("alarm").GetString())));
        Assert.Contains("planted", alerted[0].GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.Equal("Critical", alerted[0].GetProperty("severity").GetString());

        using LiveRig<BybitVenue> after = LiveRig.Bybit(sandbox);
        after.Until(() => after.Account.IsReady);
        Assert.Equal(what == "cancel" ? 0 : 5, after.Events.Count(e =>
            e.Kind == EventKind.OrderReport && (e.Flags & EventFlags.ReadBack) != 0));
    }

    /// <summary>What killed the run may kill this too; whoever asks afterwards hears that orders may work.</summary>
    [Fact]
    public void A_last_resort_that_fails_itself_has_proven_nothing()
    {
        string heard = Path.Combine(_folder.Path, "heard");
        EngineConfiguration configuration = LiveRunBench.Configure(root => root["live"]!["access"]!["alertCommand"] = Script(heard));
        using Credentials key = Credentials.Of("key", "secret");
        using LiveLog log = new(_folder.Path, [key]);
        using AlertSender alerts = new(configuration.Live!.Access, log, TimeSpan.FromMilliseconds(1));
        using LastResort resort = new(
            configuration, new KillLatch(), alerts, inherits: true, _ => throw new InvalidOperationException("the same again"));
        Assert.False(resort.Act(new InvalidOperationException("planted")));
        Assert.False(resort.Act(new InvalidOperationException("another")));
        List<JsonElement> alerted = [.. File.ReadLines(heard).Select(line => JsonDocument.Parse(line).RootElement)];
        Assert.Equal(["Died", "OrdersMayWork"], alerted.Select(alert => alert.GetProperty("alarm").GetString()));
        Assert.Contains("the same again", alerted[1].GetProperty("text").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Orders_at_the_other_venue_are_taken_away_by_their_ids_there()
    {
        await using SandboxServer sandbox = await SandboxServer.StartAsync(new SandboxOptions { RateFactor = 10 });
        using (LiveRig<AlpacaVenue> rig = LiveRig.Alpaca(sandbox, "AAPL", InstrumentKind.Equity))
        {
            rig.Until(() => rig.Account.IsReady && rig.BestBid > 0);
            OrderId[] rest = [.. Enumerable.Range(90, 3).Select(
                part => rig.New(Side.Buy, OrderType.Limit, rig.BestBid * part / 100 / rig.Tick * rig.Tick, rig.Lot))];
            rig.Until(() => rest.All(order => rig.Orders[order].State == OrderState.Working));
        }

        JsonNode root = JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Root, "examples", "live-sandbox-alpaca.json")))!;
        string stream = sandbox.WebSocket.ToString().TrimEnd('/');
        root["instance"] = 5;
        JsonNode access = root["live"]!["access"]!;
        access["rest"] = sandbox.Http.ToString().TrimEnd('/');
        access["public"] = stream;
        access["private"] = stream + "/stream";
        EngineConfiguration configuration = GeneratedRuns.Read(root);
        using Credentials key = Credentials.Of("sandbox-key-1", "sandbox-secret-1");
        LiveClock clock = new();
        using SocketTransport transport = new(clock, new KillLatch());
        AccountSweep sweep = LiveVenues.Sweep(configuration, [key], transport, SweepScope.Ours, clock.Now);
        sweep.Begin(clock.Now);
        long start = Stopwatch.GetTimestamp();
        while (!sweep.IsProven)
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(60), $"{sweep.Left} are left");
            sweep.Poll(clock.Now);
            Thread.Yield();
        }

        Assert.Equal(3, sweep.Cancels);
    }

    private string Script(string heard)
    {
        string program = Path.Combine(_folder.Path, "hook.sh");
        File.WriteAllText(program, $"#!/bin/sh\ncat >> {heard}\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }

        return program;
    }
}
