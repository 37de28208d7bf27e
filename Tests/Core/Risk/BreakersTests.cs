using System.Linq;
using LowLatency.Core.Events;
using LowLatency.Core.Formats;
using LowLatency.Core.Market.Calendars;
using LowLatency.Core.Risk;
using LowLatency.Core.Values;
using LowLatency.Tests.Core.Pipeline;
using Xunit;

namespace LowLatency.Tests.Core.Risk;

public sealed class BreakersTests
{
    private const long One = 100_000_000;

    [Theory]
    [InlineData(BreakerKind.DailyLoss)]
    [InlineData(BreakerKind.Drawdown)]
    public void A_loss_trips_at_the_limit_and_not_a_unit_before(BreakerKind kind)
    {
        // 10 pieces from 100.00 to 95.00 lose 50; a fee is a loss too.
        Assert.False(Loses((50 * One) + 1, fee: 0).IsTripped(kind));
        Assert.True(Loses(50 * One, fee: 0).IsTripped(kind));
        Assert.True(Loses((50 * One) + 1, fee: 1).IsTripped(kind));

        Breakers Loses(long limit, long fee)
        {
            Rig rig = Begin(new BreakerRule(kind, limit, BreakerAction.Reduce));
            Open(rig, fee);
            rig.Quote(1, 9_500, 9_500);
            return rig.Pipeline.Risk.Breakers;
        }
    }

    [Theory]
    [InlineData(BreakerAction.Reduce, TradingState.Reducing)]
    [InlineData(BreakerAction.Flatten, TradingState.Reducing)]
    [InlineData(BreakerAction.Halt, TradingState.Halted)]
    public void A_tripped_breaker_is_latched_through_operators_days_and_restarts(BreakerAction action, TradingState state)
    {
        BreakerRule rule = new(BreakerKind.DailyLoss, 50 * One, action);
        Rig rig = Begin(rule);
        Open(rig, 0);
        rig.Quote(1, 9_500, 9_500);
        Assert.Equal(state, rig.Pipeline.Risk.State);
        rig.Operator(OperatorVerb.Activate);
        rig.Tick(48 * 3_600 * Rig.Second);
        rig.Quote(1, 11_000, 11_000);
        Assert.Equal(state, rig.Pipeline.Risk.State);

        StateWriter writer = new(1 << 22);
        rig.Pipeline.Visit(writer);
        Rig restored = new(rig.Settings);
        restored.Pipeline.Visit(new StateReader(writer.Written.ToArray()));
        restored.Now = rig.Now;
        restored.Publish(new EpochStarted { Epoch = 2, Instance = 1, Venue = VenueKind.Simulated });
        restored.Operator(OperatorVerb.Activate);
        Assert.Equal(state, restored.Pipeline.Risk.State);
        Assert.True(restored.Pipeline.Risk.Breakers.IsTripped(BreakerKind.DailyLoss));

        restored.Operator(OperatorVerb.ResetBreakers);
        Assert.Equal(TradingState.Active, restored.Pipeline.Risk.State);
    }

    [Fact]
    public void A_reset_measures_anew_and_does_not_lift_what_an_operator_or_doubt_said()
    {
        Rig rig = Begin(new BreakerRule(BreakerKind.Drawdown, 50 * One, BreakerAction.Halt));
        Open(rig, 0);
        rig.Quote(1, 9_500, 9_500);
        rig.Operator(OperatorVerb.Reduce);
        Assert.Equal(TradingState.Halted, rig.Pipeline.Risk.State);
        rig.Operator(OperatorVerb.ResetBreakers);
        Assert.Equal(TradingState.Reducing, rig.Pipeline.Risk.State);
        rig.Quote(1, 9_001, 9_001);
        Assert.False(rig.Pipeline.Risk.Breakers.IsTripped(BreakerKind.Drawdown));
        rig.Quote(1, 9_000, 9_000);
        Assert.True(rig.Pipeline.Risk.Breakers.IsTripped(BreakerKind.Drawdown));
    }

    [Fact]
    public void A_refusal_names_the_breaker_that_holds_the_state()
    {
        Rig rig = Begin(new BreakerRule(BreakerKind.Drawdown, 50 * One, BreakerAction.Reduce));
        Open(rig, 0);
        rig.Quote(1, 9_500, 9_500);
        rig.Target(1, 20);
        Verdict verdict = rig.Verdicts.Single();
        Assert.Equal(
            (RiskReason.Reducing, -(long)BreakerKind.Drawdown), (verdict.Reason, verdict.Limit));
    }

    [Fact]
    public void An_equity_that_is_not_known_moves_no_mark()
    {
        Rig rig = Begin(new BreakerRule(BreakerKind.DailyLoss, 50 * One, BreakerAction.Reduce));
        Open(rig, 0);
        rig.Publish(new StreamStateChanged { State = StreamState.Down }, 1);
        rig.Tick(24 * 3_600 * Rig.Second);
        Assert.Equal(TradingState.Active, rig.Pipeline.Risk.State);

        // The day is measured from its first known value.
        rig.Quote(1, 9_400, 9_400);
        Assert.Equal(TradingState.Active, rig.Pipeline.Risk.State);
        rig.Quote(1, 8_900, 8_900);
        Assert.Equal(TradingState.Reducing, rig.Pipeline.Risk.State);
    }

    [Fact]
    public void A_day_may_be_a_session_of_a_calendar()
    {
        TradingDay day = new(new TradingCalendar([new(20260105, 100, 200), new(20260106, 300, 400)]));
        Assert.Equal([0, 20260105, 20260105, 20260105, 20260106], [day.Of(99, 0), day.Of(100, 0), day.Of(199, 20260105), day.Of(250, 20260105), day.Of(300, 20260105)]);
        TradingDay evening = new(22 * 3_600 * Rig.Second);
        long midnight = 20_000 * 86_400L * Rig.Second;
        Assert.NotEqual(evening.Of(midnight + evening.StartsAt - 1, 0), evening.Of(midnight + evening.StartsAt, 0));
        Assert.Equal(evening.Of(midnight - 1, 0), evening.Of(midnight, 0));
    }

    [Theory]
    [InlineData(BreakerKind.Rejects)]
    [InlineData(BreakerKind.Orders)]
    [InlineData(BreakerKind.VenueErrors)]
    public void A_window_counts_up_to_its_edge(BreakerKind kind)
    {
        Assert.True(Trips(Rig.Second - 1));
        Assert.False(Trips(Rig.Second));

        // Three happenings; the last one so long after the first one.
        bool Trips(long span)
        {
            RiskSettings risk = RigSettings.Wide() with { RejectBackoff = 0, RetryInterval = 3_600 * Rig.Second };
            BreakerRule rule = new(kind, 3, BreakerAction.Halt, Rig.Second);
            Rig rig = new Rig(new RigSettings { Instruments = 3, Risk = risk with { Breakers = [rule] } }).Begin();
            for (int i = 1; i <= 3; i++)
            {
                rig.Now += i == 3 ? span : 0;
                rig.Target(1, 10, instrument: i, limit: 9_900);
                if (kind == BreakerKind.Rejects)
                {
                    rig.Report(rig.Live(Side.Buy, instrument: i), OrderStatus.Rejected, reason: ReportReason.InsufficientFunds);
                }
                else if (kind == BreakerKind.VenueErrors)
                {
                    rig.Outcome(rig.Live(Side.Buy, instrument: i), CommandVerb.New, Outcome.Unknown);
                }
            }

            rig.Tick();
            return rig.Pipeline.Risk.Breakers.IsTripped(kind);
        }
    }

    private static Rig Begin(BreakerRule rule) =>
        new Rig(new RigSettings { Risk = RigSettings.Wide() with { Breakers = [rule] } }).Begin();

    private static void Open(Rig rig, long fee)
    {
        rig.Target(1, 10);
        rig.Fill(rig.Live(Side.Buy), Side.Buy, 10, 10_000, 1, fee: fee);
    }
}
