using System;
using System.Collections.Generic;
using System.Linq;
using LowLatency.Core.Events;
using LowLatency.Core.Formats;
using LowLatency.Core.Orders;
using LowLatency.Core.Risk;
using LowLatency.Core.Values;
using LowLatency.Tests.Core.Pipeline;
using Xunit;

namespace LowLatency.Tests.Core.Risk;

public sealed class TradingStateTests
{
    // The state before, what happens, the state after. Killed is HALTED with the latch on.
    private const string Table = """
        Active Kill Killed
        Active Await Halted
        Active Proceed Active
        Active ReduceFromHalt Reducing
        Active Reduce Reducing
        Active Halt Halted
        Active Activate Active
        Active ReleaseKill Active
        Active DegradeReducing Reducing
        Active DegradeHalted Halted
        Reducing Kill Killed
        Reducing Await Halted
        Reducing Proceed Reducing
        Reducing ReduceFromHalt Reducing
        Reducing Reduce Reducing
        Reducing Halt Halted
        Reducing Activate Active
        Reducing ReleaseKill Reducing
        Reducing DegradeReducing Reducing
        Reducing DegradeHalted Halted
        Halted Kill Killed
        Halted Await Halted
        Halted Proceed Halted
        Halted Reduce Halted
        Halted ReduceFromHalt Reducing
        Halted Halt Halted
        Halted Activate Active
        Halted ReleaseKill Halted
        Halted DegradeReducing Halted
        Halted DegradeHalted Halted
        Killed Kill Killed
        Killed Await Killed
        Killed Proceed Killed
        Killed ReduceFromHalt Killed
        Killed Reduce Killed
        Killed Halt Killed
        Killed Activate Killed
        Killed ReleaseKill Halted
        Killed DegradeReducing Killed
        Killed DegradeHalted Killed
        """;

    [Fact]
    public void Every_cell_of_the_trading_state_does_what_the_table_says()
    {
        int visited = 0;
        foreach (string line in Table.Split('\n', StringSplitOptions.TrimEntries))
        {
            string[] words = line.Split(' ');
            RiskBench bench = new();
            bench.Stage.Obey(words[0] switch
            {
                "Killed" => OperatorVerb.Kill,
                "Halted" => OperatorVerb.Halt,
                "Reducing" => OperatorVerb.Reduce,
                _ => OperatorVerb.Activate,
            });
            Assert.Equal(words[0], Name(bench.Stage));
            if (words[1].StartsWith("Degrade", StringComparison.Ordinal))
            {
                bench.Stage.Degrade(Enum.Parse<TradingState>(words[1]["Degrade".Length..]));
            }
            else
            {
                bench.Stage.Obey(Enum.Parse<OperatorVerb>(words[1]));
            }

            Assert.True(Name(bench.Stage) == words[2], $"{line}: actual {Name(bench.Stage)}");
            visited++;
        }

        Assert.Equal(4 * 10, visited);
    }

    /// <summary>A killed engine is HALTED under its latch too: whatever is said to it meanwhile, released it trades with nobody.</summary>
    [Theory]
    [InlineData(OperatorVerb.Activate)]
    [InlineData(OperatorVerb.Reduce)]
    [InlineData(OperatorVerb.Halt)]
    [InlineData(OperatorVerb.ResetBreakers)]
    [InlineData(OperatorVerb.Accept)]
    [InlineData(OperatorVerb.StartStrategy)]
    [InlineData(OperatorVerb.Proceed)]
    [InlineData(OperatorVerb.ReduceFromHalt)]
    public void What_is_said_under_the_kill_switch_does_not_count_when_it_is_released(OperatorVerb verb)
    {
        RiskBench bench = new();
        bench.Stage.Obey(OperatorVerb.Kill);
        bench.Stage.Obey(verb, new StrategyId(1));
        bench.Stage.Obey(OperatorVerb.ReleaseKill);
        Assert.Equal("Halted", Name(bench.Stage));
        Assert.Equal(TradingState.Halted, bench.Stage.Standing);
    }

    [Fact]
    public void The_kill_latch_survives_a_restore_and_a_new_run()
    {
        Rig rig = new Rig().Begin();
        rig.Operator(OperatorVerb.Kill);
        StateWriter writer = new();
        rig.Pipeline.Visit(writer);
        Rig restored = new();
        restored.Pipeline.Visit(new StateReader(writer.Written.ToArray()));
        Assert.True(restored.Pipeline.Risk.IsKilled);
        restored.Now = rig.Now;
        restored.Publish(new EpochStarted { Epoch = 2, Instance = 1, Venue = VenueKind.Simulated });
        restored.Operator(OperatorVerb.Activate);
        Assert.Equal((true, TradingState.Halted), (restored.Pipeline.Risk.IsKilled, restored.Pipeline.Risk.State));
    }

    /// <summary>Each hold, who ends it, and everybody else, who does not: after a restore too.</summary>
    [Theory]
    [InlineData("Await", OperatorVerb.Proceed)]
    [InlineData("Hold", OperatorVerb.Accept)]
    [InlineData("Halt", OperatorVerb.Activate)]
    [InlineData("Doubt", OperatorVerb.Activate)]
    public void A_hold_is_ended_by_its_owner_alone(string hold, OperatorVerb owner)
    {
        Rig rig = new Rig().Begin();
        if (hold == "Doubt")
        {
            rig.Pipeline.Risk.Degrade(TradingState.Halted);
        }
        else
        {
            rig.Operator(Enum.Parse<OperatorVerb>(hold));
        }

        StateWriter writer = new();
        rig.Pipeline.Visit(writer);
        Rig restored = new();
        restored.Pipeline.Visit(new StateReader(writer.Written.ToArray()));
        restored.Now = rig.Now;
        OperatorVerb[] others =
        [
            OperatorVerb.Proceed, OperatorVerb.Accept, OperatorVerb.Activate, OperatorVerb.ReleaseKill, OperatorVerb.ResetBreakers,
            OperatorVerb.Reduce,
        ];
        foreach (OperatorVerb other in others)
        {
            if (other != owner)
            {
                restored.Operator(other);
                Assert.Equal(TradingState.Halted, restored.Pipeline.Risk.State);
            }
        }

        restored.Operator(owner);
        Assert.NotEqual(TradingState.Halted, restored.Pipeline.Risk.State);
    }

    [Fact]
    public void Kill_cancels_every_live_order_in_whatever_state_and_sends_nothing_new()
    {
        Rig rig = new Rig(new RigSettings { Instruments = 6 }).Begin();
        Dictionary<string, OrderId> orders = [];
        string[] states = ["PendingNew", "Working", "PendingAmend", "Unknown", "PendingCancel", "UnknownAmend"];
        for (int i = 1; i <= states.Length; i++)
        {
            rig.Target(1, 10, instrument: i, limit: 9_900);
            OrderId order = rig.Live(Side.Buy, instrument: i);
            orders.Add(states[i - 1], order);
            if (states[i - 1] is not ("PendingNew" or "Unknown"))
            {
                rig.Report(order, OrderStatus.Accepted);
            }
        }

        rig.Outcome(orders["Unknown"], CommandVerb.New, Outcome.Unknown);
        rig.Target(1, 12, instrument: 3, limit: 9_900);
        rig.Target(1, 12, instrument: 6, limit: 9_900);
        rig.Outcome(orders["UnknownAmend"], CommandVerb.Amend, Outcome.Unknown);
        rig.Target(1, 0, instrument: 5);
        foreach ((string name, OrderId order) in orders)
        {
            Assert.True(rig.Pipeline.Orders.TryFind(order, out int place));
            Assert.Equal(name.Replace("UnknownAmend", "Unknown", StringComparison.Ordinal), rig.Pipeline.Orders[place].State.ToString());
        }

        rig.Operator(OperatorVerb.Kill);
        Assert.All(rig.Commands, c => Assert.Equal(CommandVerb.Cancel, c.Verb));
        Assert.Equal(
            orders.Where(o => o.Key != "PendingCancel").Select(o => o.Value).OrderBy(o => o.Packed),
            rig.Commands.Select(c => c.Order).OrderBy(o => o.Packed));

        // Whatever comes, nothing new leaves; an order that turns out to work is cancelled again.
        rig.Report(orders["Unknown"], OrderStatus.CancelRejected, reason: ReportReason.RateLimited);
        rig.Target(1, 50, instrument: 1);
        Assert.Empty(rig.Commands);
        rig.Tick(rig.Settings.Risk.RetryInterval);
        Assert.Equal([(orders["Unknown"], CommandVerb.Cancel)], rig.Commands.Select(c => (c.Order, c.Verb)));
        rig.Operator(OperatorVerb.Activate);
        Assert.Empty(rig.Commands);
        rig.Operator(OperatorVerb.ReleaseKill);
        Assert.Empty(rig.Commands);
    }

    [Fact]
    public void A_new_order_that_never_left_because_of_the_kill_switch_is_not_left_pending()
    {
        Rig rig = new Rig().Begin();
        rig.Target(1, 10, limit: 9_900);
        OrderId order = rig.Live(Side.Buy);
        rig.Operator(OperatorVerb.Kill);
        rig.Outcome(order, CommandVerb.New, Outcome.NotSent, ReportReason.Killed);
        Assert.True(rig.Pipeline.Orders.TryFind(order, out int place));
        Assert.Equal(OrderState.Rejected, rig.Pipeline.Orders[place].State);
        Assert.Equal(OrderId.None, rig.Live(Side.Buy));
    }

    [Theory]
    [InlineData("halt")]
    [InlineData("gap")]
    [InlineData("silence")]
    [InlineData("definition")]
    public void An_order_that_adds_risk_does_not_rest_in_a_market_that_cannot_be_acted_on(string what)
    {
        Rig rig = new Rig(new RigSettings
        {
            Risk = RigSettings.Wide() with
            {
                Default = RigSettings.Wide().Default with { StaleAfter = 5 * Rig.Second },
            },
        }).Begin();
        rig.Publish(new Trade { Price = 10_000, Quantity = 1 }, 1);
        rig.Target(1, 10, limit: 9_900);
        OrderId order = rig.Live(Side.Buy);
        rig.Report(order, OrderStatus.Accepted);
        Assert.Empty(rig.Commands);
        switch (what)
        {
            case "halt":
                rig.Publish(new TradingStatusChanged { Status = TradingStatus.Halted }, 1);
                break;
            case "gap":
                rig.Publish(new StreamStateChanged { State = StreamState.Gap }, 1);
                break;
            case "silence":
                rig.Tick(5 * Rig.Second);
                Assert.Empty(rig.Commands);
                rig.Tick(1);
                break;
            default:
                rig.Define(1, lot: -1);
                break;
        }

        Assert.Equal([(order, CommandVerb.Cancel)], rig.Commands.Select(c => (c.Order, c.Verb)));
    }

    [Fact]
    public void An_order_that_reduces_risk_rests_on_when_data_is_not_ready()
    {
        Rig rig = new Rig().Begin();
        rig.Publish(new Trade { Price = 10_000, Quantity = 1 }, 1);
        rig.Target(1, 10);
        rig.Fill(rig.Live(Side.Buy), Side.Buy, 10, 10_000, 1);
        rig.Target(1, 0, limit: 10_100);
        rig.Report(rig.Live(Side.Sell), OrderStatus.Accepted);
        rig.Publish(new StreamStateChanged { State = StreamState.Gap }, 1);
        Assert.Single(rig.Intents);
        Assert.Empty(rig.Commands);
    }

    [Fact]
    public void A_lane_is_not_cancelled_by_the_rate_that_its_own_order_used_up()
    {
        Rig rig = new Rig(new RigSettings { Risk = RigSettings.Wide() with { MaxOrdersPerWindow = 1, MaxRepeats = 1 } }).Begin();
        rig.Target(1, 10, limit: 9_900);
        Assert.Single(rig.Commands);
        rig.Report(rig.Live(Side.Buy), OrderStatus.Accepted);
        Assert.Equal(Ruling.Approved, rig.Verdicts.Single().Ruling);
        Assert.Empty(rig.Commands);
    }

    [Fact]
    public void An_instrument_beyond_the_limit_is_refused_without_harm()
    {
        Rig rig = new Rig().Begin();
        rig.Define(Limits.Instruments + 1);
        rig.Target(1, 10);
        Assert.Single(rig.Commands);
    }

    private static string Name(RiskStage stage) => stage.IsKilled && stage.State == TradingState.Halted
        ? "Killed"
        : stage.State.ToString();
}
