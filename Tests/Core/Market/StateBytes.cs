using System;
using System.Collections.Generic;
using LowLatency.Core.Determinism;

namespace LowLatency.Tests.Core.Market;

/// <summary>Saves a component's state as plain bytes: two states are equal exactly when their bytes are.</summary>
internal sealed class SavingVisitor : StateVisitor
{
    internal List<byte[]> Parts { get; } = [];

    public override void Bytes(Span<byte> bytes) => Parts.Add(bytes.ToArray());

    internal static byte[] Save(IStateful component)
    {
        SavingVisitor visitor = new();
        component.Visit(visitor);
        List<byte> all = [];
        foreach (byte[] part in visitor.Parts)
        {
            all.AddRange(part);
        }

        return [.. all];
    }
}

/// <summary>Writes saved bytes back.</summary>
internal sealed class RestoringVisitor(byte[] saved) : StateVisitor
{
    private int _offset;

    public override void Bytes(Span<byte> bytes)
    {
        saved.AsSpan(_offset, bytes.Length).CopyTo(bytes);
        _offset += bytes.Length;
    }

    internal static void Restore(IStateful component, byte[] saved)
    {
        RestoringVisitor visitor = new(saved);
        component.Visit(visitor);
        if (visitor._offset != saved.Length)
        {
            throw new InvalidOperationException("state was not read whole");
        }
    }
}
