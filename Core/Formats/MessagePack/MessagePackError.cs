namespace LowLatency.Core.Formats.MessagePack;

/// <summary>What comes next in a buffer.</summary>
public enum MessagePackKind
{
    /// <summary>Nothing: the buffer ends here.</summary>
    End,

    /// <summary>Nil.</summary>
    Nil,

    /// <summary>True or false.</summary>
    Boolean,

    /// <summary>A signed or unsigned integer of any width.</summary>
    WholeNumber,

    /// <summary>A float of 32 or 64 bits.</summary>
    FloatingPoint,

    /// <summary>UTF-8 text.</summary>
    Text,

    /// <summary>Raw bytes.</summary>
    Binary,

    /// <summary>The head of an array.</summary>
    Array,

    /// <summary>The head of a map.</summary>
    Map,

    /// <summary>An extension: a timestamp, or something that can only be skipped.</summary>
    Extension,

    /// <summary>The one byte that the specification never uses.</summary>
    Invalid,
}

/// <summary>Why a read was refused.</summary>
public enum MessagePackFault
{
    /// <summary>It was not.</summary>
    None,

    /// <summary>The buffer ends inside the value or before it.</summary>
    EndOfData,

    /// <summary>A value of another kind is here.</summary>
    WrongKind,

    /// <summary>The byte 0xC1, which the specification never uses.</summary>
    NeverUsedByte,

    /// <summary>A length or count says more than the bytes that are left can hold.</summary>
    LengthBeyondEnd,

    /// <summary>The integer does not fit the type asked for.</summary>
    OutOfRange,

    /// <summary>The text is not UTF-8.</summary>
    InvalidText,

    /// <summary>Arrays and maps lie deeper in each other than <see cref="MessagePackReader.MaximumDepth"/>.</summary>
    TooDeep,
}

/// <summary>A refused read.</summary>
/// <param name="Fault">Why.</param>
/// <param name="Offset">Offset of the first byte of the value that was refused.</param>
public readonly record struct MessagePackError(MessagePackFault Fault, int Offset);
