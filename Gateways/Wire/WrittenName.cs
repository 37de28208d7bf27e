using System;
using System.Runtime.Intrinsics;
using LowLatency.Core.Determinism;

namespace LowLatency.Gateways.Wire;

/// <summary>A name as machines write it before a value: in quotes, with its colon, without blanks. Longer ones have none.</summary>
internal readonly struct WrittenName
{
    /// <summary>Its bytes; zero behind them.</summary>
    internal readonly Vector128<byte> Bytes;

    /// <summary>Ones where it has bytes.</summary>
    internal readonly Vector128<byte> Mask;

    /// <summary>Bytes it has; 0 when it is too long to be compared at once.</summary>
    internal readonly int Length;

    /// <summary>Creates it.</summary>
    /// <param name="name">Letters, digits and the like: nothing that JSON would write otherwise.</param>
    internal WrittenName(ReadOnlySpan<byte> name)
    {
        const int around = 3;
        Ensure.That(
            name.Length > 0 && !name.ContainsAnyExceptInRange((byte)'0', (byte)'z') && !name.Contains((byte)'\\'),
            "a name of a field is made of letters, digits and underscores");
        if (name.Length + around > Vector128<byte>.Count)
        {
            return;
        }

        Span<byte> bytes = stackalloc byte[Vector128<byte>.Count];
        Span<byte> mask = stackalloc byte[Vector128<byte>.Count];
        bytes.Clear();
        mask.Clear();
        Length = name.Length + around;
        bytes[0] = (byte)'"';
        name.CopyTo(bytes[1..]);
        bytes[name.Length + 1] = (byte)'"';
        bytes[name.Length + 2] = (byte)':';
        mask[..Length].Fill(byte.MaxValue);
        Bytes = Vector128.Create<byte>(bytes);
        Mask = Vector128.Create<byte>(mask);
    }
}
