using System;
using System.Collections.Generic;

namespace LowLatency.Sandbox.Bybit;

/// <summary>What is left of a budget after a request.</summary>
/// <param name="Limit">Units of a window.</param>
/// <param name="Left">Units that are left.</param>
/// <param name="ResetAt">Milliseconds since 1970 UTC at which the window ends; now while something is left.</param>
internal readonly record struct BudgetState(int Limit, int Left, long ResetAt);

/// <summary>Rate limits of an account: so many units of a group in any second.</summary>
internal sealed class BybitBudget(int factor)
{
    private const long Window = 1_000;

    private readonly Dictionary<(string Account, string Group), Queue<long>> _taken = [];

    /// <summary>Takes units, as far as there are some.</summary>
    /// <param name="account">Whose.</param>
    /// <param name="group">Which.</param>
    /// <param name="limit">Units of a second, before the factor.</param>
    /// <param name="wanted">Units wanted.</param>
    /// <param name="now">Milliseconds since 1970 UTC.</param>
    /// <param name="state">What is left.</param>
    /// <returns>Units taken, at most those wanted.</returns>
    internal int Take(string account, string group, int limit, int wanted, long now, out BudgetState state)
    {
        if (factor == 0)
        {
            state = new BudgetState(limit, limit - Math.Min(wanted, limit), now);
            return wanted;
        }

        int whole = limit * factor;
        if (!_taken.TryGetValue((account, group), out Queue<long>? taken))
        {
            taken = _taken[(account, group)] = new Queue<long>();
        }

        while (taken.TryPeek(out long first) && first <= now - Window)
        {
            _ = taken.Dequeue();
        }

        int got = Math.Clamp(whole - taken.Count, 0, wanted);
        for (int i = 0; i < got; i++)
        {
            taken.Enqueue(now);
        }

        state = new BudgetState(whole, whole - taken.Count, got == wanted || taken.Count == 0 ? now : taken.Peek() + Window);
        return got;
    }
}
