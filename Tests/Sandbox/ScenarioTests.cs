using System;
using System.Text;
using LowLatency.Sandbox;
using LowLatency.Sandbox.Faults;
using Xunit;

namespace LowLatency.Tests.Sandbox;

/// <summary>Scenario files: everything that is not known is refused with its place.</summary>
public sealed class ScenarioTests
{
    [Fact]
    public void A_scenario_says_accounts_seed_and_faults()
    {
        Scenario scenario = Parse("""
            {"seed": 7,
             "accounts": [{"key":"k","secret":"s","dollars":"12.50","coins":{"USDT":1000,"BTC":"0.5"},"readOnly":true,"mayWithdraw":true,"boundTo":["10.0.0.1"],"expiresAt":5}],
             "faults": [{"kind":"half-open","channel":"alpaca.orders","match":"fill","nth":2,"every":3,"count":0,"chancePpm":5,"afterMs":6,"untilMs":7,"ms":8,"bytes":9,"status":504}]}
            """);
        Assert.Equal(7UL, scenario.Seed);
        SandboxAccount account = Assert.Single(scenario.Accounts!);
        Assert.Equal(("k", "s", 12.50m, 0.5m, true, true, 5L), (account.Key, account.Secret, account.Dollars, account.Coins["BTC"], account.IsReadOnly, account.MayWithdraw, account.ExpiresAt));
        Assert.Equal(["10.0.0.1"], account.BoundTo);
        Assert.Equal(
            new FaultRule { Kind = FaultKind.HalfOpen, Channel = SandboxChannel.AlpacaOrders, Match = "fill", Nth = 2, Every = 3, Count = 0, ChancePpm = 5, AfterMs = 6, UntilMs = 7, Ms = 8, Bytes = 9, Status = 504 },
            Assert.Single(scenario.Faults));
    }

    [Theory]
    [InlineData("""{"sed":1}""", "sed")]
    [InlineData("""{"seed":-1}""", "seed: -1")]
    [InlineData("""{"accounts":[{"key":1}]}""", "accounts[0].key: 1")]
    [InlineData("""{"accounts":[{"keys":"a"}]}""", "accounts[0].keys")]
    [InlineData("""{"accounts":[{"dollars":-5}]}""", "accounts[0].dollars: -5")]
    [InlineData("""{"faults":{}}""", "faults: {}")]
    [InlineData("""{"faults":[{"kind":"explode","channel":"bybit.rest"}]}""", "\"explode\"; allowed are drop, delay")]
    [InlineData("""{"faults":[{"kind":"drop","channel":"nyse"}]}""", "\"nyse\"; allowed are bybit.rest")]
    [InlineData("""{"faults":[{"kind":"drop"}]}""", "faults[0]: kind and channel")]
    [InlineData("""{"faults":[{"kind":"drop","channel":"bybit.rest","nth":0}]}""", "nth and every are at least 1")]
    [InlineData("""{"faults":[{"kind":"delay","channel":"bybit.rest"}]}""", "delay needs ms")]
    [InlineData("""{"faults":[{"kind":"reorder","channel":"alpaca.rest"}]}""", "reorder is a fault of streams")]
    [InlineData("""{"faults":[{"kind":"error","channel":"bybit.public"}]}""", "error is a fault of requests")]
    [InlineData("""{"faults":[{"kind":"error","channel":"bybit.rest","status":404}]}""", "status is 500 to 599")]
    [InlineData("""{"faults":[{"kind":"drop","channel":"bybit.rest","ms":1.5}]}""", "ms: 1.5; allowed are a whole number")]
    [InlineData("[", "not JSON")]
    public void What_is_wrong_is_named_with_its_place(string json, string words) =>
        Assert.Contains(words, Assert.Throws<FormatException>(() => Parse(json)).Message, StringComparison.Ordinal);

    [Fact]
    public void Every_channel_and_kind_has_one_name()
    {
        foreach (FaultKind kind in Enum.GetValues<FaultKind>())
        {
            Assert.True(FaultNames.TryKind(FaultNames.Of(kind), out FaultKind again) && again == kind);
        }

        foreach (SandboxChannel channel in Enum.GetValues<SandboxChannel>())
        {
            Assert.True(FaultNames.TryChannel(FaultNames.Of(channel), out SandboxChannel again) && again == channel);
        }
    }

    [Fact]
    public async System.Threading.Tasks.Task Options_out_of_range_are_refused_before_anything_listens()
    {
        SandboxAccount account = new() { Key = "k", Secret = "s" };
        foreach (SandboxOptions wrong in new SandboxOptions[]
        {
            new() { Port = 70_000 },
            new() { Accounts = [] },
            new() { Accounts = [account, account] },
            new() { Accounts = [account with { Secret = "with blank" }] },
            new() { ResponseLatencyUs = 0 },
            new() { RateFactor = -1 },
        })
        {
            Assert.NotNull(wrong.Problem());
            await Assert.ThrowsAsync<ArgumentException>(() => SandboxServer.StartAsync(wrong));
        }

        Assert.Null(new SandboxOptions { Accounts = [account] }.Problem());
    }

    private static Scenario Parse(string json) => Scenario.Parse(Encoding.UTF8.GetBytes(json));
}
