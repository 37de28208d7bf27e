using System;
using System.Collections.Generic;
using FsCheck.Fluent;
using LowLatency.Core.Arbitration;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Orders.Styles;
using LowLatency.Core.Risk;
using LowLatency.Core.Values;
using LowLatency.Tests.Core.Orders.Styles;
using LowLatency.Tests.Core.Pipeline;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Properties;

/// <summary>
/// Random markets, wishes in every style, a venue that loses, repeats, refuses and delays, over 700 events: parents and
/// their orders add up, no order is larger than what is wanted, the limits hold, and no style does what it must not.
/// </summary>
public sealed class StylesAddUpTests
{
    private const int Events = 700;

    [Fact]
    public void Parents_and_children_always_add_up_and_no_style_breaks_its_word()
    {
        Dictionary<StyleKind, int> judged = [];
        PropertyCheck.Holds(Gen.Choose(1, int.MaxValue).ToArbitrary(), seed => Holds(seed, null, judged), runs: 400);
        foreach (StyleKind kind in Enum.GetValues<StyleKind>())
        {
            Assert.True(kind == StyleKind.AsWished || judged.GetValueOrDefault(kind) >= 50, $"{judged.GetValueOrDefault(kind)} orders of {kind}");
        }
    }

    /// <summary>Runs that once broke a rule: an amendment refused after a doubt, a limit that came closer than a resting peg.</summary>
    [Theory]
    [InlineData(74134773)]
    [InlineData(1360965266)]
    public void What_once_broke_a_rule_holds(int seed) => Assert.True(Holds(seed, null, []));

    [Theory]
    [InlineData(StyleKind.Market)]
    [InlineData(StyleKind.Limit)]
    [InlineData(StyleKind.PostOnly)]
    [InlineData(StyleKind.Peg)]
    [InlineData(StyleKind.Twap)]
    [InlineData(StyleKind.Participation)]
    [InlineData(StyleKind.Iceberg)]
    public void A_bug_in_a_style_is_caught(StyleKind kind) => PropertyCheck.Finds(
        Gen.Choose(1, int.MaxValue).ToArbitrary(),
        seed => Holds(seed, parents => new Broken(parents, kind), []),
        runs: 600);

    private static bool Holds(
        int seed, Func<ParentOrders, IChildPlanner>? planner, Dictionary<StyleKind, int> judged)
    {
        RandomMarket market = new((ulong)seed, 2) { Honest = true };
        ArbitrationPolicy policy = (ArbitrationPolicy)(1 + (seed % 3));
        HandPipeline pipeline = new(
            Pipelines.Settings(2, policy, RiskRun.Limits, styles: AllStyles.Table, seed: (ulong)seed), Plant.None, planner);
        RiskAuditor risk = new(RiskRun.Limits);
        StyleAuditor auditor = new(AllStyles.Table);
        Decision decision = default;
        long sequence = 0;
        foreach (Event e in market.Opening())
        {
            Step(e);
        }

        for (int i = 0; i < Events; i++)
        {
            Step(market.Next());
            while (decision.Waiting != 0)
            {
                Step(market.Continue(decision.Waiting));
            }
        }

        foreach ((StyleKind kind, int count) in auditor.Judged)
        {
            judged[kind] = judged.GetValueOrDefault(kind) + count;
        }

        return true;

        void Step(Event e)
        {
            e.Sequence = sequence++;
            pipeline.OnEvent(e, ref decision);
            auditor.See(e, decision);
            risk.See(e, decision);
            market.Take(decision);
            string? complaint = auditor.Complaint ?? risk.Complaint ?? Count();
            Assert.True(complaint is null, $"seed {seed}: {complaint} at event {e.Sequence}");
        }

        string? Count()
        {
            for (ushort i = 1; i <= 2; i++)
            {
                (long quantity, long filled, long waiting) = pipeline.Parents.Of(new InstrumentId(i));
                if (auditor.Books(i) is not { } books)
                {
                    if ((quantity, filled, waiting) != (0, 0, 0))
                    {
                        return $"a parent on {i} that nobody wants";
                    }

                    continue;
                }

                if ((books.Quantity, books.Filled, books.Quantity - books.Filled - books.Open) != (quantity, filled, waiting))
                {
                    return $"parent {quantity} = {filled} filled + {waiting} waiting + open, but the books say {books}";
                }
            }

            return null;
        }
    }

    /// <summary>A planner that breaks the word of one style.</summary>
    private sealed class Broken(ParentOrders right, StyleKind kind) : IChildPlanner
    {
        public Child Plan(in Intent intent, InstrumentMarket market, Side side, long quantity, long marketable)
        {
            Child child = right.Plan(intent, market, side, quantity, marketable);
            if (intent.StyleKind != kind)
            {
                return child;
            }

            return kind switch
            {
                StyleKind.Market => child with { Quantity = child.Quantity + market.Definition.Lot },
                StyleKind.Limit => child with { Price = child.Price + (side.Sign() * market.Definition.Tick) },
                StyleKind.PostOnly => child with { Manner = Manner.Rest },
                StyleKind.Peg => child with { Price = Touch(market, side, child.Price) },
                _ => child with { Quantity = quantity, Price = child.Price == 0 ? marketable : child.Price },
            };
        }

        public void End(InstrumentId instrument) => right.End(instrument);

        /// <summary>Where the peg would like to be, whatever its budget.</summary>
        private static long Touch(InstrumentMarket market, Side side, long otherwise) =>
            market.TryBest(out long bid, out _, out long ask, out _)
                ? side == Side.Buy ? Math.Min(bid, ask - 1) - 1 : Math.Max(ask, bid + 1) + 1
                : otherwise;
    }
}
