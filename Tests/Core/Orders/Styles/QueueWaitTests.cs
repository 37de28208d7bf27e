using LowLatency.Core.Events;
using LowLatency.Core.Signals;
using LowLatency.Core.Values;
using LowLatency.Tests.Core.Pipeline;
using Xunit;

namespace LowLatency.Tests.Core.Orders.Styles;

/// <summary>
/// An order of 10 at the bid, where 100 stand before it; the place may promise eight seconds. How long it waits follows the
/// queue: what is printed, and what is shown.
/// </summary>
public sealed class QueueWaitTests
{
    // After 2 seconds: 100 before it. 25 printed elsewhere are 12.5 a second, so 8 seconds; one less is longer.
    [Theory]
    [InlineData(25, false)]
    [InlineData(24, true)]
    [InlineData(0, true)]
    public void A_place_that_promises_too_long_a_wait_goes_to_the_market(long printed, bool takes)
    {
        Rig rig = Resting(8);
        rig.Now += 2 * Rig.Second - 1;
        Print(rig, 10_001, printed, Side.Buy);
        Assert.Empty(rig.Commands);
        rig.Tick(1);
        Assert.Equal(takes, rig.Commands.Count == 1);
        if (takes)
        {
            // It rests and would take now: cancelled first, the rest follows the answer.
            Command cancel = rig.Commands[0];
            Assert.Equal(CommandVerb.Cancel, cancel.Verb);
            rig.Outcome(cancel.Order, CommandVerb.Cancel, Outcome.Sent);
            rig.Report(cancel.Order, OrderStatus.Cancelled, reason: ReportReason.Requested);
            Assert.Equal((TimeInForce.ImmediateOrCancel, 10L), (rig.Commands[0].TimeInForce, rig.Commands[0].Quantity));
        }
    }

    // 60 of the 100 are printed at its price by sellers: 40 before it, 30 a second, done in little more than a second.
    [Theory]
    [InlineData(Side.Sell, 9_999, false)]
    [InlineData(Side.None, 9_999, false)]
    [InlineData(Side.Buy, 10_001, true)]
    public void What_is_printed_at_its_price_brings_it_forward(Side aggressor, long price, bool takes)
    {
        Rig rig = Resting(3);
        rig.Now += 2 * Rig.Second;
        Print(rig, price, 60, aggressor);
        rig.Tick();
        Assert.Equal(takes, rig.Commands.Count == 1);
    }

    [Fact]
    public void What_is_shown_is_the_most_that_can_stand_before_it_and_a_level_that_grows_does_not_set_it_back()
    {
        Rig rig = Resting(8);
        Print(rig, 10_001, 4, Side.Buy);
        Show(rig, 10);
        Show(rig, 500);
        rig.Tick(3 * Rig.Second);

        // 10 before it at 4 in 3 seconds: 7.5 seconds.
        Assert.Empty(rig.Commands);
        rig.Tick(Rig.Second);
        Assert.Single(rig.Commands);
    }

    [Fact]
    public void Without_the_option_it_waits_and_a_price_of_its_own_has_nobody_before_it()
    {
        Rig patient = Resting(0);
        patient.Tick(20 * Rig.Second);
        Assert.Empty(patient.Commands);

        Rig first = New(8);
        first.Target(1, 10, limit: 10_000, style: "rest");
        Accept(first);
        first.Tick(20 * Rig.Second);
        Assert.Empty(first.Commands);
    }

    private static Rig New(int seconds) => new Rig(new RigSettings
    {
        Execution = new ExecutionStyles(
            [new ExecutionStyle("rest", StyleKind.Limit) { QueueWait = seconds * Rig.Second }], string.Empty, [], []),
    }).Begin();

    private static Rig Resting(int seconds)
    {
        Rig rig = New(seconds);
        rig.Target(1, 10, limit: 9_999, style: "rest");
        Accept(rig);
        return rig;
    }

    private static void Accept(Rig rig)
    {
        Command command = rig.Commands[0];
        rig.Outcome(command.Order, CommandVerb.New, Outcome.Sent);
        rig.Report(command.Order, OrderStatus.Accepted, command.Quantity, command.Price);
    }

    private static void Print(Rig rig, long price, long quantity, Side aggressor) =>
        rig.Publish(new Trade { Price = price, Quantity = quantity, Aggressor = aggressor }, 1);

    private static void Show(Rig rig, long bid) => rig.Publish(
        new Quote { BidPrice = 9_999, BidQuantity = bid, AskPrice = 10_001, AskQuantity = 100 }, 1);
}
