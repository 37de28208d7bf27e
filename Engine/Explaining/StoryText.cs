using System.Collections.Generic;
using System.Globalization;
using LowLatency.Core.Events;
using LowLatency.Core.Values;

namespace LowLatency.Engine.Explaining;

/// <summary>One step of an order's life: what happened, in which event, how long after the cause on the market's clock.</summary>
/// <param name="Hop">event, signal, suppressed, intent, verdict, command, report, fill.</param>
/// <param name="Sequence">The event.</param>
/// <param name="At">Its ReceivedAt.</param>
/// <param name="Text">What happened.</param>
internal sealed record StoryStep(string Hop, long Sequence, long At, string Text);

/// <summary>An order's life as steps, in the order in which things happened.</summary>
internal static class StoryText
{
    /// <summary>What there is to say of wall time.</summary>
    internal const string WallTime =
        "wall time of the hops: not recorded (a run measures latencies as histograms; no side file by sequence lies beside the journal)";

    /// <summary>The steps.</summary>
    internal static List<StoryStep> Steps(OrderStory story)
    {
        List<StoryStep> steps = [];
        int answer = 0;
        foreach (Instruction instruction in story.Instructions)
        {
            while (answer < story.Answers.Count && story.Answers[answer].Report.Sequence <= instruction.Cause.Sequence)
            {
                steps.Add(Of(story, story.Answers[answer++]));
            }

            Add(steps, story, instruction);
        }

        while (answer < story.Answers.Count)
        {
            steps.Add(Of(story, story.Answers[answer++]));
        }

        return steps;
    }

    private static void Add(List<StoryStep> steps, OrderStory story, Instruction instruction)
    {
        long sequence = instruction.Cause.Sequence;
        long at = instruction.Cause.ReceivedAt;
        steps.Add(new StoryStep("event", sequence, at, instruction.Text));
        foreach (StatedWish wish in instruction.Wishes)
        {
            string held = wish.Suppression.Reason == SuppressionReason.None ? string.Empty : $", then {wish.Suppression.Reason}";
            steps.Add(new StoryStep(
                "signal", wish.Sequence, wish.At, $"{story.Names[wish.Signal.Strategy.Value]} wants {Describe(story, wish.Signal)}{held}"));
        }

        foreach (Suppression held in instruction.Held)
        {
            steps.Add(held.Reason == SuppressionReason.Crossed
                ? new StoryStep(
                    "crossed",
                    sequence,
                    at,
                    $"{story.Names[held.Strategy.Value]} got {Quantity(story, held.Target)} from {story.Names[held.Winner.Value]} at {Price(story, held.Detail)}")
                : new StoryStep(
                    "suppressed", sequence, at, $"{story.Names[held.Strategy.Value]}: {held.Kind} {Quantity(story, held.Target)}, {held.Reason}"));
        }

        Intent intent = instruction.Intent;
        if (intent.Kind != IntentKind.None)
        {
            steps.Add(new StoryStep("intent", sequence, at, Describe(story, intent)));
            steps.Add(new StoryStep("verdict", sequence, at, Describe(story, instruction.Verdict, intent)));
        }

        Command command = instruction.Command;
        steps.Add(new StoryStep(
            "command",
            sequence,
            at,
            Describe(story, command)));
    }

    // A limit order, the usual case, is not named; whatever else an order is, is said.
    private static string Describe(OrderStory story, in Command command)
    {
        string type = command.Type is OrderType.Limit or OrderType.None ? string.Empty : " " + command.Type;
        string quantity = (command.Flags & OrderFlags.Notional) != 0
            ? "for " + DecimalText.ToText(command.Quantity, Money.Exponent) : Quantity(story, command.Quantity);
        string trigger = command.TriggerPrice == 0 ? string.Empty : " trigger " + Price(story, command.TriggerPrice);
        string trailing = command.TrailingOffset == 0 ? string.Empty : " trailing by " + Price(story, command.TrailingOffset);
        return $"{command.Verb} {command.Side}{type} {quantity} at {Price(story, command.Price)}{trigger}{trailing}"
            + $" {command.TimeInForce} {command.Flags}";
    }

    private static StoryStep Of(OrderStory story, Answer answer)
    {
        List<string> parts = [];
        foreach (FillPart part in answer.Parts)
        {
            parts.Add(part.Strategy + " " + Quantity(story, part.Quantity));
        }

        return new StoryStep(
            answer.Report.Kind == EventKind.Execution ? "fill" : "report",
            answer.Report.Sequence,
            answer.Report.ReceivedAt,
            parts.Count == 0 ? answer.Text : answer.Text + "; attributed: " + string.Join(", ", parts));
    }

    private static string Describe(OrderStory story, in Signal signal)
    {
        string what = signal.Kind switch
        {
            SignalKind.Target => "target " + Quantity(story, signal.Target),
            SignalKind.TargetWithLimit => $"target {Quantity(story, signal.Target)} at {Price(story, signal.LimitPrice)} or better",
            SignalKind.Quotes => $"quotes {Quantity(story, signal.BidQuantity)} at {Price(story, signal.BidPrice)} and "
                + $"{Quantity(story, signal.AskQuantity)} at {Price(story, signal.AskPrice)}",
            _ => "flat",
        };
        string style = signal.Style == StyleId.None ? string.Empty : $", in style {story.Styles[signal.Style].Name}";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{what}{style}{Bracket(story, signal)}, confidence {signal.Confidence} ppm, horizon {signal.Horizon} ns");
    }

    private static string Bracket(OrderStory story, in Signal signal) =>
        (signal.StopPrice == 0 ? string.Empty : $", stop at {Price(story, signal.StopPrice)}")
        + (signal.TakePrice == 0 ? string.Empty : $", take at {Price(story, signal.TakePrice)}")
        + (signal.StopBps == 0 ? string.Empty : $", stop after {signal.StopBps} bp")
        + (signal.TakeBps == 0 ? string.Empty : $", take after {signal.TakeBps} bp");

    private static string Describe(OrderStory story, in Intent intent)
    {
        string lane = intent.Owner == StrategyId.House ? "shared lane" : "lane of " + story.Names[intent.Owner.Value];
        return intent.Kind == IntentKind.Quotes
            ? $"{lane}: quotes {Quantity(story, intent.BidQuantity)} at {Price(story, intent.BidPrice)} and "
                + $"{Quantity(story, intent.AskQuantity)} at {Price(story, intent.AskPrice)}, holds {Quantity(story, intent.LanePosition)}, by {intent.Cause}"
            : $"{lane}: target {Quantity(story, intent.Target)}, holds {Quantity(story, intent.LanePosition)}"
                + (intent.LimitPrice == 0 ? string.Empty : $", at {Price(story, intent.LimitPrice)} or better") + $", by {intent.Cause}"
                + Style(story, intent);
    }

    private static string Style(OrderStory story, in Intent intent) => intent.Style == StyleId.None
        ? string.Empty
        : $", in style {story.Styles[intent.Style].Name} ({intent.StyleKind}) of {story.Names[intent.StyleOf.Value]}";

    /// <summary>Which of the parent's orders it is, and how it is sent.</summary>
    private static string Slice(in Verdict verdict) => verdict.Slice == 0
        ? string.Empty
        : string.Create(CultureInfo.InvariantCulture, $", order {verdict.Slice} of the style, to {verdict.Manner.ToString().ToLowerInvariant()}");

    private static string Describe(OrderStory story, in Verdict verdict, in Intent intent)
    {
        string allowed = intent.Kind == IntentKind.Quotes
            ? $"bid {Quantity(story, verdict.ApprovedBid)}, ask {Quantity(story, verdict.ApprovedAsk)}"
            : $"{Quantity(story, verdict.ApprovedDelta)} at {Price(story, verdict.ApprovedPrice)}" + Slice(verdict);
        return verdict.Reason == RiskReason.None
            ? $"{verdict.Ruling}: {allowed}"
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{verdict.Ruling}: {allowed}; check {(int)verdict.Reason} {verdict.Reason} saw {verdict.Observed}, limit {verdict.Limit}");
    }

    private static string Quantity(OrderStory story, long units) => DecimalText.ToText(units, story.Instrument.QuantityExponent);

    private static string Price(OrderStory story, long units) => DecimalText.ToText(units, story.Instrument.PriceExponent);
}
