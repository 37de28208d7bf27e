using System;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Values;

namespace LowLatency.Core.Signals.Strategies;

/// <summary>
/// Quotes both sides around the middle of the book and leans against its inventory: a long position moves both quotes
/// down, and a full one takes the bid away. Quotes again only when the wanted prices moved by the refresh distance, so
/// that its place in the queue is worth something.
/// </summary>
public sealed class MarketMaker : Strategy
{
    private readonly long _halfSpread;
    private readonly long _skew;
    private readonly long _refresh;
    private readonly long _quantityE9;
    private readonly long _inventoryE9;
    private readonly Quoted[] _quoted = new Quoted[Limits.Instruments + 1];

    // What was looked at last and asked for no other quote: the same again does not either, so it is no state.
    private readonly Seen[] _answered = new Seen[Limits.Instruments + 1];

    /// <summary>Creates the strategy.</summary>
    /// <param name="parameters">Values of <see cref="Schema"/>.</param>
    public MarketMaker(StrategyParameters parameters)
    {
        _halfSpread = parameters.Integer("halfSpreadTicks");
        _skew = parameters.Integer("skewTicks");
        _refresh = parameters.Integer("refreshTicks");
        _quantityE9 = parameters.Fixed9("quantity");
        _inventoryE9 = parameters.Fixed9("maxInventory");
    }

    /// <summary>Its parameters.</summary>
    public static ParameterSchema Schema { get; } = new(
        "market-maker",
        "Quotes both sides of the book and leans against its inventory.",
        [
            new("halfSpreadTicks", ParameterKind.Integer, 1, 100_000, 2, "distance of a quote from the middle, ticks"),
            new("skewTicks", ParameterKind.Integer, 0, 100_000, 2, "shift of both quotes at full inventory, ticks"),
            new("refreshTicks", ParameterKind.Integer, 1, 100_000, 1, "move of a wanted price that renews it, ticks"),
            new("quantity", ParameterKind.Fixed9, 1, 1_000_000_000_000_000, 1_000_000_000, "size of each quote"),
            new("maxInventory", ParameterKind.Fixed9, 1, 1_000_000_000_000_000, 5_000_000_000, "largest position"),
        ]);

    /// <inheritdoc/>
    public override void OnBook(StrategyContext context, InstrumentMarket instrument) => Quote(context, instrument);

    /// <inheritdoc/>
    public override void OnFill(StrategyContext context, InstrumentMarket instrument, long quantity, long price) =>
        Quote(context, instrument);

    /// <inheritdoc/>
    public override void OnCorporateAction(
        StrategyContext context, InstrumentMarket instrument, in CorporateAction action)
    {
        if (action.Splits)
        {
            _answered[instrument.Definition.Id.Value] = default;
            _quoted[instrument.Definition.Id.Value] = default;
        }
    }

    /// <inheritdoc/>
    public override void Visit(StateVisitor visitor)
    {
        visitor.Visit<Quoted>(_quoted);
        Array.Clear(_answered);
    }

    private void Quote(StrategyContext context, InstrumentMarket instrument)
    {
        if (!instrument.IsReady || !instrument.TryBest(out long bid, out _, out long ask, out _))
        {
            return;
        }

        ref readonly Instrument rules = ref instrument.Definition;
        long position = context.Position(rules.Id);
        ref Quoted quoted = ref _quoted[rules.Id.Value];
        Seen seen = new(bid, ask, position, rules.Tick, rules.Lot, rules.QuantityExponent);
        ref Seen answered = ref _answered[rules.Id.Value];
        if (seen == answered)
        {
            return;
        }

        long size = rules.RoundToLot(rules.FromE9(_quantityE9));
        long most = Math.Max(1, rules.FromE9(_inventoryE9));

        // Everything in half price units, so that the middle of an odd spread is exact.
        long lean = (long)((Int128)2 * _skew * rules.Tick * position / most);
        long middle = bid + ask - lean;
        long width = 2 * _halfSpread * rules.Tick;
        long buyAt = Math.Min(Floor(middle - width, rules), ask - rules.Tick);
        long sellAt = Math.Max(Ceiling(middle + width, rules), bid + rules.Tick);
        long buy = Math.Clamp(rules.RoundToLot(most - position), 0, size);
        if (buyAt <= 0)
        {
            // Below any price: there is no bid to give, and the old one has to go.
            buyAt = 0;
            buy = 0;
        }

        long sell = Math.Clamp(rules.RoundToLot(most + position), 0, size);

        bool moved = Math.Abs(buyAt - quoted.Bid) >= _refresh * rules.Tick
            || Math.Abs(sellAt - quoted.Ask) >= _refresh * rules.Tick
            || buy != quoted.BidQuantity
            || sell != quoted.AskQuantity;
        if (!moved)
        {
            answered = seen;
            return;
        }

        answered = default;
        if (context.SetQuotes(rules.Id, buyAt, buy, sellAt, sell))
        {
            quoted = new Quoted { Bid = buyAt, BidQuantity = buy, Ask = sellAt, AskQuantity = sell };
        }
    }

    private static long Floor(long halfUnits, in Instrument rules) =>
        rules.RoundToTickPassive(halfUnits >> 1, Side.Buy);

    private static long Ceiling(long halfUnits, in Instrument rules) =>
        rules.RoundToTickPassive((halfUnits + 1) >> 1, Side.Sell);

    private readonly record struct Seen(
        long Bid, long Ask, long Position, long Tick, long Lot, long QuantityExponent);

    private struct Quoted
    {
        public long Bid;
        public long BidQuantity;
        public long Ask;
        public long AskQuantity;
    }
}
