using System;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Gateways.Live;

namespace LowLatency.Gateways.Bybit;

/// <summary>
/// Bybit's limits: each verb of each category has its own by the account, in any second, and all requests of an address
/// together have one in any five seconds. Windows are counted a tenth longer than the venue does, because requests may come
/// closer together there than they left here.
/// </summary>
internal sealed class BybitBudgets
{
    private const long Second = 1_100_000_000;
    private const int LimitMax = 400;
    private const int Remembered = 1024;

    // New orders, amendments, cancels.
    private readonly RateBudget[] _linear = [Verb(10), Verb(10), Verb(10)];
    private readonly RateBudget[] _spot = [Verb(20), Verb(10), Verb(20)];
    private readonly long[] _numbers = new long[Remembered];
    private readonly RateBudget[] _budgets = new RateBudget[Remembered];

    /// <summary>All requests of our address: the venue's 600 less what other programs of the host may need.</summary>
    internal RateBudget Address { get; } = new(500, 5 * Second, keptForOrders: 150, keptForCancels: 100);

    /// <summary>Reads of the account and look-ups: less than the 50 that each list has for itself.</summary>
    internal RateBudget Reads { get; } = new(40, Second, keptForOrders: 15);

    /// <summary>The budget of a verb.</summary>
    /// <param name="kind">Category.</param>
    /// <param name="verb">Verb.</param>
    /// <returns>Its budget.</returns>
    internal RateBudget Of(InstrumentKind kind, CommandVerb verb) =>
        (kind == InstrumentKind.Spot ? _spot : _linear)[verb switch
        {
            CommandVerb.New => 0,
            CommandVerb.Amend => 1,
            _ => 2,
        }];

    /// <summary>Counts a command.</summary>
    /// <param name="budget">The budget of its verb.</param>
    /// <param name="number">The number of its request.</param>
    /// <param name="now">Nanoseconds since 1970 UTC.</param>
    internal void Take(RateBudget budget, long number, long now)
    {
        budget.Take(now);
        _numbers[number % Remembered] = number;
        _budgets[number % Remembered] = budget;
    }

    /// <summary>The budget that a command was counted in: its answer may come when the venue's stream has answered already.</summary>
    /// <param name="number">The number of its request.</param>
    /// <param name="budget">The budget.</param>
    /// <returns>False when that is too long ago.</returns>
    internal bool TryFind(long number, out RateBudget budget)
    {
        budget = _budgets[number % Remembered];
        return _numbers[number % Remembered] == number;
    }

    /// <summary>What the headers of an answer say of a limit.</summary>
    /// <param name="headers">The headers.</param>
    /// <param name="budget">The budget that it is.</param>
    /// <param name="now">Nanoseconds since 1970 UTC.</param>
    internal static void Observe(ReadOnlySpan<byte> headers, RateBudget budget, long now)
    {
        const long millisecond = 1_000_000;
        long limit = Headers.Number(headers, "x-bapi-limit"u8);
        long left = Headers.Number(headers, "x-bapi-limit-status"u8);
        long reset = Headers.Number(headers, "x-bapi-limit-reset-timestamp"u8);
        if (limit > 0)
        {
            budget.Observe(limit, left, reset is > 0 and < long.MaxValue / millisecond ? reset * millisecond : 0, now);
        }
    }

    private static RateBudget Verb(int limit) => new(limit, Second, limitMax: LimitMax);
}
