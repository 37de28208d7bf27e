using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using LowLatency.Core.Events;
using LowLatency.Core.Orders;
using LowLatency.Core.Pipeline;
using LowLatency.Core.Values;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Explaining;
using LowLatency.Engine.Running;
using LowLatency.Gateways.Generator;
using LowLatency.Journal;
using LowLatency.Journal.Native;
using LowLatency.Tests.CommandLine;
using LowLatency.Tests.Determinism;
using LowLatency.Tests.Engine.Strategies;
using Xunit;

namespace LowLatency.Tests.Engine.Explaining;

/// <summary>A run whose orders and silences are explained; made once.</summary>
public sealed class ExplainedRun : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("lowlatency-why-").FullName;

    public ExplainedRun()
    {
        Journal = Path.Combine(_folder, "run");
        EngineConfiguration configuration = GeneratedRuns.Configuration(16_000, root =>
        {
            root["arbitration"]!["policy"] = "priority";
            root["risk"]!["maxOrdersPerWindow"] = 12;
            root["risk"]!["maxPosition"] = "0.2";
            root["risk"]!["maxOrderQuantity"] = "0.2";
        });
        // What was on its way when the stop was asked for may still end the quote: then a little later is tried.
        bool quotes = false;
        for (long at = 8_000; !quotes; at += 300)
        {
            Assert.True(at < 15_000, "no run ended with a quote in the book");
            if (Directory.Exists(Journal))
            {
                Directory.Delete(Journal, recursive: true);
            }

            OrderTable? orders = null;
            GeneratedRuns.Live(
                configuration,
                new MarketGenerator(configuration.Generator!),
                Journal,
                session =>
                {
                    orders = session.Pipeline.Orders;
                    return session.Counts.Total >= at && HasQuote(orders);
                });
            quotes = HasQuote(orders!);
        }

        GeneratedRuns.Live(
            RecordedRun.Of(Journal).Configuration!,
            Journal);
    }

    public string Journal { get; }

    /// <summary>The maker has a quote in the book.</summary>
    private static bool HasQuote(OrderTable orders)
    {
        int place = orders.LiveInLane(new InstrumentId(2), new StrategyId(3), Side.Buy);
        return place >= 0 && orders[place].State == OrderState.Working;
    }

    internal List<Event> Events()
    {
        List<Event> events = [];
        using JournalReader reader = RecordedRun.Open(Journal);
        Event e = default;
        while (reader.Read(ref e) == ReadResult.Event)
        {
            events.Add(e);
        }

        return events;
    }

    /// <summary>The audit log by event, read plainly.</summary>
    internal SortedDictionary<long, Decision> Audit()
    {
        SortedDictionary<long, Decision> decisions = [];
        using AuditReader reader = new(new PosixStorage(), Journal);
        AuditGroup group = new();
        while (reader.Read(group) == ReadResult.Event)
        {
            if (!group.IsCheckpoint)
            {
                decisions.Add(group.Sequence, group.Decision);
            }
        }

        return decisions;
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}

/// <summary>Why an order was sent, from journal and audit log alone, held against a second join of the two.</summary>
public sealed class WhyTests(ExplainedRun run) : IClassFixture<ExplainedRun>
{
    [Fact]
    public void For_every_order_the_chain_is_the_join_of_journal_and_audit_log()
    {
        SortedDictionary<long, Decision> audit = run.Audit();
        List<Event> events = run.Events();
        Dictionary<long, OrderStory> stories = [];
        foreach ((long _, Decision decision) in audit)
        {
            for (int i = 0; i < decision.CommandCount; i++)
            {
                OrderId order = decision.Commands[i].Order;
                stories.TryAdd(order.Packed, new OrderStory(order, 1));
            }
        }

        Assert.True(stories.Count > 150, $"only {stories.Count} orders");
        Dictionary<string, long> held = [];
        using (EchoReplay echo = new(run.Journal))
        {
            StatedWishes wishes = new();
            while (echo.Next())
            {
                wishes.See(echo);
                HashSet<long> touched = [];
                for (int i = 0; i < echo.Decision.CommandCount; i++)
                {
                    touched.Add(echo.Decision.Commands[i].Order.Packed);
                }

                touched.Add(OrderOf(echo.Event).Packed);
                foreach (long order in touched)
                {
                    if (stories.TryGetValue(order, out OrderStory? story))
                    {
                        story.See(echo, wishes);
                    }
                }
            }
        }

        foreach (OrderStory story in stories.Values)
        {
            Equal(story, audit, events);
            foreach (Answer answer in story.Answers.Where(answer => answer.Report.Kind == EventKind.Execution))
            {
                Execution fill = answer.Report.Execution;
                Assert.Equal(fill.Side.Sign() * fill.Quantity, answer.Parts.Sum(part => part.Quantity));
                foreach (FillPart part in answer.Parts)
                {
                    string key = part.Strategy + answer.Report.Instrument.Value;
                    held[key] = held.GetValueOrDefault(key) + part.Quantity;
                }
            }
        }

        // The parts of all fills are the positions that a replay with the strategies' code ends with.
        DecisionPipeline pipeline = PipelineFactory.Pipeline(RecordedRun.Of(run.Journal).Configuration!);
        Decision made = default;
        foreach (Event e in events)
        {
            pipeline.OnEvent(e, ref made);
        }

        string[] names = ["house", "trend", "lean", "maker"];
        int positions = 0;
        for (ushort s = 0; s < names.Length; s++)
        {
            for (ushort i = 1; i <= 2; i++)
            {
                long expected = pipeline.Portfolio.VirtualPosition(new StrategyId(s), new InstrumentId(i));
                Assert.Equal(expected, held.GetValueOrDefault(names[s] + i));
                positions += held.ContainsKey(names[s] + i) ? 1 : 0;
            }
        }

        Assert.True(positions >= 3);
    }

    [Fact]
    public void A_single_order_is_told_as_text_and_as_json()
    {
        (OrderId order, Event fill) = Filled();
        string id = OrderStory.TextOf(order, 1);
        Finished human = EngineProcess.Run("why", run.Journal, id);
        Assert.True(human.ExitCode == 0, human.Error);
        Assert.StartsWith($"order {id} ({order.Epoch}/{order.Sequence}/{order.Ordinal})", human.Output, StringComparison.Ordinal);
        foreach (string hop in (ReadOnlySpan<string>)["event", "signal", "intent", "verdict", "command", "report", "fill"])
        {
            Assert.Contains(" ns  " + hop, human.Output, StringComparison.Ordinal);
        }

        Assert.Contains("wall time of the hops: not recorded", human.Output, StringComparison.Ordinal);
        Finished json = EngineProcess.Run("why", run.Journal, $"{order.Epoch}/{order.Sequence}/{order.Ordinal}", "--json");
        JsonNode root = JsonNode.Parse(json.Output)!;
        Assert.Equal(id, (string?)root["order"]);
        JsonNode last = root["steps"]!.AsArray().Last(step => (string?)step!["hop"] == "fill")!;
        Assert.Equal(fill.Sequence, (long)last["sequence"]!);
        Assert.Equal(
            fill.ReceivedAt - run.Events()[(int)order.Sequence].ReceivedAt, (long)last["afterCauseNs"]!);
        Assert.Contains("attributed: ", (string?)last["text"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("LL2-1-9ix-0", "is of instance 2; this journal is of instance 1")]
    [InlineData("LL1-1-0-0", "commanded no such order")]
    [InlineData("1/99999999/0", "is after the end of")]
    [InlineData("abc", "this is no order id of ours")]
    [InlineData("1/2", "this is no order id of ours")]
    [InlineData("0/2/3", "this is no order id of ours")]
    public void An_order_that_is_not_of_the_run_is_refused_and_says_why(string order, string why)
    {
        InvalidDataException refused = Assert.Throws<InvalidDataException>(() => OrderStory.Of(run.Journal, order));
        Assert.Contains(why, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_code_of_the_strategies_is_not_needed()
    {
        string folder = Directory.CreateTempSubdirectory("lowlatency-why-").FullName;
        try
        {
            string loaded = Path.Combine(folder, "run");
            GeneratedRuns.Direct(Examples.Configuration(), loaded);
            string order;
            using (AuditReader reader = new(new PosixStorage(), loaded))
            {
                AuditGroup group = new();
                while (reader.Read(group) == ReadResult.Event && group.Decision.CommandCount == 0)
                {
                }

                order = OrderStory.TextOf(group.Decision.Commands[0].Order, 1);
            }

            string[] before = [.. StoryText.Steps(OrderStory.Of(loaded, order)).Select(step => step.Text)];
            Directory.Delete(Path.Combine(loaded, "strategies"), recursive: true);
            Assert.Throws<InvalidDataException>(() => RecordedRun.Of(loaded));
            Assert.Equal(before, StoryText.Steps(OrderStory.Of(loaded, order)).Select(step => step.Text));

            // What a strategy thought while it said nothing needs its code, and the answer says so.
            Finding finding = Assert.Single(WhyNot.Of(loaded, "loaded", "BTCUSDT", null, 500).Findings);
            Assert.Equal(Silence.NothingStated, finding.Kind);
            Assert.Contains("cannot be told without its code", finding.Text, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static OrderId OrderOf(in Event e) => e.Kind switch
    {
        EventKind.CommandOutcome => e.CommandOutcome.Order,
        EventKind.OrderReport => e.OrderReport.Order,
        EventKind.Execution => e.Execution.Order,
        _ => OrderId.None,
    };

    private static void Equal(OrderStory story, SortedDictionary<long, Decision> audit, List<Event> events)
    {
        List<(long Sequence, string Command, string Intent, string Verdict, string Wishes)> expected = [];
        foreach ((long sequence, Decision decision) in audit)
        {
            for (int i = 0; sequence >= story.Order.Sequence && i < decision.CommandCount; i++)
            {
                Command command = decision.Commands[i];
                if (command.Order != story.Order)
                {
                    continue;
                }

                int lane = Enumerable.Range(0, decision.IntentCount)
                    .Single(n => decision.Intents[n].Instrument == command.Instrument && decision.Intents[n].Owner == command.Owner);
                Intent intent = decision.Intents[lane];
                IEnumerable<string> wishes = Enumerable.Range(1, 3)
                    .Where(s => ((intent.Strategies >> s) & 1) == 1 || command.Owner.Value == s)
                    .Select(s => LastSignal(audit, sequence, s, command.Instrument))
                    .Where(text => text.Length != 0);
                expected.Add((sequence, Hex(command), Hex(intent), Hex(decision.Verdicts[lane]), string.Join('|', wishes)));
            }
        }

        Assert.Equal(
            expected,
            story.Instructions.Select(made => (
                made.Cause.Sequence,
                Hex(made.Command),
                Hex(made.Intent),
                Hex(made.Verdict),
                string.Join('|', made.Wishes.Select(wish => wish.Sequence + ":" + Hex(wish.Signal))))));
        Assert.Equal(story.Order.Sequence, expected[0].Sequence);
        Assert.Equal(
            events.Where(e => OrderOf(e) == story.Order).Select(e => e.Sequence),
            story.Answers.Select(answer => answer.Report.Sequence));
    }

    private static string LastSignal(SortedDictionary<long, Decision> audit, long upTo, int strategy, InstrumentId instrument)
    {
        string last = string.Empty;
        foreach ((long sequence, Decision decision) in audit)
        {
            for (int i = 0; sequence <= upTo && i < decision.SignalCount; i++)
            {
                if (decision.Signals[i].Strategy.Value == strategy && decision.Signals[i].Instrument == instrument)
                {
                    last = sequence + ":" + Hex(decision.Signals[i]);
                }
            }

            if (sequence > upTo)
            {
                break;
            }
        }

        return last;
    }

    private static string Hex<T>(T value)
        where T : unmanaged => Convert.ToHexString(MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)));

    private (OrderId Order, Event Fill) Filled()
    {
        SortedDictionary<long, Decision> audit = run.Audit();
        Event fill = run.Events().Last(e =>
            e.Kind == EventKind.Execution && audit[e.Execution.Order.Sequence].SignalCount != 0);
        Event last = run.Events().Last(e => e.Kind == EventKind.Execution && e.Execution.Order == fill.Execution.Order);
        return (fill.Execution.Order, last);
    }
}
