using System;
using System.Collections.Generic;
using System.Text;
using LowLatency.Core.Determinism;
using LowLatency.Core.Formats.MessagePack;

namespace LowLatency.Journal.Snapshots;

/// <summary>
/// One walk over named, typed fields that writes or reads them: both directions are the same code, so they cannot drift
/// apart. Fields lie in MessagePack maps under their names, in the order of the walk.
/// </summary>
public abstract class FieldWalk
{
    /// <summary>False once a read met what it does not expect; all that follows is left as it is.</summary>
    public bool IsSound { get; protected set; } = true;

    /// <summary>Begins a map.</summary>
    /// <param name="fields">Fields that follow.</param>
    public abstract void Map(int fields);

    /// <summary>Begins a map that older layouts wrote with fewer fields at its end.</summary>
    /// <param name="least">Fields of the oldest layout.</param>
    /// <param name="most">Fields of the present one: so many are written.</param>
    /// <returns>Fields that follow.</returns>
    public abstract int Map(int least, int most);

    /// <summary>An integer.</summary>
    /// <param name="name">Name of the field.</param>
    /// <param name="value">The value.</param>
    public abstract void Number(string name, ref long value);

    /// <summary>An unsigned integer.</summary>
    /// <param name="name">Name of the field.</param>
    /// <param name="value">The value.</param>
    public abstract void Word(string name, ref ulong value);

    /// <summary>A text.</summary>
    /// <param name="name">Name of the field.</param>
    /// <param name="value">The value.</param>
    /// <param name="bytesMax">Longest UTF-8.</param>
    public abstract void Text(string name, ref string value, int bytesMax);

    /// <summary>A list of integers.</summary>
    /// <param name="name">Name of the field.</param>
    /// <param name="values">The values.</param>
    /// <param name="most">Most elements.</param>
    public abstract void Numbers(string name, List<long> values, int most);

    /// <summary>A list of unsigned integers.</summary>
    /// <param name="name">Name of the field.</param>
    /// <param name="values">The values.</param>
    /// <param name="most">Most elements.</param>
    public abstract void Words(string name, List<ulong> values, int most);

    /// <summary>A list of maps.</summary>
    /// <typeparam name="T">What an element is.</typeparam>
    /// <param name="name">Name of the field.</param>
    /// <param name="values">The elements.</param>
    /// <param name="most">Most elements.</param>
    /// <param name="walk">The walk of one element.</param>
    public abstract void List<T>(string name, List<T> values, int most, Action<FieldWalk, T> walk)
        where T : class, new();
}

/// <summary>Writes what it walks over.</summary>
internal sealed class FieldWriter(MessagePackWriter writer) : FieldWalk
{
    public override void Map(int fields) => writer.WriteMapHeader(fields);

    public override int Map(int least, int most)
    {
        Map(most);
        return most;
    }

    public override void Number(string name, ref long value)
    {
        writer.WriteText(name);
        writer.WriteInteger(value);
    }

    public override void Word(string name, ref ulong value)
    {
        writer.WriteText(name);
        writer.WriteUnsigned(value);
    }

    public override void Text(string name, ref string value, int bytesMax)
    {
        Ensure.That(Encoding.UTF8.GetByteCount(value) <= bytesMax, "a text is longer than its limit: " + name);
        writer.WriteText(name);
        writer.WriteText(value);
    }

    public override void Numbers(string name, List<long> values, int most)
    {
        Head(name, values.Count, most);
        foreach (long value in values)
        {
            writer.WriteInteger(value);
        }
    }

    public override void Words(string name, List<ulong> values, int most)
    {
        Head(name, values.Count, most);
        foreach (ulong value in values)
        {
            writer.WriteUnsigned(value);
        }
    }

    public override void List<T>(string name, List<T> values, int most, Action<FieldWalk, T> walk)
    {
        Head(name, values.Count, most);
        foreach (T value in values)
        {
            walk(this, value);
        }
    }

    private void Head(string name, int count, int most)
    {
        Ensure.That(count <= most, "a list is longer than its limit: " + name);
        writer.WriteText(name);
        writer.WriteArrayHeader(count);
    }
}

/// <summary>Reads what it walks over, from bytes that nobody vouches for: a list is never longer than its limit.</summary>
internal sealed class FieldReader(ReadOnlyMemory<byte> bytes) : FieldWalk
{
    private delegate bool Reading<T>(ref MessagePackReader reader, out T value);

    private int _position;

    /// <summary>True when every byte was read.</summary>
    internal bool AtEnd => _position == bytes.Length;

    /// <summary>Offset of the first byte that was not read.</summary>
    internal int Position => _position;

    public override void Map(int fields) => Map(fields, fields);

    public override int Map(int least, int most)
    {
        Check(Read((ref MessagePackReader reader, out int count) => reader.TryReadMapHeader(out count), out int found)
            && found >= least && found <= most);
        return found;
    }

    public override void Number(string name, ref long value) =>
        Field(name, (ref MessagePackReader reader, out long read) => reader.TryReadInteger(out read), ref value);

    public override void Word(string name, ref ulong value) =>
        Field(name, (ref MessagePackReader reader, out ulong read) => reader.TryReadUnsigned(out read), ref value);

    public override void Text(string name, ref string value, int bytesMax)
    {
        Field(
            name,
            (ref MessagePackReader reader, out string read) =>
            {
                bool isText = reader.TryReadText(out ReadOnlySpan<byte> utf8) && utf8.Length <= bytesMax;
                read = isText ? Encoding.UTF8.GetString(utf8) : string.Empty;
                return isText;
            },
            ref value);
    }

    public override void Numbers(string name, List<long> values, int most) =>
        Elements(name, values, most, (ref MessagePackReader reader, out long read) => reader.TryReadInteger(out read));

    public override void Words(string name, List<ulong> values, int most) =>
        Elements(name, values, most, (ref MessagePackReader reader, out ulong read) => reader.TryReadUnsigned(out read));

    public override void List<T>(string name, List<T> values, int most, Action<FieldWalk, T> walk)
    {
        int count = Head(name, most);
        values.Clear();
        for (int i = 0; i < count && IsSound; i++)
        {
            T value = new();
            walk(this, value);
            values.Add(value);
        }
    }

    private void Elements<T>(string name, List<T> values, int most, Reading<T> reading)
    {
        int count = Head(name, most);
        values.Clear();
        for (int i = 0; i < count && IsSound; i++)
        {
            Check(Read(reading, out T value));
            values.Add(value);
        }
    }

    private int Head(string name, int most)
    {
        int count = 0;
        Field(name, (ref MessagePackReader reader, out int read) => reader.TryReadArrayHeader(out read), ref count);
        Check(count <= most);
        return count;
    }

    private void Field<T>(string name, Reading<T> reading, ref T value)
    {
        if (!Read((ref MessagePackReader reader, out string read) => reader.TryReadString(out read), out string key)
            || !string.Equals(key, name, StringComparison.Ordinal)
            || !Read(reading, out T found))
        {
            Check(false);
            return;
        }

        value = found;
    }

    private bool Read<T>(Reading<T> reading, out T value)
    {
        if (!IsSound)
        {
            value = default!;
            return false;
        }

        MessagePackReader reader = new(bytes.Span[_position..]);
        if (!reading(ref reader, out value))
        {
            return false;
        }

        _position += reader.Position;
        return true;
    }

    private void Check(bool condition) => IsSound &= condition;
}
