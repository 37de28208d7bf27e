using System;
using LowLatency.Core.Events;
using LowLatency.Core.Pipeline;
using LowLatency.Core.Values;
using LowLatency.Engine.Running;

namespace LowLatency.Engine.Live;

/// <summary>
/// Sees every event of a live run after its last stage: counts for the status, notices what somebody must be told of, and
/// remembers what the last reading of the account said. It decides nothing and allocates nothing.
/// </summary>
internal sealed class LiveWatch : IDecisionObserver
{
    private readonly long[] _reading = new long[Limits.Instruments + 1];
    private readonly long[] _positions = new long[Limits.Instruments + 1];
    private readonly long[] _noticed = new long[Enum.GetValues<LiveAlarm>().Length];
    private int _ours;
    private int _foreign;

    /// <summary>Events so far.</summary>
    internal long Events { get; private set; }

    /// <summary>Commands so far, by verb.</summary>
    internal long[] Commands { get; } = new long[Enum.GetValues<CommandVerb>().Length];

    /// <summary>Executions of ours.</summary>
    internal long Executions { get; private set; }

    /// <summary>Orders that the venue rejected.</summary>
    internal long Rejections { get; private set; }

    /// <summary>When the last reading of orders was published; <see cref="long.MinValue"/> before the first.</summary>
    internal long OrdersReadAt { get; private set; } = long.MinValue;

    /// <summary>When the last reading of positions was published.</summary>
    internal long PositionsReadAt { get; private set; } = long.MinValue;

    /// <summary>Orders of ours in the last reading.</summary>
    internal int OrdersThere { get; private set; }

    /// <summary>Other orders on the account in the last reading.</summary>
    internal int ForeignThere { get; private set; }

    /// <summary>What the last reading said of a position, quantity units.</summary>
    internal long PositionThere(InstrumentId instrument) => _positions[instrument.Value];

    /// <summary>How often something was noticed.</summary>
    internal long Noticed(LiveAlarm alarm) => _noticed[(int)alarm];

    /// <inheritdoc/>
    public void OnDecided(in Event e, in Decision decision, DecisionPipeline pipeline)
    {
        Events++;
        for (int i = 0; i < decision.CommandCount; i++)
        {
            Commands[(int)decision.Commands[i].Verb]++;
        }

        switch (e.Kind)
        {
            case EventKind.Execution:
                Executions += e.Execution.Order.IsNone ? 0 : 1;
                Notice(LiveAlarm.PositionMovedByOthers, e.Execution.Order.IsNone);
                break;
            case EventKind.OrderReport:
                See(e);
                break;
            case EventKind.CommandOutcome:
                Notice(LiveAlarm.OutcomeUnknown, e.CommandOutcome.Outcome == Outcome.Unknown);
                break;
            case EventKind.PositionReport when (e.Flags & EventFlags.ReadBack) != 0:
                _reading[e.Instrument.Value] = e.PositionReport.Quantity;
                break;
            case EventKind.ReadBack when e.Source != EventSource.Engine:
                See(e.ReadBack, e.ReceivedAt);
                break;
            case EventKind.StreamState when e.StreamState.Stream == StreamContent.Account:
                Notice(LiveAlarm.AccountStreamLost, e.StreamState.State != StreamState.Up);
                break;
            case EventKind.StreamState:
                Notice(LiveAlarm.MarketStreamLost, e.StreamState.State != StreamState.Up);
                break;
            case EventKind.Adjustment:
                Notice(LiveAlarm.AccountDiffers, true);
                break;
            case EventKind.Protection:
                Notice(LiveAlarm.Unprotected, e.Protection.IsMissing != 0);
                break;
        }
    }

    private void See(in Event e)
    {
        if ((e.Flags & EventFlags.ReadBack) != 0)
        {
            _ours += e.OrderReport.Order.IsNone ? 0 : 1;
            _foreign += e.OrderReport.Order.IsNone ? 1 : 0;
            return;
        }

        bool rejected = e.OrderReport.Status is OrderStatus.Rejected;
        Rejections += rejected ? 1 : 0;
        Notice(LiveAlarm.OrderRejected, rejected);
    }

    private void See(in ReadBack read, long at)
    {
        if (read.Stage == ReadBackStage.Failed)
        {
            Notice(LiveAlarm.ReadBackFailed, true);
        }
        else if (read is { Subject: ReadBackSubject.Orders, Stage: ReadBackStage.Begin })
        {
            _ours = 0;
            _foreign = 0;
        }
        else if (read is { Subject: ReadBackSubject.Orders, Stage: ReadBackStage.End })
        {
            OrdersThere = _ours;
            ForeignThere = _foreign;
            OrdersReadAt = at;
            Notice(LiveAlarm.ForeignOrder, _foreign > 0);
        }
        else if (read is { Subject: ReadBackSubject.Positions, Stage: ReadBackStage.Begin })
        {
            Array.Clear(_reading);
        }
        else if (read is { Subject: ReadBackSubject.Positions, Stage: ReadBackStage.End })
        {
            _reading.CopyTo(_positions, 0);
            PositionsReadAt = at;
        }
    }

    private void Notice(LiveAlarm alarm, bool isSo) => _noticed[(int)alarm] += isSo ? 1 : 0;
}
