using System;
using System.Linq;
using System.Threading.Tasks;
using LowLatency.Core.Events;
using LowLatency.Core.Orders;
using LowLatency.Core.Values;
using LowLatency.Gateways.Alpaca;
using LowLatency.Gateways.Live;
using LowLatency.Sandbox;
using LowLatency.Sandbox.Faults;
using Xunit;

namespace LowLatency.Tests.Engine.Network;

/// <summary>The account and the market data of Alpaca over real sockets, against the local exchange.</summary>
[Collection("LiveSockets")]
public sealed class AlpacaSandboxTests
{
    [Fact]
    public async Task Orders_go_out_and_everything_comes_back_over_real_sockets()
    {
        await using SandboxServer sandbox = await SandboxServer.StartAsync(new SandboxOptions { RateFactor = 10 });
        using LiveRig<AlpacaVenue> rig = LiveRig.Alpaca(sandbox, "BTC/USD", InstrumentKind.Spot);
        rig.Until(() => rig.Account.IsReady && rig.BestBid > 0);
        Assert.Equal(LinkState.Live, rig.Account.AccountState);
        Assert.True(rig.Account.Account!.Value.IsActive);

        // A resting order: placed, replaced twice, cancelled under the id that it has last.
        long price = rig.BestBid / rig.Tick * rig.Tick * 9 / 10 / rig.Tick * rig.Tick;
        long quantity = 10 * rig.Lot;
        OrderId rests = rig.New(Side.Buy, OrderType.Limit, price, quantity);
        rig.Until(() => rig.Orders[rests].State == OrderState.Working && rig.Account.Unresolved == 0);
        rig.Amend(rests, price - rig.Tick, quantity);
        rig.Until(() => rig.Orders[rests].State == OrderState.Working && rig.Orders[rests].Price == price - rig.Tick);
        rig.Amend(rests, price - (2 * rig.Tick), quantity);
        rig.Until(() => rig.Orders[rests].State == OrderState.Working && rig.Orders[rests].Price == price - (2 * rig.Tick));
        rig.Cancel(rests);
        rig.Until(() => rig.Orders[rests].State == OrderState.Cancelled);

        OrderId takes = rig.New(Side.Buy, OrderType.Market, 0, quantity);
        rig.Until(() => rig.Orders[takes].Filled == quantity);
        rig.Until(() => rig.Account.Unresolved == 0);
        Assert.All(rig.Answers, answer => Assert.Equal(Outcome.Sent, answer.Outcome));
        Assert.Equal(rig.Commands, rig.Answers.Count);
        rig.AskReadBack();

        // The fee of crypto is taken from what was bought.
        rig.Until(() => rig.Position > quantity * 9 / 10);
        Assert.InRange(rig.Position, quantity * 9 / 10, quantity);
        Assert.Equal(0, rig.Account.Quarantined);
    }

    [Fact]
    public async Task The_trading_days_of_the_week_ahead_are_told_at_the_start()
    {
        await using SandboxServer sandbox = await SandboxServer.StartAsync(new SandboxOptions { RateFactor = 10 });
        using LiveRig<AlpacaVenue> rig = LiveRig.Alpaca(sandbox, "AAPL", InstrumentKind.Equity);
        rig.Until(() => rig.Events.Exists(e => e.Kind == EventKind.CalendarDay && e.CalendarDay.Place == e.CalendarDay.Days - 1));
        CalendarDay[] days = [.. rig.Events.Where(e => e.Kind == EventKind.CalendarDay).Select(e => e.CalendarDay)];
        Assert.Equal(days[0].Days, days.Length);
        DateOnly from = Date(days[0].From);
        Assert.Equal(from.AddDays(7), Date(days[0].Until));

        // The local exchange trades on every weekday, from half past nine to four in New York.
        TimeZoneInfo zone = TimeZoneInfo.FindSystemTimeZoneById("America/New_York");
        DateOnly[] expected = [.. Enumerable.Range(0, 8).Select(from.AddDays)
            .Where(day => day.DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday))];
        Assert.Equal(expected, days.Select(day => Date(day.Date)));
        Assert.All(days, day => Assert.Equal(
            (At(day.Date, 9, 30), At(day.Date, 16, 0)), (day.Open, day.Close)));

        static DateOnly Date(int date) => new(date / 10_000, date / 100 % 100, date % 100);

        long At(int date, int hour, int minute) =>
            (TimeZoneInfo.ConvertTimeToUtc(Date(date).ToDateTime(new TimeOnly(hour, minute)), zone) - DateTime.UnixEpoch).Ticks * 100;
    }

    [Theory]
    [InlineData(FaultKind.AcceptThenTimeout, "POST /v2/orders")]
    [InlineData(FaultKind.Cut, "POST /v2/orders")]
    [InlineData(FaultKind.Drop, "POST /v2/orders")]
    public async Task An_order_whose_answer_is_lost_is_found(FaultKind kind, string match)
    {
        FaultRule fault = new() { Kind = kind, Channel = SandboxChannel.AlpacaRest, Match = match };
        await using SandboxServer sandbox = await SandboxServer.StartAsync(new SandboxOptions { RateFactor = 10, Faults = [fault] });
        using LiveRig<AlpacaVenue> rig = LiveRig.Alpaca(sandbox, "BTC/USD", InstrumentKind.Spot);
        rig.Until(() => rig.Account.IsReady && rig.BestBid > 0);
        OrderId order = rig.New(Side.Buy, OrderType.Limit, rig.BestBid * 9 / 10 / rig.Tick * rig.Tick, 10 * rig.Lot);
        rig.Until(() => rig.Orders[order].State == OrderState.Working && rig.Account.Unresolved == 0);
        Assert.Single(rig.Answers);
        rig.Cancel(order);
        rig.Until(() => rig.Orders[order].State == OrderState.Cancelled);
    }

    [Fact]
    public async Task A_wrong_secret_never_becomes_ready()
    {
        await using SandboxServer sandbox = await SandboxServer.StartAsync(new SandboxOptions());
        using LiveRig<AlpacaVenue> rig = LiveRig.Alpaca(sandbox, "BTC/USD", InstrumentKind.Spot, "wrong");
        rig.Run(2);
        Assert.False(rig.Account.IsReady);
        Assert.NotEqual(LinkState.Live, rig.Account.AccountState);
        Assert.Null(rig.Account.Account);
        Assert.DoesNotContain(rig.Events, e => e.Kind == EventKind.ReadBack && e.ReadBack.Stage == ReadBackStage.End);
    }
}
