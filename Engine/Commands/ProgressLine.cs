using System;
using System.Globalization;
using System.Threading;
using LowLatency.Journal;

namespace LowLatency.Engine.Commands;

/// <summary>How far a long reading is, on the error stream; nothing when that is not a terminal.</summary>
internal sealed class ProgressLine : IDisposable
{
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(200);

    private readonly string _what;
    private readonly ReadProgress _progress;
    private readonly ManualResetEventSlim _done = new();
    private readonly Thread? _thread;

    internal ProgressLine(string what, ReadProgress progress)
    {
        _what = what;
        _progress = progress;
        if (!Console.IsErrorRedirected)
        {
            _thread = new Thread(Show) { IsBackground = true, Name = "progress" };
            _thread.Start();
        }
    }

    /// <summary>The line at a moment.</summary>
    internal static string Text(string what, long bytes, long total) => total > 0
        ? string.Create(
            CultureInfo.InvariantCulture, $"{what}: {bytes / 1e6:N0} of {total / 1e6:N0} MB, {100.0 * bytes / total:F0} %")
        : string.Create(CultureInfo.InvariantCulture, $"{what}: {bytes / 1e6:N0} MB");

    public void Dispose()
    {
        _done.Set();
        _thread?.Join();
        _done.Dispose();
    }

    private void Show()
    {
        bool shown = false;
        while (!_done.Wait(_pause))
        {
            Console.Error.Write("\r" + Text(_what, _progress.Bytes, _progress.Total) + "\u001b[K");
            shown = true;
        }

        if (shown)
        {
            Console.Error.Write("\r\u001b[K");
        }
    }
}
