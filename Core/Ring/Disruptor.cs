using System;
using System.Collections.Generic;
using LowLatency.Core.Determinism;

namespace LowLatency.Core.Ring;

/// <summary>
/// Wires consumers to a ring so that the code reads like the picture:
/// <c>HandleEventsWith(journal, decide).Then(gateway, audit)</c>. The same wiring is driven by threads
/// (<see cref="Start"/>) or by hand (<see cref="Poll"/>).
/// </summary>
/// <typeparam name="T">The event.</typeparam>
public sealed class Disruptor<T>
    where T : unmanaged
{
    /// <summary>Most consumers of one ring.</summary>
    public const int ConsumersMax = 32;

    private readonly List<Consumer> _consumers = [];
    private readonly List<ConsumerThread> _threads = [];

    /// <summary>Starts a wiring.</summary>
    /// <param name="ring">The ring; the owner disposes it after the threads have ended.</param>
    public Disruptor(RingBuffer<T> ring)
    {
        Ring = ring;
    }

    /// <summary>The ring.</summary>
    public RingBuffer<T> Ring { get; }

    /// <summary>The consumers in the order in which they were wired: each after those that it waits for.</summary>
    public IReadOnlyList<Consumer> Consumers => _consumers;

    /// <summary>The threads, once started.</summary>
    public IReadOnlyList<ConsumerThread> Threads => _threads;

    /// <summary>The first thing that stopped a consumer, or null.</summary>
    public Exception? Failure
    {
        get
        {
            foreach (Consumer consumer in _consumers)
            {
                if (consumer.Failure is { } failure)
                {
                    return failure;
                }
            }

            return null;
        }
    }

    /// <summary>Makes a consumer; it takes part once it is wired.</summary>
    /// <typeparam name="THandler">The handler.</typeparam>
    /// <param name="name">Name for people.</param>
    /// <param name="handler">What is done with each event.</param>
    /// <returns>The consumer.</returns>
    public Consumer<T, THandler> NewConsumer<THandler>(string name, THandler handler)
        where THandler : IEventHandler<T> => new(Ring, Ring.NewBarrier(), name, handler);

    /// <summary>Consumers that wait for the producers only.</summary>
    /// <param name="consumers">Consumers that are not wired yet.</param>
    /// <returns>The group, for what follows it.</returns>
    public ConsumerGroup<T> HandleEventsWith(params ReadOnlySpan<Consumer> consumers) => Wire([], consumers);

    /// <summary>Names wired consumers that others wait for, from whatever groups: joins branches.</summary>
    /// <param name="consumers">Wired consumers.</param>
    /// <returns>The group, for what follows it.</returns>
    public ConsumerGroup<T> After(params ReadOnlySpan<Consumer> consumers)
    {
        foreach (Consumer consumer in consumers)
        {
            Ensure.That(_consumers.Contains(consumer), "a consumer can only follow one that is wired");
        }

        return new ConsumerGroup<T>(this, consumers.ToArray());
    }

    /// <summary>Drives every consumer once, in wiring order: with a limit that is never reached, an event runs through.</summary>
    /// <param name="limit">Most events for each consumer.</param>
    /// <returns>Events handled, all consumers together.</returns>
    public int Poll(int limit)
    {
        Ensure.That(_threads.Count == 0, "consumers are driven by threads or by hand, not by both");
        int handled = 0;
        foreach (Consumer consumer in _consumers)
        {
            handled += consumer.Poll(limit);
        }

        return handled;
    }

    /// <summary>Gives every consumer a thread and starts them.</summary>
    /// <param name="limit">Most events of one poll.</param>
    public void Start(int limit = 256)
    {
        Ensure.That(_threads.Count == 0, "already started");
        foreach (Consumer consumer in _consumers)
        {
            _threads.Add(new ConsumerThread(consumer, limit));
        }

        foreach (ConsumerThread thread in _threads)
        {
            thread.Start();
        }
    }

    /// <summary>True when every consumer has passed the cursor.</summary>
    /// <returns>False while there is a backlog.</returns>
    public bool IsDrained()
    {
        long cursor = Ring.Cursor;
        foreach (Consumer consumer in _consumers)
        {
            if (consumer.Sequence.Value < cursor)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Asks all threads to end and waits for them.</summary>
    /// <param name="timeoutMilliseconds">Longest wait for each thread.</param>
    /// <returns>False when a thread still runs; the ring must then not be disposed.</returns>
    public bool Halt(int timeoutMilliseconds = 10_000)
    {
        foreach (ConsumerThread thread in _threads)
        {
            thread.Halt();
        }

        bool ended = true;
        foreach (ConsumerThread thread in _threads)
        {
            ended &= thread.Join(timeoutMilliseconds);
        }

        return ended;
    }

    internal ConsumerGroup<T> Wire(ReadOnlySpan<Consumer> before, ReadOnlySpan<Consumer> consumers)
    {
        Ensure.That(_threads.Count == 0 && Ring.Cursor < Ring.FirstSequence, "wire before the first event and the start");
        Ensure.That(consumers.Length >= 1, "a group needs a consumer");
        Ensure.That(_consumers.Count + consumers.Length <= ConsumersMax, "too many consumers on a ring");
        Sequence[] dependents = new Sequence[before.Length];
        for (int i = 0; i < before.Length; i++)
        {
            dependents[i] = before[i].Sequence;
        }

        foreach (Consumer consumer in consumers)
        {
            Ensure.That(ReferenceEquals(consumer.Sequencer, Ring.Sequencer), "a consumer of another ring");
            Ensure.That(!_consumers.Contains(consumer), "a consumer is wired once");

            // A barrier each, so that stopping one consumer does not wake its siblings.
            consumer.Follow(Ring.NewBarrier(dependents));
            _consumers.Add(consumer);
            Ring.AddGatingSequences(consumer.Sequence);
        }

        foreach (Sequence sequence in dependents)
        {
            // Whoever follows is never ahead, so gating by the last of a chain is enough.
            Ring.Sequencer.RemoveGatingSequence(sequence);
        }

        return new ConsumerGroup<T>(this, consumers.ToArray());
    }
}

/// <summary>Consumers that were wired together.</summary>
/// <typeparam name="T">The event.</typeparam>
public sealed class ConsumerGroup<T>
    where T : unmanaged
{
    private readonly Disruptor<T> _disruptor;
    private readonly Consumer[] _consumers;

    internal ConsumerGroup(Disruptor<T> disruptor, Consumer[] consumers)
    {
        _disruptor = disruptor;
        _consumers = consumers;
    }

    /// <summary>Consumers that see an event only after all of this group have.</summary>
    /// <param name="consumers">Consumers that are not wired yet.</param>
    /// <returns>The new group.</returns>
    public ConsumerGroup<T> Then(params ReadOnlySpan<Consumer> consumers) => _disruptor.Wire(_consumers, consumers);
}
