using System;
using System.Collections.Generic;
using System.Net;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Sandbox.Faults;
using LowLatency.Sandbox.Market;

namespace LowLatency.Sandbox;

/// <summary>What an account may do with its key, as both venues tell it.</summary>
public sealed record SandboxAccount
{
    /// <summary>Characters of a key or secret.</summary>
    public const int KeyMax = 64;

    /// <summary>The key of both venues.</summary>
    public required string Key { get; init; }

    /// <summary>The secret of both venues.</summary>
    public required string Secret { get; init; }

    /// <summary>Cash at Bybit by coin, in whole coins.</summary>
    public IReadOnlyDictionary<string, decimal> Coins { get; init; } =
        new Dictionary<string, decimal>(StringComparer.Ordinal) { ["USDT"] = 100_000m, ["BTC"] = 1m };

    /// <summary>Cash at Alpaca, US dollars.</summary>
    public decimal Dollars { get; init; } = 100_000m;

    /// <summary>True for a key that may look but not trade.</summary>
    public bool IsReadOnly { get; init; }

    /// <summary>True for a key with the right to withdraw.</summary>
    public bool MayWithdraw { get; init; }

    /// <summary>Addresses that the key is bound to; none for any.</summary>
    public IReadOnlyList<string> BoundTo { get; init; } = [];

    /// <summary>Milliseconds since 1970 UTC at which the key ends; 0 for never.</summary>
    public long ExpiresAt { get; init; }
}

/// <summary>Shape of Alpaca's account: the fields about day trades were removed on 2026-07-06.</summary>
public enum AlpacaShape
{
    /// <summary>As since 2026-07-06: without them.</summary>
    After = 0,

    /// <summary>As before: with them.</summary>
    Before = 1,
}

/// <summary>How a sandbox is started.</summary>
public sealed record SandboxOptions
{
    /// <summary>Accounts of one sandbox.</summary>
    public const int AccountsMax = 16;

    /// <summary>Longest latency of one direction, microseconds.</summary>
    public const int LatencyUsMax = 10_000_000;

    /// <summary>Address to listen on; anything but loopback must be asked for by name.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>TCP port, 0 for one that is free.</summary>
    public int Port { get; init; }

    /// <summary>Seed of ids, faults and the generated market.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>The accounts, 1 to <see cref="AccountsMax"/>, with different keys.</summary>
    public IReadOnlyList<SandboxAccount> Accounts { get; init; } = Default;

    /// <summary>
    /// The market, in the order of time; it begins now, whatever its own times say. Null for the generated one of
    /// <see cref="GeneratedMarkets"/>.
    /// </summary>
    public IEventSource? Market { get; init; }

    /// <summary>Microseconds from the request to the matching engine, 0 to <see cref="LatencyUsMax"/>.</summary>
    public int EntryLatencyUs { get; init; } = 200;

    /// <summary>Microseconds from the matching engine to the report, 1 to <see cref="LatencyUsMax"/>.</summary>
    public int ResponseLatencyUs { get; init; } = 200;

    /// <summary>The venues' rate limits times this; 0 for none.</summary>
    public int RateFactor { get; init; } = 1;

    /// <summary>Shape of Alpaca's account.</summary>
    public AlpacaShape AlpacaShape { get; init; }

    /// <summary>Faults that are armed from the start.</summary>
    public IReadOnlyList<FaultRule> Faults { get; init; } = [];

    /// <summary>Where the time comes from.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    private static IReadOnlyList<SandboxAccount> Default { get; } =
    [
        new SandboxAccount { Key = "sandbox-key-1", Secret = "sandbox-secret-1" },
        new SandboxAccount { Key = "sandbox-key-2", Secret = "sandbox-secret-2" },
    ];

    /// <summary>What is wrong with the options.</summary>
    /// <returns>Null when nothing is.</returns>
    public string? Problem()
    {
        if (Port is < 0 or > 65_535)
        {
            return $"port {Port}: allowed are 0 (any free one) to 65535";
        }

        if (Accounts.Count is 0 or > AccountsMax)
        {
            return $"accounts: {Accounts.Count}; allowed are 1 to {AccountsMax}";
        }

        if (EntryLatencyUs is < 0 or > LatencyUsMax || ResponseLatencyUs is < 1 or > LatencyUsMax)
        {
            return $"latency: allowed are 0 to {LatencyUsMax} us on the way in and 1 to {LatencyUsMax} us on the way back";
        }

        if (RateFactor is < 0 or > 1_000)
        {
            return $"rate factor {RateFactor}: allowed are 0 (no limits) to 1000";
        }

        HashSet<string> keys = new(StringComparer.Ordinal);
        foreach (SandboxAccount account in Accounts)
        {
            string? problem = !IsKey(account.Key) || !IsKey(account.Secret)
                ? $"account '{account.Key}': key and secret are 1 to {SandboxAccount.KeyMax} printable ASCII characters without blanks"
                : !keys.Add(account.Key) ? $"account '{account.Key}': the key is used twice"
                : account.Dollars < 0 || !AreCoins(account.Coins) ? $"account '{account.Key}': cash is 0 to 1,000,000,000 of a coin of 1 to 8 letters"
                : null;
            if (problem is not null)
            {
                return problem;
            }
        }

        return null;
    }

    private static bool IsKey(string text) =>
        text.Length is > 0 and <= SandboxAccount.KeyMax && text.AsSpan().IndexOfAnyExceptInRange('!', '~') < 0;

    private static bool AreCoins(IReadOnlyDictionary<string, decimal> coins)
    {
        foreach ((string coin, decimal amount) in coins)
        {
            if (coin.Length is 0 or > 8 || coin.AsSpan().IndexOfAnyExceptInRange('!', '~') >= 0 || amount is < 0 or > 1_000_000_000m)
            {
                return false;
            }
        }

        return coins.Count <= Limits.Instruments;
    }
}
