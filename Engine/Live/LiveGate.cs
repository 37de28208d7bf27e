using LowLatency.Core.Events;
using LowLatency.Gateways;

namespace LowLatency.Engine.Live;

/// <summary>
/// The account as the topology sees it: it takes commands and is shown every event. What it has to report comes by the inputs,
/// in one order with everything else.
/// </summary>
internal sealed class LiveGate(IVenue account) : IVenue
{
    /// <inheritdoc/>
    public long NextDue => long.MaxValue;

    /// <inheritdoc/>
    public bool Poll(long now, ref Event report) => false;

    /// <inheritdoc/>
    public void OnEvent(in Event published) => account.OnEvent(published);

    /// <inheritdoc/>
    public void Submit(in Command command, long sequence, long now) => account.Submit(command, sequence, now);
}
