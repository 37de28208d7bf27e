using System;
using System.CommandLine;
using System.IO;
using System.Net;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using LowLatency.Engine.Running;
using LowLatency.Journal;
using LowLatency.Sandbox;
using LowLatency.Sandbox.Faults;

namespace LowLatency.Engine.Commands;

/// <summary>A local exchange that speaks Bybit v5 and Alpaca, for trying bots without keys and money.</summary>
internal static class SandboxCommand
{
    private const int UsualPort = 8790;

    internal static Command Build()
    {
        Option<int> port = new("--port")
        {
            Description = "TCP port; 0 takes a free one and says which.",
            DefaultValueFactory = _ => UsualPort,
        };
        Option<string> address = new("--address")
        {
            Description = "Address to listen on. Anything but loopback lets others trade here.",
            DefaultValueFactory = _ => IPAddress.Loopback.ToString(),
        };
        Option<FileInfo?> scenario = new("--scenario")
        {
            Description = "Accounts, seed and faults (JSON, see docs/sandbox.md).",
        };
        Option<DirectoryInfo?> data = new("--data", "-d")
        {
            Description = "Journal directory whose market is played from now on; else one is generated.",
        };
        Option<ulong?> seed = new("--seed") { Description = "Seed of market, ids and faults." };
        Option<int> rates = new("--rate-factor")
        {
            Description = "The venues' rate limits times this; 0 for none.",
            DefaultValueFactory = _ => 1,
        };
        Option<int> entry = new("--entry-latency-us")
        {
            Description = "Microseconds from a request to the matching engine.",
            DefaultValueFactory = _ => new SandboxOptions().EntryLatencyUs,
        };
        Option<int> response = new("--response-latency-us")
        {
            Description = "Microseconds from the matching engine to the report, at least 1.",
            DefaultValueFactory = _ => new SandboxOptions().ResponseLatencyUs,
        };
        Option<AlpacaShape> shape = new("--alpaca-account")
        {
            Description = "Shape of Alpaca's account: before or after 2026-07-06, when the fields about day trades went.",
            DefaultValueFactory = _ => AlpacaShape.After,
        };
        Option<bool> json = new("--json") { Description = "Say where it listens as one line of JSON." };
        Command command = new(
            "sandbox",
            "A local exchange that speaks Bybit v5 and Alpaca over HTTP and WebSocket, with scripted faults. SIGINT and SIGTERM end it.")
        {
            port, address, scenario, data, seed, rates, entry, response, shape, json,
        };
        command.SetAction((parsed, stop) => CommandFailure.GuardAsync(() => RunAsync(
            new SandboxOptions
            {
                Port = parsed.GetValue(port),
                Address = AddressOf(parsed.GetValue(address)!),
                RateFactor = parsed.GetValue(rates),
                EntryLatencyUs = parsed.GetValue(entry),
                ResponseLatencyUs = parsed.GetValue(response),
                AlpacaShape = parsed.GetValue(shape),
            },
            parsed.GetValue(scenario),
            parsed.GetValue(data),
            parsed.GetValue(seed),
            parsed.GetValue(json),
            stop)));
        return command;
    }

    private static async Task<int> RunAsync(
        SandboxOptions options, FileInfo? scenario, DirectoryInfo? data, ulong? seed, bool json, CancellationToken stop)
    {
        options = With(options, scenario, seed);
        if (options.Problem() is { } problem)
        {
            throw new CommandFailure(ExitCode.Usage, problem);
        }

        using JournalReader? reader = data is null ? null : RecordedRun.Open(data.FullName);
        options = options with { Market = reader is null ? null : new SessionInputs(reader, KeepInputs.MarketOnly) };
        SandboxServer server = await StartAsync(options).ConfigureAwait(false);
        await using (server.ConfigureAwait(false))
        {
            await Console.Out.WriteLineAsync(json ? Described(server, options) : Explained(server, options)).ConfigureAwait(false);
            if (!IPAddress.IsLoopback(options.Address))
            {
                await Console.Error.WriteLineAsync(
                    $"warning: {options.Address} is no loopback address: whoever reaches it can trade here with the keys above").ConfigureAwait(false);
            }

            TaskCompletionSource asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
            await using (stop.Register(asked.SetResult).ConfigureAwait(false))
            {
                Task first = await Task.WhenAny(asked.Task, server.Ended).ConfigureAwait(false);
                await first.ConfigureAwait(false);
            }
        }

        return ExitCode.Success;
    }

    private static async Task<SandboxServer> StartAsync(SandboxOptions options)
    {
        try
        {
            return await SandboxServer.StartAsync(options).ConfigureAwait(false);
        }
        catch (IOException failure)
        {
            throw new CommandFailure(ExitCode.Usage, failure.Message + "; --port 0 takes a free one");
        }
    }

    private static IPAddress AddressOf(string text) => IPAddress.TryParse(text, out IPAddress? address)
        ? address
        : throw new CommandFailure(ExitCode.Usage, $"--address {text}: that is no IP address");

    private static SandboxOptions With(SandboxOptions options, FileInfo? file, ulong? seed)
    {
        if (file is null)
        {
            return seed is { } only ? options with { Seed = only } : options;
        }

        if (!file.Exists)
        {
            throw new CommandFailure(ExitCode.Usage, $"--scenario {file.FullName}: there is no such file");
        }

        try
        {
            Scenario scenario = Scenario.Parse(File.ReadAllBytes(file.FullName));
            return options with
            {
                Seed = seed ?? scenario.Seed ?? options.Seed,
                Accounts = scenario.Accounts ?? options.Accounts,
                Faults = scenario.Faults,
            };
        }
        catch (FormatException failure)
        {
            throw new CommandFailure(ExitCode.Usage, $"--scenario {file.FullName}: {failure.Message}");
        }
    }

    private static string Explained(SandboxServer server, SandboxOptions options)
    {
        string http = server.Http.ToString().TrimEnd('/');
        string ws = server.WebSocket.ToString().TrimEnd('/');
        System.Text.StringBuilder text = new();
        text.AppendLine($"sandbox listens on {http}; its market is {(options.Market is null ? $"generated, seed {options.Seed}" : "recorded")}; SIGTERM ends it")
            .AppendLine($"  bybit   REST {http}  streams {ws}/v5/public/linear {ws}/v5/public/spot {ws}/v5/private {ws}/v5/trade")
            .AppendLine($"  alpaca  REST {http}  streams {ws}/stream {ws}/v2/iex {ws}/v1beta3/crypto/us")
            .Append($"  control {http}/sandbox/status {http}/sandbox/faults");
        foreach (SandboxAccount account in options.Accounts)
        {
            text.AppendLine().Append($"  account key {account.Key} secret {account.Secret} (both venues)");
        }

        return text.ToString();
    }

    private static string Described(SandboxServer server, SandboxOptions options)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter writer = new(stream))
        {
            string ws = server.WebSocket.ToString().TrimEnd('/');
            writer.WriteStartObject();
            writer.WriteString("http", server.Http.ToString().TrimEnd('/'));
            writer.WriteString("webSocket", ws);
            writer.WriteNumber("port", server.EndPoint.Port);
            writer.WriteNumber("seed", options.Seed);
            writer.WriteStartArray("accounts");
            foreach (SandboxAccount account in options.Accounts)
            {
                writer.WriteStartObject();
                writer.WriteString("key", account.Key);
                writer.WriteString("secret", account.Secret);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }
}
