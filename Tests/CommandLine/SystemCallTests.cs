using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text.RegularExpressions;
using LowLatency.Engine.Commands;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.CommandLine;

/// <summary>
/// What the hot thread asks of the kernel in its steady state, journal on: a count, so the answer is the same on a busy
/// machine. Waiting is left out: how often it waits for the sync thread depends on who is faster.
/// </summary>
public sealed partial class SystemCallTests : IDisposable
{
    /// <summary>Most calls for a thousand new orders: none for an order, hardly one for a change of segment.</summary>
    private const double Most = 2;

    private static readonly HashSet<string> _waits = ["futex", "sched_yield", "clock_nanosleep"];

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void A_thousand_orders_take_hardly_a_system_call_of_the_hot_thread()
    {
        (double perThousand, string calls) = Trace();
        Assert.True(perThousand <= Most, $"{perThousand:F1} calls for a thousand orders:\n{calls}");
    }

    [Fact]
    public void A_call_in_a_thousand_events_is_found()
    {
        (double perThousand, string calls) = Trace("--system-call");
        Assert.True(perThousand > Most, $"{perThousand:F1} calls for a thousand orders:\n{calls}");
    }

    public void Dispose() => _folder.Dispose();

    private (double PerThousand, string Calls) Trace(params string[] more)
    {
        string trace = Path.Combine(_folder.Path, "trace");
        StorageErrorTests.SkipWithoutTracing();
        Finished finished = EngineProcess.RunUnder(
            ["strace", "-f", "-qq", "-o", trace], ["self-test", "--events", "600000", "--warm-up", "300000", .. more]);
        long orders = long.Parse(Orders().Match(finished.Output).Groups[1].Value, CultureInfo.InvariantCulture);
        Assert.True(orders > 1_000, finished.Output + finished.Error);
        string[] lines = File.ReadAllLines(trace);
        int begin = Array.FindIndex(lines, line => line.Contains(SelfTestCommand.BeginMark, StringComparison.Ordinal));
        int end = Array.FindIndex(lines, line => line.Contains(SelfTestCommand.EndMark, StringComparison.Ordinal));
        Assert.True(begin >= 0 && end > begin, "the marks of the measurement are not in the trace");
        string hot = lines[begin][..(lines[begin].IndexOf(' ', StringComparison.Ordinal) + 1)];
        List<string> calls = [];
        foreach (string line in lines.AsSpan(begin + 1, end - begin - 1))
        {
            // A call that was interrupted by another thread's line is counted where it began.
            Match call = Call().Match(line);
            if (line.StartsWith(hot, StringComparison.Ordinal) && call.Success && !_waits.Contains(call.Groups[1].Value))
            {
                calls.Add(line);
            }
        }

        return (calls.Count * 1_000.0 / orders, string.Join('\n', calls.GetRange(0, Math.Min(calls.Count, 40))));
    }

    [GeneratedRegex(@", (\d+) new orders: ")]
    private static partial Regex Orders();

    [GeneratedRegex(@"^\d+\s+([a-z_0-9]+)\(")]
    private static partial Regex Call();
}
