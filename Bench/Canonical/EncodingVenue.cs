using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Gateways;
using LowLatency.Gateways.Bybit;
using LowLatency.Gateways.Wire;

namespace LowLatency.Bench.Canonical;

/// <summary>A venue in front of which each command becomes the bytes that would leave: a request of Bybit's order connection.</summary>
/// <param name="venue">The venue behind it.</param>
/// <param name="instruments">The instruments by the venue's names.</param>
internal sealed class EncodingVenue(IVenue venue, InstrumentTable instruments) : IVenue
{
    private const int Window = 5_000;
    private const long Millisecond = 1_000_000;

    private readonly BybitRequests _requests = new(instruments, instance: 1);
    private readonly byte[] _buffer = new byte[1024];
    private long _number;

    /// <inheritdoc/>
    public long NextDue => venue.NextDue;

    /// <inheritdoc/>
    public bool Poll(long now, ref Event report) => venue.Poll(now, ref report);

    /// <inheritdoc/>
    public void OnEvent(in Event published) => venue.OnEvent(published);

    /// <inheritdoc/>
    public void Submit(in Command command, long sequence, long now)
    {
        int length = _requests.Write(BybitChannel.WebSocket, command, ++_number, now / Millisecond, Window, _buffer);
        Ensure.That(length > 0, "a command of the canonical workload could not be written");
        venue.Submit(command, sequence, now);
    }
}
