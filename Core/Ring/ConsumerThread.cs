using System;
using System.Threading;
using LowLatency.Core.Determinism;

namespace LowLatency.Core.Ring;

/// <summary>
/// Gives a consumer a thread: polls it, waits by the ring's wait strategy when there is nothing, ends on
/// <see cref="Halt"/> or with the exception that stopped the consumer.
/// </summary>
public sealed class ConsumerThread
{
    private readonly Consumer _consumer;
    private readonly Thread _thread;
    private readonly int _limit;
    private Exception? _failure;
    private int _state;

    /// <summary>Creates the thread; it does not run yet.</summary>
    /// <param name="consumer">The consumer. Nobody else polls it while the thread runs.</param>
    /// <param name="limit">Most events of one poll: bounds the time until a downstream consumer sees progress.</param>
    public ConsumerThread(Consumer consumer, int limit = 256)
    {
        Ensure.That(limit >= 1, "limit of a consumer thread must be at least 1");
        _consumer = consumer;
        _limit = limit;
        _thread = new Thread(Run) { Name = consumer.Name, IsBackground = true };
    }

    /// <summary>The consumer.</summary>
    public Consumer Consumer => _consumer;

    /// <summary>True from <see cref="Start"/> until the thread has ended.</summary>
    public bool IsRunning => _thread.IsAlive;

    /// <summary>What ended the thread; null while it runs and after a halt that was asked for.</summary>
    public Exception? Failure => Volatile.Read(ref _failure);

    /// <summary>Starts the thread, once.</summary>
    public void Start()
    {
        Ensure.That(Interlocked.CompareExchange(ref _state, State.Running, State.New) == State.New, "thread already used");
        _thread.Start();
    }

    /// <summary>Asks the thread to end after its current batch. What is published and not consumed stays so.</summary>
    public void Halt()
    {
        Volatile.Write(ref _state, State.Halting);
        _consumer.Barrier.Alert();
    }

    /// <summary>Waits for the end of the thread.</summary>
    /// <param name="timeoutMilliseconds">Longest wait.</param>
    /// <returns>False when it still runs.</returns>
    public bool Join(int timeoutMilliseconds) => !_thread.IsAlive || _thread.Join(timeoutMilliseconds);

    private void Run()
    {
        try
        {
            long next = _consumer.Sequence.Value + 1;
            while (Volatile.Read(ref _state) == State.Running)
            {
                int handled = _consumer.Poll(_limit);
                next += handled;
                if (handled == 0)
                {
                    _consumer.Barrier.WaitFor(next);
                }
            }
        }
        catch (Exception exception)
        {
            // Not swallowed: the ring is halted by the consumer, and who owns the thread reads the reason here.
            Volatile.Write(ref _failure, exception);
        }
    }

    private static class State
    {
        internal const int New = 0;
        internal const int Running = 1;
        internal const int Halting = 2;
    }
}
