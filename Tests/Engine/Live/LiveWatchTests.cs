using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Engine.Live;
using LowLatency.Tests.Engine.Configuration;
using Xunit;

namespace LowLatency.Tests.Engine.Live;

/// <summary>
/// Which events somebody is told of: every kind has a row here, every alarm that is noticed is told, and nothing has to be wired by
/// hand for it.
/// </summary>
public sealed class LiveWatchTests
{
    private static readonly OrderId _ours = OrderId.Of(1, 5, 0);

    /// <summary>What raises an alarm, in the events that it takes; by the name of a case.</summary>
    private static readonly Dictionary<string, (LiveAlarm Alarm, Event[] Events)> _told = new()
    {
        ["an execution of nobody's order"] = (LiveAlarm.PositionMovedByOthers, [Of(new Execution { Quantity = 1, Price = 1 })]),
        ["a rejection"] = (LiveAlarm.OrderRejected, [Of(new OrderReport { Order = _ours, Status = OrderStatus.Rejected })]),
        ["a command of unknown outcome"] = (LiveAlarm.OutcomeUnknown, [Of(new CommandOutcome { Order = _ours, Outcome = Outcome.Unknown })]),
        ["the account's stream down"] = (LiveAlarm.AccountStreamLost, [Stream(StreamContent.Account, StreamState.Down)]),
        ["a gap in the account's stream"] = (LiveAlarm.AccountStreamLost, [Stream(StreamContent.Account, StreamState.Gap)]),
        ["a market stream down"] = (LiveAlarm.MarketStreamLost, [Stream(default, StreamState.Down)]),
        ["a failed reading"] = (LiveAlarm.ReadBackFailed, [Read(ReadBackSubject.Orders, ReadBackStage.Failed)]),
        ["an order of somebody else"] = (
            LiveAlarm.ForeignOrder,
            [
                Read(ReadBackSubject.Orders, ReadBackStage.Begin),
                Of(new OrderReport { Status = OrderStatus.Accepted }, EventFlags.Whole | EventFlags.ReadBack),
                Read(ReadBackSubject.Orders, ReadBackStage.End),
            ]),
        ["an adjustment"] = (LiveAlarm.AccountDiffers, [Of(new Adjustment())]),
        ["a stop that is missing"] = (LiveAlarm.Unprotected, [Of(new Protection { IsMissing = 1 })]),
    };

    /// <summary>The same kinds when all is well, and the kinds of which nobody has to hear.</summary>
    private static readonly Dictionary<string, Event> _quiet = new()
    {
        ["an execution of ours"] = Of(new Execution { Order = _ours, Quantity = 1, Price = 1 }),
        ["an acceptance"] = Of(new OrderReport { Order = _ours, Status = OrderStatus.Accepted }),
        ["a command that left"] = Of(new CommandOutcome { Order = _ours, Outcome = Outcome.Sent }),
        ["a command that was held back"] = Of(new CommandOutcome { Order = _ours, Outcome = Outcome.NotSent }),
        ["the account's stream up"] = Stream(StreamContent.Account, StreamState.Up),
        ["a market stream up"] = Stream(default, StreamState.Up),
        ["a reading that begins"] = Read(ReadBackSubject.Positions, ReadBackStage.Begin),
        ["a stop that rests"] = Of(new Protection()),
        ["a definition"] = Of(default(InstrumentDefined)),
        ["a print"] = Of(default(Trade)),
        ["a quote"] = Of(default(Quote)),
        ["levels"] = Of(default(BookLevels)),
        ["a bar"] = Of(default(Bar)),
        ["a status of the market"] = Of(default(TradingStatusChanged)),
        ["prices of a derivative"] = Of(default(DerivativePrices)),
        ["somebody's liquidation"] = Of(default(Liquidation)),
        ["a price band"] = Of(default(PriceBand)),
        ["a corrected print"] = Of(default(TradeCorrected)),
        ["a corporate action"] = Of(default(CorporateAction)),
        ["a day of the venue's calendar"] = Of(default(CalendarDay)),
        ["a tick"] = Of(default(Tick)),
        ["a part of a blob"] = Of(default(BlobPart)),
        ["a continuation"] = Of(default(Continue)),
        ["cash at the start"] = Of(default(CashMoved)),
        ["cash that was booked"] = Of(default(CashBooked)),
        ["a position by the stream"] = Of(default(PositionReport)),
        ["a balance by the stream"] = Of(default(BalanceReport)),

        // Of its start, its end and a person's word the run itself tells.
        ["a start"] = Of(default(EpochStarted)),
        ["an end"] = Of(default(EpochEnded)),
        ["an operator's word"] = Of(default(OperatorCommand)),
    };

    public static TheoryData<string> Told => [.. _told.Keys];

    public static TheoryData<string> Quiet => [.. _quiet.Keys];

    [Fact]
    public void Every_kind_of_event_has_a_row()
    {
        EventKind[] here = [.. _told.Values.SelectMany(row => row.Events).Concat(_quiet.Values).Select(e => e.Kind).Distinct().Order()];
        Assert.Equal(Enum.GetValues<EventKind>().Where(kind => kind != EventKind.None).Order(), here);
    }

    [Theory]
    [MemberData(nameof(Told))]
    public void What_must_be_told_is_noticed_once_and_nothing_else_is(string what)
    {
        (LiveAlarm alarm, Event[] events) = _told[what];
        LiveWatch watch = Shown(events);
        Assert.All(Enum.GetValues<LiveAlarm>(), other => Assert.Equal(other == alarm ? 1 : 0, watch.Noticed(other)));
    }

    [Theory]
    [MemberData(nameof(Quiet))]
    public void What_is_as_it_should_be_is_not(string what)
    {
        LiveWatch watch = Shown(_quiet[what]);
        Assert.All(Enum.GetValues<LiveAlarm>(), alarm => Assert.Equal(0, watch.Noticed(alarm)));
    }

    /// <summary>Noticed and told by nobody: that is what must not be.</summary>
    [Fact]
    public void What_is_noticed_is_among_what_is_told()
    {
        LiveAlarm[] counted = (LiveAlarm[])typeof(Notices).GetField("_counted", BindingFlags.NonPublic | BindingFlags.Static)!.GetValue(null)!;
        Assert.Equal(_told.Values.Select(row => row.Alarm).Distinct().Order(), counted.Order());
        Assert.All(counted, alarm => Assert.NotEqual(Severity.Note, AlertTable.Rows[alarm].Severity));
    }

    private static LiveWatch Shown(params Event[] events)
    {
        LiveWatch watch = new(Examples.Valid(Examples.Live("testnet", "{}")).Live!);
        Decision nothing = default;
        foreach (Event e in events)
        {
            watch.OnDecided(e, nothing, null!);
        }

        Assert.Equal(events.Length, watch.Events);
        return watch;
    }

    private static Event Stream(StreamContent content, StreamState state) => Of(new StreamStateChanged { Stream = content, State = state });

    private static Event Read(ReadBackSubject subject, ReadBackStage stage) =>
        Of(new ReadBack { Subject = subject, Stage = stage, Venue = EventSource.Bybit });

    private static Event Of<T>(T payload, EventFlags flags = EventFlags.Whole)
        where T : unmanaged, IPayload
    {
        Event e = new() { ReceivedAt = 1, Source = EventSource.Bybit, Flags = flags, Instrument = new InstrumentId(1) };
        e.Set(payload);
        return e;
    }
}
