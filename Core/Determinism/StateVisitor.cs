using System;
using System.Runtime.InteropServices;

namespace LowLatency.Core.Determinism;

/// <summary>
/// One walk over a component's state that serves three purposes: digest, save and restore. A component has one
/// <c>Visit(StateVisitor)</c> that hands over every field that can influence a later decision, always in the same
/// order; the visitor reads or overwrites them.
/// </summary>
/// <remarks>
/// Doubles travel by their bits, and NaN stops the engine: NaN differs from itself, so it would break every later
/// comparison. Table sizes are fixed at construction; a component visits its counts before the entries that they count,
/// so that a restoring visitor has set the count first.
/// </remarks>
public abstract class StateVisitor
{
    /// <summary>Visits a span of raw bytes. All other overloads end here.</summary>
    /// <param name="bytes">Read by digest and save, overwritten by restore.</param>
    public abstract void Bytes(Span<byte> bytes);

    /// <summary>Visits a 64-bit integer.</summary>
    /// <param name="value">The field.</param>
    public void Visit(ref long value) => Bytes(MemoryMarshal.AsBytes(new Span<long>(ref value)));

    /// <summary>Visits an unsigned 64-bit integer.</summary>
    /// <param name="value">The field.</param>
    public void Visit(ref ulong value) => Bytes(MemoryMarshal.AsBytes(new Span<ulong>(ref value)));

    /// <summary>Visits a 32-bit integer.</summary>
    /// <param name="value">The field.</param>
    public void Visit(ref int value) => Bytes(MemoryMarshal.AsBytes(new Span<int>(ref value)));

    /// <summary>Visits a boolean as one byte, 0 or 1.</summary>
    /// <param name="value">The field.</param>
    public void Visit(ref bool value)
    {
        byte asByte = value ? (byte)1 : (byte)0;
        Bytes(new Span<byte>(ref asByte));
        value = asByte != 0;
    }

    /// <summary>Visits a double by its bits. NaN stops the engine.</summary>
    /// <param name="value">The field.</param>
    public void Visit(ref double value)
    {
        Ensure.That(!double.IsNaN(value), "state must never be NaN");
        Bytes(MemoryMarshal.AsBytes(new Span<double>(ref value)));
        Ensure.That(!double.IsNaN(value), "restored state must never be NaN");
    }

    /// <summary>Visits a span of blittable values (no padding, or padding that is always zero).</summary>
    /// <typeparam name="T">A value without references.</typeparam>
    /// <param name="values">The fields.</param>
    public void Visit<T>(Span<T> values)
        where T : unmanaged => Bytes(MemoryMarshal.AsBytes(values));

    /// <summary>Visits one blittable value (no padding, or padding that is always zero).</summary>
    /// <typeparam name="T">A value without references.</typeparam>
    /// <param name="value">The field.</param>
    public void VisitStruct<T>(ref T value)
        where T : unmanaged => Bytes(MemoryMarshal.AsBytes(new Span<T>(ref value)));
}

/// <summary>A component whose whole decision state can be walked.</summary>
public interface IStateful
{
    /// <summary>Walks every field that can influence a later decision, in a fixed order.</summary>
    /// <param name="visitor">Digest, save or restore.</param>
    void Visit(StateVisitor visitor);
}
