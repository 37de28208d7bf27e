using System;
using System.Collections.Generic;
using System.Linq;
using LowLatency.Core.Events;
using LowLatency.Core.Signals;
using LowLatency.Core.Values;

namespace LowLatency.Tests.Properties;

/// <summary>
/// Stands outside the pipeline and keeps the parent orders of the shared lanes by its own books, from events, intents and
/// commands alone: what is to be had, what was filled, what could still trade. It complains when a lane asks for more than
/// is wanted, or does what its style forbids.
/// </summary>
internal sealed class StyleAuditor(ExecutionStyles styles)
{
    private readonly Dictionary<OrderId, Child> _children = [];
    private readonly Dictionary<int, Parent> _parents = [];
    private readonly Dictionary<int, List<long>> _moves = [];
    private readonly HashSet<VenueId> _executions = [];

    internal string? Complaint { get; private set; }

    /// <summary>Commands judged, by style.</summary>
    internal Dictionary<StyleKind, int> Judged { get; } = [];

    /// <summary>What the books say of an instrument's parent; null when it has none.</summary>
    internal (long Quantity, long Filled, long Open)? Books(int instrument) => _parents.TryGetValue(instrument, out Parent? parent)
        ? (parent.Quantity, parent.Filled, Open(instrument, parent.Side))
        : null;

    internal void See(in Event e, in Decision decision)
    {
        Fold(e);
        for (int i = 0; i < decision.IntentCount; i++)
        {
            if (decision.Intents[i].Kind == IntentKind.Target)
            {
                Follow(decision.Intents[i], e.ReceivedAt);
            }
        }

        for (int i = 0; i < decision.CommandCount; i++)
        {
            Command command = decision.Commands[i];
            if (command.Owner == StrategyId.House && command.Verb != CommandVerb.Cancel)
            {
                Judge(command, IntentOf(command, decision), e.ReceivedAt);
            }
        }
    }

    private static Intent IntentOf(in Command command, in Decision decision)
    {
        for (int i = 0; i < decision.IntentCount; i++)
        {
            if (decision.Intents[i].Instrument == command.Instrument && decision.Intents[i].Kind == IntentKind.Target)
            {
                return decision.Intents[i];
            }
        }

        throw new InvalidOperationException("a command without an intent");
    }

    private void Fold(in Event e)
    {
        switch (e.Kind)
        {
            case EventKind.Trade when _parents.TryGetValue(e.Instrument.Value, out Parent? watching):
                watching.Printed += e.Trade.Quantity;
                break;
            case EventKind.CommandOutcome when e.CommandOutcome.Outcome == Outcome.NotSent
                && _children.TryGetValue(e.CommandOutcome.Order, out Child? kept):
                kept.Dead |= e.CommandOutcome.Verb == CommandVerb.New;
                kept.Asked = e.CommandOutcome.Verb == CommandVerb.Amend ? 0 : kept.Asked;
                break;
            case EventKind.CommandOutcome when e.CommandOutcome.Outcome == Outcome.Unknown
                && _children.TryGetValue(e.CommandOutcome.Order, out Child? doubted):
                doubted.InDoubt = true;
                break;
            case EventKind.OrderReport when _children.TryGetValue(e.OrderReport.Order, out Child? child):
                Fold(e.OrderReport, child);
                break;
            case EventKind.Execution when _executions.Add(e.Execution.ExecutionId)
                && _children.TryGetValue(e.Execution.Order, out Child? filled):
                filled.Filled += e.Execution.Quantity;
                if (_parents.TryGetValue(e.Instrument.Value, out Parent? parent) && parent.Side == e.Execution.Side)
                {
                    parent.Filled += e.Execution.Quantity;
                    parent.Left -= e.Execution.Quantity;
                    parent.FilledOfSchedule += e.Execution.Quantity;
                }

                break;
        }
    }

    private static void Fold(in OrderReport report, Child child)
    {
        switch (report.Status)
        {
            case OrderStatus.Rejected or OrderStatus.Cancelled or OrderStatus.Expired:
                child.Dead = true;
                break;
            case OrderStatus.Accepted when child.InDoubt:
            case OrderStatus.Amended:
                child.InDoubt = false;
                child.Quantity = report.Quantity;
                child.Asked = 0;
                break;
            case OrderStatus.AmendRejected:
                child.Asked = 0;
                break;
        }
    }

    private long Open(int instrument, Side side) => _children.Values
        .Where(child => !child.Dead && child.Instrument == instrument && child.Side == side)
        .Sum(child => Math.Max(0, Math.Max(child.Quantity, child.Asked) - child.Filled));

    private void Follow(in Intent intent, long now)
    {
        int instrument = intent.Instrument.Value;
        long lot = instrument;
        long missing = (intent.Target - intent.LanePosition) / lot * lot;
        Side side = missing > 0 ? Side.Buy : Side.Sell;
        if (missing == 0 || intent.Style == StyleId.None)
        {
            _parents.Remove(instrument);
            return;
        }

        missing = Math.Abs(missing);
        if (!_parents.TryGetValue(instrument, out Parent? parent) || parent.Side != side || parent.Style != intent.Style)
        {
            parent = new Parent { Side = side, Style = intent.Style };
            _parents[instrument] = parent;
        }

        long grown = missing - parent.Left;
        parent.Quantity += grown;
        parent.OfSchedule += grown;
        parent.Left = missing;
        if (grown >= lot)
        {
            parent.Since = now;
            parent.OfSchedule = missing;
            parent.FilledOfSchedule = 0;
            parent.Printed = 0;
        }
    }

    private void Judge(in Command command, in Intent intent, long now)
    {
        int instrument = command.Instrument.Value;
        long leaves = command.Quantity;
        bool isNew = command.Verb == CommandVerb.New;
        if (isNew)
        {
            _children[command.Order] = new Child
            {
                Instrument = instrument,
                Side = command.Side,
                Quantity = command.Quantity,
                Price = command.Price,
            };
        }
        else
        {
            leaves -= _children[command.Order].Filled;
        }

        Child child = _children[command.Order];
        long lot = instrument;
        long wanted = Math.Abs((intent.Target - intent.LanePosition) / lot * lot);
        Demand(leaves <= wanted, $"an order of {leaves} where {wanted} are wanted");
        bool withinLimit = intent.LimitPrice == 0
            || (command.Side == Side.Buy ? command.Price <= intent.LimitPrice : command.Price >= intent.LimitPrice);
        Demand(withinLimit, "a price beyond the limit of the wish");
        if (intent.Style != StyleId.None)
        {
            Judged[intent.StyleKind] = Judged.GetValueOrDefault(intent.StyleKind) + 1;
            JudgeStyle(command, child, leaves, _parents[instrument], styles[intent.Style], now);
        }

        child.Asked = isNew ? 0 : command.Quantity;
        child.Price = command.Price;
    }

    private void JudgeStyle(in Command command, Child child, long leaves, Parent parent, ExecutionStyle style, long now)
    {
        bool isNew = command.Verb == CommandVerb.New;
        bool mayTake = style.Timeout != 0 && now - parent.Since >= style.TimeoutMin;
        bool takes = command.TimeInForce == TimeInForce.ImmediateOrCancel;
        switch (style.Kind)
        {
            case StyleKind.Market:
                Demand(takes, "a market order that rests");
                break;
            case StyleKind.Limit:
                Demand(!takes || mayTake, "a limit that takes before its time");
                break;
            case StyleKind.PostOnly:
                Demand((command.Flags & OrderFlags.PostOnly) != 0 || (takes && mayTake), "post-only without the flag");
                break;
            case StyleKind.Peg:
                Demand((command.Flags & OrderFlags.PostOnly) != 0 || (takes && mayTake), "a peg that may take");
                if (!isNew && command.Price != child.Price)
                {
                    List<long> moves = _moves.TryGetValue(command.Instrument.Value, out List<long>? made) ? made : [];
                    _moves[command.Instrument.Value] = moves;
                    moves.Add(now);
                    int recent = moves.Count(at => at > now - style.RepegWindow);
                    Demand(recent <= style.Repegs, $"{recent} moves of a peg in its window");
                }

                break;
            case StyleKind.Twap:
                long passed = now - parent.Since;
                long due = passed >= style.Duration ? style.Slices : 1 + (passed * (style.Slices - 1) / style.Duration);
                long planned = due >= style.Slices ? parent.OfSchedule : parent.OfSchedule * due / style.Slices;
                Demand(
                    !isNew || parent.FilledOfSchedule + leaves <= planned,
                    $"{parent.FilledOfSchedule} + {leaves} of {parent.OfSchedule} by slice {due} of a twap");
                Demand(
                    !isNew || parent.FilledOfSchedule + leaves <= (long)((Int128)parent.Printed * style.SharePpm / 1_000_000),
                    $"{parent.FilledOfSchedule} + {leaves} of a twap where {parent.Printed} were printed");
                break;
            case StyleKind.Participation:
                long share = (long)((Int128)parent.Printed * style.SharePpm / 1_000_000);
                Demand(parent.FilledOfSchedule + leaves <= share, $"{parent.FilledOfSchedule} + {leaves} where the share is {share}");
                Demand(leaves <= style.ClipE9 / 1_000_000_000, $"a clip of {leaves}");
                break;
            case StyleKind.Iceberg:
                Demand(leaves <= style.DisplayE9 / 1_000_000_000, $"{leaves} pieces of an iceberg are seen");
                break;
        }
    }

    private void Demand(bool holds, string complaint)
    {
        if (!holds)
        {
            Complaint ??= complaint;
        }
    }

    private sealed class Child
    {
        internal required int Instrument { get; init; }

        internal required Side Side { get; init; }

        internal required long Quantity { get; set; }

        internal required long Price { get; set; }

        internal long Asked { get; set; }

        internal long Filled { get; set; }

        internal bool InDoubt { get; set; }

        internal bool Dead { get; set; }
    }

    private sealed class Parent
    {
        internal required Side Side { get; init; }

        internal required StyleId Style { get; init; }

        internal long Quantity { get; set; }

        internal long Filled { get; set; }

        internal long Left { get; set; }

        internal long Since { get; set; }

        internal long OfSchedule { get; set; }

        internal long FilledOfSchedule { get; set; }

        internal long Printed { get; set; }
    }
}
