using System;
using System.Threading;
using LowLatency.Core.Events;
using LowLatency.Core.Risk;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Running;

namespace LowLatency.Engine.Live;

/// <summary>
/// The life of a live run, on its hot thread: the account is read before anything is traded, a stop ends what works and proves
/// it, a kill cancels everything and proves that. What it decides becomes events that say why; orders are decided by the
/// pipeline alone.
/// </summary>
internal sealed class LiveRun
{
    /// <summary>Nanoseconds from the question for a stop to its end, proven or not.</summary>
    internal const long StopMax = 25_000_000_000;

    /// <summary>Nanoseconds from a kill to the alarm that it is not proven.</summary>
    internal const long KillMax = 30_000_000_000;

    /// <summary>Nanoseconds after which a start that has not read the account is told.</summary>
    internal const long ReconcileMax = 60_000_000_000;

    private const long ManageEvery = 10_000_000;
    private const long TellEvery = 100_000_000;
    private const long AskEvery = 1_000_000_000;
    private const long AlarmEvery = 1_000_000_000;

    private readonly LiveParts _parts;
    private readonly Session _session;
    private readonly Notices _notices;
    private long _manageAt = long.MinValue;
    private long _tellAt = long.MinValue;
    private long _noticeAt = long.MinValue;
    private long _askAt = long.MinValue;
    private long _startedAt;
    private long _stopAt;
    private long _quietAt = long.MaxValue;
    private long _killedAt = long.MaxValue;
    private bool _isLate;
    private bool _isKillSaid;
    private bool _isKillProven;
    private bool _isKillLate;
    private TradingState _resume;

    /// <summary>Creates the run.</summary>
    /// <param name="parts">What it is made of.</param>
    /// <param name="resume">The state to go to once the account is read; none to stay where it is.</param>
    internal LiveRun(LiveParts parts, TradingState resume)
    {
        _parts = parts;
        _session = parts.Session;
        _resume = resume;
        _notices = new Notices(parts);
        _startedAt = parts.Inputs.Now;
        Phase = LivePhase.Reconciling;
        if (resume != TradingState.None)
        {
            parts.Memory.Note(resume);
            Say(OperatorVerb.Halt, "start: the account is read first");
        }
    }

    /// <summary>Where it is.</summary>
    internal LivePhase Phase { get; private set; }

    /// <summary>How it was stopped; null before.</summary>
    internal StopResult? Stopped { get; private set; }

    /// <summary>Runs until it is stopped.</summary>
    /// <param name="stop">True when it is to stop.</param>
    internal void Run(Func<bool> stop)
    {
        SpinWait wait = default;
        while (!_session.IsDone)
        {
            if (_session.Poll(1 << 8) != 0)
            {
                wait.Reset();
            }
            else
            {
                wait.SpinOnce(sleep1Threshold: 50);
            }

            long now = _parts.Inputs.Now;
            if (now >= _manageAt)
            {
                _manageAt = now + ManageEvery;
                Manage(now, stop());
            }
        }

        Phase = LivePhase.Halted;
        Tell(_parts.Inputs.Now);
    }

    private void Manage(long now, bool isAsked)
    {
        ObeyKill(now);
        if (isAsked && Phase is LivePhase.Reconciling or LivePhase.Live)
        {
            BeginStop(now);
        }

        switch (Phase)
        {
            case LivePhase.Reconciling:
                Reconcile(now);
                break;
            case LivePhase.Stopping:
                Stop(now);
                break;
        }

        if (now >= _noticeAt)
        {
            _noticeAt = now + AlarmEvery;
            _notices.Look(now);
        }

        if (now >= _tellAt)
        {
            _tellAt = now + TellEvery;
            Tell(now);
        }
    }

    /// <summary>Trades once the venue has proven what is there: every order known, every position equal.</summary>
    private void Reconcile(long now)
    {
        string? open = _parts.WhatIsOpen();
        if (open is null)
        {
            Phase = LivePhase.Live;
            if (_resume != TradingState.None && !_parts.Kill.IsSet)
            {
                Say(_resume == TradingState.Active ? OperatorVerb.Activate : OperatorVerb.Reduce, "the account has been read");
                _parts.Memory.Note(TradingState.None);
            }

            _parts.Alerts.Tell(LiveAlarm.Live, _resume == TradingState.None ? "but an earlier word restrains it" : string.Empty);
        }
        else if (!_isLate && now - _startedAt > ReconcileMax)
        {
            _isLate = true;
            _parts.Alerts.Tell(LiveAlarm.NotReconciled, open);
        }
    }

    private void BeginStop(long now)
    {
        TradingState standing = _session.Pipeline.Risk.Standing;
        bool isOwnHalt = Phase == LivePhase.Reconciling && _resume != TradingState.None;
        Phase = LivePhase.Stopping;
        _stopAt = now;
        if (!isOwnHalt && !_parts.Kill.IsSet && standing is TradingState.Active or TradingState.Reducing)
        {
            _parts.Memory.Note(standing);
        }

        // Nothing new from here on; what works is cancelled by the halt unless it is to be left.
        if (_parts.Configuration.Live!.OnStop == StopPolicy.Cancel && !_parts.Kill.IsSet)
        {
            Say(OperatorVerb.Halt, "stop");
        }
    }

    private void Stop(long now)
    {
        bool leaves = _parts.Configuration.Live!.OnStop == StopPolicy.Leave && !_parts.Kill.IsSet;
        int orders = _session.Pipeline.Orders.LiveOrders;
        string? unproven = leaves
            ? _parts.Account.Unresolved == 0 ? null : $"{_parts.Account.Unresolved} commands in doubt"
            : WhatStillWorks(now, orders);
        if (unproven is not null && now - _stopAt < StopMax)
        {
            return;
        }

        Stopped = unproven is not null ? new StopResult(StopKind.Unproven, orders, unproven)
            : leaves && orders > 0 ? new StopResult(StopKind.OrdersLeft, orders, null)
            : new StopResult(StopKind.Clean, 0, null);
        _session.RequestStop();
    }

    /// <summary>What is not proven of: no order of ours works and none can appear. Asks the venue until it is.</summary>
    private string? WhatStillWorks(long now, int orders)
    {
        if (orders > 0 || _parts.Account.Unresolved > 0)
        {
            _quietAt = long.MaxValue;
            return $"{orders} orders work, {_parts.Account.Unresolved} commands are in doubt";
        }

        if (_parts.HasNeverSent)
        {
            return null;
        }

        _quietAt = Math.Min(_quietAt, now);
        if (_parts.Account.ReadSince >= _quietAt && _parts.Watch.OrdersReadAt >= _quietAt)
        {
            return _parts.Watch.OrdersThere == 0 ? null : $"the venue shows {_parts.Watch.OrdersThere} orders of ours";
        }

        AskReading(now);
        return "the venue has not been read since";
    }

    private void ObeyKill(long now)
    {
        if (!_parts.Kill.IsSet)
        {
            return;
        }

        if (!_isKillSaid)
        {
            _isKillSaid = true;
            _killedAt = now;
            _resume = TradingState.None;
            _parts.Memory.Note(TradingState.None);
            string reason = _parts.Control.Reason ?? "an earlier kill";
            Say(OperatorVerb.Kill, "kill: " + reason);
            _parts.Alerts.Tell(LiveAlarm.Killed, reason);
        }

        bool proven = WhatStillWorks(now, _session.Pipeline.Orders.LiveOrders) is null;
        if (proven && !_isKillProven)
        {
            _parts.Alerts.Tell(LiveAlarm.KillProven);
        }

        _isKillProven = proven;
        if (!proven && !_isKillLate && now - _killedAt > KillMax)
        {
            _isKillLate = true;
            _parts.Alerts.Tell(LiveAlarm.KillUnproven);
        }
    }

    private void AskReading(long now)
    {
        if (now < _askAt)
        {
            return;
        }

        _askAt = now + AskEvery;
        Event ask = default;
        ask.Source = EventSource.Engine;
        ask.Flags = EventFlags.Whole;
        ask.Set(new ReadBack { Subject = ReadBackSubject.All, Stage = ReadBackStage.Asked, Venue = EventSource.Bybit });
        _parts.Inputs.Say([ask]);
    }

    private void Say(OperatorVerb verb, string reason)
    {
        _parts.Inputs.Say(Preamble.Said(verb, reason, 0));
        _parts.Log.Write(Severity.Note, "said", verb + ": " + reason);
    }

    private void Tell(long now)
    {
        LiveWatch watch = _parts.Watch;
        _parts.Status.Tell(
            new LiveFigures
            {
                Phase = Phase,
                Trading = _session.Pipeline.Risk.State,
                Gate = _parts.Account.Gate,
                AccountLink = _parts.Account.AccountState,
                TradeLink = _parts.Account.TradeState,
                IsMarketLive = _parts.Market.IsLive,
                IsKilled = _parts.Kill.IsSet || _session.Pipeline.Risk.IsKilled,
                IsKillProven = _isKillProven,
                Now = now,
                Sequence = _session.Sequence,
                Events = watch.Events,
                New = watch.Commands[(int)CommandVerb.New],
                Amended = watch.Commands[(int)CommandVerb.Amend],
                Cancelled = watch.Commands[(int)CommandVerb.Cancel],
                Executions = watch.Executions,
                Rejections = watch.Rejections,
                ReadPasses = _parts.Account.ReadBackPasses,
                ReadFailures = _parts.Account.ReadBackFailures,
                ClockOffset = _parts.Account.Clock.Offset,
                OrdersHere = _session.Pipeline.Orders.LiveOrders,
                OrdersThere = watch.OrdersThere,
                ForeignOrders = watch.ForeignThere,
                Unresolved = _parts.Account.Unresolved,
            },
            _session,
            watch);
    }
}
