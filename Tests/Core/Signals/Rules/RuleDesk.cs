using System;
using System.Collections.Generic;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Signals;
using LowLatency.Core.Signals.Rules;
using LowLatency.Core.Values;
using LowLatency.Tests.Core.Market;

namespace LowLatency.Tests.Core.Signals.Rules;

/// <summary>A market of one instrument (prices in cents, quantities in thousandths) and one rule strategy.</summary>
internal sealed class RuleDesk : IPositions
{
    internal const long Second = 1_000_000_000;

    private readonly MarketView _market;
    private readonly SignalStage _stage;
    private long _filledNow;

    internal RuleDesk(RuleProgram program, params long[] timeframes)
    {
        Strategy = new RuleStrategy(program);
        _market = new MarketView(timeframes.Length == 0 ? program.Timeframes : timeframes, 0);
        _stage = new SignalStage(
            _market, this, [new StrategyBinding(new StrategyId(1), [Symbol24.Of("SYM1")], Strategy)]);
        Define();
    }

    internal RuleStrategy Strategy { get; }

    internal SignalStage Stage => _stage;

    internal MarketView Market => _market;

    internal long Now { get; set; } = 1_000 * Second;

    internal long Position { get; private set; }

    /// <summary>Signals that other strategies left in the event already.</summary>
    internal int Occupied { get; set; }

    internal void Define(byte priceExponent = 2, long tick = 1, long lot = 1)
    {
        Event defined = Make.Definition(1, Now, priceExponent, tick);
        InstrumentDefined whole = defined.InstrumentDefined;
        whole.Lot = lot;
        whole.MinQuantity = lot;
        defined.Set(whole);
        See(defined);
    }

    internal Signal? See(Event e)
    {
        Decision decision = default;
        decision.SignalCount = (byte)Occupied;
        _market.Apply(e);
        _stage.OnEvent(e, ref decision);
        return decision.SignalCount == Occupied ? null : decision.Signals[Occupied];
    }

    /// <summary>An imported one-second bar that ends now.</summary>
    internal Signal? Bar(long close, long? low = null, long? high = null)
    {
        Now += Second;
        return See(Make.Of(1, Now, new Bar
        {
            StartTime = Now - Second,
            Timeframe = Second,
            Open = close,
            High = high ?? close,
            Low = low ?? close,
            Close = close,
            Volume = 1,
        }));
    }

    internal Signal? Print(long price) => See(Make.Trade(1, Now, price));

    internal Signal? Fill(long quantity, long price)
    {
        Position += quantity;
        _filledNow = quantity;
        Signal? signal = See(Make.Of(1, Now, new Execution { Price = price, Quantity = quantity }));
        _filledNow = 0;
        return signal;
    }

    internal List<Signal?> Closes(params long[] closes)
    {
        List<Signal?> signals = [];
        foreach (long close in closes)
        {
            signals.Add(Bar(close));
        }

        return signals;
    }

    public long VirtualCashFlow(StrategyId strategy, InstrumentId instrument) => 0;

    public long VenuePosition(InstrumentId instrument) => Position;

    public long VirtualPosition(StrategyId strategy, InstrumentId instrument) => Position;

    public long FilledNow(StrategyId strategy) => _filledNow;

    public OpenTrade Trade(StrategyId strategy, InstrumentId instrument) => default;

    public (long Closed, long Profit) Record(StrategyId strategy) => default;

    public ReadOnlySpan<InternalTrade> Crossed => [];
}
