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
    private readonly UsualName[] _usual;
    private readonly int[] _followers;

    /// <summary>Creates the lists.</summary>
    /// <param name="read">Names that are read, parted by blanks; the first has number 0.</param>
    /// <param name="known">Names that are known and not read, parted by blanks.</param>
    /// <param name="usual">
    /// Names of both lists in the order in which the venue usually writes them, parted by blanks: nothing relies on it, but what
    /// comes in this order is read faster.
    /// </param>
    internal FieldNames(string read, string known = "", string usual = "")
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

        string[] order = usual.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        _usual = new UsualName[order.Length];
        _followers = new int[_names.Length];
        Array.Fill(_followers, order.Length);
        for (int i = 0; i < order.Length; i++)
        {
            byte[] name = Encoding.ASCII.GetBytes(order[i]);
            _usual[i] = new UsualName(Find(name), new WrittenName(name));
            Ensure.That(_usual[i].Field >= 0, "a name of the usual order is in none of the lists");
            _followers[_usual[i].Field] = i + 1;
        }
    }

    /// <summary>Names that are read.</summary>
    internal int Count { get; }

    /// <summary>Goes to the value of the next pair of an object.</summary>
    /// <param name="cursor">On the brace that opens the object, or on the end of the pair before.</param>
    /// <param name="place">Place in the usual order; 0 before the first pair.</param>
    /// <param name="field">What <see cref="Find"/> says of the name.</param>
    /// <returns>False when there is no further pair: the cursor stands on the object's end, or at a fault.</returns>
    internal bool Next(ref JsonCursor cursor, ref int place, out int field)
    {
        UsualName[] usual = _usual;
        if ((uint)place < (uint)usual.Length && cursor.TryName(usual[place].Written))
        {
            field = usual[place++].Field;
            return cursor.ReadValue();
        }

        field = New;
        if (!cursor.Read() || cursor.Token == JsonToken.EndObject)
        {
            return false;
        }

        if (!cursor.IsEscaped)
        {
            field = Find(cursor.Bytes);
            place = field < 0 ? place : _followers[field];
        }

        return cursor.Read();
    }

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

    /// <summary>A name at its place in the usual order.</summary>
    private readonly struct UsualName(int field, WrittenName written)
    {
        internal readonly int Field = field;
        internal readonly WrittenName Written = written;
    }
}
