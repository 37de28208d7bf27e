using Disruptor;
using Disruptor.Dsl;
using LowLatency.Bench.Alternatives.HandOver;
using LowLatency.Core.Events;

namespace LowLatency.Bench.Peers;

/// <summary>Disruptor-net's value ring, busy spinning, one producer.</summary>
internal sealed class DisruptorNetHandOver : HandOver, IValueEventHandler<Event>
{
    private readonly ValueDisruptor<Event> _disruptor = new(
        () => default, Capacity, System.Threading.Tasks.TaskScheduler.Default, ProducerType.Single, new BusySpinWaitStrategy());

    private ValueRingBuffer<Event> _ring = null!;

    public void OnEvent(ref Event data, long sequence, bool endOfBatch) => Take(data);

    internal override void Start()
    {
        _disruptor.HandleEventsWith(this);
        _ring = _disruptor.RingBuffer;
        _disruptor.Start();
    }

    internal override void Send(in Event e)
    {
        long sequence = _ring.Next();
        _ring[sequence] = e;
        _ring.Publish(sequence);
    }

    public override void Dispose() => _disruptor.Halt();
}
