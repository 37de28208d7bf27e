using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading;
using System.Threading.Tasks;
using LowLatency.Core.Events;
using LowLatency.Core.Signals.Strategies;
using LowLatency.Core.Values;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Live;
using LowLatency.Engine.Network;
using LowLatency.Gateways.Live;
using LowLatency.Journal;
using LowLatency.Journal.Native;
using LowLatency.Sandbox;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.CommandLine;

/// <summary>What the accounts of a run have, as the exchange tells it by its own lists.</summary>
/// <param name="Positions">Quantity, by symbol.</param>
/// <param name="Cost">What the open positions of derivatives cost, signed, by currency.</param>
/// <param name="Orders">Orders that work.</param>
/// <param name="Cash">The wallet, by currency.</param>
internal sealed record AccountThere(
    IReadOnlyDictionary<string, decimal> Positions,
    IReadOnlyDictionary<string, decimal> Cost,
    int Orders,
    IReadOnlyDictionary<string, decimal> Cash);

/// <summary>A local exchange, a configuration that trades on it, and live runs as processes of their own.</summary>
internal sealed class LiveRig : IAsyncDisposable
{
    internal const string Key = "sandbox-key-1";
    internal const string Secret = "sandbox-secret-1";
    private const int LookEveryMilliseconds = 5;

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(180);

    private readonly ManualResetEventSlim _look = new(false);

    private readonly TemporaryFolder _folder = new();
    private readonly SandboxServer _sandbox;

    private LiveRig(SandboxServer sandbox, Action<JsonNode>? change, string example)
    {
        _sandbox = sandbox;
        JsonNode root = JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Root, "examples", example)))!;
        string stream = sandbox.WebSocket.ToString().TrimEnd('/');
        foreach (JsonNode? place in (JsonNode?[])[root["live"], .. root["live"]!["also"]?.AsArray() ?? []])
        {
            bool isBybit = place!["venue"]?.GetValue<string>() != "alpaca";
            JsonNode access = place["access"]!;
            access["rest"] = sandbox.Http.ToString().TrimEnd('/');
            access["public"] = isBybit ? stream + "/v5/public" : stream;
            access["private"] = isBybit ? stream + "/v5/private" : stream + "/stream";
            if (isBybit)
            {
                access["trade"] = stream + "/v5/trade";
            }
        }

        root["session"]!["journal"]!["segmentMiB"] = 1;
        root["session"]!["journal"]!["durability"] = "written";

        // What is adopted after a kill is compared to the last decimal.
        root["risk"]!["reconcile"]!["costTolerancePpm"] = 0;
        change?.Invoke(root);
        File.WriteAllText(Configuration, root.ToJsonString());
    }

    internal string Configuration => Path.Combine(_folder.Path, "live.json");

    /// <summary>The configuration without strategies that are loaded: what is asked of it here needs none.</summary>
    internal EngineConfiguration Settings
    {
        get
        {
            JsonNode root = JsonNode.Parse(File.ReadAllBytes(Configuration))!;
            JsonArray strategies = root["strategies"]!.AsArray();
            for (int i = strategies.Count - 1; i >= 0; i--)
            {
                if (strategies[i]!["assembly"] is not null)
                {
                    strategies.RemoveAt(i);
                }
            }

            return EngineConfiguration.FromJson(
                System.Text.Encoding.UTF8.GetBytes(root.ToJsonString()), "live.json", BuiltInStrategies.Catalogue).Configuration!;
        }
    }

    internal string Run => Path.Combine(_folder.Path, "run");

    internal string Folder => _folder.Path;

    /// <summary>Where the exchange tells of an account.</summary>
    internal string PrivateAddress => _sandbox.WebSocket.ToString().TrimEnd('/') + "/v5/private";

    internal static async Task<LiveRig> StartAsync(
        Action<JsonNode>? change = null, SandboxOptions? options = null, string example = "live-sandbox.json") =>
        new(await SandboxServer.StartAsync(options ?? new SandboxOptions { RateFactor = 20 }), change, example);

    internal static Dictionary<string, string> Keys(string secret = Secret) => new()
    {
        ["LOWLATENCY_BYBIT_KEY"] = Key,
        ["LOWLATENCY_BYBIT_SECRET"] = secret,
        ["LOWLATENCY_ALPACA_KEY"] = Key,
        ["LOWLATENCY_ALPACA_SECRET"] = secret,
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

    /// <summary>Reads the accounts at the exchange, by lists alone: no stream, nothing that a run believes.</summary>
    internal AccountThere Read()
    {
        EngineConfiguration configuration = Settings;
        LiveClock clock = new();
        KillLatch kill = new();
        kill.Set();
        using SocketTransport transport = new(clock, kill);
        using Credentials credentials = Credentials.Of(Key, Secret);
        LiveAccounts accounts = LiveVenues.Of(
            configuration, [.. configuration.Live!.Places.Select(_ => credentials)], transport, kill, clock.Now).Accounts;
        Dictionary<int, InstrumentDefined> rules = [];
        Dictionary<string, decimal> positions = [];
        Dictionary<string, decimal> cost = [];
        Dictionary<string, decimal> cash = [];
        Dictionary<EventSource, int> orders = [];
        HashSet<EventSource> whole = [];
        long start = Stopwatch.GetTimestamp();
        long asked = long.MaxValue;
        Event e = default;

        // The first reading may begin before the instruments are known: one that began with all of them counts.
        while (whole.Count < accounts.All.Length)
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < _patience, "the exchange is not read: " + accounts.Gate);
            if (!accounts.Poll(clock.Now, ref e))
            {
                Thread.Yield();
                continue;
            }

            accounts.OnEvent(e);
            bool isItem = (e.Flags & EventFlags.ReadBack) != 0;
            switch (e.Kind)
            {
                case EventKind.InstrumentDefined:
                    rules[e.Instrument.Value] = e.InstrumentDefined;
                    if (asked == long.MaxValue && rules.Count == configuration.Live.Instruments.Length)
                    {
                        asked = clock.Now;
                        foreach (LiveVenue account in accounts.All)
                        {
                            Ask(account, asked);
                        }
                    }

                    break;
                case EventKind.ReadBack when e.ReadBack is { Stage: ReadBackStage.Begin, Subject: ReadBackSubject.Orders }:
                    orders[e.Source] = 0;
                    break;
                case EventKind.ReadBack when e.ReadBack is { Stage: ReadBackStage.Begin, Subject: ReadBackSubject.Positions }:
                    foreach (LiveInstrument own in configuration.Live.Instruments.Where(instrument => instrument.Venue == e.Source))
                    {
                        positions.Remove(own.Symbol);
                        cost.Remove(own.Venue == EventSource.Bybit ? "USDT" : "USD");
                    }

                    break;
                case EventKind.ReadBack when e.ReadBack is { Stage: ReadBackStage.End, Subject: ReadBackSubject.Balances }:
                    LiveVenue read = accounts.All.Single(account => account.Source == e.Source);
                    if (read.ReadSince >= asked)
                    {
                        whole.Add(e.Source);
                    }
                    else if (asked != long.MaxValue)
                    {
                        Ask(read, clock.Now);
                    }

                    break;
                case EventKind.OrderReport when isItem && e.OrderReport.Status == OrderStatus.Accepted:
                    orders[e.Source]++;
                    break;
                case EventKind.PositionReport when isItem:
                    InstrumentDefined its = rules[e.Instrument.Value];
                    decimal quantity = e.PositionReport.Quantity / (decimal)Instrument.PowerOf10(its.QuantityExponent);
                    positions[configuration.Live.Instruments[e.Instrument.Value - 1].Symbol] = quantity;
                    if (its.InstrumentKind == InstrumentKind.Linear)
                    {
                        string currency = its.Currency.ToString();
                        cost[currency] = cost.GetValueOrDefault(currency) + (e.PositionReport.AveragePrice / 1_000_000_000m * quantity);
                    }

                    break;
                case EventKind.BalanceReport when isItem && e.BalanceReport.Currency.ToString().Length > 0:
                    cash[e.BalanceReport.Currency.ToString()] = e.BalanceReport.Cash / 100_000_000m;
                    break;
            }
        }

        return new AccountThere(positions, cost, orders.Values.Sum(), cash);
    }

    private static void Ask(LiveVenue account, long now)
    {
        Event ask = new() { ReceivedAt = now, Source = EventSource.Engine, Flags = EventFlags.Whole };
        ask.Set(new ReadBack { Subject = ReadBackSubject.All, Stage = ReadBackStage.Asked, Venue = account.Source });
        account.OnEvent(ask);
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
        AccountThere there = Read();
        using JsonDocument result = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Run, "result.json")));
        JsonElement root = result.RootElement;
        Dictionary<string, decimal> cost = [];
        executions = 0;
        foreach (JsonElement instrument in root.GetProperty("instruments").EnumerateArray())
        {
            string symbol = instrument.GetProperty("symbol").GetString()!;
            decimal Number(string name) => decimal.Parse(instrument.GetProperty(name).GetString()!, CultureInfo.InvariantCulture);
            Assert.Equal(there.Positions.GetValueOrDefault(symbol), Number("position"));
            executions += instrument.GetProperty("executions").GetInt32();
            if (Settings.Live!.Instruments.Single(known => known.Symbol == symbol).Kind == InstrumentKind.Linear)
            {
                string currency = instrument.GetProperty("currency").GetString()!;
                cost[currency] = cost.GetValueOrDefault(currency)
                    + (Number("position") * Number("lastPrice")) - Number("unrealised");
            }
        }

        Assert.Equal(there.Orders, root.GetProperty("openOrders").GetInt32());
        foreach (JsonElement money in root.GetProperty("currencies").EnumerateArray())
        {
            string currency = money.GetProperty("currency").GetString()!;
            decimal ours = decimal.Parse(money.GetProperty("cash").GetString()!, CultureInfo.InvariantCulture);
            decimal theirs = there.Cash[currency];
            Assert.InRange(
                (ours - cost.GetValueOrDefault(currency)) - (theirs - there.Cost.GetValueOrDefault(currency)),
                -averageIsCutAt,
                averageIsCutAt);
            if (!wasCut)
            {
                Assert.Equal(theirs, ours);
            }
        }
    }

    /// <summary>The journal replays to the same decisions, bit for bit.</summary>
    internal void AssertReplays()
    {
        Finished replay = EngineProcess.Run("replay", "--verify", Run);
        Assert.True(replay.ExitCode == 0, replay.Output + replay.Error);
        Assert.EndsWith("equal", replay.Output.TrimEnd(), StringComparison.Ordinal);
    }

    /// <summary>
    /// Orders of the journal's commands and of the exchange: at most one there for each here, and each there is known. A change at
    /// Alpaca is an order of its own there.
    /// </summary>
    internal (int Asked, int There) OrdersOf(JsonElement account)
    {
        LiveConfiguration live = Settings.Live!;
        HashSet<long> asked = [];
        int changes = 0;
        AuditReader audit = new(new PosixStorage(), Run);
        using (audit)
        {
            AuditGroup group = new();
            while (audit.Read(group) == ReadResult.Event)
            {
                for (int i = 0; !group.IsCheckpoint && i < group.Decision.CommandCount; i++)
                {
                    ref readonly Command command = ref group.Decision.Commands[i];
                    bool isReplaced = live.Instruments[command.Instrument.Value - 1].Venue == EventSource.Alpaca;
                    changes += command.Verb == CommandVerb.Amend && isReplaced ? 1 : 0;
                    if (command.Verb == CommandVerb.New)
                    {
                        Assert.True(asked.Add(command.Order.Packed), "an order was asked for twice");
                    }
                }
            }
        }

        return (
            asked.Count + changes,
            account.GetProperty("bybitOrders").GetInt32() + account.GetProperty("alpacaOrders").GetInt32());
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
