using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Diagnostics;
using System.IO;
using System.Net.Http;
using System.Text.Json;
using System.Threading;
using LowLatency.Engine.Configuration;

namespace LowLatency.Engine.Live;

/// <summary>
/// Tells a person: each alert goes to the program and to the address of the configuration, in order, again and again with
/// growing pauses until it is acknowledged. An alert that waits stays first. When too many wait the newest are dropped, and counted;
/// a critical one takes the place of the newest that is not. A thread of its own: nothing here can hold up trading.
/// </summary>
internal sealed class AlertSender : IDisposable
{
    /// <summary>What a program that is told gets of our variables: it has no business with a key.</summary>
    internal static readonly ImmutableArray<string> Inherited =
        ["PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LC_ALL", "TZ", "TMPDIR", "HOSTNAME"];

    /// <summary>Alerts that wait at most.</summary>
    internal const int WaitingMax = 256;

    private static readonly TimeSpan _tryMax = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _lastPatience = TimeSpan.FromSeconds(5);

    private readonly LiveAccess _access;
    private readonly LiveLog _log;
    private readonly TimeSpan _pause;
    private readonly TimeSpan _pauseMax;
    private readonly List<(Severity Severity, byte[] Body)> _waiting = [];
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false });
    private readonly CancellationTokenSource _stop = new();
    private readonly long[] _told = new long[Enum.GetValues<LiveAlarm>().Length];
    private readonly Thread? _thread;
    private volatile bool _isEnding;
    private long _number;

    /// <summary>Starts to send.</summary>
    /// <param name="access">Whom to tell; with neither program nor address the log is all.</param>
    /// <param name="log">Gets every alert.</param>
    /// <param name="pause">Pause after a first failure; doubles; 1 second when not given.</param>
    /// <param name="pauseMax">Longest pause; 1 minute when not given.</param>
    internal AlertSender(LiveAccess access, LiveLog log, TimeSpan? pause = null, TimeSpan? pauseMax = null)
    {
        _access = access;
        _log = log;
        _pause = pause ?? TimeSpan.FromSeconds(1);
        _pauseMax = pauseMax ?? TimeSpan.FromMinutes(1);
        if (access.AlertCommand is not null || access.AlertWebhook is not null)
        {
            _thread = new Thread(Run) { Name = "alerts", IsBackground = true };
            _thread.Start();
        }
    }

    /// <summary>Alerts that were acknowledged.</summary>
    internal long Acknowledged { get; private set; }

    /// <summary>Tries that failed.</summary>
    internal long Failures { get; private set; }

    /// <summary>How often something was told, whether or not anybody could be reached.</summary>
    /// <param name="alarm">What.</param>
    internal long Told(LiveAlarm alarm) => Volatile.Read(ref _told[(int)alarm]);

    /// <summary>Alerts that found no room.</summary>
    internal long Dropped { get; private set; }

    /// <summary>Alerts that wait.</summary>
    internal int Waiting
    {
        get
        {
            lock (_waiting)
            {
                return _waiting.Count;
            }
        }
    }

    /// <summary>Tells of something. Any thread may; it never blocks.</summary>
    /// <param name="alarm">What.</param>
    /// <param name="detail">More of it; empty for nothing.</param>
    internal void Tell(LiveAlarm alarm, string detail = "")
    {
        AlertRow row = AlertTable.Rows[alarm];
        string text = detail.Length == 0 ? row.Text : row.Text + ": " + detail;
        _log.Tell(alarm, text);
        Interlocked.Increment(ref _told[(int)alarm]);
        if (_thread is null)
        {
            return;
        }

        byte[] body = Body(Interlocked.Increment(ref _number), alarm, row.Severity, text);
        lock (_waiting)
        {
            if (_waiting.Count >= WaitingMax)
            {
                Dropped++;
                int least = _waiting.FindLastIndex(alert => alert.Severity != Severity.Critical);
                if (row.Severity != Severity.Critical || least <= 0)
                {
                    return;
                }

                _waiting.RemoveAt(least);
            }

            _waiting.Add((row.Severity, body));
            Monitor.PulseAll(_waiting);
        }
    }

    /// <summary>Waits until everything is acknowledged. Any thread but the sender's may.</summary>
    /// <param name="longest">How long at most.</param>
    /// <returns>False when something still waits.</returns>
    internal bool Flush(TimeSpan longest)
    {
        long start = Stopwatch.GetTimestamp();
        lock (_waiting)
        {
            while (_waiting.Count > 0)
            {
                TimeSpan left = longest - Stopwatch.GetElapsedTime(start);
                if (left <= TimeSpan.Zero)
                {
                    return false;
                }

                _ = Monitor.Wait(_waiting, left);
            }

            return true;
        }
    }

    /// <summary>Gives what waits a last chance, then ends.</summary>
    public void Dispose()
    {
        lock (_waiting)
        {
            _isEnding = true;
            Monitor.PulseAll(_waiting);
        }

        if (_thread is not null && !_thread.Join(_lastPatience))
        {
            _stop.Cancel();
            _ = _thread.Join(_lastPatience);
            _log.Tell(LiveAlarm.Engine, $"{Waiting} alerts were never acknowledged");
        }

        _client.Dispose();
    }

    private static byte[] Body(long number, LiveAlarm alarm, Severity severity, string text)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter writer = new(stream))
        {
            writer.WriteStartObject();
            writer.WriteNumber("number", number);
            writer.WriteString("at", DateTime.UtcNow);
            writer.WriteString("alarm", alarm.ToString());
            writer.WriteString("severity", severity.ToString());
            writer.WriteString("text", text);
            writer.WriteEndObject();
        }

        return stream.ToArray();
    }

    private void Run()
    {
        TimeSpan pause = _pause;
        while (!_stop.IsCancellationRequested)
        {
            byte[] next;
            lock (_waiting)
            {
                while (_waiting.Count == 0 && !_isEnding)
                {
                    Monitor.Wait(_waiting);
                }

                if (_waiting.Count == 0)
                {
                    return;
                }

                next = _waiting[0].Body;
            }

            if (TrySend(next))
            {
                pause = _pause;
                Acknowledged++;
                lock (_waiting)
                {
                    _waiting.RemoveAt(0);
                    Monitor.PulseAll(_waiting);
                }

                continue;
            }

            Failures++;
            _ = _stop.Token.WaitHandle.WaitOne(pause);
            pause = pause * 2 < _pauseMax ? pause * 2 : _pauseMax;
        }
    }

    private bool TrySend(byte[] alert) =>
        (_access.AlertCommand is null || TryRun(_access.AlertCommand, alert))
        && (_access.AlertWebhook is null || TryPost(_access.AlertWebhook, alert));

    private static bool TryRun(string program, byte[] alert)
    {
        try
        {
            ProcessStartInfo start = new(program) { RedirectStandardInput = true };
            foreach (string name in new List<string>(start.Environment.Keys))
            {
                if (!Inherited.Contains(name))
                {
                    start.Environment.Remove(name);
                }
            }

            using Process? process = Process.Start(start);
            if (process is null)
            {
                return false;
            }

            process.StandardInput.BaseStream.Write(alert);
            process.StandardInput.BaseStream.Write("\n"u8);
            process.StandardInput.Close();
            if (process.WaitForExit(_tryMax))
            {
                return process.ExitCode == 0;
            }

            process.Kill(entireProcessTree: true);
            return false;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private bool TryPost(string address, byte[] alert)
    {
        using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        deadline.CancelAfter(_tryMax);
        try
        {
            using ByteArrayContent content = new(alert);
            content.Headers.ContentType = new("application/json");
            using HttpRequestMessage request = new(HttpMethod.Post, new Uri(address)) { Content = content };
            using HttpResponseMessage response = _client.Send(request, deadline.Token);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
