using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Net;
using System.Reflection;
using System.Text.Json;
using System.Threading;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Live;
using LowLatency.Gateways.Live;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Engine.Live;

/// <summary>Who is told, and that nothing that was to be told is lost, and nothing told that must not be.</summary>
public sealed class AlertTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Credentials _secrets = Credentials.Of("the-key-of-it", "the-secret-of-it-0123");

    public void Dispose()
    {
        _secrets.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Every_alarm_has_a_row_and_every_row_says_something_of_its_own()
    {
        HashSet<string> texts = new(StringComparer.Ordinal);
        foreach (LiveAlarm alarm in Enum.GetValues<LiveAlarm>())
        {
            Assert.True(AlertTable.Rows.TryGetValue(alarm, out AlertRow row), alarm + " has no row");
            Assert.True(texts.Add(row.Text), alarm + " says what another one says");
        }

        Assert.Equal(Enum.GetValues<LiveAlarm>().Length, AlertTable.Rows.Count);
    }

    [Fact]
    public void An_alert_is_told_again_until_it_is_acknowledged_and_the_order_stays()
    {
        using HttpListener hook = new();
        string address = Listen(hook);
        List<(long Number, string Alarm)> heard = [];
        Thread server = new(() =>
        {
            for (int i = 0; i < 5; i++)
            {
                HttpListenerContext request = hook.GetContext();
                JsonElement alert = JsonDocument.Parse(request.Request.InputStream).RootElement;
                heard.Add((alert.GetProperty("number").GetInt64(), alert.GetProperty("alarm").GetString()!));

                // The first three tries fail.
                request.Response.StatusCode = i switch { 0 => 503, 1 => 404, 2 => 302, _ => 204 };
                request.Response.Close();
            }
        });
        server.Start();
        using LiveLog log = new(_folder.Path, [_secrets]);
        using AlertSender alerts = new(
            Access with { AlertWebhook = address }, log, TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(4));
        alerts.Tell(LiveAlarm.Killed, "drill");
        alerts.Tell(LiveAlarm.KillProven);
        Assert.True(server.Join(60_000), "the alerts do not come");
        Assert.Equal([(1, "Killed"), (1, "Killed"), (1, "Killed"), (1, "Killed"), (2, "KillProven")], heard);
        Until(() => alerts.Acknowledged == 2 && alerts.Waiting == 0);
        Assert.Equal(3, alerts.Failures);
    }

    [Fact]
    public void A_program_gets_the_alert_on_its_input_and_acknowledges_by_its_code()
    {
        string heard = Path.Combine(_folder.Path, "heard");
        string program = Path.Combine(_folder.Path, "hook.sh");
        File.WriteAllText(program, $"#!/bin/sh\ncat >> {heard}\n[ $(wc -l < {heard}) -ge 2 ]\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }

        using LiveLog log = new(_folder.Path, [_secrets]);
        using AlertSender alerts = new(
            Access with { AlertCommand = program }, log, TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(1));
        alerts.Tell(LiveAlarm.OrderRejected);
        Until(() => alerts.Acknowledged == 1);
        Assert.Equal(1, alerts.Failures);
        string[] lines = File.ReadAllLines(heard);
        Assert.Equal(2, lines.Length);
        Assert.Equal(lines[0], lines[1]);
    }

    [Fact]
    public void Too_many_alerts_that_wait_are_dropped_and_counted()
    {
        using LiveLog log = new(_folder.Path, [_secrets]);
        using AlertSender alerts = new(
            Access with { AlertCommand = Path.Combine(_folder.Path, "absent") }, log, TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(60));
        for (int i = 0; i < AlertSender.WaitingMax + 7; i++)
        {
            alerts.Tell(LiveAlarm.MarketStreamLost);
        }

        Assert.Equal(AlertSender.WaitingMax, alerts.Waiting);
        Assert.Equal(7, alerts.Dropped);
    }

    [Fact]
    public void A_critical_alert_finds_room_where_others_wait_and_all_can_be_waited_for()
    {
        using LiveLog log = new(_folder.Path, [_secrets]);
        string heard = Path.Combine(_folder.Path, "heard");
        string program = Path.Combine(_folder.Path, "later.sh");
        using AlertSender alerts = new(
            Access with { AlertCommand = program }, log, TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(20));
        for (int i = 0; i < AlertSender.WaitingMax; i++)
        {
            alerts.Tell(LiveAlarm.MarketStreamLost);
        }

        alerts.Tell(LiveAlarm.Died, "the last word");
        alerts.Tell(LiveAlarm.Live);
        Assert.Equal((AlertSender.WaitingMax, 2), (alerts.Waiting, alerts.Dropped));
        Assert.False(alerts.Flush(TimeSpan.FromMilliseconds(50)));

        // Somebody hears at last: everything that waited comes, the critical one in the place of the newest other.
        string written = program + ".new";
        File.WriteAllText(written, $"#!/bin/sh\ncat >> {heard}\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(written, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }

        File.Move(written, program);
        Assert.True(alerts.Flush(TimeSpan.FromSeconds(120)));
        string[] lines = File.ReadAllLines(heard);
        Assert.Equal(AlertSender.WaitingMax, lines.Length);
        Assert.Contains("the last word", lines[^1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("all is well", true)]
    [InlineData("the key is the-key-of-it", false)]
    [InlineData("a part: secret-of", false)]
    [InlineData("the-secret-of-it-0123", false)]
    public void A_line_with_a_part_of_a_secret_is_never_written(string text, bool isWritten)
    {
        using (LiveLog log = new(_folder.Path, [_secrets]))
        {
            log.Note(LogNote.Said, text);
            Assert.Equal(isWritten ? 0 : 1, log.Withheld);
        }

        string written = File.ReadAllText(Path.Combine(_folder.Path, LiveLog.FileName));
        Assert.Equal(isWritten, written.Contains(text, StringComparison.Ordinal));
        Assert.Equal(!isWritten, written.Contains("withheld", StringComparison.Ordinal));
    }

    [Fact]
    public void The_log_is_two_files_of_bounded_size()
    {
        string line = new('x', 2_000);
        using (LiveLog log = new(_folder.Path, [_secrets]))
        {
            for (long written = 0; written < 2 * LiveLog.SizeMax + LiveLog.SizeMax / 2; written += line.Length)
            {
                log.Note(LogNote.Said, line);
            }
        }

        string[] files = Directory.GetFiles(_folder.Path, "live.log*");
        Assert.Equal(2, files.Length);
        Assert.All(files, file => Assert.InRange(new FileInfo(file).Length, 1, LiveLog.SizeMax));
    }

    [Fact]
    public void A_program_that_is_told_gets_no_key_of_the_environment()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        const string name = "LOWLATENCY_ALERT_TEST_SECRET";
        string heard = Path.Combine(_folder.Path, "environment");
        string program = Path.Combine(_folder.Path, "hook.sh");
        File.WriteAllText(program, $"#!/bin/sh\nenv > {heard}.new\nmv {heard}.new {heard}\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        Environment.SetEnvironmentVariable(name, "not for others");
        try
        {
            using LiveLog log = new(_folder.Path, [_secrets]);
            using AlertSender alerts = new(Access with { AlertCommand = program }, log);
            alerts.Tell(LiveAlarm.Killed);
            Until(() => alerts.Acknowledged == 1);
        }
        finally
        {
            Environment.SetEnvironmentVariable(name, null);
        }

        // The shell adds some of its own.
        string[] own = ["PWD", "OLDPWD", "SHLVL", "_"];
        foreach (string line in File.ReadAllLines(heard))
        {
            string variable = line.Split('=')[0];
            Assert.True(AlertSender.Inherited.Contains(variable) || Array.IndexOf(own, variable) >= 0, line);
        }

        Assert.Contains("PATH=", File.ReadAllText(heard), StringComparison.Ordinal);
    }

    /// <summary>Who writes a line chooses neither how severe it is nor when it was: the table and the journal say so.</summary>
    [Fact]
    public void Every_line_has_the_severity_of_its_alarm_and_the_sequence_of_the_last_event()
    {
        using (LiveLog log = new(_folder.Path, [_secrets]))
        {
            log.Tell(LiveAlarm.Live, "before the first event");
            long sequence = 0;
            log.Follow(() => ++sequence);
            foreach (LiveAlarm alarm in Enum.GetValues<LiveAlarm>())
            {
                log.Tell(alarm, "it happened");
            }

            foreach (LogNote note in Enum.GetValues<LogNote>())
            {
                log.Note(note, "it was done");
            }
        }

        JsonElement[] lines = Array.ConvertAll(
            File.ReadAllLines(Path.Combine(_folder.Path, LiveLog.FileName)), line => JsonDocument.Parse(line).RootElement);
        Assert.Equal(1 + Enum.GetValues<LiveAlarm>().Length + Enum.GetValues<LogNote>().Length, lines.Length);
        Assert.Equal(-1, lines[0].GetProperty("sequence").GetInt64());
        for (int i = 1; i < lines.Length; i++)
        {
            Assert.Equal(i, lines[i].GetProperty("sequence").GetInt64());
            string what = lines[i].GetProperty("what").GetString()!;
            string severity = Enum.TryParse(what, out LiveAlarm alarm) ? AlertTable.Rows[alarm].Severity.ToString() : nameof(Severity.Note);
            Assert.Equal(severity.ToLowerInvariant(), lines[i].GetProperty("severity").GetString());
        }

        // No way to write a line takes a severity, and each severity says in writing what it means.
        Assert.DoesNotContain(
            typeof(LiveLog).GetMethods(BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.DeclaredOnly)
                .Where(method => !method.IsPrivate),
            method => method.GetParameters().Any(parameter => parameter.ParameterType == typeof(Severity)));
        Assert.Equal(3, Enum.GetValues<Severity>().Length);
    }

    [Fact]
    public void Fifty_thousand_alarms_are_counted_one_by_one_and_take_no_more_room_than_a_few()
    {
        using LiveLog log = new(_folder.Path, [_secrets]);
        using AlertSender alerts = new(
            Access with { AlertCommand = Path.Combine(_folder.Path, "absent") }, log, TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(60));
        for (int i = 0; i < 1_000; i++)
        {
            alerts.Tell(LiveAlarm.OrderRejected, "one of many");
        }

        long before = GC.GetTotalMemory(forceFullCollection: true);
        for (int i = 0; i < 49_000; i++)
        {
            alerts.Tell(i % 7 == 0 ? LiveAlarm.Quarantined : LiveAlarm.OrderRejected, "one of many");
        }

        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 1 << 20);
        Assert.Equal((7_000, 43_000, 0), (alerts.Told(LiveAlarm.Quarantined), alerts.Told(LiveAlarm.OrderRejected), alerts.Told(LiveAlarm.Killed)));
        Assert.Equal(AlertSender.WaitingMax, alerts.Waiting);
        Assert.InRange(Directory.GetFiles(_folder.Path, "live.log*").Sum(file => new FileInfo(file).Length), 1, 2 * LiveLog.SizeMax);
    }

    private static LiveAccess Access => new();

    private static string Listen(HttpListener hook)
    {
        for (int port = 40_000 + (Environment.ProcessId % 10_000); ; port++)
        {
            string address = $"http://127.0.0.1:{port}/hook/";
            hook.Prefixes.Clear();
            hook.Prefixes.Add(address);
            try
            {
                hook.Start();
                return address;
            }
            catch (HttpListenerException) when (port < 60_000)
            {
                // Somebody else's port.
            }
        }
    }

    private static void Until(Func<bool> condition)
    {
        long start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(60), "it does not come");
            Thread.Yield();
        }
    }
}
