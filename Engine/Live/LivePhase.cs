namespace LowLatency.Engine.Live;

/// <summary>Where a live run is in its life.</summary>
internal enum LivePhase
{
    /// <summary>Key and account are looked at; nothing is open yet.</summary>
    Starting,

    /// <summary>The journal is brought to where it ended.</summary>
    Recovering,

    /// <summary>The account is read; nothing is traded.</summary>
    Reconciling,

    /// <summary>It trades, within what the risk stage allows.</summary>
    Live,

    /// <summary>It was asked to stop: nothing new leaves, what works is ended.</summary>
    Stopping,

    /// <summary>It has ended, or the kill switch holds it.</summary>
    Halted,
}

/// <summary>How a live run was stopped.</summary>
internal enum StopKind
{
    /// <summary>The venue was read after the last command: no order of ours works, none is in doubt.</summary>
    Clean,

    /// <summary>Orders work on at the venue, as the configuration asks.</summary>
    OrdersLeft,

    /// <summary>It is not proven within the time that no order of ours works: look at the venue.</summary>
    Unproven,
}

/// <summary>The end of a live run.</summary>
/// <param name="Kind">How.</param>
/// <param name="Orders">Orders of ours that work, or may.</param>
/// <param name="Why">What is not proven; null when all is.</param>
internal sealed record StopResult(StopKind Kind, int Orders, string? Why);
