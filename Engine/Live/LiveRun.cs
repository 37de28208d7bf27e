using System;
using System.Threading;
using LowLatency.Core.Events;
using LowLatency.Core.Risk;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Running;
using LowLatency.Gateways.Live;

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

    /// <summary>Creates the run. Its session holds itself until the account is read.</summary>
    /// <param name="parts">What it is made of.</param>
    internal LiveRun(LiveParts parts)
    {
        _parts = parts;
        _session = parts.Session;
        _notices = new Notices(parts);
        _startedAt = parts.Inputs.Now;
        Phase = LivePhase.Reconciling;
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
            if (Cycle(stop))
            {
                wait.Reset();
            }
            else
            {
                wait.SpinOnce(sleep1Threshold: 50);
            }
        }

        Phase = LivePhase.Halted;
        Tell(_parts.Inputs.Now);
    }

    /// <summary>One duty cycle.</summary>
    /// <param name="stop">True when it is to stop.</param>
    /// <returns>False when nothing was there to do.</returns>
    internal bool Cycle(Func<bool> stop)
    {
        bool worked = _session.Poll(1 << 8) != 0;
        long now = _parts.Inputs.Now;
        if (now >= _manageAt)
        {
            _manageAt = now + ManageEvery;
            if (_parts.Lease.IsLapsed)
            {
                // Whoever took it for dead has set the switch first.
                _parts.Control.LookForFile();
            }

            _parts.Lease.Beat();
            Manage(now, stop());
        }

        return worked;
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

    /// <summary>
    /// Trades once the venue has proven what is there. It ends its own hold alone: what an operator or a doubt holds stays held.
    /// </summary>
    private void Reconcile(long now)
    {
        string? open = _parts.WhatIsOpen();
        if (open is null)
        {
            Phase = LivePhase.Live;
            Say(OperatorVerb.Proceed, "the account has been read");
            RiskStage risk = _session.Pipeline.Risk;
            _parts.Alerts.Tell(
                LiveAlarm.Live,
                risk.IsKilled ? "but the kill switch is set"
                : risk.IsHeld ? "but what was taken over is not accepted"
                : risk.Standing != TradingState.Active ? $"but a breaker, a doubt or an operator's word keeps it {risk.Standing}"
                : string.Empty);
        }
        else if (!_isLate && now - _startedAt > ReconcileMax)
        {
            _isLate = true;
            _parts.Alerts.Tell(LiveAlarm.NotReconciled, open);
        }
    }

    private void BeginStop(long now)
    {
        Phase = LivePhase.Stopping;
        _stopAt = now;

        // Nothing new from here on; what works is cancelled by the hold unless it is to be left.
        if (_parts.Configuration.Live!.OnStop == StopPolicy.Cancel)
        {
            Say(OperatorVerb.Await, "stop");
        }
    }

    private void Stop(long now)
    {
        bool leaves = _parts.Configuration.Live!.OnStop == StopPolicy.Leave && !_parts.Kill.IsSet;
        int orders = _session.Pipeline.Orders.LiveOrders;

        // Stops that protect positions are there to outlive the process: they rest.
        int guards = _session.Pipeline.Orders.LiveGuards;
        string? unproven = leaves
            ? _parts.Account.Unresolved == 0 ? null : $"{_parts.Account.Unresolved} commands in doubt"
            : WhatStillWorks(now, orders, guards);
        if (unproven is not null && now - _stopAt < StopMax)
        {
            return;
        }

        Stopped = unproven is not null ? new StopResult(StopKind.Unproven, orders, unproven)
            : (leaves || guards > 0) && orders > 0 ? new StopResult(StopKind.OrdersLeft, orders, null)
            : new StopResult(StopKind.Clean, 0, null);
        _session.RequestStop();
    }

    /// <summary>What is not proven of: no order of ours works and none can appear. Asks the venue until it is.</summary>
    private string? WhatStillWorks(long now, int orders, int mayRest = 0)
    {
        if (orders > mayRest || _parts.Account.Unresolved > 0)
        {
            _quietAt = long.MaxValue;
            return $"{orders} orders work, {_parts.Account.Unresolved} commands are in doubt";
        }

        // Also where nothing was ever sent: an earlier run, or another of the same instance, may have left something.
        _quietAt = Math.Min(_quietAt, now);
        bool isRead = _parts.Account.ReadSince >= _quietAt && _parts.Watch.OrdersReadAt >= _quietAt;
        if (isRead && _parts.Watch.OrdersThere == mayRest)
        {
            return null;
        }

        AskReading(now);
        return isRead ? $"the venue shows {_parts.Watch.OrdersThere} orders of ours" : "the venue has not been read since";
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
        foreach (LiveVenue account in _parts.Account.All)
        {
            Event ask = default;
            ask.Source = EventSource.Engine;
            ask.Flags = EventFlags.Whole;
            ask.Set(new ReadBack { Subject = ReadBackSubject.All, Stage = ReadBackStage.Asked, Venue = account.Source });
            _parts.Inputs.Say([ask]);
        }
    }

    private void Say(OperatorVerb verb, string reason)
    {
        _parts.Inputs.Say(Preamble.Said(verb, reason, 0));
        _parts.Log.Note(LogNote.Said, verb + ": " + reason);
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
                OrdersHere = _session.Pipeline.Orders.LiveOrders,
                OrdersThere = watch.OrdersThere,
                ForeignOrders = watch.ForeignThere,
                Unresolved = _parts.Account.Unresolved,
            },
            _session,
            watch,
            _parts.Account);
    }
}
