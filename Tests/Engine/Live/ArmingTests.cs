using System;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Live;
using LowLatency.Gateways.Bybit;
using LowLatency.Tests.Engine.Configuration;
using Xunit;

namespace LowLatency.Tests.Engine.Live;

/// <summary>Real money needs three facts that agree; every subset is refused, and says what is missing.</summary>
public sealed class ArmingTests
{
    private const long Day = 86_400_000_000_000;
    private const long Now = 20_000 * Day + 5;
    private const string Account = "1000001";

    private static readonly BybitKey _key = new(1_000_001, 0, BybitKeyFaults.None);

    [Theory]
    [InlineData("mainnet", true)]
    [InlineData("testnet", false)]
    [InlineData("demo", false)]
    public void Only_the_venue_itself_moves_real_money(string environment, bool isReal)
    {
        EngineConfiguration configuration = Examples.Valid(Examples.Live(environment, "{}"));
        Assert.Equal(isReal, LiveVenues.IsRealMoney(configuration.Live!));
        Assert.Equal(isReal ? 1 : 0, Arming.MissingBefore(configuration, token: null).Count);
        Assert.Equal(isReal ? 0 : 1, Arming.MissingBefore(configuration, "token").Count);
    }

    [Theory]
    [InlineData("rest", "https://api.example.org")]
    [InlineData("private", "wss://stream.example.org/v5/private")]
    [InlineData("trade", "wss://stream.example.org/v5/trade")]
    public void Given_addresses_are_real_money_unless_all_that_orders_go_to_are_on_this_machine(string name, string address)
    {
        string json = Examples.Live("custom", Examples.OnThisMachine);
        Assert.False(LiveVenues.IsRealMoney(Examples.Valid(json).Live!));
        json = BrokenConfigurationTests.Set(json, "live.access." + name, "\"" + address + "\"");
        Assert.True(LiveVenues.IsRealMoney(Examples.Valid(json).Live!));
    }

    [Fact]
    public void All_three_facts_together_arm_and_each_one_that_is_wrong_is_named()
    {
        EngineConfiguration configuration = Examples.Valid(Examples.Live("mainnet", "{}"));
        string token = Arming.TokenOf(configuration, Account, Now);
        Assert.Empty(Arming.MissingBefore(configuration, token));
        Assert.Empty(Arming.MissingAfter(configuration, _key, token, Now));

        Assert.Contains("--arm", Assert.Single(Arming.MissingBefore(configuration, null)), StringComparison.Ordinal);
        Assert.Contains(
            "account 7", string.Join(' ', Arming.MissingAfter(configuration, _key with { User = 7 }, token, Now)), StringComparison.Ordinal);
        Assert.Contains("the token", Assert.Single(Arming.MissingAfter(configuration, _key, "0" + token[1..] + "0", Now)), StringComparison.Ordinal);
        Assert.Contains(
            "CanWithdraw",
            Assert.Single(Arming.MissingAfter(configuration, _key with { Faults = BybitKeyFaults.CanWithdraw }, token, Now)),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_token_is_of_one_configuration_one_place_one_account_and_two_days()
    {
        EngineConfiguration configuration = Examples.Valid(Examples.Live("mainnet", "{}"));
        string token = Arming.TokenOf(configuration, Account, Now);
        Assert.Empty(Arming.MissingAfter(configuration, _key, token, Now + Day));
        Assert.Single(Arming.MissingAfter(configuration, _key, token, Now + (2 * Day)));
        Assert.Single(Arming.MissingAfter(configuration, _key, token, Now - Day));

        EngineConfiguration other = Examples.Valid(
            BrokenConfigurationTests.Set(Examples.Live("mainnet", "{}"), "risk.maxPosition", "\"3\""));
        Assert.Single(Arming.MissingAfter(other, _key, token, Now));

        // Another place to send to is not part of the decision hash, and yet another token.
        string custom = Examples.Live("custom", Examples.OnThisMachine);
        string moved = BrokenConfigurationTests.Set(custom, "live.access.rest", "\"https://api.example.org\"");
        Assert.NotEqual(
            Arming.TokenOf(Examples.Valid(custom), Account, Now), Arming.TokenOf(Examples.Valid(moved), Account, Now));
    }
}
