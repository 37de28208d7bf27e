using System;
using System.Collections.Generic;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Engine.Configuration;
using LowLatency.Gateways.Bybit;
using LowLatency.Gateways.Live;
using LowLatency.Gateways.Wire;

namespace LowLatency.Engine.Live;

/// <summary>The account and the market of a configuration.</summary>
/// <param name="Account">Takes commands, reports.</param>
/// <param name="Market">Market data.</param>
internal sealed record LiveVenues(BybitVenue Account, BybitMarketData Market)
{
    /// <summary>Makes them; they connect when they are polled.</summary>
    /// <param name="configuration">The configuration, with a live section.</param>
    /// <param name="credentials">The key.</param>
    /// <param name="transport">Connections.</param>
    /// <param name="kill">The kill switch.</param>
    /// <param name="executionsFrom">Executions count from here on, nanoseconds since 1970 UTC.</param>
    internal static LiveVenues Of(
        EngineConfiguration configuration, Credentials credentials, ITransport transport, KillLatch kill, long executionsFrom)
    {
        BybitSettings settings = SettingsOf(configuration, executionsFrom);
        InstrumentTable table = new();
        return new LiveVenues(
            new BybitVenue(settings, credentials, table, transport, kill), new BybitMarketData(settings, table, transport));
    }

    /// <summary>
    /// Makes what takes orders away where no run can: by requests alone, with an account that can send no order.
    /// </summary>
    /// <param name="configuration">The configuration, with a live section.</param>
    /// <param name="credentials">The key.</param>
    /// <param name="transport">Connections of its own.</param>
    /// <param name="scope">Which orders.</param>
    /// <param name="now">Nanoseconds since 1970 UTC.</param>
    internal static AccountSweep Sweep(
        EngineConfiguration configuration, Credentials credentials, ITransport transport, SweepScope scope, long now)
    {
        const long stampAhead = 1_000_000_000;
        const long millisecond = 1_000_000;
        BybitSettings settings = SettingsOf(configuration, now);
        KillLatch kill = new();
        kill.Set();
        return new AccountSweep(
            new BybitVenue(
                settings with { Hosts = settings.Hosts with { Trade = null }, NeedsStream = false },
                credentials,
                new InstrumentTable(),
                transport,
                kill),
            EventSource.Bybit,
            scope,
            (settings.ReceiveWindow * millisecond) + stampAhead);
    }

    private static BybitSettings SettingsOf(EngineConfiguration configuration, long executionsFrom)
    {
        LiveConfiguration live = configuration.Live!;
        List<BybitInstrument> instruments = [];
        foreach (LiveInstrument instrument in live.Instruments)
        {
            instruments.Add(new BybitInstrument(
                new InstrumentId((ushort)(instruments.Count + 1)), instrument.Symbol, instrument.Kind));
        }

        return new BybitSettings
        {
            Hosts = HostsOf(live),
            Instance = configuration.Instance,
            Instruments = instruments,
            ReceiveWindow = live.ReceiveWindow,
            ReadBackInterval = live.ReadBackInterval,
            ExecutionsFrom = executionsFrom,
            Seed = configuration.Seed,
            BookDepth = live.BookDepth,
        };
    }

    /// <summary>The addresses of a configuration.</summary>
    internal static BybitHosts HostsOf(LiveConfiguration live) => live.Environment switch
    {
        LiveEnvironment.Mainnet => BybitHosts.Of(BybitEnvironment.Mainnet),
        LiveEnvironment.Testnet => BybitHosts.Of(BybitEnvironment.Testnet),
        LiveEnvironment.Demo => BybitHosts.Of(BybitEnvironment.Demo),
        LiveEnvironment.Custom => new BybitHosts(
            live.Access.Rest!, live.Access.Public!, live.Access.Private!, live.Access.Trade),
    };

    /// <summary>True where orders may move real money: at the venue itself, and at any other machine that nobody here knows.</summary>
    internal static bool IsRealMoney(LiveConfiguration live)
    {
        if (live.Environment != LiveEnvironment.Custom)
        {
            return live.Environment == LiveEnvironment.Mainnet;
        }

        BybitHosts hosts = HostsOf(live);
        foreach (string? address in (ReadOnlySpan<string?>)[hosts.Rest, hosts.Private, hosts.Trade])
        {
            if (address is not null && !new Uri(address).IsLoopback)
            {
                return true;
            }
        }

        return false;
    }
}
