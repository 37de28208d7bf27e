namespace LowLatency.Core.Ring;

/// <summary>What is done with each event.</summary>
/// <typeparam name="T">The event.</typeparam>
public interface IEventHandler<T>
    where T : unmanaged
{
    /// <summary>Handles one event. An exception stops the consumer for good; the event is not passed.</summary>
    /// <param name="data">The slot. Its writer is its producer: a consumer reads it.</param>
    /// <param name="sequence">The position.</param>
    /// <param name="endOfBatch">
    /// True on the last event before the consumer's position moves: what was put off during the batch is done now.
    /// </param>
    void OnEvent(ref T data, long sequence, bool endOfBatch);
}
