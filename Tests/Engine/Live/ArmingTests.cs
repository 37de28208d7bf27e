using System;
using System.Collections.Generic;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading.Tasks;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Live;
using LowLatency.Gateways.Live;
using LowLatency.Sandbox;
using LowLatency.Tests.Engine.Configuration;
using Xunit;

namespace LowLatency.Tests.Engine.Live;

/// <summary>Real money needs three facts that agree; every subset is refused, and says what is missing.</summary>
public sealed class ArmingTests
{
    private const long Day = 86_400_000_000_000;
    private const long Now = 20_000 * Day + 5;
    private const string Account = "1000001";
    private const string Both =
        """[{ "venue": "alpaca", "environment": "live", "accounts": ["0a0b"], "instruments": [{ "symbol": "AAPL", "kind": "equity" }], "access": {} }]""";

    private static readonly AccountIdentity[] _identities = [new(Account, string.Empty, string.Empty)];

    [Theory]
    [InlineData("mainnet", true)]
    [InlineData("testnet", false)]
    [InlineData("demo", false)]
    public void Only_the_venue_itself_moves_real_money(string environment, bool isReal)
    {
        EngineConfiguration configuration = Examples.Valid(Examples.Live(environment, "{}"));
        Assert.Equal(isReal, LiveVenues.IsRealMoney(configuration.Live!, _ => false));
        Assert.Equal(isReal ? 1 : 0, Arming.MissingBefore(isReal, token: null).Count);
        Assert.Equal(isReal ? 0 : 1, Arming.MissingBefore(isReal, "token").Count);

        // One place that is real makes the run real.
        EngineConfiguration both = Examples.Valid(BrokenConfigurationTests.Set(Examples.Live(environment, "{}"), "live.also", Both));
        Assert.True(LiveVenues.IsRealMoney(both.Live!, _ => true));
        EngineConfiguration paper = Examples.Valid(BrokenConfigurationTests.Set(
            Examples.Live(environment, "{}"), "live.also", Both.Replace("\"live\"", "\"paper\"", StringComparison.Ordinal)));
        Assert.Equal(isReal, LiveVenues.IsRealMoney(paper.Live!, _ => false));
    }

    [Theory]
    [InlineData("rest", "https://api.example.org")]
    [InlineData("private", "wss://stream.example.org/v5/private")]
    [InlineData("trade", "wss://stream.example.org/v5/trade")]
    [InlineData("rest", "http://127.0.0.1:9")]
    [InlineData("private", "ws://127.0.0.1:9/v5/private")]
    [InlineData("trade", "ws://127.0.0.1:9/v5/trade")]
    public void Given_addresses_are_real_money_unless_the_sandbox_answers_at_all_that_orders_go_to(string name, string address)
    {
        string json = Examples.Live("custom", Examples.OnThisMachine);
        List<string> asked = [];
        bool IsSandbox(Uri there)
        {
            asked.Add(there.ToString());
            return there.Host != "api.example.org" && there.Host != "stream.example.org" && there.Port != 9;
        }

        Assert.False(LiveVenues.IsRealMoney(Examples.Valid(json).Live!, IsSandbox));
        Assert.Equal(3, asked.Count);
        json = BrokenConfigurationTests.Set(json, "live.access." + name, "\"" + address + "\"");
        Assert.True(LiveVenues.IsRealMoney(Examples.Valid(json).Live!, IsSandbox));
    }

    [Fact]
    public async Task Only_the_sandbox_proves_that_it_is_the_sandbox()
    {
        await using SandboxServer sandbox = await SandboxServer.StartAsync(new SandboxOptions());
        Assert.True(SandboxProof.IsThere(sandbox.Http));
        Assert.True(SandboxProof.IsThere(new Uri(sandbox.WebSocket, "/v5/trade")));
        Assert.False(SandboxProof.IsThere(new Uri("https://api.example.org")));

        // Something else listens on this machine: it knows nothing, repeats an old answer, or goes to another place.
        string before = "{\"exchange\":\"lowlatency-sandbox\",\"nonce\":\"0123456789abcdef0123456789abcdef\"}";
        foreach ((int status, string body) in ((int, string)[])[(404, "{}"), (200, "{}"), (200, "[]"), (200, before), (200, "<html>"), (302, before), (200, "")])
        {
            using HttpListener listener = new();
            Uri address = Listen(listener);
            Task serving = Task.Run(() =>
            {
                HttpListenerContext context = listener.GetContext();
                context.Response.StatusCode = status;
                context.Response.RedirectLocation = status == 302 ? new Uri(sandbox.Http, context.Request.RawUrl).ToString() : null;
                context.Response.OutputStream.Write(Encoding.UTF8.GetBytes(body));
                context.Response.Close();
            }, TestContext.Current.CancellationToken);
            Assert.False(SandboxProof.IsThere(address), status + body);
            await serving;
        }

        using TcpListener nobody = new(IPAddress.Loopback, 0);
        nobody.Start();
        int port = ((IPEndPoint)nobody.LocalEndpoint).Port;
        nobody.Stop();
        Assert.False(SandboxProof.IsThere(new Uri($"http://127.0.0.1:{port}")));
    }

    [Fact]
    public void All_three_facts_together_arm_and_each_one_that_is_wrong_is_named()
    {
        EngineConfiguration configuration = Examples.Valid(Examples.Live("mainnet", "{}"));
        string token = Arming.TokenOf(configuration, [Account], Now);
        Assert.Empty(Arming.MissingBefore(isReal: true, token));
        Assert.Empty(Arming.MissingAfter(configuration, _identities, token, Now));

        Assert.Contains("--arm", Assert.Single(Arming.MissingBefore(isReal: true, null)), StringComparison.Ordinal);
        Assert.Contains(
            "account 7",
            string.Join(' ', Arming.MissingAfter(configuration, [_identities[0] with { Account = "7" }], token, Now)),
            StringComparison.Ordinal);
        Assert.Contains(
            "the token", Assert.Single(Arming.MissingAfter(configuration, _identities, "0" + token[1..] + "0", Now)), StringComparison.Ordinal);
        Assert.Equal(
            "CanWithdraw",
            Assert.Single(Arming.MissingAfter(configuration, [_identities[0] with { Refusal = "CanWithdraw" }], token, Now)));
    }

    [Fact]
    public void Every_account_of_a_run_must_be_allowed_at_its_own_venue()
    {
        EngineConfiguration both = Examples.Valid(BrokenConfigurationTests.Set(Examples.Live("mainnet", "{}"), "live.also", Both));
        AccountIdentity[] identities = [_identities[0], new("0a0b", string.Empty, string.Empty)];
        string token = Arming.TokenOf(both, [Account, "0a0b"], Now);
        Assert.Empty(Arming.MissingAfter(both, identities, token, Now));
        Assert.Contains(
            "account 0a0b; live.accounts allows 1000001",
            string.Join(' ', Arming.MissingAfter(both, [identities[1], identities[0]], token, Now)),
            StringComparison.Ordinal);
        Assert.Contains(
            "refused",
            Assert.Single(Arming.MissingAfter(both, [identities[0], identities[1] with { Refusal = "refused" }], token, Now)),
            StringComparison.Ordinal);
        Assert.NotEqual(token, Arming.TokenOf(both, [Account, "0a0c"], Now));
    }

    [Fact]
    public void A_token_is_of_one_configuration_one_place_one_account_and_two_days()
    {
        EngineConfiguration configuration = Examples.Valid(Examples.Live("mainnet", "{}"));
        string token = Arming.TokenOf(configuration, [Account], Now);
        Assert.Empty(Arming.MissingAfter(configuration, _identities, token, Now + Day));
        Assert.Single(Arming.MissingAfter(configuration, _identities, token, Now + (2 * Day)));
        Assert.Single(Arming.MissingAfter(configuration, _identities, token, Now - Day));

        EngineConfiguration other = Examples.Valid(
            BrokenConfigurationTests.Set(Examples.Live("mainnet", "{}"), "risk.maxPosition", "\"3\""));
        Assert.Single(Arming.MissingAfter(other, _identities, token, Now));

        // Another place to send to is not part of the decision hash, and yet another token.
        string custom = Examples.Live("custom", Examples.OnThisMachine);
        string moved = BrokenConfigurationTests.Set(custom, "live.access.rest", "\"https://api.example.org\"");
        Assert.NotEqual(
            Arming.TokenOf(Examples.Valid(custom), [Account], Now), Arming.TokenOf(Examples.Valid(moved), [Account], Now));
    }

    private static Uri Listen(HttpListener listener)
    {
        using TcpListener free = new(IPAddress.Loopback, 0);
        free.Start();
        Uri address = new($"http://127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port}/");
        free.Stop();
        listener.Prefixes.Add(address.ToString());
        listener.Start();
        return address;
    }
}
