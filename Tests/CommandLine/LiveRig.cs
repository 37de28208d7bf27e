using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading;
using System.Threading.Tasks;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Engine.Live;
using LowLatency.Engine.Network;
using LowLatency.Gateways.Bybit;
using LowLatency.Gateways.Live;
using LowLatency.Gateways.Wire;
using LowLatency.Journal;
using LowLatency.Journal.Native;
using LowLatency.Sandbox;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.CommandLine;

/// <summary>What an account has, as the exchange tells it by its own lists.</summary>
/// <param name="Positions">Quantity units, by instrument.</param>
/// <param name="Cost">What the open positions cost, signed.</param>
/// <param name="Orders">Orders that work.</param>
/// <param name="Cash">The wallet, money units.</param>
internal sealed record AccountThere(IReadOnlyDictionary<int, long> Positions, decimal Cost, int Orders, long Cash);

/// <summary>A local exchange, a configuration that trades on it, and live runs as processes of their own.</summary>
internal sealed class LiveRig : IAsyncDisposable
{
    internal const string Key = "sandbox-key-1";
    internal const string Secret = "sandbox-secret-1";
    internal const ushort Instance = 11;

    private const int LookEveryMilliseconds = 5;

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    private readonly ManualResetEventSlim _look = new(false);

    private readonly TemporaryFolder _folder = new();
    private readonly SandboxServer _sandbox;

    private LiveRig(SandboxServer sandbox, Action<JsonNode>? change)
    {
        _sandbox = sandbox;
        JsonNode root = JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Root, "examples", "live-sandbox.json")))!;
        string stream = sandbox.WebSocket.ToString().TrimEnd('/');
        JsonNode access = root["live"]!["access"]!;
        access["rest"] = sandbox.Http.ToString().TrimEnd('/');
        access["public"] = stream + "/v5/public";
        access["private"] = stream + "/v5/private";
        access["trade"] = stream + "/v5/trade";
        root["session"]!["journal"]!["segmentMiB"] = 1;
        root["session"]!["journal"]!["durability"] = "written";

        // What is adopted after a kill is compared to the last decimal.
        root["risk"]!["reconcile"]!["costTolerancePpm"] = 0;
        change?.Invoke(root);
        File.WriteAllText(Configuration, root.ToJsonString());
    }

    internal string Configuration => Path.Combine(_folder.Path, "live.json");

    internal string Run => Path.Combine(_folder.Path, "run");

    internal string Folder => _folder.Path;

    /// <summary>Where the exchange tells of an account.</summary>
    internal string PrivateAddress => _sandbox.WebSocket.ToString().TrimEnd('/') + "/v5/private";

    internal static async Task<LiveRig> StartAsync(Action<JsonNode>? change = null, SandboxOptions? options = null) =>
        new(await SandboxServer.StartAsync(options ?? new SandboxOptions { RateFactor = 20 }), change);

    internal static Dictionary<string, string> Keys(string secret = Secret) => new()
    {
        ["LOWLATENCY_BYBIT_KEY"] = Key,
        ["LOWLATENCY_BYBIT_SECRET"] = secret,
    };

    internal EngineProcess Start(params string[] more) =>
        EngineProcess.Start(Keys(), ["run", "--live", "-c", Configuration, "-o", Run, "--warm-up", "0", "--print-commands", .. more]);

    internal static Finished Once(params string[] words) => EngineProcess.Run(Keys(), words);

    /// <summary>Waits until a running engine's status is so.</summary>
    internal JsonElement WaitFor(EngineProcess process, Func<JsonElement, bool> isSo)
    {
        long start = Stopwatch.GetTimestamp();
        JsonElement last = default;
        while (Stopwatch.GetElapsedTime(start) < _patience)
        {
            if (LiveControl.Ask(Run, "status") is { Length: > 0 } answer)
            {
                last = JsonDocument.Parse(answer).RootElement;
                if (isSo(last))
                {
                    return last;
                }
            }

            if (process.HasExited)
            {
                Finished finished = process.Wait();
                Assert.Fail($"the engine ended early with {finished.ExitCode}: {finished.Error}");
            }

            _look.Wait(LookEveryMilliseconds);
        }

        throw new TimeoutException("the status does not come; the last one is " + last);
    }

    internal static bool IsLive(JsonElement status) => status.GetProperty("phase").GetString() == "Live";

    internal static Func<JsonElement, bool> Has(string name, long atLeast) => status =>
        IsLive(status) && status.GetProperty(name).GetInt64() >= atLeast;

    /// <summary>Reads the account at the exchange, by lists alone: no stream, nothing that a run believes.</summary>
    internal AccountThere Read()
    {
        LiveClock clock = new();
        KillLatch kill = new();
        kill.Set();
        using SocketTransport transport = new(clock, kill);
        using Credentials credentials = Credentials.Of(Key, Secret);
        string stream = _sandbox.WebSocket.ToString().TrimEnd('/');
        BybitVenue account = new(
            new BybitSettings
            {
                Hosts = new BybitHosts(
                    _sandbox.Http.ToString().TrimEnd('/'), stream + "/v5/public", stream + "/v5/private", null),
                Instance = Instance,
                Instruments =
                [
                    new BybitInstrument(new InstrumentId(1), "BTCUSDT", InstrumentKind.Linear),
                    new BybitInstrument(new InstrumentId(2), "ETHUSDT", InstrumentKind.Linear),
                ],
            },
            credentials,
            new InstrumentTable(),
            transport,
            kill);
        Dictionary<int, long> positions = [];
        int orders = 0;
        long cash = 0;
        decimal cost = 0;
        long start = Stopwatch.GetTimestamp();
        long asked = clock.Now;
        bool balances = false;
        Event e = default;

        // The first reading may begin before the instruments are known: one that began with both of them counts.
        int defined = 0;
        while (!balances)
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < _patience, "the exchange is not read: " + account.Gate);
            if (!account.Poll(clock.Now, ref e))
            {
                Thread.Yield();
                continue;
            }

            account.OnEvent(e);
            bool isItem = (e.Flags & EventFlags.ReadBack) != 0;
            switch (e.Kind)
            {
                case EventKind.InstrumentDefined:
                    if (++defined == 2)
                    {
                        asked = clock.Now;
                        Event ask = new() { ReceivedAt = asked, Source = EventSource.Engine, Flags = EventFlags.Whole };
                        ask.Set(new ReadBack { Subject = ReadBackSubject.All, Stage = ReadBackStage.Asked, Venue = EventSource.Bybit });
                        account.OnEvent(ask);
                    }

                    break;
                case EventKind.ReadBack when e.ReadBack is { Stage: ReadBackStage.Begin, Subject: ReadBackSubject.Orders }:
                    orders = 0;
                    break;
                case EventKind.ReadBack when e.ReadBack is { Stage: ReadBackStage.Begin, Subject: ReadBackSubject.Positions }:
                    positions.Clear();
                    cost = 0;
                    break;
                case EventKind.ReadBack when e.ReadBack is { Stage: ReadBackStage.End, Subject: ReadBackSubject.Balances }:
                    balances = defined >= 2 && account.ReadSince >= asked;
                    if (!balances && defined >= 2)
                    {
                        Event again = new() { ReceivedAt = clock.Now, Source = EventSource.Engine, Flags = EventFlags.Whole };
                        again.Set(new ReadBack { Subject = ReadBackSubject.All, Stage = ReadBackStage.Asked, Venue = EventSource.Bybit });
                        account.OnEvent(again);
                    }

                    break;
                case EventKind.OrderReport when isItem:
                    orders++;
                    break;
                case EventKind.PositionReport when isItem:
                    positions[e.Instrument.Value] = e.PositionReport.Quantity;
                    cost += e.PositionReport.AveragePrice / 1_000_000_000m * e.PositionReport.Quantity
                        / (e.Instrument.Value == 1 ? 1_000 : 100);
                    break;
                case EventKind.BalanceReport when isItem && e.BalanceReport.Currency.ToString() == "USDT":
                    cash = e.BalanceReport.Cash;
                    break;
            }
        }

        return new AccountThere(positions, cost, orders, cash);
    }

    /// <summary>What the run's own result says must be what the exchange says: positions, cash, orders.</summary>
    /// <param name="executions">Executions of the run.</param>
    /// <param name="wasCut">
    /// True after a kill: executions that were looked up may have been counted in another order than the exchange did. That moves
    /// profit between cash and the cost of what is open, and changes neither the position nor the difference of the two.
    /// </param>
    internal void AssertEqualOnBothSides(out int executions, bool wasCut = false)
    {
        const decimal averageIsCutAt = 0.000001m;
        decimal cost = 0;
        AccountThere there = Read();
        using JsonDocument result = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Run, "result.json")));
        JsonElement root = result.RootElement;
        executions = 0;
        foreach (JsonElement instrument in root.GetProperty("instruments").EnumerateArray())
        {
            int id = instrument.GetProperty("symbol").GetString() == "BTCUSDT" ? 1 : 2;
            string position = instrument.GetProperty("position").GetString()!;
            long units = long.Parse(position.Replace(".", string.Empty, StringComparison.Ordinal), CultureInfo.InvariantCulture);
            Assert.Equal(there.Positions.GetValueOrDefault(id), units);
            executions += instrument.GetProperty("executions").GetInt32();
            decimal Number(string name) => decimal.Parse(instrument.GetProperty(name).GetString()!, CultureInfo.InvariantCulture);
            cost += (Number("position") * Number("lastPrice")) - Number("unrealised");
        }

        Assert.Equal(there.Orders, root.GetProperty("openOrders").GetInt32());
        JsonElement cash = root.GetProperty("currencies")[0];
        decimal ours = decimal.Parse(cash.GetProperty("cash").GetString()!, CultureInfo.InvariantCulture);
        decimal theirs = there.Cash / 100_000_000m;
        Assert.InRange((ours - cost) - (theirs - there.Cost), -averageIsCutAt, averageIsCutAt);
        if (!wasCut)
        {
            Assert.Equal(theirs, ours);
        }
    }

    /// <summary>The journal replays to the same decisions, bit for bit.</summary>
    internal void AssertReplays()
    {
        Finished replay = EngineProcess.Run("replay", "--verify", Run);
        Assert.True(replay.ExitCode == 0, replay.Output + replay.Error);
        Assert.EndsWith("equal", replay.Output.TrimEnd(), StringComparison.Ordinal);
    }

    /// <summary>Orders of the journal's commands and of the exchange: at most one there for each here, and each there is known.</summary>
    internal (int Asked, int There) OrdersOf(JsonElement account)
    {
        HashSet<long> asked = [];
        AuditReader audit = new(new PosixStorage(), Run);
        using (audit)
        {
            AuditGroup group = new();
            while (audit.Read(group) == ReadResult.Event)
            {
                for (int i = 0; !group.IsCheckpoint && i < group.Decision.CommandCount; i++)
                {
                    if (group.Decision.Commands[i].Verb == CommandVerb.New)
                    {
                        Assert.True(asked.Add(group.Decision.Commands[i].Order.Packed), "an order was asked for twice");
                    }
                }
            }
        }

        return (asked.Count, account.GetProperty("bybitOrders").GetInt32());
    }

    /// <summary>What the exchange counts of the account.</summary>
    internal async Task<JsonElement> CountsThereAsync()
    {
        using System.Net.Http.HttpClient client = new();
        string status = await client.GetStringAsync(new Uri(_sandbox.Http, "/sandbox/status"), TestContext.Current.CancellationToken);
        return JsonDocument.Parse(status).RootElement.GetProperty("accounts")[0];
    }

    public async ValueTask DisposeAsync()
    {
        await _sandbox.DisposeAsync();
        _folder.Dispose();
        _look.Dispose();
    }
}
