using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Globalization;
using System.IO;
using System.Text;
using System.Text.Json;
using LowLatency.Engine.Explaining;

namespace LowLatency.Engine.Commands;

/// <summary>Answers from journal and audit log why an order was sent and what became of it.</summary>
internal static class WhyCommand
{
    internal static Command Build()
    {
        Argument<DirectoryInfo> journal = new("journal") { Description = "Journal directory of a run." };
        Argument<string> order = new("order")
        {
            Description = "Client order id, such as LL1-1-9ix-0, or epoch/sequence/ordinal, such as 1/12345/0.",
        };
        Option<bool> json = new("--json") { Description = "One JSON object." };
        Command command = new(
            "why", "Why an order was sent and what became of it: event, signals, arbitration, verdict, command, reports, fills.")
        {
            journal, order, json,
        };
        command.SetAction(parsed => CommandFailure.Guard(() => Run(
            parsed.GetValue(journal)!, parsed.GetValue(order)!, parsed.GetValue(json))));
        return command;
    }

    private static int Run(DirectoryInfo journal, string order, bool json)
    {
        OrderStory story = OrderStory.Of(journal.FullName, order);
        Console.Out.Write(json ? Json(story) : Human(story));
        return ExitCode.Success;
    }

    private static string Human(OrderStory story)
    {
        StringBuilder text = new();
        long start = story.Instructions[0].Cause.ReceivedAt;
        _ = text.Append(
            CultureInfo.InvariantCulture,
            $"order {story.ClientId} ({story.Order.Epoch}/{story.Order.Sequence}/{story.Order.Ordinal}) of {story.Instrument.Symbol}: {story.State}\n");
        foreach (StoryStep step in StoryText.Steps(story))
        {
            _ = text.Append(
                CultureInfo.InvariantCulture, $"{step.At - start,16:+#;-#;0} ns  {step.Hop,-10} {step.Sequence,10}  {step.Text}\n");
        }

        return text.Append(StoryText.WallTime).Append('\n').ToString();
    }

    private static string Json(OrderStory story)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter writer = new(stream, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            long start = story.Instructions[0].Cause.ReceivedAt;
            writer.WriteStartObject();
            writer.WriteString("order", story.ClientId);
            writer.WriteNumber("instance", story.Instance);
            writer.WriteNumber("epoch", story.Order.Epoch);
            writer.WriteNumber("sequence", story.Order.Sequence);
            writer.WriteNumber("ordinal", story.Order.Ordinal);
            writer.WriteString("instrument", story.Instrument.Symbol.ToString());
            writer.WriteString("state", story.State.ToString());
            writer.WriteStartArray("steps");
            foreach (StoryStep step in StoryText.Steps(story))
            {
                writer.WriteStartObject();
                writer.WriteString("hop", step.Hop);
                writer.WriteNumber("sequence", step.Sequence);
                writer.WriteNumber("receivedAt", step.At);
                writer.WriteNumber("afterCauseNs", step.At - start);
                writer.WriteString("text", step.Text);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            Parts(writer, story);
            writer.WriteNull("wallNs");
            writer.WriteString("wallTime", StoryText.WallTime);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray()) + "\n";
    }

    private static void Parts(Utf8JsonWriter writer, OrderStory story)
    {
        writer.WriteStartArray("attribution");
        SortedDictionary<string, long> sums = new(StringComparer.Ordinal);
        foreach (Answer answer in story.Answers)
        {
            foreach (FillPart part in answer.Parts)
            {
                sums[part.Strategy] = sums.GetValueOrDefault(part.Strategy) + part.Quantity;
            }
        }

        foreach ((string strategy, long quantity) in sums)
        {
            writer.WriteStartObject();
            writer.WriteString("strategy", strategy);
            writer.WriteNumber("quantityUnits", quantity);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
