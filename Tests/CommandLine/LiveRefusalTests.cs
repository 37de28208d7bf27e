using System;
using System.IO;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using System.Threading.Tasks;
using Xunit;

namespace LowLatency.Tests.CommandLine;

/// <summary>What a live run is refused for before it has spoken to anybody.</summary>
public sealed class LiveRefusalTests
{
    [Fact]
    public async Task Real_money_without_a_token_opens_no_connection_to_a_venue()
    {
        using TcpListener venue = new(IPAddress.Loopback, 0);
        venue.Start();
        string here = "127.0.0.1:" + ((IPEndPoint)venue.LocalEndpoint).Port;
        await using LiveRig rig = await LiveRig.StartAsync(root =>
        {
            JsonNode access = root["live"]!["access"]!;
            access["public"] = "ws://" + here + "/v5/public";
            access["trade"] = "ws://" + here + "/v5/trade";

            // One place beyond this machine makes it real money.
            access["private"] = "wss://stream.invalid/v5/private";
        });
        Finished finished = LiveRig.Once("run", "--live", "-c", rig.Configuration, "-o", rig.Run, "--warm-up", "0");
        Assert.Equal(2, finished.ExitCode);
        Assert.Contains("--arm", finished.Error, StringComparison.Ordinal);
        Assert.False(venue.Pending(), "somebody was spoken to");
        Assert.False(Directory.Exists(rig.Run), "something was begun");

        // With addresses of this machine alone it is asked whether it is the sandbox: the listener would have heard.
        JsonNode local = JsonNode.Parse(File.ReadAllText(rig.Configuration))!;
        local["live"]!["access"]!["private"] = rig.PrivateAddress;
        File.WriteAllText(rig.Configuration, local.ToJsonString());
        using EngineProcess process = rig.Start();
        using Socket heard = await venue.AcceptSocketAsync(TestContext.Current.CancellationToken).AsTask()
            .WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        process.KillNow();
    }

    /// <summary>A key file that cannot be used is the end of it: variables that happen to be there are not looked at.</summary>
    [Theory]
    [InlineData(null, "does not exist")]
    [InlineData("sandbox-key-1\nsandbox secret with blanks\n", "must hold two lines")]
    public async Task There_is_one_source_of_keys_and_nothing_instead_of_it(string? content, string said)
    {
        await using LiveRig rig = await LiveRig.StartAsync();
        string file = Path.Combine(rig.Folder, "the-keys");
        JsonNode root = JsonNode.Parse(File.ReadAllText(rig.Configuration))!;
        root["live"]!["access"]!["keyFile"] = file;
        File.WriteAllText(rig.Configuration, root.ToJsonString());
        if (content is not null)
        {
            File.WriteAllText(file, content);
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(file, UnixFileMode.UserRead);
            }
        }

        Finished finished = LiveRig.Once("run", "--live", "-c", rig.Configuration, "-o", rig.Run, "--warm-up", "0");
        Assert.Equal(2, finished.ExitCode);
        Assert.Contains(said, finished.Error, StringComparison.Ordinal);
        foreach (string secret in (ReadOnlySpan<string>)[LiveRig.Key, LiveRig.Secret, "sandbox secret", "with blanks"])
        {
            Assert.DoesNotContain(secret, finished.Output + finished.Error, StringComparison.Ordinal);
        }

        Assert.False(Directory.Exists(rig.Run), "something was begun");
        Assert.Equal(0, (await rig.CountsThereAsync()).GetProperty("bybitOrders").GetInt32());
    }
}
