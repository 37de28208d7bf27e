using System;
using System.Linq;
using LowLatency.Core.Arbitration;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Portfolio;
using LowLatency.Core.Values;
using LowLatency.Tests.Core.Market;
using Xunit;

namespace LowLatency.Tests.Core.Portfolio;

/// <summary>
/// The ledger and arbitration alone, a hundred thousand fills of the shared lane: what each strategy gets, held against a
/// second implementation, and against the whole.
/// </summary>
public sealed class FillSharingTests
{
    private const int Strategies = 6;
    private const int Fills = 110_000;

    private static readonly InstrumentId X = new(1);

    private delegate long[] Share(long whole, long[] lacking);

    [Fact]
    public void A_hundred_thousand_fills_are_shared_to_the_last_unit() => Assert.Equal(-1, FirstWrong(Fair));

    [Fact]
    public void A_sharing_that_rounds_in_favour_of_the_first_is_caught() =>
        Assert.NotEqual(-1, FirstWrong((whole, lacking) =>
        {
            long[] parts = Fair(whole, lacking);
            int from = Array.FindIndex(parts, p => p > 0);
            int to = Array.FindLastIndex(parts, p => p > 0);
            parts[from]--;
            parts[to]++;
            return parts;
        }));

    [Fact]
    public void A_sharing_that_drops_what_nobody_lacks_is_caught() =>
        Assert.NotEqual(-1, FirstWrong((whole, lacking) =>
        {
            long[] parts = Fair(whole, lacking);
            parts[0] = Math.Min(parts[0], lacking[0]);
            return parts;
        }));

    /// <summary>Largest remainder in fractions of decimals, sorted; what nobody lacks goes to the house.</summary>
    private static long[] Fair(long whole, long[] lacking)
    {
        long total = lacking.Sum();
        long shared = Math.Min(total, whole);
        long[] parts = [.. lacking.Select(l => total == 0 ? 0 : (long)((decimal)l * shared / total))];
        int[] order =
        [
            .. Enumerable.Range(0, lacking.Length)
                .OrderByDescending(i => total == 0 ? 0 : ((decimal)lacking[i] * shared) % total)
                .ThenBy(i => i),
        ];
        for (int i = 0; parts.Sum() < shared; i++)
        {
            parts[order[i]]++;
        }

        parts[0] += whole - shared;
        return parts;
    }

    /// <summary>Number of the first fill after which something is wrong; -1 for none.</summary>
    private static int FirstWrong(Share share)
    {
        MarketView market = new([], 0);
        market.Apply(Make.Definition(1, 1));
        PortfolioLedger ledger = new(market);
        ArbitrationStage stage = new(
            new ArbitrationSettings(
                ArbitrationPolicy.Net, [.. Enumerable.Range(1, Strategies).Select(i => new StrategyRule(i, 0, 0))], false),
            market,
            ledger,
            new LaneTable());
        ledger.Define(X, Make.Definition(1, 1).InstrumentDefined);
        Xoshiro256 dice = new(2_026);
        long[] held = new long[Strategies + 1];
        long cash = 0;
        long fees = 0;
        for (int fill = 0; fill < Fills; fill++)
        {
            if (fill % 3 == 0)
            {
                Decision decision = default;
                decision.Signals[decision.SignalCount++] = new Signal
                {
                    Strategy = new StrategyId((ushort)(1 + dice.NextBelow(Strategies))),
                    Instrument = X,
                    Kind = SignalKind.Target,
                    Target = dice.NextBelow(2_001) - 1_000,
                };
                stage.OnEvent(Make.Tick(2), ref decision);
            }

            int sign = dice.NextBelow(2) == 0 ? 1 : -1;
            long whole = 1 + dice.NextBelow(400);
            Execution execution = new()
            {
                Order = OrderId.Of(1, 1, 1),
                ExecutionId = new VenueId(1, (ulong)fill + 1),
                Side = sign > 0 ? Side.Buy : Side.Sell,
                Price = 9_900 + dice.NextBelow(200),
                Quantity = whole,
                Fee = dice.NextBelow(1_000) - 200,
            };
            long[] lacking = new long[held.Length];
            for (ushort s = 0; s < held.Length; s++)
            {
                lacking[s] = Math.Max(0, sign * (stage.Desired(new StrategyId(s), X) - held[s]));
            }

            // Nobody asked for an order that is not ours: what nobody lacks is the house's.
            ledger.Apply(X, execution, StrategyId.House, stage, isOurs: false);
            long[] expected = share(whole, lacking);
            cash -= market[X].Definition.Notional(execution.Price, sign * whole) + execution.Fee;
            fees += execution.Fee;
            VirtualPosition[] parts =
                [.. Enumerable.Range(0, held.Length).Select(s => ledger.Part(new StrategyId((ushort)s), X))];
            for (int s = 0; s < held.Length; s++)
            {
                held[s] += sign * expected[s];
                if (parts[s].Quantity != held[s])
                {
                    return fill;
                }
            }

            if (parts.Sum(p => p.Quantity) != ledger.VenuePosition(X)
                || parts.Sum(p => p.CashFlow) != cash
                || parts.Sum(p => p.Fees) != fees)
            {
                return fill;
            }
        }

        return -1;
    }
}
