using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json.Nodes;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Results;
using LowLatency.Engine.Running;
using LowLatency.Gateways.Generator;
using LowLatency.Tests.Engine.Running;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Determinism;

/// <summary>
/// What must hold between two whole backtests, strategies, risk and orders included, whose inputs differ in a known way.
/// </summary>
public sealed class BacktestRelationsTests : IDisposable
{
    private const long Messages = 9_000;
    private const long Day = 86_400_000_000_000;

    private readonly TemporaryFolder _folder = new();
    private int _runs;

    [Fact]
    public void The_same_market_gives_the_same_fills() => Assert.Equal(Fills(Plain()), Fills(Plain()));

    [Fact]
    public void A_day_later_everything_happens_a_day_later()
    {
        Outcome plain = Plain();
        Outcome later = Run(Config(), Market().Select(e => At(e, e.ReceivedAt + Day)));
        Assert.Equal(Fills(plain), Fills(later, time: -Day));
    }

    [Fact]
    public void Instruments_of_another_name_trade_the_same()
    {
        static void Rename(JsonNode root)
        {
            string text = root["strategies"]!.ToJsonString().Replace("BTCUSDT", "XBTUSD", StringComparison.Ordinal);
            root["strategies"] = JsonNode.Parse(text);
            if (root["risk"]!["instruments"] is JsonNode own)
            {
                root["risk"]!["instruments"] = JsonNode.Parse(own.ToJsonString().Replace("BTCUSDT", "XBTUSD", StringComparison.Ordinal));
            }
        }

        Outcome renamed = Run(Config(Rename), Market().Select(e =>
        {
            if (e.Kind == EventKind.InstrumentDefined && e.InstrumentDefined.Symbol.ToString() == "BTCUSDT")
            {
                e.InstrumentDefined.Symbol = Symbol24.Of("XBTUSD");
            }

            return e;
        }));
        Assert.Equal(Fills(Plain()), Fills(renamed));
    }

    [Fact]
    public void An_instrument_that_no_strategy_names_changes_nothing()
    {
        Outcome more = Run(Config(), Market().SelectMany(e => e.Instrument.Value == 1 ? (Event[])[e, Unused(e)] : [e]));
        Assert.Equal(Fills(Plain()), Fills(more));
    }

    [Fact]
    public void Without_fees_the_fills_are_the_same_and_the_equity_differs_by_the_fees()
    {
        Outcome plain = Plain();
        Outcome free = Run(Config(root => Fees(root, 0, 0)), Market());
        Assert.Equal(Fills(plain), Fills(free));
        long fees = plain.Executions.Sum(e => e.Execution.Fee);
        Assert.True(fees > 0 && free.Executions.All(e => e.Execution.Fee == 0));
        Assert.Equal(Cash(free) - Cash(plain), fees);
    }

    [Fact]
    public void A_rebate_of_the_same_size_turns_the_fee_around()
    {
        Outcome pays = Run(Config(root => Fees(root, 100, 100)), Market());
        Outcome gets = Run(Config(root => Fees(root, -100, -100)), Market());
        Assert.Equal(Fills(pays), Fills(gets));
        Assert.All(pays.Executions.Zip(gets.Executions), p => Assert.InRange(p.First.Execution.Fee + p.Second.Execution.Fee, 0, 1));
    }

    [Fact]
    public void More_cash_than_enough_changes_no_fill()
    {
        Outcome rich = Run(Config(root => root["cash"]!["USDT"] = "90000000"), Market());
        Assert.Equal(Fills(Plain()), Fills(rich));
    }

    [Fact]
    public void Who_may_not_trade_keeps_what_there_was()
    {
        Outcome halted = Run(Config(root => root["risk"]!["initialState"] = "halted"), Market());
        Assert.Empty(halted.Executions);
        CurrencyResult money = Assert.Single(halted.Result.Currencies);
        Assert.Equal(money.StartUnits, money.EquityUnits);
        Assert.Equal(money.StartUnits, money.CashUnits);
    }

    [Fact]
    public void A_changed_future_leaves_the_past()
    {
        Event[] market = [.. Market()];
        long until = market[market.Length * 2 / 3].ReceivedAt;
        Outcome changed = Run(Config(), market.Select(e =>
        {
            if (e.ReceivedAt > until && e.Kind == EventKind.Trade)
            {
                e.Trade.Price += 500;
                e.Trade.Quantity *= 3;
            }

            return e;
        }));
        string[] before = Fills(Plain(), until: until);
        Assert.Equal(before, Fills(changed, until: until));
        Assert.NotEmpty(before);
        Assert.NotEqual(Fills(Plain()), Fills(changed));
    }

    [Fact]
    public void A_market_that_ends_earlier_leaves_the_past()
    {
        Event[] market = [.. Market()];
        long until = market[market.Length / 2].ReceivedAt;
        Outcome cut = Run(Config(), market.Where(e => e.ReceivedAt <= until));
        Assert.Equal(Fills(Plain(), until: until), Fills(cut, until: until));
        Assert.NotEmpty(Fills(cut, until: until));
    }

    [Fact]
    public void Finer_units_of_quantity_change_nothing_but_the_digits()
    {
        Outcome finer = Run(Config(), Market().Select(e => Scaled(e, prices: 1, quantities: 10)));
        Assert.Equal(Fills(Plain()), Fills(finer, share: 10));
    }

    [Fact]
    public void Finer_units_of_price_change_nothing_but_the_digits()
    {
        // A skew is a fraction of ticks that is rounded to the unit, so finer units make it finer.
        static void Straight(JsonNode root) => root["strategies"]![2]!["parameters"]!["skewTicks"] = 0;
        Outcome plain = Run(Config(Straight), Market());
        Outcome finer = Run(Config(Straight), Market().Select(e => Scaled(e, prices: 10, quantities: 1)));
        Assert.Equal(Fills(plain), Fills(finer, priceShare: 10));
        Assert.NotEmpty(plain.Executions);
    }

    [Fact]
    public void Nothing_is_told_before_the_latencies_allow_it()
    {
        Outcome slow = Run(Config(root =>
        {
            root["venue"]!["entryLatencyUs"] = 3_000;
            root["venue"]!["responseLatencyUs"] = 2_000;
        }), Market());
        Assert.NotEmpty(slow.Executions);
        Assert.All(slow.Executions, e => Assert.Equal(2_000_000, e.ReceivedAt - e.VenueTime));
        Dictionary<long, long> sent = slow.Events.Where(e => e.Kind == EventKind.CommandOutcome && e.CommandOutcome.Verb == CommandVerb.New)
            .ToDictionary(e => e.CommandOutcome.Order.Packed, e => e.ReceivedAt - 1);
        Assert.All(slow.Executions, e => Assert.True(e.VenueTime >= sent[e.Execution.Order.Packed] + 3_000_000));
    }

    [Fact]
    public void Positions_are_the_sum_of_the_fills()
    {
        Outcome plain = Plain();
        long sum = plain.Executions.Where(e => e.Instrument.Value == 1).Sum(e => e.Execution.Side.Sign() * e.Execution.Quantity);
        InstrumentDefined rules = Market().First(e => e.Kind == EventKind.InstrumentDefined && e.Instrument.Value == 1).InstrumentDefined;
        Assert.Equal(DecimalText.ToText(sum, rules.QuantityExponent), plain.Result.Instruments[0].Position);
    }

    [Fact]
    public void A_relation_that_does_not_hold_is_noticed()
    {
        string[] plain = Fills(Plain());
        Assert.True(plain.Length > 40, $"only {plain.Length} fills");
        Assert.NotEqual(plain, Fills(Run(Config(root => root["venue"]!["entryLatencyUs"] = 40_000), Market())));
        Assert.NotEqual(plain, Fills(Run(Config(), Market().Select(e => At(e, e.ReceivedAt + Day)))));
        Assert.NotEqual(plain, Fills(Run(Config(), Market().Where(e => e.Kind != EventKind.Trade))));
    }

    public void Dispose() => _folder.Dispose();

    private static EngineConfiguration Config(Action<JsonNode>? change = null) => GeneratedRuns.Configuration(Messages, root =>
    {
        root["venue"] = new JsonObject();
        Fees(root, 200, 550);
        change?.Invoke(root);
    });

    private static void Fees(JsonNode root, int maker, int taker)
    {
        root["venue"]!["makerFeePpm"] = maker;
        root["venue"]!["takerFeePpm"] = taker;
    }

    private static IEnumerable<Event> Market()
    {
        MarketGenerator generator = new(Config().Generator!);
        Event e = default;
        while (generator.Read(ref e) == ReadResult.Event)
        {
            yield return e;
        }
    }

    private Outcome Plain() => Run(Config(), Market());

    private Outcome Run(EngineConfiguration configuration, IEnumerable<Event> market)
    {
        string folder = Path.Combine(_folder.Path, $"run{_runs++}");
        using (JournalDirectory journal = JournalDirectory.Open(folder, configuration, mayResume: false))
        using (Session session = new(new SessionPlan
        {
            Configuration = configuration,
            Inputs = new ScriptedSource([.. market.Select(e => (Event?)e)]),
            Journal = journal,
            Topology = GeneratedRuns.Shape(TopologyMode.Inline),
        }))
        {
            while (!session.IsDone)
            {
                session.Poll(1 << 10);
            }

            return new Outcome(session.Finish(), folder);
        }
    }

    private static string[] Fills(
        Outcome outcome, long time = 0, long share = 1, long priceShare = 1, long until = long.MaxValue) =>
        [.. outcome.Executions.Where(e => e.ReceivedAt <= until).Select(e =>
            $"{e.ReceivedAt + time} {e.Instrument.Value} {e.Execution.Side} {e.Execution.Liquidity} "
            + $"{(decimal)e.Execution.Quantity / share} @ {(decimal)e.Execution.Price / priceShare}")];

    private static long Cash(Outcome outcome) => Assert.Single(outcome.Result.Currencies).CashUnits;

    private static Event At(Event e, long at)
    {
        e.VenueTime += at - e.ReceivedAt;
        e.ReceivedAt = at;
        return e;
    }

    private static Event Unused(Event e)
    {
        e.Instrument = new InstrumentId(40);
        if (e.Kind == EventKind.InstrumentDefined)
        {
            e.InstrumentDefined.Symbol = Symbol24.Of("UNUSED");
        }

        return e;
    }

    // The same market in units a power of ten finer.
    private static Event Scaled(Event e, long prices, long quantities)
    {
        switch (e.Kind)
        {
            case EventKind.InstrumentDefined:
                e.InstrumentDefined.PriceExponent += (byte)(prices == 10 ? 1 : 0);
                e.InstrumentDefined.QuantityExponent += (byte)(quantities == 10 ? 1 : 0);
                e.InstrumentDefined.Tick *= prices;
                e.InstrumentDefined.Lot *= quantities;
                e.InstrumentDefined.MinQuantity *= quantities;
                e.InstrumentDefined.MaxQuantity *= quantities;
                break;
            case EventKind.Trade:
                e.Trade.Price *= prices;
                e.Trade.Quantity *= quantities;
                break;
            case EventKind.BookLevels:
                e.BookLevels = Scaled(e.BookLevels, prices, quantities);
                break;
        }

        return e;
    }

    private static BookLevels Scaled(BookLevels levels, long prices, long quantities)
    {
        BookLevels scaled = new()
        {
            Layout = levels.Layout,
            UpdateId = levels.UpdateId,
            PreviousUpdateId = levels.PreviousUpdateId,
            BasePrice = levels.BasePrice * prices,
        };
        for (int i = 0; i < levels.Count; i++)
        {
            Assert.True(scaled.TryAdd(levels.SideAt(i), levels.PriceAt(i) * prices, levels.QuantityAt(i) * quantities));
        }

        return scaled;
    }

    private sealed class Outcome
    {
        internal Outcome(RunResult result, string folder)
        {
            Result = result;
            Events = [.. BacktestIdentityTests.Events(folder)];
            Executions = [.. Events.Where(e => e.Kind == EventKind.Execution)];
        }

        internal RunResult Result { get; }

        internal IReadOnlyList<Event> Events { get; }

        internal IReadOnlyList<Event> Executions { get; }
    }
}
