using LowLatency.Core.Events;

namespace LowLatency.Bench.Canonical;

/// <summary>The canonical market, in one form or another; it never ends and is never idle.</summary>
internal interface IMarket : IEventSource
{
    /// <summary>Messages handed out.</summary>
    long Messages { get; }

    /// <summary>Does what is not ours to do before the next message: its bytes arrive. Nothing when it has arrived.</summary>
    void Arrive();
}
