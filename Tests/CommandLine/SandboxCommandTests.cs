using System;
using System.Diagnostics;
using System.IO;
using System.Net;
using System.Net.Http;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text.Json;
using System.Threading.Tasks;
using LowLatency.Tests.Determinism;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.CommandLine;

/// <summary>The sandbox as its users start it: where it listens, what it plays, how it ends, what it refuses.</summary>
public sealed class SandboxCommandTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task It_says_where_it_listens_and_ends_cleanly_while_clients_are_connected()
    {
        using EngineProcess process = EngineProcess.Start("sandbox", "--port", "0", "--json");
        JsonElement said = await SaidAsync(process);
        Uri http = new(said.GetProperty("http").GetString()!);
        Assert.True(http.IsLoopback);
        Assert.Equal("sandbox-key-1", said.GetProperty("accounts")[0].GetProperty("key").GetString());
        using HttpClient client = new() { BaseAddress = http };
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(new Uri("/v5/market/time", UriKind.Relative), TestContext.Current.CancellationToken)).StatusCode);
        using ClientWebSocket socket = new();
        await socket.ConnectAsync(new Uri(said.GetProperty("webSocket").GetString() + "/v5/public/linear"), TestContext.Current.CancellationToken);

        process.Terminate();
        Finished finished = process.Wait();
        Assert.True(finished.ExitCode == 0, finished.ExitCode + finished.Error);
        Assert.Empty(finished.Error);
    }

    [Fact]
    public async Task It_plays_a_recorded_market_from_now_on()
    {
        string run = Path.Combine(_folder.Path, "run");
        string configuration = Path.Combine(_folder.Path, "configuration.json");
        File.WriteAllBytes(configuration, GeneratedRuns.Configuration(20_000).ToCanonicalJson());
        Assert.Equal(0, EngineProcess.Run("run", "-c", configuration, "-o", run, "--warm-up", "0").ExitCode);

        using EngineProcess process = EngineProcess.Start("sandbox", "--port", "0", "--json", "--data", run);
        JsonElement said = await SaidAsync(process);
        using HttpClient client = new() { BaseAddress = new Uri(said.GetProperty("http").GetString()!) };
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            using JsonDocument status = JsonDocument.Parse(await client.GetStringAsync(new Uri("/sandbox/status", UriKind.Relative), TestContext.Current.CancellationToken));
            JsonElement instruments = status.RootElement.GetProperty("instruments");
            if (instruments.GetArrayLength() > 0 && instruments[0].GetProperty("bid").GetString() != string.Empty)
            {
                Assert.Equal("linear", instruments[0].GetProperty("category").GetString());
                break;
            }

            Assert.True(Stopwatch.GetElapsedTime(start) < Patience, "the recorded market does not begin");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }

        process.Terminate();
        Assert.Equal(0, process.Wait().ExitCode);
    }

    [Fact]
    public void A_port_that_is_taken_is_named_and_so_is_a_way_out()
    {
        using TcpListener taken = new(IPAddress.Loopback, 0);
        taken.Start();
        string port = ((IPEndPoint)taken.LocalEndpoint).Port.ToString(System.Globalization.CultureInfo.InvariantCulture);
        Finished finished = EngineProcess.Run("sandbox", "--port", port);
        Assert.Equal(2, finished.ExitCode);
        Assert.Contains("127.0.0.1:" + port, finished.Error, StringComparison.Ordinal);
        Assert.Contains("--port 0", finished.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void What_it_is_started_with_is_checked()
    {
        string scenario = Path.Combine(_folder.Path, "scenario.json");
        File.WriteAllText(scenario, """{"faults":[{"kind":"drop","chanel":"bybit.rest"}]}""");
        (string[] Arguments, string Words)[] cases =
        [
            (["--scenario", scenario], "faults[0].chanel"),
            (["--scenario", scenario + ".none"], "no such file"),
            (["--address", "here"], "no IP address"),
            (["--port", "70000"], "0 (any free one) to 65535"),
            (["--rate-factor", "-1"], "0 (no limits) to 1000"),
        ];
        foreach ((string[] arguments, string words) in cases)
        {
            Finished finished = EngineProcess.Run(["sandbox", .. arguments]);
            Assert.Equal(2, finished.ExitCode);
            Assert.Contains(words, finished.Error, StringComparison.Ordinal);
        }
    }

    private static async Task<JsonElement> SaidAsync(EngineProcess process)
    {
        long start = Stopwatch.GetTimestamp();
        while (!process.Output.Contains('\n', StringComparison.Ordinal))
        {
            Assert.False(process.HasExited, "it ended before it said where it listens");
            Assert.True(Stopwatch.GetElapsedTime(start) < Patience, "it does not say where it listens");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }

        using JsonDocument said = JsonDocument.Parse(process.Output);
        return said.RootElement.Clone();
    }
}
