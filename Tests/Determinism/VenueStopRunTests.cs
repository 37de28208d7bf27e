using System;
using System.Collections.Generic;
using System.IO;
using System.Text.Json.Nodes;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Results;
using LowLatency.Engine.Running;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Determinism;

/// <summary>
/// Paper runs with a stop at the simulated venue for each position: the venue trades them, an engine that may send nothing any
/// more is protected by them, and the run is the same in replay, in a backtest, in every topology and after a stop.
/// </summary>
public sealed class VenueStopRunTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void A_run_with_stops_at_the_venue_is_the_same_again_and_its_account_is_the_venues()
    {
        EngineConfiguration configuration = Protected();
        string run = Path.Combine(_folder.Path, "run");
        RunResult result = GeneratedRuns.Direct(configuration, run);
        GeneratedRuns.AssertEnoughHappened(result);
        List<Event> events = [.. BacktestIdentityTests.Events(run)];
        Assert.DoesNotContain(events, e => e.Kind == EventKind.Adjustment);
        Stops stops = Watch(configuration, events);
        Assert.True(stops.Sent > 50 && stops.Amended > 50 && stops.Cancelled > 20 && stops.Filled > 3, stops.ToString());
        Assert.Null(Replay.Run(run, null, verify: true).Difference);
        BacktestIdentityTests.AssertIdentity(run, result, Path.Combine(_folder.Path, "backtest"));
    }

    [Theory]
    [InlineData("RunToCompletion")]
    [InlineData("Staged")]
    [InlineData("Lockstep")]
    public void Every_topology_decides_the_same(string mode)
    {
        EngineConfiguration configuration = Protected(5_000);
        string inline = Path.Combine(_folder.Path, "inline");
        string other = Path.Combine(_folder.Path, mode);
        Proof expected = GeneratedRuns.ProofOf(GeneratedRuns.Direct(configuration, inline), inline);
        RunResult result = GeneratedRuns.Direct(
            configuration, other, GeneratedRuns.Shape(Enum.Parse<TopologyMode>(mode), 1 << 10));
        Assert.Equal(expected, GeneratedRuns.ProofOf(result, other));
    }

    [Fact]
    public void A_run_that_was_stopped_goes_on_with_the_stops_that_it_left()
    {
        EngineConfiguration configuration = Protected(8_000);
        string run = Path.Combine(_folder.Path, "run");
        GeneratedRuns.Live(configuration, run, stopAfter: 4_000);
        RunResult second = GeneratedRuns.Live(configuration, run);
        Assert.Null(Replay.Run(run, null, verify: true).Difference);
        BacktestIdentityTests.AssertIdentity(run, second, Path.Combine(_folder.Path, "backtest"));
        Watch(configuration, [.. BacktestIdentityTests.Events(run)]);
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>Decides again, and looks at every command beside the state in which it was made.</summary>
    private static Stops Watch(EngineConfiguration configuration, List<Event> events)
    {
        MutedRun muted = MutedRun.Of(configuration);
        Stops stops = new();
        HashSet<OrderId> guards = [];
        Decision decision = default;
        foreach (Event e in events)
        {
            muted.Pipeline.OnEvent(e, ref decision);
            stops.Filled += e.Kind == EventKind.Execution && guards.Contains(e.Execution.Order) ? 1 : 0;
            stops.Told += e.Kind == EventKind.Protection ? 1 : 0;
            for (int i = 0; i < decision.IntentCount; i++)
            {
                stops.Exits += decision.Intents[i].Cause is IntentCause.StopLoss or IntentCause.TrailingStop ? 1 : 0;
            }

            for (int i = 0; i < decision.CommandCount; i++)
            {
                Command command = decision.Commands[i];
                long position = muted.Pipeline.Portfolio.VenuePosition(command.Instrument);
                if ((command.Flags & OrderFlags.Protective) == 0)
                {
                    Assert.True(command.TriggerPrice == 0 && command.Type == OrderType.Limit, "only a stop sleeps");
                    continue;
                }

                stops.Sent += command.Verb == CommandVerb.New ? 1 : 0;
                stops.Amended += command.Verb == CommandVerb.Amend ? 1 : 0;
                stops.Cancelled += command.Verb == CommandVerb.Cancel ? 1 : 0;
                if (command.Verb == CommandVerb.Cancel)
                {
                    continue;
                }

                guards.Add(command.Order);
                Assert.True((command.Flags & OrderFlags.ReduceOnly) != 0 && command.TriggerPrice > 0);
                Assert.Equal(-Math.Sign(position), command.Side.Sign());
                Assert.Equal(Math.Abs(position), command.Quantity);
            }
        }

        return stops;
    }

    private static EngineConfiguration Protected(long events = 16_000) => GeneratedRuns.Configuration(events, root =>
    {
        JsonObject exits = [];
        foreach (JsonNode? strategy in root["strategies"]!.AsArray())
        {
            exits[strategy!["name"]!.GetValue<string>()] = new JsonObject { ["stopLossBps"] = 1, ["trailingBps"] = 2, ["reentryMs"] = 200, ["price"] = "last" };
        }

        root["risk"]!["exits"] = exits;
        root["generator"]!["jumpsPerMillion"] = 2_000;
        root["risk"]!["venueStop"] = new JsonObject
        {
            ["beyondBps"] = 0,
            ["slippageBps"] = 300,
            ["stepBps"] = 1,
            ["alarmAfterMs"] = 1_000,
        };
        root["risk"]!["reconcile"] = new JsonObject
        {
            ["venues"] = new JsonArray("simulated"),
            ["mode"] = "strict",
            ["confirmations"] = 1,
            ["intervalMs"] = 1_000,
            ["retryAfterMs"] = 500,
            ["requestLifeMs"] = 200,
            ["figuresMaxAgeMs"] = 60_000,
            ["maxAdjustment"] = "1000000000",
        };
    });

    private sealed record Stops
    {
        internal int Sent { get; set; }

        internal int Amended { get; set; }

        internal int Cancelled { get; set; }

        internal int Filled { get; set; }

        internal int Told { get; set; }

        internal int Exits { get; set; }

        public override string ToString() => $"{Sent} sent, {Amended} amended, {Cancelled} cancelled, {Filled} filled, {Told} told, {Exits} exits";
    }
}
