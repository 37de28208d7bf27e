using System.Threading;

namespace LowLatency.Gateways.Live;

/// <summary>
/// The kill switch as the gateways see it: set by any thread, and from that instant no gateway lets a new or changed order
/// out. Cancels pass. What is allowed again after a kill is decided by whoever releases it.
/// </summary>
public sealed class KillLatch : ISendPermit
{
    private int _isSet;

    /// <summary>True while it is set.</summary>
    public bool IsSet => Volatile.Read(ref _isSet) != 0;

    /// <inheritdoc/>
    public bool MaySend => !IsSet;

    /// <summary>Sets it. Any thread may.</summary>
    public void Set() => Volatile.Write(ref _isSet, 1);

    /// <summary>Releases it.</summary>
    public void Release() => Volatile.Write(ref _isSet, 0);
}
