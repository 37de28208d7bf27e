using System.Numerics;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Risk;
using LowLatency.Core.Values;
using LowLatency.Tests.Core.Pipeline;
using Xunit;

namespace LowLatency.Tests.Core.Risk;

/// <summary>Exposure adjusted for correlation, against arithmetic by hand and against every corner of what is open.</summary>
public sealed class CorrelationCheckTests
{
    // The value of a piece at 100.00, money units.
    private const long Piece = 10_000 * RiskBench.CentPiece;

    // 30 and 40 pieces: 50 when nothing correlates, 70 when all does, 10 as a hedge of the same, sqrt(3700) at one half.
    [Theory]
    [InlineData(0, 30, 40, 50)]
    [InlineData(1_000_000, 30, 40, 70)]
    [InlineData(1_000_000, -30, 40, 10)]
    [InlineData(-1_000_000, 30, 40, 10)]
    [InlineData(-1_000_000, -30, 40, 70)]
    public void Check_31_the_root_of_the_sum_stays_within_the_limit(int ppm, long held, long delta, long root)
    {
        RiskBench bench = Bench(ppm, root * Piece);
        bench.Hold(held, instrument: 2);
        Is(delta, RiskReason.None, bench.Ask(delta));
        RiskBench less = Bench(ppm, (root * Piece) - 1);
        less.Hold(held, instrument: 2);
        Verdict verdict = less.Ask(delta);
        Is(0, RiskReason.Correlation, verdict);
        Assert.True(verdict.Observed >= root * Piece && verdict.Observed <= (root * Piece) + 1_000_000 && verdict.Limit == (root * Piece) - 1);
    }

    [Fact]
    public void Check_31_a_root_that_is_no_whole_number_is_not_rounded_away()
    {
        // 900 + 1600 + 2 x 0.5 x 1200 = 3700 pieces squared, in hundredths: the root lies between 60.8276 and 60.8277 pieces.
        RiskBench bench = Bench(500_000, 608_277 * (Piece / 10_000));
        bench.Hold(30, instrument: 2);
        Is(40, RiskReason.None, bench.Ask(40));
        RiskBench less = Bench(500_000, 608_276 * (Piece / 10_000));
        less.Hold(30, instrument: 2);
        Is(0, RiskReason.Correlation, less.Ask(40));
    }

    [Fact]
    public void Check_31_what_reduces_passes_and_what_is_open_counts_at_its_worst()
    {
        RiskBench bench = Bench(1_000_000, 50 * Piece);
        bench.Hold(20, instrument: 2);
        bench.Hold(-30);

        // The short of 30 hedges, as long as nothing could take it away.
        Is(-10, RiskReason.None, bench.Ask(-10));
        Is(-40, RiskReason.None, bench.Ask(-40));
        Is(0, RiskReason.Correlation, bench.Ask(-50));
        bench.Live(1, Side.Sell, 60, instrument: 2);
        Is(0, RiskReason.Correlation, bench.Ask(-10));
        Is(30, RiskReason.None, bench.Ask(30));
        Is(30, RiskReason.Correlation, bench.Ask(130));
    }

    [Fact]
    public void Check_31_an_instrument_without_a_row_moves_with_everything()
    {
        CorrelationLimit limit = new([Symbol24.Of("SYM1"), Symbol24.Of("OTHER")], [1_000_000, 0, 0, 1_000_000], 70 * Piece);
        RiskBench bench = new(RigSettings.Wide() with { Correlation = limit });
        bench.Hold(-30, instrument: 2);
        Is(40, RiskReason.None, bench.Ask(40));
        Is(0, RiskReason.Correlation, bench.Ask(50));
    }

    /// <summary>
    /// Whatever is granted, no corner of what is open breaks the limit by the naive sum in wide numbers; what is refused though
    /// nothing else is open breaks it at once. A matrix whose sign is turned is found out by the same comparison.
    /// </summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Check_31_no_corner_of_what_is_open_is_beyond_the_limit(bool planted)
    {
        Xoshiro256 dice = new(41);
        int granted = 0;
        int refused = 0;
        int broken = 0;
        for (int run = 0; run < 4_000; run++)
        {
            int ppm = (int)dice.NextBelow(2_000_001) - 1_000_000;
            long limit = (20 + dice.NextBelow(80)) * Piece;
            RiskBench bench = Bench(planted ? -ppm : ppm, limit);
            long held = 10 * (dice.NextBelow(9) - 4);
            if (held != 0)
            {
                bench.Hold(held, instrument: 2);
            }

            long buys = 10 * dice.NextBelow(4);
            long sells = 10 * dice.NextBelow(4);
            bench.Live(1, Side.Buy, buys, instrument: 2);
            bench.Live(1, Side.Sell, sells, instrument: 2);
            long delta = 10 * (dice.NextBelow(2) == 0 ? 1 + dice.NextBelow(8) : -1 - dice.NextBelow(8));
            bool may = bench.Ask(delta).ApprovedDelta == delta;
            bool holds = true;
            foreach (long other in (long[])[held - sells, held + buys])
            {
                holds &= Squared(delta, other, ppm) <= (BigInteger)limit * limit;
            }

            granted += may ? 1 : 0;
            refused += may ? 0 : 1;
            broken += may && !holds ? 1 : 0;
            Assert.True(planted || may || !holds || buys + sells > 0, $"run {run}: refused though exact");
        }

        Assert.True(granted > 500 && refused > 500, $"{granted} granted, {refused} refused");
        Assert.Equal(planted, broken > 0);
    }

    private static BigInteger Squared(long own, long other, int ppm)
    {
        BigInteger a = (BigInteger)own * Piece;
        BigInteger b = (BigInteger)other * Piece;
        return (a * a) + (b * b) + (2 * a * b * ppm / 1_000_000);
    }

    private static RiskBench Bench(int ppm, long limit) => new(RigSettings.Wide() with
    {
        Correlation = new CorrelationLimit([Symbol24.Of("SYM1"), Symbol24.Of("SYM2")], [1_000_000, ppm, ppm, 1_000_000], limit),
    });

    private static void Is(long approved, RiskReason reason, in Verdict verdict) =>
        Assert.Equal((approved, reason), (verdict.ApprovedDelta, verdict.Reason));
}
