using System;
using System.Collections.Generic;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using LowLatency.Engine.Configuration;
using LowLatency.Gateways.Bybit;

namespace LowLatency.Engine.Live;

/// <summary>
/// What must agree before real money is traded: the configuration names a real environment, the venue says that the key is one
/// of an account on its list, and a person has handed over the token that a check of exactly this configuration and account
/// printed, on the same day or the day before.
/// </summary>
internal static class Arming
{
    private const long Day = 86_400_000_000_000;
    private const int TokenBytes = 10;

    /// <summary>The token of a configuration, an account and a day.</summary>
    /// <param name="configuration">The configuration.</param>
    /// <param name="account">The account's number, as the venue told it.</param>
    /// <param name="now">Nanoseconds since 1970 UTC.</param>
    internal static string TokenOf(EngineConfiguration configuration, string account, long now)
    {
        BybitHosts hosts = LiveVenues.HostsOf(configuration.Live!);
        string content = string.Create(
            CultureInfo.InvariantCulture,
            $"arm\n{Convert.ToHexStringLower(configuration.DecisionHash.AsSpan())}\n{hosts.Rest}\n{hosts.Private}\n{hosts.Trade}\n{account}\n{now / Day}");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(content)).AsSpan(0, TokenBytes));
    }

    /// <summary>What keeps a run from trading, found without a connection.</summary>
    /// <param name="configuration">The configuration, with a live section.</param>
    /// <param name="token">What was handed over; null for nothing.</param>
    /// <returns>Everything that is missing; empty when nothing is.</returns>
    internal static IReadOnlyList<string> MissingBefore(EngineConfiguration configuration, string? token)
    {
        List<string> missing = [];
        bool isReal = LiveVenues.IsRealMoney(configuration.Live!);
        if (isReal && token is null)
        {
            missing.Add("--arm TOKEN: this environment moves real money; run --live --check prints the token of this configuration and account");
        }

        if (!isReal && token is not null)
        {
            missing.Add("an environment that needs --arm: this one moves no real money; leave --arm out, so that nobody gets used to it");
        }

        return missing;
    }

    /// <summary>What keeps a run from trading, once the venue has told whose key it is.</summary>
    /// <param name="configuration">The configuration, with a live section.</param>
    /// <param name="key">What the venue says of the key.</param>
    /// <param name="token">What was handed over; null for nothing.</param>
    /// <param name="now">Nanoseconds since 1970 UTC.</param>
    /// <returns>Everything that is missing; empty when nothing is.</returns>
    internal static IReadOnlyList<string> MissingAfter(EngineConfiguration configuration, in BybitKey key, string? token, long now)
    {
        List<string> missing = [];
        string account = AccountOf(key);
        if (!configuration.Live!.Accounts.Contains(account))
        {
            missing.Add(
                $"the account: the key is of account {account}; live.accounts allows {string.Join(", ", configuration.Live.Accounts)}");
        }

        if (key.IsRefused)
        {
            missing.Add($"a key that may trade and may not withdraw: the venue says of this one {key.Faults}");
        }

        if (token is not null && !IsToken(configuration, account, token, now))
        {
            missing.Add(
                "the token: what --arm was given is not of this configuration, account and day; run --live --check prints it anew");
        }

        return missing;
    }

    /// <summary>The number of the account that a key is of.</summary>
    internal static string AccountOf(in BybitKey key) => key.User.ToString(CultureInfo.InvariantCulture);

    private static bool IsToken(EngineConfiguration configuration, string account, string token, long now) =>
        string.Equals(token, TokenOf(configuration, account, now), StringComparison.Ordinal)
        || string.Equals(token, TokenOf(configuration, account, now - Day), StringComparison.Ordinal);
}
