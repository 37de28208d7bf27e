using System;
using System.Linq;
using LowLatency.Core.Events;
using LowLatency.Core.Risk;
using LowLatency.Core.Signals;
using LowLatency.Core.Values;
using LowLatency.Tests.Core.Pipeline;
using Xunit;

namespace LowLatency.Tests.Core.Risk;

/// <summary>
/// The stop at the venue and the exit of the engine are one model: the level of the one is where the other touches, and beside
/// each other they never sell what is held twice.
/// </summary>
public sealed class VenueStopTests
{
    private static readonly StrategyId First = new(1);
    private static readonly InstrumentId Instrument = new(1);

    [Theory]
    [InlineData(1, 10, 0, 10)]
    [InlineData(1, 11, 0, 10)]
    [InlineData(1, 15, 5, 10)]
    [InlineData(-1, 10, 0, 10)]
    [InlineData(-1, 11, 0, 10)]
    public void Check_43_beside_a_stop_only_what_reduces_leaves_at_the_position_and_not_a_unit_more(
        int direction, long delta, long first, long most)
    {
        Rig rig = Held(direction, first);
        rig.Target(1, direction * (10 + first - delta));
        Verdict verdict = rig.Verdicts.First(v => v.ApprovedDelta != 0);
        Assert.Equal(Math.Min(delta, most + first), Math.Abs(verdict.ApprovedDelta));
        Assert.Equal(delta > most + first ? RiskReason.VenueStop : RiskReason.None, verdict.Reason);
        Assert.All(
            rig.Commands.Where(c => c.Verb == CommandVerb.New),
            c => Assert.Equal(OrderFlags.ReduceOnly, c.Flags));
    }

    [Fact]
    public void Check_43_does_not_ask_without_a_stop_and_lets_adding_pass()
    {
        Rig rig = new Rig(new RigSettings { Risk = RigSettings.Wide() }).Begin();
        rig.Target(1, 10);
        rig.Fill(rig.Live(Side.Buy), Side.Buy, 10, 10_000, 1);
        rig.Target(1, -5);
        Assert.Equal((-15L, RiskReason.None), (rig.Verdicts[0].ApprovedDelta, rig.Verdicts[0].Reason));

        Rig guarded = Held(1, 0);
        guarded.Target(1, 14);
        Assert.Equal((4L, RiskReason.None), (guarded.Verdicts[0].ApprovedDelta, guarded.Verdicts[0].Reason));
    }

    /// <summary>
    /// The level that is told is looked for by halving; here every price is tried from the inside out, at the engine as it runs.
    /// </summary>
    [Theory]
    [InlineData(1, 37, 0, 0, 0, 0)]
    [InlineData(-1, 37, 0, 0, 0, 0)]
    [InlineData(1, 0, 53, 0, 0, 0)]
    [InlineData(-1, 0, 53, 0, 0, 0)]
    [InlineData(1, 0, 0, 7, 0, 0)]
    [InlineData(-1, 0, 0, 7, 0, 0)]
    [InlineData(1, 0, 0, 0, 41, 0)]
    [InlineData(-1, 0, 0, 0, 0, 29)]
    [InlineData(1, 80, 53, 9, 61, 33)]
    [InlineData(-1, 80, 53, 9, 61, 33)]
    public void The_level_of_a_stop_is_the_first_price_that_takes_the_strategy_out(
        int direction, int stopBps, int trailingBps, long maxLoss, int wishBps, long wishAway)
    {
        RigSettings settings = new()
        {
            Risk = RigSettings.Wide() with
            {
                Exits = [new ExitRule { StopLossBps = stopBps, TrailingBps = trailingBps, MaxLoss = maxLoss * 100_000_000, Price = ExitPrice.Last }],
            },
        };
        Rig Start()
        {
            Rig rig = new Rig(settings).Begin();
            Bracket bracket = new(StopPrice: wishAway == 0 ? 0 : 10_000 - (direction * wishAway), StopBps: (ushort)wishBps);
            rig.Target(1, direction * 9, bracket: bracket);
            Side side = direction > 0 ? Side.Buy : Side.Sell;
            OrderId order = rig.Live(side);
            rig.Fill(order, side, 4, 10_003, 1, fee: 30_000_000);
            rig.Fill(order, side, 5, 9_998, 2, fee: 40_000_000);
            rig.Publish(new Trade { Price = 10_000 + (direction * 12), Quantity = 1 }, 1);
            return rig;
        }

        ProtectiveExit stop = Start().Pipeline.Risk.StopOf(First, Instrument);
        Assert.Equal(
            (ExitHolder.Engine, ExitPrice.Last, direction * 9L, direction > 0 ? Side.Sell : Side.Buy),
            (stop.Holder, stop.Source, stop.Quantity, stop.Side));
        for (long price = 10_000; ; price -= direction)
        {
            Rig rig = Start();
            rig.Publish(new Trade { Price = price, Quantity = 1 }, 1);
            bool isOut = rig.Pipeline.Arbitration.Muted.Has(First, Instrument);
            Assert.Equal(isOut, stop.IsTouched(price));
            if (isOut)
            {
                Assert.Equal(stop.Trigger, price);
                return;
            }

            Assert.InRange(Math.Abs(price - 10_000), 0, 200);
        }
    }

    [Fact]
    public void Who_has_nothing_that_bounds_the_loss_has_no_stop_and_the_position_is_told()
    {
        Rig rig = new Rig(new RigSettings { Risk = Settings(null) }).Begin();
        rig.Target(1, 10);
        rig.Fill(rig.Live(Side.Buy), Side.Buy, 10, 10_000, 1);
        Assert.False(rig.Pipeline.Risk.StopOf(First, Instrument).Exists);
        Assert.Empty(rig.Commands);
        rig.Tick(Rig.Second);
        Protection told = Assert.Single(rig.Told);
        Assert.Equal(
            (10L, 0L, rig.Now - Rig.Second, StrategyId.House, ProtectionKind.VenueStop, (byte)1),
            (told.Position, told.Resting, told.Since, told.Strategy, told.Stop, told.IsMissing));
        rig.Tick(Rig.Second);
        Assert.Empty(rig.Told);

        // A later wish brings a stop with it.
        rig.Target(1, 10, bracket: new Bracket(StopPrice: 9_900));
        rig.Quote(1, 9_999, 10_001);
        Command stop = Assert.Single(rig.Commands);
        Assert.Equal((OrderType.StopLimit, 9_850L, 9_653L), (stop.Type, stop.TriggerPrice, stop.Price));
        rig.Report(stop.Order, OrderStatus.Accepted);
        Assert.Equal((0L, 10L, (byte)0), (rig.Told.Single().Since, rig.Told.Single().Resting, rig.Told.Single().IsMissing));
    }

    [Fact]
    public void A_strategy_without_the_stop_that_it_must_have_is_told_once_and_again_when_it_has_one()
    {
        RiskSettings required = RigSettings.Wide() with { Default = RigSettings.Wide().Default with { RequiresStop = true } };
        Rig rig = new Rig(new RigSettings { Risk = required }).Begin();
        rig.Target(1, 10, bracket: new Bracket(StopPrice: 9_900));
        rig.Fill(rig.Live(Side.Buy), Side.Buy, 10, 10_001, 1);
        rig.Target(1, 10);
        rig.Quote(1, 9_999, 10_001);
        Assert.Equal((First, ProtectionKind.EngineStop, (byte)1), (rig.Told.Single().Strategy, rig.Told.Single().Stop, rig.Told.Single().IsMissing));
        rig.Quote(1, 9_998, 10_001);
        Assert.Empty(rig.Told);
        rig.Target(1, 10, bracket: new Bracket(StopBps: 80));
        rig.Quote(1, 9_999, 10_001);
        Assert.Equal((First, (byte)0), (rig.Told.Single().Strategy, rig.Told.Single().IsMissing));
    }

    [Fact]
    public void A_pair_of_coins_has_no_stop_at_the_venue()
    {
        Rig rig = new Rig(new RigSettings { Risk = Settings(new ExitRule { StopLossBps = 100 }), Kind = InstrumentKind.Spot }).Begin();
        rig.Target(1, 10);
        rig.Fill(rig.Live(Side.Buy), Side.Buy, 10, 10_000, 1);
        rig.Tick(10 * Rig.Second);
        Assert.Empty(rig.Commands);
        Assert.Empty(rig.Told);
    }

    [Fact]
    public void A_position_that_is_larger_than_the_venue_takes_has_a_stop_for_what_it_takes_and_is_told()
    {
        Rig rig = new Rig(new RigSettings
        {
            Risk = Settings(new ExitRule { StopLossBps = 100 }) with
            {
                Default = RigSettings.Wide().Default with
                {
                    MaxOrderQuantityE9 = 2_000_000 * Rig.Piece,
                    MaxPositionE9 = 2_000_000 * Rig.Piece,
                    MaxOrderNotional = long.MaxValue / 8,
                },
                MaxGrossNotional = long.MaxValue / 8,
                MaxLeverageE9 = 1_000_000_000_000,
            },
        }).Begin();
        rig.Target(1, 1_000_000);
        rig.Fill(rig.Live(Side.Buy), Side.Buy, 1_000_000, 10_000, 1);
        OrderId first = rig.Commands.Single().Order;
        rig.Report(first, OrderStatus.Accepted);
        rig.Target(1, 1_200_000);
        rig.Fill(rig.Live(Side.Buy), Side.Buy, 200_000, 10_000, 2);
        Assert.Empty(rig.Commands);
        Assert.Contains(rig.Verdicts, v => v.Reason == RiskReason.OrderQuantity);
        rig.Tick(Rig.Second);
        Assert.Equal((1_200_000L, 1_000_000L), (rig.Told.Single().Position, rig.Told.Single().Resting));
    }

    internal static RiskSettings Settings(ExitRule? first) => RigSettings.Wide() with
    {
        Exits = [first],
        VenueStop = new VenueStopRule { BeyondBps = 50, SlippageBps = 200, StepBps = 5, AlarmAfter = Rig.Second },
    };

    /// <summary>A position of 10 with its stop, and another part of it that somebody else holds.</summary>
    private static Rig Held(int direction, long more)
    {
        Rig rig = new Rig(new RigSettings { Risk = Settings(new ExitRule { StopLossBps = 100 }) }).Begin();
        Side side = direction > 0 ? Side.Buy : Side.Sell;
        rig.Target(1, direction * 10);
        rig.Fill(rig.Live(side), side, 10, 10_000, 1);
        OrderId stop = rig.Commands.Single().Order;
        rig.Report(stop, OrderStatus.Accepted);
        if (more != 0)
        {
            rig.Target(1, direction * (10 + more));
            rig.Fill(rig.Live(side), side, more, 10_000, 2);
            rig.Report(stop, OrderStatus.Amended, 10 + more, rig.Pipeline.Orders[rig.Pipeline.Orders.GuardOf(Instrument)].PendingPrice);
        }

        return rig;
    }
}
