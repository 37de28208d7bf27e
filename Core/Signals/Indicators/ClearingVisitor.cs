using System;
using LowLatency.Core.Determinism;

namespace LowLatency.Core.Signals.Indicators;

/// <summary>Sets every field to zero, which is the state before the first input.</summary>
internal sealed class ClearingVisitor : StateVisitor
{
    internal static ClearingVisitor Instance { get; } = new();

    public override void Bytes(Span<byte> bytes) => bytes.Clear();
}
