using System;
using System.Collections.Generic;
using LowLatency.Core.Arbitration;
using LowLatency.Core.Arbitration.Gates;
using LowLatency.Core.Arbitration.Weights;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Pipeline;
using LowLatency.Core.Risk;
using LowLatency.Core.Signals;
using LowLatency.Core.Values;
using Xunit;

namespace LowLatency.Tests.Core.Pipeline;

/// <summary>A strategy that says at the next tick what a test has put into its mouth.</summary>
internal sealed class ScriptedStrategy(params long[] timeframes) : Strategy(timeframes)
{
    internal Queue<Action<StrategyContext>> Script { get; } = new();

    internal List<(long Quantity, long Price)> Fills { get; } = [];

    internal int Trades { get; private set; }

    internal List<CorporateAction> Actions { get; } = [];

    public override void OnCorporateAction(
        StrategyContext context, LowLatency.Core.Market.InstrumentMarket instrument, in CorporateAction action) =>
        Actions.Add(action);

    public override void OnTick(StrategyContext context)
    {
        while (Script.TryDequeue(out Action<StrategyContext>? say))
        {
            say(context);
        }
    }

    public override void OnTrade(
        StrategyContext context, InstrumentMarket instrument, in Trade trade) => Trades++;

    public override void OnFill(
        StrategyContext context, InstrumentMarket instrument, long quantity, long price) =>
        Fills.Add((quantity, price));

    public override void Visit(StateVisitor visitor)
    {
    }
}

/// <summary>
/// A whole pipeline with scripted strategies. Every instrument counts prices in cents and quantities in whole pieces, so
/// that one piece at a price of p cents is worth p x 10^6 money units.
/// </summary>
internal sealed class Rig
{
    internal const long Second = 1_000_000_000;
    internal const long Start = 1_000 * Second;
    internal const long Piece = 1_000_000_000;
    internal const long MoneyPerCent = 1_000_000;

    private Decision _decision;

    internal Rig(RigSettings? settings = null)
    {
        Settings = settings ?? new RigSettings();
        Now = Settings.Start;
        Strategies = new ScriptedStrategy[Settings.Rules.Length];
        StrategyBinding[] bindings = new StrategyBinding[Settings.Rules.Length];
        Symbol24[] symbols = new Symbol24[Settings.Instruments];
        for (int i = 0; i < symbols.Length; i++)
        {
            symbols[i] = Symbol24.Of("SYM" + (i + 1));
        }

        for (int i = 0; i < bindings.Length; i++)
        {
            Strategies[i] = new ScriptedStrategy();
            bindings[i] = new StrategyBinding(new StrategyId((ushort)(i + 1)), symbols, Strategies[i]);
        }

        Pipeline = new DecisionPipeline(new PipelineSettings
        {
            Strategies = bindings,
            Arbitration = new ArbitrationSettings(Settings.Policy, Settings.Rules, Settings.Normalise)
            {
                Learning = Settings.Learning,
                Gates = Settings.Gates,
            },
            Risk = Settings.Risk,
            Execution = Settings.Execution,
            Timeframes = Settings.Timeframes,
            BarGrace = 0,
            Guard = Settings.Guard,
            RewarmAfter = Settings.RewarmAfter,
        });
    }

    internal RigSettings Settings { get; }

    internal DecisionPipeline Pipeline { get; }

    internal ScriptedStrategy[] Strategies { get; }

    internal long Now { get; set; }

    internal long Sequence { get; set; }

    internal ref readonly Decision Decision => ref _decision;

    /// <summary>Continue events that the last step needed.</summary>
    internal int Continues { get; private set; }

    /// <summary>What the last step commanded, its Continue events included.</summary>
    internal List<Command> Commands { get; } = [];

    /// <summary>What was commanded since the rig began.</summary>
    internal List<Command> Sent { get; } = [];

    /// <summary>What the pipeline wanted told since the rig began.</summary>
    internal List<Event> FollowUps { get; } = [];

    /// <summary>What the last step told of protections.</summary>
    internal List<Protection> Told { get; } = [];

    /// <summary>Every event since the rig began.</summary>
    internal List<Event> Published { get; } = [];

    /// <summary>What was put into whose mouth before which event.</summary>
    internal List<(int Before, int Strategy, Action<StrategyContext> Say)> Said { get; } = [];

    /// <summary>Takes events of another rig, its strategies saying again what they said there.</summary>
    internal void Repeat(Rig other, int from, int to)
    {
        for (int i = from; i < to; i++)
        {
            foreach ((int before, int strategy, Action<StrategyContext> say) in other.Said)
            {
                if (before == i)
                {
                    Strategies[strategy - 1].Script.Enqueue(say);
                }
            }

            Pipeline.OnEvent(other.Published[i], ref _decision);
        }
    }

    /// <summary>The venue's time of what is published next; 0 for none.</summary>
    internal long VenueTime { get; set; }

    internal List<Intent> Intents { get; } = [];

    internal List<Verdict> Verdicts { get; } = [];

    internal List<Suppression> Suppressions { get; } = [];

    internal List<Signal> Signals { get; } = [];

    /// <summary>Begins a run: the epoch, the instruments, cash, and a market of 99.99 to 100.01 on each.</summary>
    internal Rig Begin()
    {
        Publish(new EpochStarted { Epoch = 1, Instance = 1, Venue = VenueKind.Simulated });
        Publish(new CashMoved { Currency = Currency8.Of(Settings.Currency), Amount = Settings.Cash });
        for (int i = 1; i <= Settings.Instruments; i++)
        {
            Define(i);
            Quote(i, 9_999, 10_001);
        }

        return this;
    }

    internal void Define(int instrument, long lot = 0) => Publish(
        new InstrumentDefined
        {
            Symbol = Symbol24.Of("SYM" + instrument),
            Currency = Currency8.Of(Settings.Currency),
            Tick = 1,
            Lot = lot == 0 ? Settings.Lot : lot,
            MinQuantity = lot == 0 ? Settings.Lot : lot,
            MaxQuantity = 1_000_000,
            Multiplier = 1,
            DefinitionVersion = 1,
            InstrumentKind = Settings.Kind,
            PriceExponent = 2,
            QuantityExponent = 0,
        },
        instrument);

    internal void Quote(int instrument, long bid, long ask) => Publish(
        new Quote { BidPrice = bid, BidQuantity = 100, AskPrice = ask, AskQuantity = 100 }, instrument);

    internal void Tick(long wait = 0)
    {
        Now += wait;
        Publish(new Tick { Number = Now, Interval = 1 });
    }

    /// <summary>Lets strategies speak, in the order of the calls, at one tick.</summary>
    internal void Say(params ReadOnlySpan<(int Strategy, Action<StrategyContext> Say)> script)
    {
        foreach ((int strategy, Action<StrategyContext> say) in script)
        {
            Said.Add((Published.Count, strategy, say));
            Strategies[strategy - 1].Script.Enqueue(say);
        }

        Tick();
    }

    internal void Target(
        int strategy,
        long target,
        int instrument = 1,
        long limit = 0,
        long horizon = 0,
        int confidence = 1_000_000,
        string style = "",
        Bracket bracket = default)
    {
        InstrumentId id = new((ushort)instrument);
        void Wish(StrategyContext context)
        {
            Assert.True(context.TryFindStyle(style, out StyleId how) || style.Length == 0, $"there is no style {style}");
            if (limit == 0)
            {
                context.SetTarget(id, target, confidence, horizon, how, bracket);
            }
            else
            {
                context.SetTargetWithLimit(id, target, limit, confidence, horizon, how, bracket);
            }
        }

        Say((strategy, Wish));
    }

    internal void Quotes(int strategy, long bid, long bidQuantity, long ask, long askQuantity, int instrument = 1) =>
        Say((strategy, context => context.SetQuotes(
            new InstrumentId((ushort)instrument), bid, bidQuantity, ask, askQuantity)));

    internal void Operator(OperatorVerb verb, int strategy = 0) =>
        Publish(new OperatorCommand { Verb = verb, Strategy = new StrategyId((ushort)strategy) });

    internal void Outcome(OrderId order, CommandVerb verb, Outcome outcome, ReportReason reason = ReportReason.None) =>
        Publish(new CommandOutcome { Order = order, Verb = verb, Outcome = outcome, Reason = reason });

    internal void Report(
        OrderId order, OrderStatus status, long quantity = 0, long price = 0, ReportReason reason = ReportReason.None, long filled = 0) =>
        Publish(new OrderReport
        {
            Order = order,
            Status = status,
            Quantity = quantity,
            Price = price,
            Reason = reason,
            CumulativeQuantity = filled,
        });

    internal void Fill(
        OrderId order, Side side, long quantity, long price, ulong executionId, int instrument = 1, long fee = 0) =>
        Publish(
            new Execution
            {
                Order = order,
                ExecutionId = new VenueId(1, executionId),
                Side = side,
                Price = price,
                Quantity = quantity,
                Fee = fee,
            },
            instrument);

    internal void Publish<T>(in T payload, int instrument = 0, EventFlags flags = EventFlags.Whole)
        where T : unmanaged, IPayload
    {
        Commands.Clear();
        Intents.Clear();
        Verdicts.Clear();
        Suppressions.Clear();
        Signals.Clear();
        Told.Clear();
        Continues = 0;
        Step(payload, instrument, flags);
        Continue();
        if ((flags & EventFlags.Last) != 0)
        {
            FollowUp();
        }
    }

    private void Continue()
    {
        while (_decision.Waiting != 0)
        {
            Continues++;
            Step(new Continue { Waiting = _decision.Waiting }, 0, EventFlags.Whole);
        }
    }

    private void FollowUp()
    {
        Event next = default;
        while (Pipeline.TryNext(ref next))
        {
            next.ReceivedAt = Now;
            next.Source = EventSource.Engine;
            next.Flags = EventFlags.Whole;
            FollowUps.Add(next);
            if (next.Kind == EventKind.Protection)
            {
                Told.Add(next.Protection);
            }

            Step(next);
            Continue();
            next = default;
        }
    }

    internal long Position(int instrument = 1) => Pipeline.Portfolio.VenuePosition(new InstrumentId((ushort)instrument));

    internal long Virtual(int strategy, int instrument = 1) =>
        Pipeline.Portfolio.VirtualPosition(new StrategyId((ushort)strategy), new InstrumentId((ushort)instrument));

    internal OrderId Live(Side side, int owner = 0, int instrument = 1)
    {
        int place = Pipeline.Orders.LiveInLane(
            new InstrumentId((ushort)instrument), new StrategyId((ushort)owner), side);
        return place < 0 ? OrderId.None : Pipeline.Orders[place].Id;
    }

    private void Step<T>(in T payload, int instrument, EventFlags flags)
        where T : unmanaged, IPayload
    {
        Event e = default;
        e.ReceivedAt = Now;
        e.Instrument = new InstrumentId((ushort)instrument);
        e.Source = EventSource.Generator;
        e.Flags = flags;
        e.VenueTime = VenueTime;
        e.Set(payload);
        Step(e);
    }

    private void Step(Event e)
    {
        e.Sequence = Sequence++;
        Published.Add(e);
        Pipeline.OnEvent(e, ref _decision);
        for (int i = 0; i < _decision.SignalCount; i++)
        {
            Signals.Add(_decision.Signals[i]);
        }

        for (int i = 0; i < _decision.SuppressionCount; i++)
        {
            Suppressions.Add(_decision.Suppressions[i]);
        }

        for (int i = 0; i < _decision.IntentCount; i++)
        {
            Intents.Add(_decision.Intents[i]);
            Verdicts.Add(_decision.Verdicts[i]);
        }

        for (int i = 0; i < _decision.CommandCount; i++)
        {
            Commands.Add(_decision.Commands[i]);
            Sent.Add(_decision.Commands[i]);
        }
    }
}

/// <summary>Settings of a rig, wide enough that nothing is refused unless a test narrows them.</summary>
internal sealed record RigSettings
{
    internal int Instruments { get; init; } = 1;

    internal ArbitrationPolicy Policy { get; init; } = ArbitrationPolicy.Net;

    internal StrategyRule[] Rules { get; init; } = [new(1, 0, 0), new(2, 0, 0)];

    internal bool Normalise { get; init; }

    internal WeightLearning? Learning { get; init; }

    internal GateSettings Gates { get; init; } = new();

    internal MarketGuard Guard { get; init; } = MarketGuard.None;

    internal int RewarmAfter { get; init; }

    internal long[] Timeframes { get; init; } = [];

    internal long Lot { get; init; } = 1;

    /// <summary>What the instruments are paid in.</summary>
    internal string Currency { get; init; } = "USD";

    /// <summary>ReceivedAt of the first event.</summary>
    internal long Start { get; init; } = 1_000 * Rig.Second;

    internal InstrumentKind Kind { get; init; } = InstrumentKind.Linear;

    internal long Cash { get; init; } = 1_000_000_000_000_000;

    internal RiskSettings Risk { get; init; } = Wide();

    internal ExecutionStyles Execution { get; init; } = ExecutionStyles.BuiltIn;

    internal static RiskSettings Wide() => new()
    {
        Default = new InstrumentLimits
        {
            MaxOrderQuantityE9 = 100_000 * Rig.Piece,
            MaxOrderNotional = 1_000_000_000_000_000,
            MaxPositionE9 = 100_000 * Rig.Piece,
            PriceCollarBps = 500,
            StaleAfter = 3_600 * Rig.Second,
        },
        MaxGrossNotional = 1_000_000_000_000_000,
        MaxLeverageE9 = 10_000_000_000,
        FeePpm = 0,
        AllowShort = true,
        MaxWorkingOrders = 1_000,
        MaxOrdersPerWindow = 1_000,
        OrderWindow = Rig.Second,
        MaxRepeats = 255,
        RepeatWindow = Rig.Second,
        RejectBackoff = 2 * Rig.Second,
        RetryInterval = Rig.Second / 2,
        MarketableBandBps = 50,
        InitialState = TradingState.Active,
    };
}
