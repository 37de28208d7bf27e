using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Tests.Core.Orders.Reconciling;
using LowLatency.Tests.Core.Pipeline;
using Xunit;

namespace LowLatency.Tests.Core.Risk;

/// <summary>What the venue says is available caps what may be added, while it is not too old; its margin call is kept away from.</summary>
public sealed class VenueFiguresTests
{
    // Ten pieces at the market's 100.00, which is more than their limit, need 100.00 with a leverage of 10.
    private const long Need = 10_000 * Rig.MoneyPerCent;

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public void Check_41_an_order_needs_what_the_venue_has_available(long lacking, bool passes)
    {
        AccountRig rig = Told(Need - lacking);
        rig.Rig.Target(1, 10, 1, 9_900);
        Assert.Equal(passes ? 1 : 0, rig.Rig.Commands.Count);
        Verdict verdict = rig.Rig.Verdicts[^1];
        Assert.Equal(
            passes ? (RiskReason.None, 0, 0) : (RiskReason.VenueFunds, Need, Need - lacking),
            (verdict.Reason, verdict.Observed, verdict.Limit));
    }

    [Fact]
    public void What_was_sent_counts_until_the_second_report_after_it()
    {
        AccountRig rig = Told((2 * Need) - 1);
        rig.Rig.Target(1, 10, 1, 9_900);
        Assert.Single(rig.Rig.Commands);
        rig.Rig.Target(1, 10, 2, 9_900);
        Assert.Equal((RiskReason.VenueFunds, 2 * Need), (rig.Rig.Verdicts[^1].Reason, rig.Rig.Verdicts[^1].Observed));
        Tell(rig, (2 * Need) - 1);
        rig.Rig.Target(1, 11, 2, 9_900);
        Assert.Equal(RiskReason.VenueFunds, rig.Rig.Verdicts[^1].Reason);
        Tell(rig, (2 * Need) - 1);
        rig.Rig.Target(1, 10, 2, 9_900);
        Assert.Single(rig.Rig.Commands);
    }

    [Fact]
    public void Figures_that_are_too_old_or_were_never_told_let_nothing_add()
    {
        AccountRig rig = Told(100 * Need);
        rig.Rig.Now += 60 * Rig.Second;
        rig.Rig.Target(1, 10, 1, 9_900);
        Assert.Single(rig.Rig.Commands);
        rig.Rig.Now++;
        rig.Rig.Target(1, 10, 2, 9_900);
        Assert.Equal(
            (RiskReason.VenueFunds, (60 * Rig.Second) + 1, 60 * Rig.Second),
            (rig.Rig.Verdicts[^1].Reason, rig.Rig.Verdicts[^1].Observed, rig.Rig.Verdicts[^1].Limit));

        // What reduces needs nothing.
        AccountRig holding = Told(100 * Need);
        holding.Fill(holding.Rest(1, 5, 9_990), 5);
        Tell(holding, 0);
        holding.Rig.Target(1, 0);
        Assert.Single(holding.Rig.Commands);
    }

    [Theory]
    [InlineData(120, true)]
    [InlineData(119, false)]
    public void Check_42_the_margin_call_is_kept_away_from(long equity, bool passes)
    {
        AccountRig rig = Told(100 * Need);
        rig.Rig.Publish(new BalanceReport
        {
            Currency = Currency8.Of("USD"),
            Available = 100 * Need,
            Equity = equity * Need,
            MaintenanceMargin = 100 * Need,
        });
        rig.Rig.Target(1, 10, 1, 9_900);
        Verdict verdict = rig.Rig.Verdicts[^1];
        Assert.Equal(
            passes ? (RiskReason.None, 0, 0) : (RiskReason.VenueMargin, 119 * Need, 120 * Need),
            (verdict.Reason, verdict.Observed, verdict.Limit));
    }

    [Fact]
    public void A_currency_without_a_figure_of_its_own_takes_that_of_the_account()
    {
        AccountRig rig = Told(0);
        rig.Rig.Publish(new BalanceReport { Available = Need });
        rig.Rig.Target(1, 10, 1, 9_900);
        Assert.Single(rig.Rig.Commands);
    }

    [Theory]
    [InlineData(10, 0, 0, 1)]
    [InlineData(10, 8, 0, 1)]
    [InlineData(10, 10, 0, 0)]
    [InlineData(10, 0, -10, 0)]
    [InlineData(0, 0, 0, 0)]
    public void What_is_told_of_the_account_in_dollars_says_nothing_of_a_coin(long cash, long held, long profit, int commands)
    {
        // The account as a whole has plenty; of the coin the venue says only cash and margin.
        AccountRig rig = AccountRig.Matched(AccountRig.Settings() with { FiguresMaxAge = 60 * Rig.Second }, currency: "USDT");
        rig.Rig.Publish(new BalanceReport
        {
            Currency = Currency8.Of("USDT"),
            Cash = cash * Need / 10 * 2,
            Equity = (cash + profit) * Need / 10 * 2,
            InitialMargin = held * Need / 10 * 2,
        });
        rig.Rig.Publish(new BalanceReport { Available = 1_000 * Need });
        rig.Rig.Target(1, 2, 1, 9_900);
        Assert.Equal(commands, rig.Rig.Commands.Count);
        if (commands == 0)
        {
            Assert.Equal((RiskReason.VenueFunds, 0), (rig.Rig.Verdicts[^1].Reason, rig.Rig.Verdicts[^1].Limit));
        }
    }

    [Fact]
    public void An_amendment_counts_with_what_it_adds()
    {
        AccountRig rig = Told((19 * Need / 10) - 1);
        OrderId order = rig.Rest(1, 1, 9_990).Id;
        Tell(rig, (19 * Need / 10) - 1);
        Tell(rig, (19 * Need / 10) - 1);

        // From one to ten by an amendment, and then ten of another instrument.
        rig.Rig.Target(1, 10, 1, 9_990);
        Assert.Equal(CommandVerb.Amend, Assert.Single(rig.Rig.Commands).Verb);
        rig.Rig.Report(order, OrderStatus.Amended, 10, 9_990);
        rig.Rig.Target(1, 10, 2, 9_900);
        Assert.Equal(RiskReason.VenueFunds, rig.Rig.Verdicts[^1].Reason);
        Assert.Equal((9 * Need / 10) + Need, rig.Rig.Verdicts[^1].Observed);
    }

    private static AccountRig Told(long available)
    {
        AccountRig rig = AccountRig.Matched(
            AccountRig.Settings() with { FiguresMaxAge = 60 * Rig.Second, MarginFloorPpm = 1_200_000 });
        Tell(rig, available);
        Tell(rig, available);
        return rig;
    }

    private static void Tell(AccountRig rig, long available) =>
        rig.Rig.Publish(new BalanceReport { Currency = Currency8.Of("USD"), Available = available });
}
