using System;
using System.Collections.Generic;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using LowLatency.Engine.Configuration;
using LowLatency.Gateways.Live;

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

    /// <summary>The token of a configuration, its accounts and a day.</summary>
    /// <param name="configuration">The configuration.</param>
    /// <param name="accounts">The number of the account at each place, as the venue told it.</param>
    /// <param name="now">Nanoseconds since 1970 UTC.</param>
    internal static string TokenOf(EngineConfiguration configuration, IReadOnlyList<string> accounts, long now)
    {
        StringBuilder content = new();
        content.Append(
            CultureInfo.InvariantCulture, $"arm\n{Convert.ToHexStringLower(configuration.DecisionHash.AsSpan())}\n{now / Day}\n");
        for (int i = 0; i < accounts.Count; i++)
        {
            LivePlace place = configuration.Live!.Places[i];
            content.Append(CultureInfo.InvariantCulture, $"{place.Venue} {accounts[i]}\n");
            foreach (string address in LiveVenues.AddressesOf(place))
            {
                content.Append(address).Append('\n');
            }
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(content.ToString())).AsSpan(0, TokenBytes));
    }

    /// <summary>What keeps a run from trading, found before the venues are asked.</summary>
    /// <param name="isReal">Whether orders may move real money.</param>
    /// <param name="token">What was handed over; null for nothing.</param>
    /// <returns>Everything that is missing; empty when nothing is.</returns>
    internal static IReadOnlyList<string> MissingBefore(bool isReal, string? token)
    {
        List<string> missing = [];
        if (isReal && token is null)
        {
            missing.Add(
                "--arm TOKEN: these environments may move real money (custom addresses too, unless the sandbox answers there on this "
                + "machine); run --live --check prints the token of this configuration and its accounts");
        }

        if (!isReal && token is not null)
        {
            missing.Add("an environment that needs --arm: this one moves no real money; leave --arm out, so that nobody gets used to it");
        }

        return missing;
    }

    /// <summary>What keeps a run from trading, once the venues have told whose keys these are.</summary>
    /// <param name="configuration">The configuration, with a live section.</param>
    /// <param name="identities">What the venue of each place says of the key.</param>
    /// <param name="token">What was handed over; null for nothing.</param>
    /// <param name="now">Nanoseconds since 1970 UTC.</param>
    /// <returns>Everything that is missing; empty when nothing is.</returns>
    internal static IReadOnlyList<string> MissingAfter(
        EngineConfiguration configuration, IReadOnlyList<AccountIdentity> identities, string? token, long now)
    {
        List<string> missing = [];
        for (int i = 0; i < identities.Count; i++)
        {
            LivePlace place = configuration.Live!.Places[i];
            if (!place.Accounts.Contains(identities[i].Account))
            {
                missing.Add(
                    $"the account: the key is of account {identities[i].Account}; live.accounts allows {string.Join(", ", place.Accounts)}");
            }

            if (identities[i].Refusal.Length > 0)
            {
                missing.Add(identities[i].Refusal);
            }
        }

        if (token is not null && !IsToken(configuration, AccountsOf(identities), token, now))
        {
            missing.Add(
                "the token: what --arm was given is not of this configuration, account and day; run --live --check prints it anew");
        }

        return missing;
    }

    /// <summary>The numbers of the accounts that keys are of.</summary>
    internal static IReadOnlyList<string> AccountsOf(IReadOnlyList<AccountIdentity> identities)
    {
        List<string> accounts = [];
        foreach (AccountIdentity identity in identities)
        {
            accounts.Add(identity.Account);
        }

        return accounts;
    }

    private static bool IsToken(EngineConfiguration configuration, IReadOnlyList<string> accounts, string token, long now) =>
        string.Equals(token, TokenOf(configuration, accounts, now), StringComparison.Ordinal)
        || string.Equals(token, TokenOf(configuration, accounts, now - Day), StringComparison.Ordinal);
}
