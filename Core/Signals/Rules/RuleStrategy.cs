using System;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Values;

namespace LowLatency.Core.Signals.Rules;

/// <summary>
/// A strategy that is a rule program (docs/rules.md): on each closed bar of the rules' timeframe it evaluates the program
/// once for the bar's instrument and states a target when its stance changes.
/// </summary>
/// <remarks>
/// <list type="bullet">
/// <item>Bars of the other timeframes that closed with the same event are taken first: the rules see all that is known
/// at that moment, and nothing that is not.</item>
/// <item>A stance is left by its stop, its take or its exit, in this order; a stop or a take also by a print, at once.
/// After a stop or a take the next entry waits for the next bar.</item>
/// <item>A stance is taken when flat, when every timeframe has warmed up, when the condition of exactly one side fires,
/// and when its size (at least a lot) and all prices that it declares are ready and on their side of the close.</item>
/// <item>Memory for an instrument is taken with its first bar, quote or book. A definition with other units starts
/// anew.</item>
/// </list>
/// </remarks>
public sealed class RuleStrategy : Strategy
{
    private readonly RuleProgram _program;
    private readonly RuleMachine?[] _machines = new RuleMachine?[Limits.Instruments + 1];
    private readonly Holding[] _holdings = new Holding[Limits.Instruments + 1];
    private readonly RuleValue[] _results = new RuleValue[2 * RuleProgram.Parts];

    /// <summary>Creates the strategy. Rules that are wrong stop the engine: they were checked at the edge.</summary>
    /// <param name="parameters">Values of <see cref="Schema"/>.</param>
    public RuleStrategy(StrategyParameters parameters)
        : this(Checked(RuleProgram.Read(parameters.Rules("program"))))
    {
    }

    /// <summary>Creates the strategy.</summary>
    /// <param name="program">Its rules.</param>
    public RuleStrategy(RuleProgram program)
        : base(program.Timeframes) => _program = program;

    /// <summary>Its parameters.</summary>
    public static ParameterSchema Schema { get; } = new(
        "rules",
        "Trades by conditions that are written down in the configuration, without code.",
        [new("program", ParameterKind.Rules, 0, 0, 0, "the rules; see docs/rules.md")]);

    /// <inheritdoc/>
    public override void OnBook(StrategyContext context, InstrumentMarket instrument) => Watch(instrument);

    /// <inheritdoc/>
    public override void OnQuote(StrategyContext context, InstrumentMarket instrument, in Quote quote)
    {
        if (!instrument.Book.HasData)
        {
            Watch(instrument);
        }
    }

    /// <inheritdoc/>
    public override void OnTrade(StrategyContext context, InstrumentMarket instrument, in Trade trade)
    {
        ref Holding holding = ref _holdings[instrument.Definition.Id.Value];
        if (holding.Stance != 0
            && (trade.Marks & TradeMarks.Suspicious) == 0
            && LeavesAt(holding, trade.Price, trade.Price))
        {
            holding.Stance = 0;
            Say(context, instrument.Definition.Id, holding);
        }
    }

    /// <inheritdoc/>
    public override void OnBar(StrategyContext context, InstrumentMarket instrument, in Bar bar)
    {
        InstrumentId id = instrument.Definition.Id;
        RuleMachine machine = MachineOf(instrument);
        for (int timeframe = _program.Timeframes.Length - 1; timeframe >= 0; timeframe--)
        {
            foreach (ref readonly ClosedBar closed in context.Market.ClosedBars)
            {
                if (closed.Instrument == id
                    && closed.Timeframe == _program.Timeframes[timeframe]
                    && machine.OnBar(timeframe, closed.Bar)
                    && timeframe == 0)
                {
                    Decide(context, instrument, machine, closed.Bar);
                }
            }
        }
    }

    /// <inheritdoc/>
    public override void OnFill(StrategyContext context, InstrumentMarket instrument, long quantity, long price)
    {
        ref Holding holding = ref _holdings[instrument.Definition.Id.Value];
        long before = holding.Filled;
        long after = before + quantity;
        holding.Filled = after;
        if (after == 0)
        {
            holding.Entry = 0.0;
        }
        else if (before == 0 || (before > 0) != (after > 0))
        {
            holding.Entry = price;
        }
        else if ((quantity > 0) == (before > 0))
        {
            holding.Entry += (price - holding.Entry) * ((double)quantity / after);
        }
    }

    /// <inheritdoc/>
    public override void OnCorporateAction(
        StrategyContext context, InstrumentMarket instrument, in CorporateAction action)
    {
        if (!action.Splits)
        {
            return;
        }

        InstrumentId id = instrument.Definition.Id;
        ref Holding holding = ref _holdings[id.Value];
        double old = (double)action.OldShares / action.NewShares;
        holding.Stop *= old;
        holding.Take *= old;
        holding.Entry *= old;
        holding.Filled = context.Position(id);
        holding.Size = context.Stated(id).Target;
        holding.Limit = context.Stated(id).LimitPrice;
        _machines[id.Value] = _machines[id.Value] is null ? null : NewMachine(holding);
    }

    /// <inheritdoc/>
    public override void Visit(StateVisitor visitor)
    {
        visitor.Visit<Holding>(_holdings);
        for (int i = 0; i < _machines.Length; i++)
        {
            bool exists = _machines[i] is not null;
            visitor.Visit(ref exists);
            if (!exists)
            {
                _machines[i] = null;
                continue;
            }

            RuleMachine machine = _machines[i] ?? NewMachine(_holdings[i]);
            _machines[i] = machine;
            machine.Visit(visitor);
        }
    }

    private static RuleProgram Checked(RuleReading reading)
    {
        Ensure.That(reading.Program is not null, "rules that were not checked");
        return reading.Program;
    }

    private static bool LeavesAt(in Holding holding, long low, long high) => holding.Stance > 0
        ? (holding.Stop > 0.0 && low <= holding.Stop) || (holding.Take > 0.0 && high >= holding.Take)
        : (holding.Stop > 0.0 && high >= holding.Stop) || (holding.Take > 0.0 && low <= holding.Take);

    private void Watch(InstrumentMarket instrument)
    {
        if (_program.WatchesBook)
        {
            MachineOf(instrument).OnMarket(instrument);
        }
    }

    private RuleMachine NewMachine(in Holding holding) => new(
        _program, Instrument.PowerOf10(holding.PriceExponent), Instrument.PowerOf10(holding.QuantityExponent));

    private RuleMachine MachineOf(InstrumentMarket instrument)
    {
        ref readonly Instrument definition = ref instrument.Definition;
        ushort id = definition.Id.Value;
        ref Holding holding = ref _holdings[id];
        RuleMachine? machine = _machines[id];
        if (machine is not null
            && holding.PriceExponent == definition.PriceExponent
            && holding.QuantityExponent == definition.QuantityExponent)
        {
            return machine;
        }

        // What was measured in other units, fills included, cannot be compared with what comes. A size that was stated
        // is kept as a mark, so that the next bar says flat.
        holding = new Holding
        {
            Size = holding.Size,
            PriceExponent = definition.PriceExponent,
            QuantityExponent = definition.QuantityExponent,
        };
        machine = NewMachine(holding);
        _machines[id] = machine;
        return machine;
    }

    private void Decide(StrategyContext context, InstrumentMarket instrument, RuleMachine machine, in Bar bar)
    {
        InstrumentId id = instrument.Definition.Id;
        ref Holding holding = ref _holdings[id.Value];
        int before = holding.Stance;
        holding.Held += before != 0 ? 1 : 0;
        bool protectedOut = before != 0 && LeavesAt(holding, bar.Low, bar.High);
        if (protectedOut)
        {
            holding.Stance = 0;
        }

        RuleInputs inputs = new()
        {
            Position = context.Position(id),
            Entry = holding.Entry,
            Stance = holding.Stance,
            BarsHeld = holding.Held,
        };
        inputs.HasMarket = instrument.TryBest(out inputs.Bid, out _, out inputs.Ask, out _);
        machine.Evaluate(inputs, _results);
        if (holding.Stance != 0 && Result(holding.Stance, RulePart.Exit).Fires)
        {
            holding.Stance = 0;
        }

        if (holding.Stance == 0 && !protectedOut && machine.IsWarm && Entering() is var side and not 0)
        {
            TryEnter(side, instrument, ref holding, bar.Close);
        }

        Say(context, id, holding);
    }

    /// <summary>
    /// States the stance on every bar: what stands already is no signal, and one that found no room is not lost.
    /// </summary>
    private static void Say(StrategyContext context, InstrumentId id, in Holding holding)
    {
        if (holding.Stance == 0)
        {
            if (holding.Size != 0)
            {
                context.SetFlat(id);
            }
        }
        else if (holding.Limit != 0)
        {
            context.SetTargetWithLimit(id, holding.Size, holding.Limit);
        }
        else
        {
            context.SetTarget(id, holding.Size);
        }
    }

    private RuleValue Result(int side, RulePart part) => _results[(side > 0 ? 0 : RuleProgram.Parts) + (int)part];

    /// <summary>The side whose condition fires; none when both do.</summary>
    private int Entering() =>
        (Result(1, RulePart.Enter).Fires ? 1 : 0) - (Result(-1, RulePart.Enter).Fires ? 1 : 0);

    private void TryEnter(int side, InstrumentMarket instrument, ref Holding holding, long close)
    {
        ref readonly Instrument definition = ref instrument.Definition;
        double priceUnits = Instrument.PowerOf10(definition.PriceExponent);
        double quantity = Result(side, RulePart.Size).Value * Instrument.PowerOf10(definition.QuantityExponent);
        if (!Result(side, RulePart.Size).IsReady
            || !(quantity >= definition.Lot && quantity <= definition.MaxQuantity)
            || !TryPrice(side, RulePart.Stop, priceUnits, out double stop)
            || !TryPrice(side, RulePart.Take, priceUnits, out double take)
            || !TryPrice(side, RulePart.Limit, priceUnits, out double limit)
            || (stop > 0.0 && (stop - close) * side >= 0.0)
            || (take > 0.0 && (take - close) * side <= 0.0))
        {
            return;
        }

        // To the tick, never to a worse price than was written.
        long whole = (long)(side > 0 ? Math.Floor(limit) : Math.Ceiling(limit));
        long price = definition.RoundToTickPassive(whole, side > 0 ? Side.Buy : Side.Sell);
        if (limit > 0.0 && price <= 0)
        {
            return;
        }

        holding.Stance = side;
        holding.Size = side * definition.RoundToLot((long)quantity);
        holding.Limit = limit > 0.0 ? price : 0;
        holding.Stop = stop;
        holding.Take = take;
        holding.Held = 0;
    }

    /// <summary>A declared price in price units, 0 when none is declared; false when it cannot be used.</summary>
    private bool TryPrice(int side, RulePart part, double priceUnits, out double price)
    {
        RuleValue value = Result(side, part);
        price = value.Value * priceUnits;
        return !_program.Has(side, part) || (value.IsReady && price >= 1.0 && price <= Indicators.Indicator.PriceMax);
    }

    /// <summary>What the rules want of an instrument, and what came of it (72 bytes, no padding).</summary>
    private struct Holding
    {
        public double Stop;
        public double Take;
        public double Entry;
        public long Filled;
        public long Held;
        public long Size;
        public long Limit;
        public int Stance;
        public int PriceExponent;
        public int QuantityExponent;
        public int Reserved;
    }
}
