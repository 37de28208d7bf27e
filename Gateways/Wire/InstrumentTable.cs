using System;
using System.Runtime.InteropServices;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Values;

namespace LowLatency.Gateways.Wire;

/// <summary>
/// The instruments of a session by the venue's names of them. One name can be two instruments (a spot pair and a perpetual),
/// so a name is looked up together with its kind.
/// </summary>
public sealed class InstrumentTable
{
    private const int Slots = 4 * Limits.Instruments;

    private readonly Entry[] _entries = new Entry[Limits.Instruments];
    private readonly byte[] _slots = new byte[Slots];
    private int _count;

    /// <summary>Instruments that are defined.</summary>
    public int Count => _count;

    /// <summary>Defines an instrument, or gives it new rules.</summary>
    /// <param name="id">Its number.</param>
    /// <param name="definition">Its rules; name and kind of an instrument never change.</param>
    public void Define(InstrumentId id, in InstrumentDefined definition)
    {
        Ensure.That(id.Value is >= 1 and <= Limits.Instruments, "an instrument's number is out of range");
        Ensure.That(definition.PriceExponent <= Instrument.ExponentMax, "exponent of a price unit out of range");
        Ensure.That(definition.QuantityExponent <= Instrument.ExponentMax, "exponent of a quantity unit out of range");
        ReadOnlySpan<byte> symbol = NameOf(definition);
        if (TryFind(symbol, definition.InstrumentKind, out int place))
        {
            Ensure.That(_entries[place].Id == id, "one name of a venue is one instrument");
            _entries[place].Definition = definition;
            return;
        }

        Ensure.That(_count < Limits.Instruments, "more instruments than the limit");
        _entries[_count] = new Entry { Id = id, NameLength = symbol.Length, Definition = definition };
        int slot = Home(symbol);
        while (_slots[slot] != 0)
        {
            slot = (slot + 1) & (Slots - 1);
        }

        _slots[slot] = (byte)++_count;
    }

    /// <summary>Looks an instrument up.</summary>
    /// <param name="symbol">The venue's name.</param>
    /// <param name="kind">Its kind; none for whichever there is.</param>
    /// <param name="place">Its place when the result is true.</param>
    /// <returns>False when it is not defined.</returns>
    internal bool TryFind(ReadOnlySpan<byte> symbol, InstrumentKind kind, out int place)
    {
        place = -1;
        if (symbol.IsEmpty)
        {
            return false;
        }

        for (int slot = Home(symbol); _slots[slot] != 0; slot = (slot + 1) & (Slots - 1))
        {
            place = _slots[slot] - 1;
            ref readonly Entry entry = ref _entries[place];
            if (symbol.Length == entry.NameLength && symbol.SequenceEqual(((ReadOnlySpan<byte>)entry.Definition.Symbol)[..entry.NameLength])
                && (kind == InstrumentKind.None || kind == entry.Definition.InstrumentKind))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The place of an instrument.</summary>
    /// <param name="id">Its number.</param>
    /// <param name="place">Its place when the result is true.</param>
    /// <returns>False when it is not defined.</returns>
    internal bool TryFind(InstrumentId id, out int place)
    {
        for (place = 0; place < _count; place++)
        {
            if (_entries[place].Id == id)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The number of an instrument.</summary>
    /// <param name="place">From 0.</param>
    /// <returns>Its number.</returns>
    internal InstrumentId IdAt(int place) => _entries[place].Id;

    /// <summary>The rules of an instrument.</summary>
    /// <param name="place">From 0.</param>
    /// <returns>Its rules.</returns>
    internal ref readonly InstrumentDefined RulesAt(int place) => ref _entries[place].Definition;

    /// <summary>True when two definitions say the same, byte for byte.</summary>
    internal static bool AreEqual(in InstrumentDefined one, in InstrumentDefined other) =>
        MemoryMarshal.AsBytes(new ReadOnlySpan<InstrumentDefined>(in one))
            .SequenceEqual(MemoryMarshal.AsBytes(new ReadOnlySpan<InstrumentDefined>(in other)));

    /// <summary>The venue's name of an instrument.</summary>
    /// <param name="definition">Its rules.</param>
    /// <returns>The bytes, without what pads them.</returns>
    internal static ReadOnlySpan<byte> NameOf(in InstrumentDefined definition)
    {
        ReadOnlySpan<byte> padded = definition.Symbol;
        return padded.TrimEnd((byte)0);
    }

    /// <summary>The currency of an instrument.</summary>
    /// <param name="definition">Its rules.</param>
    /// <returns>The bytes, without what pads them.</returns>
    internal static ReadOnlySpan<byte> CurrencyOf(in InstrumentDefined definition)
    {
        ReadOnlySpan<byte> padded = definition.Currency;
        return padded.TrimEnd((byte)0);
    }

    // Names of one length that differ tell themselves apart by their first, middle or last bytes nearly always.
    private static int Home(ReadOnlySpan<byte> symbol)
    {
        uint hash = unchecked(
            (uint)(symbol.Length + (symbol[0] << 8) + (symbol[^1] << 16) + (symbol[symbol.Length / 2] << 24)
                + (symbol[symbol.Length / 4] << 4) + (symbol[symbol.Length * 3 / 4] << 12)) * 2_654_435_761);
        return (int)(hash >> 16) & (Slots - 1);
    }

    private struct Entry
    {
        internal InstrumentId Id;
        internal int NameLength;
        internal InstrumentDefined Definition;
    }
}
