using System.Collections.Immutable;

namespace LowLatency.Engine.Live;

/// <summary>How soon a person must look.</summary>
internal enum Severity
{
    /// <summary>It is told.</summary>
    Note,

    /// <summary>Look today.</summary>
    Warning,

    /// <summary>Look now: money may be at stake.</summary>
    Critical,
}

/// <summary>What a person is told of.</summary>
internal enum LiveAlarm
{
    /// <summary>It trades.</summary>
    Live,

    /// <summary>It has stopped, and nothing of ours works.</summary>
    Stopped,

    /// <summary>It has stopped, and it is not proven that nothing works.</summary>
    StopUnproven,

    /// <summary>The process before died without a stop.</summary>
    Restarted,

    /// <summary>An error has ended the run.</summary>
    Died,

    /// <summary>Orders of a run that died, or of a lease that stopped, were taken away: the venue shows none.</summary>
    OrdersTakenAway,

    /// <summary>Orders of a run that died, or of a lease that stopped, may work.</summary>
    OrdersMayWork,

    /// <summary>The hot thread gives no sign of life.</summary>
    Stuck,

    /// <summary>A watchdog guards a run.</summary>
    Guarding,

    /// <summary>A watchdog sees no sign of life of a run.</summary>
    LeaseStopped,

    /// <summary>The kill switch is set.</summary>
    Killed,

    /// <summary>The venue was read after the kill: no order works.</summary>
    KillProven,

    /// <summary>The kill is not proven within its time.</summary>
    KillUnproven,

    /// <summary>The account has not been read in time at the start.</summary>
    NotReconciled,

    /// <summary>The account is another one, or differs.</summary>
    AccountDiffers,

    /// <summary>The key ends soon, is bound to no address, or may more than it must.</summary>
    KeyWeak,

    /// <summary>The stream of the account is lost.</summary>
    AccountStreamLost,

    /// <summary>A stream of the market is lost.</summary>
    MarketStreamLost,

    /// <summary>The clocks are too far apart.</summary>
    ClockOff,

    /// <summary>The venue has banned this address for a while.</summary>
    RateLimited,

    /// <summary>A private message was not understood.</summary>
    Quarantined,

    /// <summary>An order appeared after it had been proven absent.</summary>
    LateAcceptance,

    /// <summary>It is not known what became of a command.</summary>
    OutcomeUnknown,

    /// <summary>The venue rejected an order.</summary>
    OrderRejected,

    /// <summary>The account could not be read.</summary>
    ReadBackFailed,

    /// <summary>An order on the account that is not ours.</summary>
    ForeignOrder,

    /// <summary>An execution that no order of ours made.</summary>
    PositionMovedByOthers,

    /// <summary>The engine may only reduce, or not trade.</summary>
    Restrained,

    /// <summary>A position is without a stop that it must have.</summary>
    Unprotected,

    /// <summary>Journal, follower, snapshot or disk: the text says which.</summary>
    Engine,
}

/// <summary>One row of the table of alerts.</summary>
/// <param name="Severity">How soon.</param>
/// <param name="Text">What it says.</param>
internal readonly record struct AlertRow(Severity Severity, string Text);

/// <summary>The one table that says of every alarm whether, and how, a person is told.</summary>
internal static class AlertTable
{
    /// <summary>By alarm.</summary>
    internal static ImmutableDictionary<LiveAlarm, AlertRow> Rows { get; } = ImmutableDictionary.CreateRange<LiveAlarm, AlertRow>(
    [
        new(LiveAlarm.Live, new(Severity.Note, "the run trades")),
        new(LiveAlarm.Stopped, new(Severity.Note, "the run has stopped; no order of ours works")),
        new(LiveAlarm.StopUnproven, new(Severity.Critical, "the run has stopped, and orders may work: look at the venue")),
        new(LiveAlarm.Restarted, new(Severity.Warning, "the process before died without a stop; what it had in flight is looked up")),
        new(LiveAlarm.Died, new(Severity.Critical, "an error has ended the run; nothing new leaves")),
        new(LiveAlarm.OrdersTakenAway, new(Severity.Critical, "nobody runs, and the venue shows no order of ours, no stop either; positions stay")),
        new(LiveAlarm.OrdersMayWork, new(Severity.Critical, "nobody runs, and orders of ours may work: look at the venue")),
        new(LiveAlarm.Stuck, new(Severity.Critical, "the hot thread gives no sign of life; no order of it leaves")),
        new(LiveAlarm.Guarding, new(Severity.Note, "the watchdog guards a run")),
        new(LiveAlarm.LeaseStopped, new(Severity.Critical, "the run is taken for dead; the kill switch is set and its orders are being taken away")),
        new(LiveAlarm.Killed, new(Severity.Critical, "the kill switch is set; everything is being cancelled")),
        new(LiveAlarm.KillProven, new(Severity.Warning, "the venue was read after the kill: no order of ours works; positions stay")),
        new(LiveAlarm.KillUnproven, new(Severity.Critical, "the kill is not proven: look at the venue")),
        new(LiveAlarm.NotReconciled, new(Severity.Critical, "the account has not been reconciled; nothing is traded")),
        new(LiveAlarm.AccountDiffers, new(Severity.Critical, "the account differs from what the venue says")),
        new(LiveAlarm.KeyWeak, new(Severity.Warning, "the key should be replaced")),
        new(LiveAlarm.AccountStreamLost, new(Severity.Warning, "the stream of the account is lost; nothing new is sent until it has been read")),
        new(LiveAlarm.MarketStreamLost, new(Severity.Warning, "a stream of the market is lost; its instruments are not traded")),
        new(LiveAlarm.ClockOff, new(Severity.Critical, "this clock and the venue's are too far apart; nothing new is sent")),
        new(LiveAlarm.RateLimited, new(Severity.Critical, "the venue refuses requests of this address for a while")),
        new(LiveAlarm.Quarantined, new(Severity.Critical, "a private message was not understood; the account is read anew")),
        new(LiveAlarm.LateAcceptance, new(Severity.Critical, "an order appeared after it had been proven absent; it is cancelled")),
        new(LiveAlarm.OutcomeUnknown, new(Severity.Warning, "it is not known what became of a command; it is looked up")),
        new(LiveAlarm.OrderRejected, new(Severity.Warning, "the venue rejected an order")),
        new(LiveAlarm.ReadBackFailed, new(Severity.Warning, "the account could not be read")),
        new(LiveAlarm.ForeignOrder, new(Severity.Critical, "an order that is not ours works on the account")),
        new(LiveAlarm.PositionMovedByOthers, new(Severity.Critical, "an execution that no order of ours made has moved a position")),
        new(LiveAlarm.Restrained, new(Severity.Critical, "the engine may only reduce, or not trade")),
        new(LiveAlarm.Unprotected, new(Severity.Critical, "a position is without a stop that it must have")),
        new(LiveAlarm.Engine, new(Severity.Critical, "the engine found something wrong with itself")),
    ]);
}
