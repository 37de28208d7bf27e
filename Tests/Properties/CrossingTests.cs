using System;
using System.Collections.Generic;
using FsCheck.Fluent;
using LowLatency.Core.Arbitration;
using LowLatency.Core.Events;
using LowLatency.Core.Formats;
using LowLatency.Core.Portfolio;
using LowLatency.Core.Values;
using LowLatency.Tests.Core.Pipeline;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Properties;

/// <summary>
/// Four strategies that want anything against each other, a venue that fills what it likes: positions and money of the
/// parts sum to the account's after every event, no limit is traded through, nobody is handed more than he lacks, and when all want
/// nothing all become flat.
/// </summary>
public sealed class CrossingTests
{
    private const int Owners = 5;

    private static readonly InstrumentId X = new(1);

    /// <summary>What a run has to be wrong in to be found.</summary>
    public enum Bug
    {
        /// <summary>Nothing.</summary>
        None,

        /// <summary>What is crossed moves the buyer only.</summary>
        OneSided,

        /// <summary>A unit of money stays between buyer and seller.</summary>
        LostUnit,

        /// <summary>What was crossed is taken back.</summary>
        NeverCrossed,
    }

    [Theory]
    [InlineData(ArbitrationPolicy.Net)]
    [InlineData(ArbitrationPolicy.Priority)]
    [InlineData(ArbitrationPolicy.Blend)]
    public void What_offsets_is_crossed_to_the_unit_and_in_the_end_all_are_flat(ArbitrationPolicy policy)
    {
        long crossed = 0;
        PropertyCheck.Holds(
            PropertyCheck.Commands(Gen.Choose(0, int.MaxValue), 100, 140),
            steps => Complaint(policy, steps, Bug.None, ref crossed) is null,
            runs: 40);
        Assert.True(crossed >= 80, $"only {crossed} internal trades");
    }

    [Theory]
    [InlineData(Bug.OneSided)]
    [InlineData(Bug.LostUnit)]
    [InlineData(Bug.NeverCrossed)]
    public void A_bug_in_crossing_is_caught(Bug bug)
    {
        long crossed = 0;
        PropertyCheck.Finds(
            PropertyCheck.Commands(Gen.Choose(0, int.MaxValue), 100, 140),
            steps => Complaint(ArbitrationPolicy.Net, steps, bug, ref crossed) is null,
            runs: 10);
    }

    [Fact]
    public void A_run_restored_between_the_wish_and_the_crossing_goes_on_bit_for_bit()
    {
        Rig rig = Begin(ArbitrationPolicy.Net);
        rig.Say((1, context => context.SetTarget(X, 10)), (2, context => context.SetTarget(X, -10)));
        StateWriter writer = new(1 << 22);
        rig.Pipeline.Visit(writer);
        byte[] saved = writer.Written.ToArray();
        Rig other = Begin(ArbitrationPolicy.Net);
        other.Pipeline.Visit(new StateReader(saved));
        other.Now = rig.Now;
        other.Sequence = rig.Sequence;
        foreach (Rig each in (Rig[])[rig, other])
        {
            each.Tick(1_000);
            Assert.Equal((10, -10), (each.Virtual(1), each.Virtual(2)));
        }

        Assert.Equal(State(rig), State(other));
    }

    private static byte[] State(Rig rig)
    {
        StateWriter writer = new(1 << 22);
        rig.Pipeline.Visit(writer);
        return writer.Written.ToArray();
    }

    private static Rig Begin(ArbitrationPolicy policy) => new Rig(new RigSettings
    {
        Policy = policy,
        Normalise = true,
        Rules = [new(1, 3, 0), new(1, 3, 0), new(2, 1, 0), new(2, 2, 0)],
    }).Begin();

    private static string? Complaint(ArbitrationPolicy policy, int[] steps, Bug bug, ref long crossings)
    {
        Rig rig = Begin(policy);
        long[] limits = new long[Owners];
        ulong execution = 0;
        long bid = 9_999;
        long ask = 10_001;
        foreach (int step in steps)
        {
            int dice = step / 8;
            int strategy = 1 + (dice % 4);
            long size = (dice / 4 % 41) - 20;
            switch (step % 8)
            {
                case 0 or 1:
                    rig.Target(strategy, size);
                    limits[strategy] = 0;
                    break;
                case 2:
                    long limit = 9_990 + (dice % 21);
                    rig.Target(strategy, size, limit: limit);
                    limits[strategy] = limit;
                    break;
                case 3:
                    rig.Say((strategy, context => context.SetFlat(X)));
                    limits[strategy] = 0;
                    break;
                case 4:
                    Answer(rig, Side.Buy, Math.Abs(size) + 1, ask, ref execution);
                    break;
                case 5:
                    Answer(rig, Side.Sell, Math.Abs(size) + 1, bid, ref execution);
                    break;
                default:
                    bid = 9_990 + (dice % 15);
                    ask = bid + 1 + (dice / 15 % 4);
                    rig.Quote(1, bid, ask);
                    break;
            }

            string? complaint = Check(limitsKnown: step % 8 >= 6, ref crossings);
            if (complaint is not null)
            {
                return complaint;
            }
        }

        // Everybody goes home: what is on the market is filled, the rest is handed over.
        rig.Say((1, c => c.SetFlat(X)), (2, c => c.SetFlat(X)), (3, c => c.SetFlat(X)), (4, c => c.SetFlat(X)));
        for (int i = 0; i < 20; i++)
        {
            Answer(rig, Side.Buy, long.MaxValue, ask, ref execution);
            Answer(rig, Side.Sell, long.MaxValue, bid, ref execution);
            rig.Tick(Rig.Second);
            string? complaint = Check(limitsKnown: false, ref crossings);
            if (complaint is not null)
            {
                return complaint;
            }
        }

        return Array.Exists(Parts(rig), part => part.Quantity != 0) ? "somebody is not flat" : null;

        string? Check(bool limitsKnown, ref long count)
        {
            List<Suppression> crossed = rig.Suppressions.FindAll(s => s.Reason == SuppressionReason.Crossed);
            count += crossed.Count;
            foreach (Suppression trade in crossed)
            {
                Plant(rig.Pipeline.Portfolio, trade, bug);
                if (trade.Detail != (bid + ask) / 2)
                {
                    return $"crossed at {trade.Detail} where the market is {bid} to {ask}";
                }

                bool through = (limits[trade.Strategy.Value] != 0 && trade.Detail > limits[trade.Strategy.Value])
                    || (limits[trade.Winner.Value] != 0 && trade.Detail < limits[trade.Winner.Value]);
                if (limitsKnown && through)
                {
                    return "crossed through a limit";
                }
            }

            Position whole = rig.Pipeline.Portfolio.Position(X);
            long quantity = 0;
            long flow = 0;
            foreach (VirtualPosition part in Parts(rig))
            {
                quantity += part.Quantity;
                flow += part.CashFlow;
            }

            return quantity != whole.Quantity ? $"parts of {quantity} in a whole of {whole.Quantity}"
                : flow != whole.Realised - whole.Cost - whole.Fees ? "money of the parts is not the account's"
                : null;
        }
    }

    private static void Plant(PortfolioLedger portfolio, in Suppression trade, Bug bug)
    {
        long value = trade.Target * trade.Detail * Rig.MoneyPerCent;
        switch (bug)
        {
            case Bug.OneSided:
                portfolio.Adopt(trade.Winner, X, new VirtualPosition { Quantity = trade.Target });
                break;
            case Bug.LostUnit:
                portfolio.Adopt(trade.Strategy, X, new VirtualPosition { CashFlow = -1 });
                break;
            case Bug.NeverCrossed:
                portfolio.Adopt(trade.Strategy, X, new VirtualPosition { Quantity = -trade.Target, CashFlow = value });
                portfolio.Adopt(trade.Winner, X, new VirtualPosition { Quantity = trade.Target, CashFlow = -value });
                break;
        }
    }

    private static VirtualPosition[] Parts(Rig rig)
    {
        VirtualPosition[] parts = new VirtualPosition[Owners];
        for (ushort s = 0; s < Owners; s++)
        {
            parts[s] = rig.Pipeline.Portfolio.Part(new StrategyId(s), X);
        }
        return parts;
    }

    /// <summary>The venue fills an order of the shared lane, whole or in part, and answers what it was asked before that.</summary>
    private static void Answer(Rig rig, Side side, long most, long price, ref ulong execution)
    {
        int place = rig.Pipeline.Orders.LiveInLane(X, StrategyId.House, side);
        if (place < 0)
        {
            return;
        }

        LowLatency.Core.Orders.OrderRecord order = rig.Pipeline.Orders[place];
        rig.Fill(order.Id, side, Math.Min(most, order.Leaves), price, ++execution);
        if (order.Leaves > most)
        {
            rig.Report(order.Id, OrderStatus.Cancelled, filled: order.Filled + most);
        }
    }
}
