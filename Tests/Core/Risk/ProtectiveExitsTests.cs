using System;
using System.Linq;
using FsCheck.Fluent;
using LowLatency.Core.Events;
using LowLatency.Core.Formats;
using LowLatency.Core.Risk;
using LowLatency.Core.Signals;
using LowLatency.Core.Values;
using LowLatency.Tests.Core.Pipeline;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Core.Risk;

public sealed class ProtectiveExitsTests
{
    /// <summary>A position of 10 at 100.00, long or short, and the first mid price at which each exit is touched.</summary>
    public static TheoryData<string, int, long, IntentCause> Touches => new()
    {
        { "stop", 1, 9_900, IntentCause.StopLoss },
        { "stop", -1, 10_100, IntentCause.StopLoss },
        { "target", 1, 10_200, IntentCause.TakeProfit },
        { "target", -1, 9_800, IntentCause.TakeProfit },
        { "trail", 1, 9_700, IntentCause.TrailingStop },
        { "trail", -1, 10_300, IntentCause.TrailingStop },
        { "loss", 1, 9_500, IntentCause.TradeLoss },
        { "loss", -1, 10_500, IntentCause.TradeLoss },
    };

    [Theory]
    [MemberData(nameof(Touches))]
    public void An_exit_is_touched_at_its_level_and_not_a_cent_before(string exit, int sign, long level, IntentCause cause)
    {
        Rig rig = Holding(sign, Rule(exit));
        int inside = level < 10_000 ? 1 : -1;
        rig.Quote(1, level + inside, level + inside);
        Assert.Empty(rig.Commands);
        rig.Quote(1, level, level);
        Assert.Equal(cause, Assert.Single(rig.Intents).Cause);
        Command command = Assert.Single(rig.Commands);
        Assert.Equal((10L, sign > 0 ? Side.Sell : Side.Buy), (command.Quantity, command.Side));
        Assert.Equal(OrderFlags.ReduceOnly, command.Flags);
    }

    [Theory]
    [MemberData(nameof(Touches))]
    public void Without_the_exit_nothing_happens_there(string exit, int sign, long level, IntentCause cause)
    {
        Rig rig = Holding(sign, new ExitRule());
        rig.Quote(1, level, level);
        Assert.True(rig.Commands.Count == 0, $"{exit} {cause} acted though it is off");
    }

    [Theory]
    [InlineData(ExitPrice.Mid, 9_899, 9_901, 0, true)]
    [InlineData(ExitPrice.Mid, 9_800, 10_002, 0, false)]
    [InlineData(ExitPrice.Touch, 9_900, 10_100, 0, true)]
    [InlineData(ExitPrice.Touch, 9_901, 9_901, 0, false)]
    [InlineData(ExitPrice.Last, 9_000, 9_002, 9_901, false)]
    [InlineData(ExitPrice.Last, 9_999, 10_001, 9_900, true)]
    public void The_declared_price_is_the_one_looked_at(ExitPrice source, long bid, long ask, long print, bool acts)
    {
        Rig rig = Holding(1, new ExitRule { StopLossBps = 100, Price = source });
        rig.Publish(new Trade { Price = 10_000, Quantity = 1 }, 1);
        rig.Quote(1, bid, ask);
        bool acted = rig.Intents.Any(i => i.Cause == IntentCause.StopLoss);
        if (print != 0)
        {
            rig.Publish(new Trade { Price = print, Quantity = 1 }, 1);
            acted |= rig.Intents.Any(i => i.Cause == IntentCause.StopLoss);
        }

        Assert.Equal(acts, acted);
    }

    /// <summary>Prints may be five seconds old; an older one is no price that anything could be closed at.</summary>
    [Theory]
    [InlineData(5, true)]
    [InlineData(6, false)]
    public void A_print_that_is_too_old_touches_nothing_and_the_middle_stands_in(int seconds, bool acts)
    {
        Rig rig = new Rig(new RigSettings
        {
            Risk = RigSettings.Wide() with
            {
                Default = RigSettings.Wide().Default with { StaleAfter = 5 * Rig.Second },
                Exits = [new ExitRule { StopLossBps = 100, Price = ExitPrice.Last }],
            },
        }).Begin();
        rig.Publish(new Trade { Price = 9_800, Quantity = 1 }, 1);
        rig.Now += seconds * Rig.Second;
        rig.Quote(1, 9_999, 10_001);
        rig.Target(1, 10);
        rig.Fill(rig.Live(Side.Buy), Side.Buy, 10, 10_000, 1);
        Assert.Equal(acts, rig.Intents.Any(i => i.Cause == IntentCause.StopLoss));
        rig.Quote(1, 9_799, 9_801);
        Assert.True(rig.Pipeline.Arbitration.Muted.Has(new StrategyId(1), new InstrumentId(1)));

        // Without book and quotes the old print is all there is: nothing is touched.
        rig = Holding(1, new ExitRule { StopLossBps = 100, Price = ExitPrice.Last }, RigSettings.Wide() with
        {
            Default = RigSettings.Wide().Default with { StaleAfter = 5 * Rig.Second },
        });
        rig.Publish(new StreamStateChanged { State = StreamState.Gap }, 1);
        rig.Tick(6 * Rig.Second);
        Assert.Empty(rig.Commands);
    }

    [Fact]
    public void A_suspicious_print_touches_nothing()
    {
        Rig rig = Holding(1, new ExitRule { StopLossBps = 100, Price = ExitPrice.Last });
        rig.Publish(new Trade { Price = 10_000, Quantity = 1 }, 1);
        rig.Publish(new Trade { Price = 5_000, Quantity = 1, Marks = TradeMarks.Suspicious }, 1);
        Assert.Empty(rig.Commands);
    }

    [Fact]
    public void The_bound_of_an_exit_is_drawn_into_the_collar()
    {
        Rig rig = Holding(1, new ExitRule { StopLossBps = 100 }, RigSettings.Wide() with
        {
            Default = RigSettings.Wide().Default with { PriceCollarBps = 20 },
        });
        rig.Quote(1, 9_799, 9_801);
        Command command = Assert.Single(rig.Commands);

        // 50 basis points through the bid would be 97.51; the collar of 20 ends at 98.00 - 0.19.
        Assert.Equal(9_781, command.Price);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void An_exit_under_way_goes_on_after_a_restart(int when)
    {
        Rig rig = Holding(1, new ExitRule { TrailingBps = 200, MaxHolding = 3_600 * Rig.Second });
        rig.Quote(1, 11_000, 11_000);
        if (when >= 2)
        {
            rig.Quote(1, 10_780, 10_780);
            Assert.Single(rig.Commands);
        }

        if (when == 3)
        {
            rig.Report(rig.Live(Side.Sell), OrderStatus.Expired);
        }

        StateWriter writer = new(1 << 22);
        rig.Pipeline.Visit(writer);
        Rig restored = new(rig.Settings);
        restored.Pipeline.Visit(new StateReader(writer.Written.ToArray()));
        restored.Sequence = rig.Sequence;
        restored.Now = rig.Now;
        foreach (Rig each in (Rig[])[rig, restored])
        {
            each.Tick(Rig.Second);
            each.Quote(1, 10_780, 10_780);
            each.Tick(Rig.Second);
        }

        Assert.Equal(Bytes(rig), Bytes(restored));
        Assert.NotEqual(OrderId.None, restored.Live(Side.Sell));
        static byte[] Bytes(Rig of)
        {
            StateWriter state = new(1 << 22);
            of.Pipeline.Visit(state);
            return state.Written.ToArray();
        }
    }

    [Fact]
    public void A_trailing_stop_never_moves_back() =>
        PropertyCheck.Holds(Gen.Choose(1, int.MaxValue).ToArbitrary(), seed => Trails(seed, forgets: false), runs: 300);

    [Fact]
    public void A_trailing_stop_that_forgets_its_best_price_is_caught() =>
        PropertyCheck.Finds(Gen.Choose(1, int.MaxValue).ToArbitrary(), seed => Trails(seed, forgets: true), runs: 300);

    /// <summary>A random walk against the level by hand: the exit comes at the first price at or beyond it, never elsewhere.</summary>
    private static bool Trails(int seed, bool forgets)
    {
        Random dice = new(seed);
        int sign = dice.Next(2) == 0 ? 1 : -1;
        int bps = 20 + dice.Next(300);
        Rig rig = Holding(sign, new ExitRule { TrailingBps = bps });
        long price = 10_000;
        long best = price;
        for (int i = 0; i < 150; i++)
        {
            price = Math.Clamp(price + dice.Next(61) - 30, 5_000, 20_000);
            best = forgets && i % 10 == 0 ? price : sign > 0 ? Math.Max(best, price) : Math.Min(best, price);
            bool touched = sign > 0 ? price * 10_000 <= best * (10_000 - bps) : price * 10_000 >= best * (10_000 + bps);
            rig.Quote(1, price, price);
            if (rig.Intents.Any(intent => intent.Cause == IntentCause.TrailingStop) != touched)
            {
                return false;
            }

            if (touched)
            {
                return true;
            }
        }

        return true;
    }

    private static ExitRule Rule(string exit) => exit switch
    {
        "stop" => new ExitRule { StopLossBps = 100 },
        "target" => new ExitRule { TakeProfitBps = 200 },
        "trail" => new ExitRule { TrailingBps = 300 },
        _ => new ExitRule { MaxLoss = 50 * 100_000_000L },
    };

    private static Rig Holding(int sign, ExitRule rule, RiskSettings? risk = null)
    {
        Rig rig = new Rig(new RigSettings { Risk = (risk ?? RigSettings.Wide()) with { Exits = [rule] } }).Begin();
        rig.Target(1, sign * 10);
        Side side = sign > 0 ? Side.Buy : Side.Sell;
        rig.Fill(rig.Live(side), side, 10, 10_000, 1);
        Assert.Equal(sign * 10, rig.Position());
        return rig;
    }
}
