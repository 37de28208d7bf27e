using System;
using System.CommandLine;
using System.Globalization;
using System.IO;
using System.Text;
using System.Text.Json;
using LowLatency.Core.Events;
using LowLatency.Engine.Explaining;
using LowLatency.Journal.Inspection;
using Command = System.CommandLine.Command;

namespace LowLatency.Engine.Commands;

/// <summary>Answers from journal and audit log why a strategy did not trade an instrument at a time.</summary>
internal static class WhyNotCommand
{
    internal static Command Build()
    {
        Argument<DirectoryInfo> journal = new("journal") { Description = "Journal directory of a run." };
        Option<string?> strategy = new("--strategy") { Description = "Name of the strategy." };
        Option<string?> instrument = new("--instrument") { Description = "Symbol of one of its instruments." };
        Option<string?> at = new("--at")
        {
            Description = "Time on the market's clock: nanoseconds since 1970, or such as 2026-01-01T00:00:01.5Z.",
        };
        Option<long?> sequence = new("--event") { Description = "An event instead of a time." };
        Option<bool> json = new("--json") { Description = "One JSON object." };
        Command command = new(
            "why-not",
            "Why a strategy did not trade an instrument at a time: no event, not ready, nothing stated, suppressed, refused, "
            + "waiting, or working already.")
        {
            journal, strategy, instrument, at, sequence, json,
        };
        command.SetAction(parsed => CommandFailure.Guard(() => Run(
            parsed.GetValue(journal)!,
            parsed.GetValue(strategy),
            parsed.GetValue(instrument),
            parsed.GetValue(at),
            parsed.GetValue(sequence),
            parsed.GetValue(json))));
        return command;
    }

    private static int Run(DirectoryInfo journal, string? strategy, string? instrument, string? at, long? sequence, bool json)
    {
        if (strategy is null || instrument is null || (at is null) == (sequence is null))
        {
            throw new CommandFailure(
                ExitCode.Usage, "--strategy, --instrument and one of --at and --event are needed: who, what and when");
        }

        WhyNotAnswer answer = WhyNot.Of(
            journal.FullName, strategy, instrument, at is null ? null : TimeOf(at), sequence ?? 0);
        Console.Out.Write(json ? Json(answer) : Human(answer));
        return ExitCode.Success;
    }

    /// <summary>Nanoseconds of a time: digits alone, or ISO 8601 in UTC with up to nine decimals.</summary>
    internal static long TimeOf(string text)
    {
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long nanoseconds))
        {
            return nanoseconds;
        }

        int point = text.IndexOf('.', StringComparison.Ordinal);
        string whole = point < 0 ? text : text[..point] + "Z";
        string decimals = point < 0 ? string.Empty : text[(point + 1)..].TrimEnd('Z');
        if (text.EndsWith('Z')
            && decimals.Length <= 9
            && (decimals.Length == 0 || long.TryParse(decimals, NumberStyles.None, CultureInfo.InvariantCulture, out _))
            && DateTime.TryParseExact(
                whole,
                "yyyy-MM-ddTHH:mm:ssZ",
                CultureInfo.InvariantCulture,
                DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal,
                out DateTime time))
        {
            long seconds = (time - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerSecond;
            return (seconds * 1_000_000_000) + long.Parse(decimals.PadRight(9, '0'), CultureInfo.InvariantCulture);
        }

        throw new CommandFailure(
            ExitCode.Usage,
            $"--at {text}: write nanoseconds since 1970, or a time in UTC such as 2026-01-01T00:00:01.000000001Z");
    }

    private static string Human(WhyNotAnswer answer)
    {
        StringBuilder text = new();
        _ = text.Append(
            CultureInfo.InvariantCulture,
            $"{answer.Strategy} on {answer.Symbol} after event {answer.Sequence}, {EventFormatter.Time(answer.At)}\n");
        _ = text.Append("last wish: ").Append(answer.Wish ?? "none").Append('\n');
        foreach (Finding finding in answer.Findings)
        {
            _ = text.Append(CultureInfo.InvariantCulture, $"{finding.Kind}: {finding.Text}\n");
        }

        return text.ToString();
    }

    private static string Json(WhyNotAnswer answer)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter writer = new(stream, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            writer.WriteStartObject();
            writer.WriteString("strategy", answer.Strategy);
            writer.WriteString("instrument", answer.Symbol);
            writer.WriteNumber("sequence", answer.Sequence);
            writer.WriteNumber("receivedAt", answer.At);
            writer.WriteString("lastWish", answer.Wish);
            writer.WriteStartArray("reasons");
            foreach (Finding finding in answer.Findings)
            {
                writer.WriteStartObject();
                writer.WriteString("kind", finding.Kind.ToString());
                writer.WriteNumber("sequence", finding.Sequence);
                writer.WriteString("text", finding.Text);
                if (finding.Suppression != SuppressionReason.None)
                {
                    writer.WriteString("suppression", finding.Suppression.ToString());
                }

                if (finding.Check != RiskReason.None)
                {
                    writer.WriteString("check", finding.Check.ToString());
                    writer.WriteNumber("checkNumber", (int)finding.Check);
                    writer.WriteNumber("observed", finding.Observed);
                    writer.WriteNumber("limit", finding.Limit);
                }

                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray()) + "\n";
    }
}
