using System.Runtime.InteropServices;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;

namespace LowLatency.Gateways.Sim;

/// <summary>
/// Reports on their way back, a binary heap by (due, command, number): what is due at one instant is told in the order
/// of the commands, and what one command caused in the order in which it happened.
/// </summary>
internal sealed class ReportQueue
{
    internal const int Capacity = 8192;

    // A permutation of the slots: the first _count nodes are the heap, the slots of the others are free.
    private readonly Node[] _nodes = new Node[Capacity];
    private readonly Event[] _slots = new Event[Capacity];
    private int _count;

    internal ReportQueue()
    {
        for (int i = 0; i < Capacity; i++)
        {
            _nodes[i].Slot = i;
        }
    }

    internal int Free => Capacity - _count;

    internal long NextDue => _count == 0 ? long.MaxValue : _nodes[0].Key.Due;

    internal void Add(long due, long command, long number, in Event report)
    {
        Ensure.That(_count < Capacity, "reports were not polled: their queue is full");
        int slot = _nodes[_count].Slot;
        _slots[slot] = report;
        int at = _count++;
        Key key = new() { Due = due, Command = command, Number = number };
        while (at > 0 && key.IsBefore(_nodes[(at - 1) / 2].Key))
        {
            _nodes[at] = _nodes[(at - 1) / 2];
            at = (at - 1) / 2;
        }

        _nodes[at] = new Node { Key = key, Slot = slot };
    }

    internal bool TryTake(long now, ref Event report)
    {
        if (NextDue > now || _count == 0)
        {
            return false;
        }

        int taken = _nodes[0].Slot;
        report = _slots[taken];
        Node last = _nodes[--_count];
        int at = 0;
        while (true)
        {
            int child = (2 * at) + 1;
            if (child >= _count)
            {
                break;
            }

            if (child + 1 < _count && _nodes[child + 1].Key.IsBefore(_nodes[child].Key))
            {
                child++;
            }

            if (!_nodes[child].Key.IsBefore(last.Key))
            {
                break;
            }

            _nodes[at] = _nodes[child];
            at = child;
        }

        _nodes[at] = last;
        _nodes[_count].Slot = taken;
        return true;
    }

    /// <summary>Walks the heap; which slot holds an event is not part of the state.</summary>
    internal void Visit(StateVisitor visitor)
    {
        visitor.Visit(ref _count);
        Ensure.That(_count is >= 0 and <= Capacity, "restored count of reports out of range");
        for (int i = 0; i < _count; i++)
        {
            visitor.VisitStruct(ref _nodes[i].Key);
            visitor.VisitStruct(ref _slots[_nodes[i].Slot]);
        }
    }

    [StructLayout(LayoutKind.Sequential, Pack = 8)]
    private struct Key
    {
        public long Due;
        public long Command;
        public long Number;

        public readonly bool IsBefore(in Key other) =>
            Due != other.Due ? Due < other.Due
            : Command != other.Command ? Command < other.Command
            : Number < other.Number;
    }

    private struct Node
    {
        public Key Key;
        public int Slot;
    }
}
