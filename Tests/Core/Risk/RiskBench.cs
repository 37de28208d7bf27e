using LowLatency.Core.Arbitration;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Orders;
using LowLatency.Core.Orders.Styles;
using LowLatency.Core.Portfolio;
using LowLatency.Core.Risk;
using LowLatency.Core.Signals;
using LowLatency.Core.Values;
using LowLatency.Tests.Core.Market;
using LowLatency.Tests.Core.Pipeline;

namespace LowLatency.Tests.Core.Risk;

/// <summary>
/// The risk stage alone. Prices are cents, quantities pieces: a piece at a price of p cents is worth p x 10^6 money units.
/// The market stands at 99.95 to 100.05, so the reference price is 10,000.
/// </summary>
internal sealed class RiskBench
{
    internal const long CentPiece = 1_000_000;

    private readonly ArbitrationStage _arbitration;
    private readonly bool _hasAccount;
    private ulong _execution;

    internal RiskBench(RiskSettings? settings = null, InstrumentKind kind = InstrumentKind.Linear, long now = 1_000 * Rig.Second)
    {
        Now = now;
        _hasAccount = settings?.Account is not null;
        Market = new MarketView([], 0);
        Portfolio = new PortfolioLedger(Market);
        _arbitration = new ArbitrationStage(
            new ArbitrationSettings(ArbitrationPolicy.Net, [], false), Market, Portfolio, Lanes);
        Stage = StageWith(settings ?? RigSettings.Wide());
        Define(1, kind);
        Define(2, kind);
        Cash(1_000_000_000_000_000);
        Quote(1);
        Quote(2);
    }

    internal MarketView Market { get; }

    internal PortfolioLedger Portfolio { get; }

    internal Exposure Exposure { get; } = new();

    internal LaneTable Lanes { get; } = new();

    internal RiskStage Stage { get; }

    internal MutedWishes Muted => _arbitration.Muted;

    /// <summary>Another stage over the same surroundings.</summary>
    internal RiskStage StageWith(RiskSettings settings) => new(
        settings,
        Market,
        Portfolio,
        Exposure,
        Lanes,
        Muted,
        _arbitration.Brackets,
        new ParentOrders(ExecutionStyles.BuiltIn, Market, Exposure, new OrderTable(Exposure), Lanes));

    internal long Now { get; set; }

    internal void Define(
        int instrument,
        InstrumentKind kind = InstrumentKind.Linear,
        long tick = 1,
        long lot = 10,
        long min = 10,
        long max = 1_000_000,
        long minNotional = 0,
        string currency = "USD",
        string? symbol = null)
    {
        InstrumentDefined definition = new()
        {
            Symbol = Symbol24.Of(symbol ?? "SYM" + instrument),
            Currency = Currency8.Of(currency),
            Tick = tick,
            Lot = lot,
            MinQuantity = min,
            MaxQuantity = max,
            MinNotional = minNotional,
            Multiplier = 1,
            InstrumentKind = kind,
            PriceExponent = 2,
        };
        Market.Apply(Make.Of(instrument, Now, definition));
        if (Market.TryGet(new InstrumentId((ushort)instrument), out _))
        {
            Portfolio.Define(new InstrumentId((ushort)instrument), definition);
            Stage.Define(new InstrumentId((ushort)instrument), definition.Symbol);
        }
    }

    internal void Quote(int instrument, long bid = 9_995, long ask = 10_005) =>
        Market.Apply(Make.Quote(instrument, Now, bid, 10, ask, 10));

    internal void Apply(in Event e) => Market.Apply(e);

    internal void Cash(long amount, string currency = "USD") =>
        Portfolio.Move(new CashMoved { Currency = Currency8.Of(currency), Amount = amount });

    /// <summary>Bought or sold at the reference price, without a fee.</summary>
    internal void Hold(long change, int instrument = 1) => Portfolio.Apply(
        new InstrumentId((ushort)instrument),
        new Execution
        {
            ExecutionId = new VenueId(5, ++_execution),
            Price = 10_000,
            Quantity = change < 0 ? -change : change,
            Side = change < 0 ? Side.Sell : Side.Buy,
        },
        StrategyId.House,
        _arbitration);

    /// <summary>A fill at a price in cents, seen by the stage.</summary>
    internal void Fill(long change, long price = 10_000, int instrument = 1, long fee = 0, OrderId order = default)
    {
        Execution execution = new()
        {
            ExecutionId = new VenueId(6, ++_execution),
            Order = order,
            Price = price,
            Quantity = change < 0 ? -change : change,
            Side = change < 0 ? Side.Sell : Side.Buy,
            Fee = fee,
        };
        Portfolio.Apply(new InstrumentId((ushort)instrument), execution, StrategyId.House, _arbitration);
        Stage.Watch(Make.Of(instrument, Now, execution));
    }

    /// <summary>Time passes: the markets are quoted anew, and the stage sees it.</summary>
    internal void Go(long now)
    {
        Now = now;
        Quote(1);
        Quote(2);
        Stage.Watch(Make.Tick(Now));
    }

    /// <summary>A live order of a lane.</summary>
    internal void Live(int owner, Side side, long quantity, long price = 0, int instrument = 1)
    {
        // Away from the market where no price is given: no order of a test reaches it.
        price = price != 0 ? price : side == Side.Buy ? 9_000 : 11_000;
        Exposure.Change(new InstrumentId((ushort)instrument), new StrategyId((ushort)owner), side, quantity, 1);
        Exposure.SetPrice(new InstrumentId((ushort)instrument), new StrategyId((ushort)owner), side, price, price);
    }

    /// <summary>The order stage sent an order now.</summary>
    internal void Sent(Side side, long quantity, long price, int instrument = 1) => Stage.OnSent(
        new Command
        {
            Instrument = new InstrumentId((ushort)instrument),
            Side = side,
            Quantity = quantity,
            Price = price,
        },
        leaves: quantity,
        priceBefore: 0,
        leavesBefore: 0,
        Now);

    internal static Intent Target(long position, long delta, long limit = 0, int instrument = 1) => new()
    {
        Instrument = new InstrumentId((ushort)instrument),
        Kind = IntentKind.Target,
        LanePosition = position,
        Target = position + delta,
        LimitPrice = limit,
    };

    internal static Intent Quotes(int owner, long bid, long bidQuantity, long ask, long askQuantity, int instrument = 1)
    {
        return new Intent
        {
            Instrument = new InstrumentId((ushort)instrument),
            Owner = new StrategyId((ushort)owner),
            Kind = IntentKind.Quotes,
            BidPrice = bid,
            BidQuantity = bidQuantity,
            AskPrice = ask,
            AskQuantity = askQuantity,
        };
    }

    /// <summary>Rules on a change of the shared lane at a limit price of 10,000.</summary>
    internal Verdict Ask(long delta, long limit = 10_000, int instrument = 1) =>
        Rule(Target(Portfolio.VenuePosition(new InstrumentId((ushort)instrument)), delta, limit, instrument))[0];

    internal Verdict[] Rule(params System.ReadOnlySpan<Intent> intents)
    {
        Event tick = Make.Tick(Now);
        Market.Apply(tick);
        if (_hasAccount)
        {
            Stage.Watch(tick);
        }

        Decision decision = default;
        foreach (Intent intent in intents)
        {
            decision.Intents[decision.IntentCount++] = intent;
        }

        Stage.OnEvent(tick, ref decision);
        Verdict[] verdicts = new Verdict[decision.VerdictCount];
        for (int i = 0; i < verdicts.Length; i++)
        {
            verdicts[i] = decision.Verdicts[i];
        }

        return verdicts;
    }
}
