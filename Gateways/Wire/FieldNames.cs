using System;
using System.Text;
using LowLatency.Core.Determinism;

namespace LowLatency.Gateways.Wire;

/// <summary>
/// The names of the fields of one kind of object: first those that are read, by their number, then those that are known and
/// left alone. Any other name is new: the venue has changed its messages, which is tolerated and counted.
/// </summary>
internal sealed class FieldNames
{
    /// <summary>A name that is in neither list.</summary>
    internal const int New = -1;

    /// <summary>Names that are read of one object.</summary>
    internal const int ReadMax = 20;

    private const int Slots = 256;

    private readonly byte[][] _names;
    private readonly short[] _slots = new short[Slots];

    /// <summary>Creates the lists.</summary>
    /// <param name="read">Names that are read, parted by blanks; the first has number 0.</param>
    /// <param name="known">Names that are known and not read, parted by blanks.</param>
    internal FieldNames(string read, string known = "")
    {
        string[] wanted = read.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        string[] ignored = known.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Count = wanted.Length;
        Ensure.That(wanted.Length <= ReadMax, "more names are read than there is room for");
        Ensure.That(wanted.Length + ignored.Length < Slots / 2, "more names than the table of names has room for");
        _names = new byte[wanted.Length + ignored.Length][];
        for (int i = 0; i < _names.Length; i++)
        {
            _names[i] = Encoding.ASCII.GetBytes(i < wanted.Length ? wanted[i] : ignored[i - wanted.Length]);
            int slot = Home(_names[i]);
            while (_slots[slot] != 0)
            {
                slot = (slot + 1) & (Slots - 1);
            }

            _slots[slot] = (short)(i + 1);
        }
    }

    /// <summary>Names that are read.</summary>
    internal int Count { get; }

    /// <summary>Looks a name up.</summary>
    /// <param name="name">Its bytes.</param>
    /// <returns>0 to <see cref="Count"/> - 1 when it is read, more when it is known, <see cref="New"/> otherwise.</returns>
    internal int Find(ReadOnlySpan<byte> name)
    {
        if (name.IsEmpty)
        {
            return New;
        }

        int slot = Home(name);
        while (_slots[slot] != 0)
        {
            int index = _slots[slot] - 1;
            if (name.SequenceEqual(_names[index]))
            {
                return index;
            }

            slot = (slot + 1) & (Slots - 1);
        }

        return New;
    }

    // First, middle and last byte and the length tell names of one object apart nearly always.
    private static int Home(ReadOnlySpan<byte> name) => unchecked(
        (name[0] * 31) + (name[^1] * 7) + (name[name.Length / 2] * 17) + (name.Length * 13)) & (Slots - 1);
}
