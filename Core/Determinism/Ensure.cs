using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace LowLatency.Core.Determinism;

/// <summary>Invariants that are checked in every build. A broken one stops the engine: an event is never skipped.</summary>
public static class Ensure
{
    /// <summary>Throws <see cref="BrokenInvariantException"/> when <paramref name="condition"/> is false.</summary>
    /// <param name="condition">What must be true.</param>
    /// <param name="message">What was expected, for the person who reads the halt.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void That([DoesNotReturnIf(false)] bool condition, string message)
    {
        if (!condition)
        {
            Break(message);
        }
    }

    /// <summary>Stops the engine: for the arm of a switch that cannot be reached while the invariants hold.</summary>
    /// <param name="message">What was expected.</param>
    [DoesNotReturn]
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Break(string message) => throw new BrokenInvariantException(message);
}

/// <summary>A broken invariant: a defect, never an expected failure. The engine halts on it.</summary>
public sealed class BrokenInvariantException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What was expected.</param>
    public BrokenInvariantException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a default message.</summary>
    public BrokenInvariantException()
    {
    }

    /// <summary>Creates the exception with its cause.</summary>
    /// <param name="message">What was expected.</param>
    /// <param name="innerException">The cause.</param>
    public BrokenInvariantException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
