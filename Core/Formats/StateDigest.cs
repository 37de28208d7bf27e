using System;
using LowLatency.Core.Determinism;

namespace LowLatency.Core.Formats;

/// <summary>Digests a component's state by walking it.</summary>
public sealed class DigestVisitor : StateVisitor
{
    private Digest128 _digest;

    /// <inheritdoc/>
    public override void Bytes(Span<byte> bytes) => _digest.Add(bytes);

    /// <summary>The digest of all that was visited since the last <see cref="Reset"/>.</summary>
    /// <returns>The digest.</returns>
    public Digest Finish() => _digest.Finish();

    /// <summary>Forgets what was visited.</summary>
    public void Reset() => _digest = default;
}

/// <summary>Saves a component's state into memory by walking it. The walk is the format: nothing is named.</summary>
public sealed class StateWriter : StateVisitor
{
    /// <summary>A state larger than this is a defect: 1 GiB.</summary>
    public const int MaximumBytes = 1 << 30;

    private byte[] _buffer;
    private int _length;

    /// <summary>Creates a writer.</summary>
    /// <param name="initialBytes">Room before the first growth, 1 to <see cref="MaximumBytes"/>.</param>
    public StateWriter(int initialBytes = 4096)
    {
        Ensure.That(initialBytes is >= 1 and <= MaximumBytes, "initial bytes of a state writer out of range");
        _buffer = new byte[initialBytes];
    }

    /// <summary>All that was saved since the last <see cref="Reset"/>; valid until the next visit.</summary>
    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, _length);

    /// <inheritdoc/>
    public override void Bytes(Span<byte> bytes)
    {
        Ensure.That(bytes.Length <= MaximumBytes - _length, "state is larger than a state writer holds");
        int needed = _length + bytes.Length;
        if (needed > _buffer.Length)
        {
            int doubled = _buffer.Length > MaximumBytes / 2 ? MaximumBytes : _buffer.Length * 2;
            Array.Resize(ref _buffer, Math.Max(needed, doubled));
        }

        bytes.CopyTo(_buffer.AsSpan(_length));
        _length = needed;
    }

    /// <summary>Forgets what was saved and keeps the room.</summary>
    public void Reset() => _length = 0;
}

/// <summary>Restores a component's state by the same walk that saved it.</summary>
/// <remarks>A hash has proven the bytes before they come here; too few of them is a broken invariant.</remarks>
public sealed class StateReader : StateVisitor
{
    private readonly ReadOnlyMemory<byte> _saved;
    private int _position;

    /// <summary>Creates a reader.</summary>
    /// <param name="saved">What a <see cref="StateWriter"/> saved; not copied.</param>
    public StateReader(ReadOnlyMemory<byte> saved) => _saved = saved;

    /// <summary>True when every byte was restored: this walk has the shape of the one that saved.</summary>
    public bool AtEnd => _position == _saved.Length;

    /// <inheritdoc/>
    public override void Bytes(Span<byte> bytes)
    {
        Ensure.That(bytes.Length <= _saved.Length - _position, "saved state is shorter than the component's walk");
        _saved.Span.Slice(_position, bytes.Length).CopyTo(bytes);
        _position += bytes.Length;
    }
}
