namespace LowLatency.Core.Ring;

/// <summary>
/// What a consumer's thread does while there is nothing to do. It is asked only when a poll found nothing, so the call
/// through the interface is never on the path of an event.
/// </summary>
public interface IWaitStrategy
{
    /// <summary>True when <see cref="WaitFor"/> can sleep and must be signalled.</summary>
    bool IsBlocking { get; }

    /// <summary>Waits until <paramref name="sequence"/> is available, the barrier is alerted, or a bound is reached.</summary>
    /// <param name="sequence">The position that is wanted.</param>
    /// <param name="barrier">What must have passed it.</param>
    /// <returns>
    /// The highest available position. Below <paramref name="sequence"/> when the barrier is alerted or the time is up:
    /// the caller looks around and asks again.
    /// </returns>
    long WaitFor(long sequence, SequenceBarrier barrier);

    /// <summary>Wakes whoever sleeps in <see cref="WaitFor"/>. Called after a position was published.</summary>
    void SignalAllWhenBlocking();
}
