using System;
using System.Collections.Concurrent;
using System.Threading;
using System.Threading.Tasks;

namespace LowLatency.Sandbox.Trading;

/// <summary>
/// The one thread that owns an exchange. Others hand it work over a bounded queue and await the answer; where the queue is
/// full the work is refused.
/// </summary>
internal sealed class ExchangeThread : IDisposable
{
    /// <summary>Work that waits.</summary>
    internal const int QueueMax = 4_096;

    private const int WorkOfOneStep = 64;
    private const long LongestWait = 5_000_000;
    private const long Millisecond = 1_000_000;

    private readonly Exchange _exchange;
    private readonly ExchangeClock _clock;
    private readonly BlockingCollection<Action> _queue = new(QueueMax);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Thread _thread;
    private volatile bool _stop;

    internal ExchangeThread(Exchange exchange, ExchangeClock clock)
    {
        _exchange = exchange;
        _clock = clock;
        _thread = new Thread(Run) { IsBackground = true, Name = "sandbox exchange" };
    }

    /// <summary>Ends with the thread; faulted when an invariant broke.</summary>
    internal Task Ended => _ended.Task;

    internal void Start() => _thread.Start();

    /// <summary>Hands work over. False when the queue is full or the exchange has ended.</summary>
    internal bool TryPost(Action work) => !_stop && !_ended.Task.IsCompleted && _queue.TryAdd(work);

    /// <summary>Asks for something that the exchange answers at once.</summary>
    internal async Task<T> AskAsync<T>(Func<T> question)
    {
        TaskCompletionSource<T> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!TryPost(() => answer.SetResult(question())))
        {
            throw new InvalidOperationException("the exchange takes no more work");
        }

        await Task.WhenAny(answer.Task, Ended).ConfigureAwait(false);
        return answer.Task.IsCompleted
            ? await answer.Task.ConfigureAwait(false)
            : throw new InvalidOperationException("the exchange has ended");
    }

    /// <summary>Ends the thread after what it does now.</summary>
    public void Dispose()
    {
        _stop = true;
        if (_thread.IsAlive)
        {
            _thread.Join();
        }

        _queue.Dispose();
    }

    private void Run()
    {
        try
        {
            while (!_stop)
            {
                Step();
            }

            _ended.SetResult();
        }
#pragma warning disable CA1031 // The failure is kept as the reason of the end and told to whoever waits for it.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            _ended.SetException(failure);
        }
    }

    private void Step()
    {
        _exchange.Advance();
        long wait = Math.Clamp(_exchange.NextDue - _clock.Now, 0, LongestWait);
        int milliseconds = (int)((wait + Millisecond - 1) / Millisecond);

        // A wait is a millisecond at least: too long for an answer that is due within one.
        bool isSoon = _exchange.NextReport - _clock.Now < Millisecond;
        if (!_queue.TryTake(out Action? work, isSoon ? 0 : milliseconds))
        {
            if (isSoon)
            {
                _ = Thread.Yield();
            }

            return;
        }

        int done = 0;
        do
        {
            // Reports that are due come before what is asked now.
            _exchange.Advance();
            work();
        }
        while (++done < WorkOfOneStep && _queue.TryTake(out work));
    }
}
