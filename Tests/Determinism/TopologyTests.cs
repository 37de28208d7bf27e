using System;
using System.Globalization;
using System.IO;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Threading;
using LowLatency.Core.Events;
using LowLatency.Engine.Commands;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Latency;
using LowLatency.Engine.Results;
using LowLatency.Engine.Running;
using LowLatency.Journal;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Determinism;

/// <summary>
/// The same inputs give the same signals, intents, verdicts, commands, state and journal, whatever the threads, the ring,
/// the memory, the durability and the culture are.
/// </summary>
public sealed class TopologyTests(ReferenceRun reference) : IClassFixture<ReferenceRun>
{
    [Fact]
    public void The_compared_run_holds_enough_commands_executions_and_every_kind_of_signal()
    {
        GeneratedRuns.AssertEnoughHappened(reference.Result);
        Assert.True(GeneratedRuns.Count(reference.Result, EventKind.Tick) > 100, "no timer");
        Assert.True(GeneratedRuns.Count(reference.Result, EventKind.StreamState) > 0, "no hole in the market");
    }

    [Fact]
    public void The_backtest_of_a_run_is_the_run_record_for_record()
    {
        using TemporaryFolder folder = new();
        string output = Path.Combine(folder.Path, "backtest");
        RunResult result = BacktestCommand.Simulate(null, reference.Journal, output, out _);
        Assert.Equal(reference.Proof, GeneratedRuns.ProofOf(result, output));
    }

    [Theory]
    [InlineData("Inline", 16_384, "Yielding", 1024, 0x00)]
    [InlineData("Inline", 16_384, "Yielding", 1, 0x00)]
    [InlineData("Inline", 16_384, "Yielding", 1024, 0xCC)]
    [InlineData("Inline", 1_024, "Yielding", 77, 0xCC)]
    [InlineData("Inline", 65_536, "BusySpin", 4096, 0xFF)]
    [InlineData("RunToCompletion", 2_048, "Parking", 1024, 0xCC)]
    [InlineData("Staged", 16_384, "Yielding", 1024, 0xCC)]
    [InlineData("Staged", 1_024, "BusySpin", 1, 0x00)]
    [InlineData("Lockstep", 1_024, "Yielding", 1024, 0xCC)]
    public void Every_topology_decides_the_same(string mode, int ringSize, string wait, int poll, byte fill)
    {
        using TemporaryFolder folder = new();
        string output = Path.Combine(folder.Path, "run");
        TopologyConfiguration shape = GeneratedRuns.Shape(
            Enum.Parse<TopologyMode>(mode), ringSize, Enum.Parse<WaitMode>(wait));
        RunResult result = GeneratedRuns.Direct(reference.Configuration, output, shape, poll, fill);
        Assert.Equal(reference.Proof, GeneratedRuns.ProofOf(result, output));
        GeneratedRuns.AssertSound(output);
    }

    [Theory]
    [InlineData("Inline", nameof(LatencyDetail.Messages))]
    [InlineData("Inline", nameof(LatencyDetail.Hops))]
    [InlineData("Staged", nameof(LatencyDetail.Hops))]
    [InlineData("Lockstep", nameof(LatencyDetail.Hops))]
    public void Measuring_changes_no_decision_no_record_and_no_state(string mode, string detail)
    {
        using TemporaryFolder folder = new();
        string output = Path.Combine(folder.Path, "run");
        LatencyMeter meter = new(Enum.Parse<LatencyDetail>(detail));
        RunResult result = GeneratedRuns.Direct(
            reference.Configuration, output, GeneratedRuns.Shape(Enum.Parse<TopologyMode>(mode)), latency: meter);
        Assert.Equal(reference.Proof, GeneratedRuns.ProofOf(result, output));

        // Every event is measured at every hop that it makes: what was not looked at could not have been changed by it.
        long messages = meter[Hop.MessageWithCommand]!.Rest.TotalCount + meter[Hop.MessageWithoutCommand]!.Rest.TotalCount;
        Assert.True(messages > 1_000);
        for (Hop hop = Hop.Publish; hop <= Hop.Venue; hop++)
        {
            Assert.Equal(meter.MeasuresHops ? result.Counts.Total : 0, meter[hop]?.Rest.TotalCount ?? 0);
        }

        if (meter.MeasuresHops)
        {
            Assert.True(meter[Hop.Gate]!.Rest.TotalCount > 100);
            Assert.True(meter[Hop.Send]!.Rest.TotalCount >= meter[Hop.Gate]!.Rest.TotalCount);
            Assert.InRange(meter[Hop.Receive]!.Rest.TotalCount, 1_000, result.Counts.Total);
        }
    }

    [Theory]
    [InlineData("Staged")]
    [InlineData("Lockstep")]
    public void A_backtest_with_threads_is_the_run_too(string mode)
    {
        using TemporaryFolder folder = new();
        string output = Path.Combine(folder.Path, "backtest");
        TopologyConfiguration shape = GeneratedRuns.Shape(Enum.Parse<TopologyMode>(mode), 1024, WaitMode.Yielding);
        RunResult result = GeneratedRuns.Again(reference.Journal, output, shape, 33, 0xCC);
        Assert.Equal(reference.Proof, GeneratedRuns.ProofOf(result, output));
    }

    [Fact]
    public void A_flushed_journal_holds_the_same_records_as_a_written_one()
    {
        using TemporaryFolder folder = new();
        string written = Path.Combine(folder.Path, "written");
        string flushed = Path.Combine(folder.Path, "flushed");
        EngineConfiguration one = GeneratedRuns.Configuration(3_000);
        EngineConfiguration other = GeneratedRuns.Configuration(
            3_000, root => root["session"]!["journal"]!["durability"] = "flushed");
        Assert.Equal(one.DecisionHash.AsSpan(), other.DecisionHash.AsSpan());
        RunResult first = GeneratedRuns.Direct(one, written);
        RunResult result = GeneratedRuns.Direct(other, flushed, GeneratedRuns.Shape(TopologyMode.RunToCompletion));
        Assert.True(GeneratedRuns.CommandsOf(result) > 50, "too few commands");
        Assert.Equal(first.DecisionDigest, result.DecisionDigest);
        Assert.Equal(first.StateDigest, result.StateDigest);
        Assert.Equal(WithoutBlobs(written), WithoutBlobs(flushed));
        GeneratedRuns.AssertSound(flushed);
    }

    [Fact]
    public void Another_culture_changes_nothing_from_the_configuration_to_the_last_record()
    {
        // The process knows the invariant culture only; this one differs in everything that numbers are written with.
        CultureInfo strange = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        strange.NumberFormat.NumberDecimalSeparator = ",";
        strange.NumberFormat.NumberGroupSeparator = ".";
        strange.NumberFormat.NegativeSign = "\u2212";
        strange.NumberFormat.PositiveSign = "p";
        strange.DateTimeFormat.DateSeparator = "~";
        Assert.Equal("\u22121,5", (-1.5).ToString(strange));
        Proof? found = null;
        Exception? failure = null;
        using TemporaryFolder folder = new();
        Thread thread = new(() => failure = Record.Exception(() =>
        {
            CultureInfo.CurrentCulture = strange;
            CultureInfo.CurrentUICulture = strange;
            string output = Path.Combine(folder.Path, "run");
            EngineConfiguration configuration = GeneratedRuns.Configuration();
            Assert.Equal(reference.Configuration.ToCanonicalJson(), configuration.ToCanonicalJson());
            RunResult result = GeneratedRuns.Direct(configuration, output);
            found = GeneratedRuns.ProofOf(result, output);
        }));
        thread.Start();
        thread.Join();
        Assert.Null(failure);
        Assert.Equal(reference.Proof, found);
    }

    [Theory]
    [InlineData("seed")]
    [InlineData("parameter")]
    [InlineData("limit")]
    [InlineData("latency")]
    public void A_different_cause_gives_a_different_run(string cause)
    {
        EngineConfiguration other = GeneratedRuns.Configuration(change: root =>
        {
            switch (cause)
            {
                case "seed":
                    root["seed"] = 43;
                    break;
                case "parameter":
                    root["strategies"]![2]!["parameters"]!["halfSpreadTicks"] = 4;
                    break;
                case "limit":
                    root["risk"]!["maxOrderQuantity"] = "0.04";
                    break;
                default:
                    root["venue"] = new System.Text.Json.Nodes.JsonObject { ["entryLatencyUs"] = 7_000 };
                    break;
            }
        });
        using TemporaryFolder folder = new();
        string output = Path.Combine(folder.Path, "run");
        Proof found = GeneratedRuns.ProofOf(GeneratedRuns.Direct(other, output), output);
        Assert.NotEqual(reference.Proof.Decisions, found.Decisions);
        Assert.NotEqual(reference.Proof.State, found.State);
        Assert.NotEqual(reference.Proof.Journal, found.Journal);
    }

    // The configuration stands in the journal, and says how durable it is.
    private static string WithoutBlobs(string folder)
    {
        using JournalReader reader = RecordedRun.Open(folder);
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Event e = default;
        while (reader.Read(ref e) == ReadResult.Event)
        {
            if (e.Kind != EventKind.BlobPart)
            {
                hash.AppendData(MemoryMarshal.AsBytes(new ReadOnlySpan<Event>(in e)));
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
