using System;
using System.Buffers.Binary;
using LowLatency.Core.Determinism;

namespace LowLatency.Sandbox.Trading;

/// <summary>Ids that look like the venues' own, from the sandbox's seed.</summary>
internal sealed class IdMaker(ulong seed)
{
    private Xoshiro256 _dice = new(seed ^ 0x1D5);

    /// <summary>A random UUID of version 4 in lower case.</summary>
    internal string Uuid()
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, _dice.Next());
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], _dice.Next());
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true).ToString();
    }

    /// <summary>32 hexadecimal digits.</summary>
    internal string Trace() => _dice.Next().ToString("x16") + _dice.Next().ToString("x16");

    /// <summary>The name of a connection.</summary>
    internal string Connection() => _dice.Next().ToString("x16") + "-" + (_dice.Next() & 0xFFF).ToString("x");
}
