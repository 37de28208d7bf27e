using System;
using System.Diagnostics;
using System.Threading;
using LowLatency.Core.Events;

namespace LowLatency.Engine.Running;

/// <summary>
/// Reads a market on a thread of its own and writes it into a pipe, at the pace of its own clock or flat out. Pacing
/// changes only when events arrive at the wall, never what they say.
/// </summary>
internal sealed class MarketThread : IDisposable
{
    private readonly IEventSource _source;
    private readonly Pipe _pipe;
    private readonly double _speed;
    private readonly Thread _thread;
    private readonly ManualResetEventSlim _stop = new(false);

    /// <summary>Creates the thread; it runs after <see cref="Start"/>.</summary>
    /// <param name="source">The market.</param>
    /// <param name="pipe">Where it goes.</param>
    /// <param name="speed">Market seconds for each wall second; 0 for flat out.</param>
    internal MarketThread(IEventSource source, Pipe pipe, double speed)
    {
        _source = source;
        _pipe = pipe;
        _speed = speed;
        _thread = new Thread(Run) { Name = "market", IsBackground = true };
    }

    internal void Start() => _thread.Start();

    public void Dispose()
    {
        _stop.Set();
        _pipe.Close();
        if (_thread.ThreadState.HasFlag(System.Threading.ThreadState.Unstarted) || _thread.Join(10_000))
        {
            _stop.Dispose();
        }
    }

    private void Run()
    {
        Exception? failure = null;
        try
        {
            Copy();
        }
#pragma warning disable CA1031 // Handed to the hot thread, which halts the run with it.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            failure = exception;
        }

        _pipe.End(failure);
    }

    private void Copy()
    {
        Event e = default;
        long wallStart = 0;
        long marketStart = 0;
        while (!_stop.IsSet)
        {
            switch (_source.Read(ref e))
            {
                case ReadResult.End:
                    return;
                case ReadResult.Idle:
                    _stop.Wait(1);
                    continue;
            }

            if (_speed > 0)
            {
                if (wallStart == 0)
                {
                    wallStart = Stopwatch.GetTimestamp();
                    marketStart = e.ReceivedAt;
                }

                WaitUntil(wallStart, (e.ReceivedAt - marketStart) / _speed);
            }

            // A wait that was broken off: the event's time has not come.
            if (_stop.IsSet || !_pipe.Write(e))
            {
                return;
            }
        }
    }

    private void WaitUntil(long wallStart, double nanoseconds)
    {
        while (!_stop.IsSet)
        {
            double left = nanoseconds - (Stopwatch.GetElapsedTime(wallStart).TotalNanoseconds);
            if (left <= 0)
            {
                return;
            }

            // Coarse waits while far away, then yields: the last stretch is shorter than a wait can measure.
            if (left > 2_000_000)
            {
                _stop.Wait((int)Math.Min(100, left / 2_000_000));
            }
            else
            {
                Thread.Yield();
            }
        }
    }
}
