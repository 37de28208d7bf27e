using LowLatency.Core.Events;
using LowLatency.Core.Portfolio;
using LowLatency.Core.Values;
using LowLatency.Tests.Core.Pipeline;
using Xunit;

namespace LowLatency.Tests.Core.Risk;

/// <summary>
/// Several currencies in one, by hand. SYM1 and SYM2 are priced in dollars, 100.00 a piece; SYM3 in euros, 100.00; EURUSD tells what a
/// euro costs, USDJPY what a dollar does. The base currency is the dollar.
/// </summary>
public sealed class BaseCheckTests
{
    private const long Dollar = 100_000_000;

    [Theory]
    // 100 euros at 1.25 are 125 dollars; a hundredth of a unit is rounded down as what is owned and up as what is asked for.
    [InlineData("EUR", 100 * Dollar, 125 * Dollar, 125 * Dollar)]
    [InlineData("EUR", 1, 1, 2)]
    [InlineData("EUR", -1, -2, -1)]
    // 15,000 yen at 150.00 are 100 dollars; a unit is a hundred-and-fiftieth.
    [InlineData("JPY", 15_000 * Dollar, 100 * Dollar, 100 * Dollar)]
    [InlineData("JPY", 1, 0, 1)]
    [InlineData("USD", 7, 7, 7)]
    public void An_amount_is_converted_by_the_declared_instrument(string currency, long amount, long down, long up)
    {
        RiskBench bench = Bench();
        int index = bench.Portfolio.IndexOf(Currency8.Of(currency));
        Assert.True(bench.Stage.Base!.TryConvert(index, amount, up: false, out long owned, out _));
        Assert.True(bench.Stage.Base.TryConvert(index, amount, up: true, out long asked, out _));
        Assert.Equal((down, up), (owned, asked));
    }

    [Fact]
    public void Equity_is_the_sum_of_all_currencies_or_says_which_has_no_rate()
    {
        RiskBench bench = Bench();
        bench.Cash(-1_000_000_000_000_000 + (1_000 * Dollar));
        bench.Cash(-999_800 * Dollar, "EUR");
        bench.Cash(-1_500 * Dollar, "JPY");

        // 1,000 + 200 x 1.25 - 1,500 / 150.
        Assert.True(bench.Stage.Base!.TryEquity(out long equity, out _));
        Assert.Equal(1_240 * Dollar, equity);

        // A position in euros: 30 pieces bought at 100.00 and worth 110.00 are 300 euros more, 375 dollars.
        bench.Hold(30, instrument: 3);
        bench.Quote(3, 10_995, 11_005);
        Assert.True(bench.Stage.Base.TryEquity(out equity, out _));
        Assert.Equal(1_615 * Dollar, equity);
        bench.Now += (60 * Rig.Second) + 1;
        bench.Apply(LowLatency.Tests.Core.Market.Make.Tick(bench.Now));
        Assert.False(bench.Stage.Base.TryEquity(out _, out Currency8 missing));
        Assert.Equal(("EUR", "EURUSD"), (missing.ToString(), bench.Stage.Base.SymbolOf(bench.Portfolio.IndexOf(missing)).ToString()));
    }

    [Fact]
    public void Check_35_a_rate_that_is_missing_or_too_old_refuses_what_adds_and_names_its_instrument()
    {
        RiskBench bench = Bench();
        Is(10, RiskReason.None, bench.Ask(10, instrument: 3));
        bench.Hold(20, instrument: 3);

        // At the age the rate still counts; a nanosecond later it does not. Prices of the shares are fresh.
        bench.Now += 60 * Rig.Second;
        Requote(bench);
        Is(10, RiskReason.None, bench.Ask(10, instrument: 3));
        bench.Now++;
        Requote(bench);
        Verdict verdict = bench.Ask(10, instrument: 3);
        Is(0, RiskReason.Rate, verdict);
        Assert.Equal((4L, 60 * Rig.Second), (verdict.Observed, verdict.Limit));

        // Nor may anything be added in dollars while euros are held; what reduces passes.
        Is(0, RiskReason.Rate, bench.Ask(10));
        Is(-20, RiskReason.None, bench.Ask(-20, instrument: 3));
        bench.Quote(4, 124, 126);
        bench.Quote(5, 14_999, 15_001);
        Is(10, RiskReason.None, bench.Ask(10, instrument: 3));
    }

    [Fact]
    public void Check_35_a_currency_without_a_conversion_is_refused_and_nobody_is_named()
    {
        RiskBench bench = Bench();
        bench.Define(6, currency: "CHF");
        bench.Quote(6);
        Is(10, RiskReason.None, bench.Ask(10));

        // Cash of it counts as well: what the account owns is not known.
        bench.Cash(1_000_000 * Dollar, "CHF");
        Is(0, RiskReason.Rate, bench.Ask(10));
        Verdict verdict = bench.Ask(10, instrument: 6);
        Is(0, RiskReason.Rate, verdict);
        Assert.Equal(0, verdict.Observed);
    }

    [Fact]
    public void Check_36_the_worst_case_of_all_currencies_stays_within_the_limit()
    {
        // 20 pieces at 100.00 dollars and 40 at 100.00 euros: 2,000 + 4,000 x 1.25 = 7,000 dollars.
        RiskBench bench = Bench(7_000 * Dollar);
        bench.Hold(20);
        Is(40, RiskReason.None, bench.Ask(40, instrument: 3));
        RiskBench less = Bench((7_000 * Dollar) - 1);
        less.Hold(20);
        Verdict verdict = less.Ask(40, instrument: 3);
        Is(0, RiskReason.BaseGross, verdict);
        Assert.Equal((7_000 * Dollar, (7_000 * Dollar) - 1), (verdict.Observed, verdict.Limit));

        // What is open elsewhere counts at its worst: 10 pieces more are 1,000 dollars.
        RiskBench open = Bench(7_000 * Dollar);
        open.Hold(20);
        open.Live(1, Side.Buy, 10);
        Is(0, RiskReason.BaseGross, open.Ask(40, instrument: 3));
        Is(30, RiskReason.None, open.Ask(30, instrument: 3));
    }

    private static RiskBench Bench(long most = 0)
    {
        RiskBench bench = new(RigSettings.Wide() with
        {
            Base = new BaseSettings(
                Currency8.Of("USD"),
                [
                    new Conversion(Currency8.Of("EUR"), Symbol24.Of("EURUSD")),
                    new Conversion(Currency8.Of("JPY"), Symbol24.Of("USDJPY")),
                ],
                60 * Rig.Second,
                most),
        });
        bench.Define(3, currency: "EUR");
        bench.Define(4, InstrumentKind.Spot, symbol: "EURUSD");
        bench.Define(5, InstrumentKind.Spot, currency: "JPY", symbol: "USDJPY");
        bench.Cash(1_000_000 * Dollar, "EUR");
        Requote(bench);
        bench.Quote(4, 124, 126);
        bench.Quote(5, 14_999, 15_001);
        return bench;
    }

    private static void Requote(RiskBench bench)
    {
        bench.Quote(1);
        bench.Quote(2);
        bench.Quote(3);
    }

    private static void Is(long approved, RiskReason reason, in Verdict verdict) =>
        Assert.Equal((approved, reason), (verdict.ApprovedDelta, verdict.Reason));
}
