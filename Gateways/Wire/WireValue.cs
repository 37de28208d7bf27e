using System.Runtime.CompilerServices;

namespace LowLatency.Gateways.Wire;

/// <summary>What a field holds.</summary>
internal enum WireKind : byte
{
    /// <summary>It is not there.</summary>
    Missing = 0,

    /// <summary>Null.</summary>
    Null,

    /// <summary>Text: a range of the message.</summary>
    Text,

    /// <summary>A number in JSON's spelling: a range of the message.</summary>
    Number,

    /// <summary>A whole number.</summary>
    Whole,

    /// <summary>A float, by its bits.</summary>
    Float,

    /// <summary>A time, nanoseconds since 1970 UTC.</summary>
    Time,

    /// <summary>Yes.</summary>
    True,

    /// <summary>No.</summary>
    False,

    /// <summary>An object: a range of the message.</summary>
    Object,

    /// <summary>An array: a range of the message.</summary>
    Array,
}

/// <summary>One field of a message: where it lies, or what it is.</summary>
internal struct WireValue
{
    internal WireKind Kind;

    /// <summary>The text has escapes: its bytes are not what it says, and it is treated as no text.</summary>
    internal bool IsEscaped;

    internal int Start;

    internal int Length;

    /// <summary>Whole number, time, or the bits of a float.</summary>
    internal long Bits;
}

/// <summary>Room for the fields that are read of one object.</summary>
[InlineArray(FieldNames.ReadMax)]
internal struct WireValues
{
    private WireValue _first;
}
