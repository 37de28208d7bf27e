using LowLatency.Core.Events;
using LowLatency.Core.Ring;

namespace LowLatency.Bench.Alternatives.HandOver;

/// <summary>Our ring, busy spinning where there are processors for it.</summary>
internal sealed class RingHandOver : HandOver
{
    private readonly RingBuffer<Event> _ring = new(Capacity, waitStrategy: new BusySpinWaitStrategy());
    private readonly Disruptor<Event> _disruptor;

    internal RingHandOver()
    {
        _disruptor = new Disruptor<Event>(_ring);
        _disruptor.HandleEventsWith(_disruptor.NewConsumer("receiver", new Taker(this)));
    }

    internal override void Start() => _disruptor.Start();

    internal override void Send(in Event e)
    {
        long sequence = _ring.Next();
        _ring[sequence] = e;
        _ring.Publish(sequence);
    }

    public override void Dispose()
    {
        if (_disruptor.Halt())
        {
            _ring.Dispose();
        }
    }

    private readonly struct Taker(RingHandOver owner) : IEventHandler<Event>
    {
        public void OnEvent(ref Event data, long sequence, bool endOfBatch) => owner.Take(data);
    }
}
