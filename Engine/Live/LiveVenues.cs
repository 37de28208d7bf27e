using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Engine.Configuration;
using LowLatency.Gateways.Alpaca;
using LowLatency.Gateways.Bybit;
using LowLatency.Gateways.Live;
using LowLatency.Gateways.Wire;

namespace LowLatency.Engine.Live;

/// <summary>The accounts and the markets of a configuration.</summary>
/// <param name="Accounts">Take commands, report.</param>
/// <param name="Markets">Market data.</param>
internal sealed record LiveVenues(LiveAccounts Accounts, LiveMarkets Markets)
{
    /// <summary>Makes them; they connect when they are polled.</summary>
    /// <param name="configuration">The configuration, with a live section.</param>
    /// <param name="credentials">A key for each of its places.</param>
    /// <param name="transport">Connections.</param>
    /// <param name="kill">The kill switch.</param>
    /// <param name="executionsFrom">Executions count from here on, nanoseconds since 1970 UTC.</param>
    /// <param name="byRequests">True for accounts that only cancel and read, by requests alone.</param>
    internal static LiveVenues Of(
        EngineConfiguration configuration,
        IReadOnlyList<Credentials> credentials,
        ITransport transport,
        KillLatch kill,
        long executionsFrom,
        bool byRequests = false)
    {
        ImmutableArray<LivePlace> places = configuration.Live!.Places;
        LiveVenue[] accounts = new LiveVenue[places.Length];
        IMarketFeed[] markets = new IMarketFeed[places.Length];
        int[] instruments = new int[places.Length];
        for (int i = 0; i < places.Length; i++)
        {
            instruments[i] = places[i].Instruments.Length;
            (accounts[i], markets[i]) = places[i].Venue == EventSource.Bybit
                ? Bybit(configuration, places[i], credentials[i], transport, kill, executionsFrom, byRequests)
                : Alpaca(configuration, places[i], credentials[i], transport, kill, byRequests);
        }

        return new LiveVenues(new LiveAccounts([.. accounts], instruments), new LiveMarkets([.. markets]));
    }

    /// <summary>Makes what takes orders away where no run can: by requests alone, with accounts that can send no order.</summary>
    /// <param name="configuration">The configuration, with a live section.</param>
    /// <param name="credentials">A key for each of its places.</param>
    /// <param name="transport">Connections of its own.</param>
    /// <param name="scope">Which orders.</param>
    /// <param name="now">Nanoseconds since 1970 UTC.</param>
    internal static AccountSweep Sweep(
        EngineConfiguration configuration, IReadOnlyList<Credentials> credentials, ITransport transport, SweepScope scope, long now)
    {
        KillLatch kill = new();
        kill.Set();
        return new AccountSweep(Of(configuration, credentials, transport, kill, now, byRequests: true).Accounts, scope);
    }

    /// <summary>The venues and where requests to them go, for people.</summary>
    internal static string NameOf(LiveConfiguration live)
    {
        List<string> names = [];
        foreach (LivePlace place in live.Places)
        {
            names.Add((place.Venue == EventSource.Bybit ? "bybit " : "alpaca ") + RestOf(place));
        }

        return string.Join(", ", names);
    }

    /// <summary>Where requests to a place go.</summary>
    internal static string RestOf(LivePlace place) =>
        place.Venue == EventSource.Bybit ? BybitHostsOf(place).Rest : AlpacaHostsOf(place).Rest;

    /// <summary>Everything that orders of a place go to, and that tells of them.</summary>
    internal static IReadOnlyList<string> AddressesOf(LivePlace place)
    {
        if (place.Venue == EventSource.Alpaca)
        {
            AlpacaHosts alpaca = AlpacaHostsOf(place);
            return [alpaca.Rest, alpaca.Orders];
        }

        BybitHosts bybit = BybitHostsOf(place);
        return bybit.Trade is null ? [bybit.Rest, bybit.Private] : [bybit.Rest, bybit.Private, bybit.Trade];
    }

    /// <summary>
    /// True where orders may move real money: at the venue itself, and at given addresses unless the sandbox answers at every one
    /// of them.
    /// </summary>
    /// <param name="live">The configuration.</param>
    /// <param name="isSandbox">Asks an address whether it is the sandbox, on this machine.</param>
    internal static bool IsRealMoney(LiveConfiguration live, Func<Uri, bool> isSandbox)
    {
        foreach (LivePlace place in live.Places)
        {
            if (place.Environment is LiveEnvironment.Mainnet or LiveEnvironment.Live)
            {
                return true;
            }

            foreach (string address in place.Environment == LiveEnvironment.Custom ? AddressesOf(place) : [])
            {
                if (!isSandbox(new Uri(address)))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static (LiveVenue Account, IMarketFeed Market) Bybit(
        EngineConfiguration configuration,
        LivePlace place,
        Credentials credentials,
        ITransport transport,
        KillLatch kill,
        long executionsFrom,
        bool byRequests)
    {
        BybitHosts hosts = BybitHostsOf(place);
        List<BybitInstrument> instruments = [];
        foreach (LiveInstrument instrument in place.Instruments)
        {
            instruments.Add(new BybitInstrument(IdOf(place, instruments.Count), instrument.Symbol, instrument.Kind));
        }

        BybitSettings settings = new()
        {
            Hosts = byRequests ? hosts with { Trade = null } : hosts,
            NeedsStream = !byRequests,
            Instance = configuration.Instance,
            Instruments = instruments,
            ReceiveWindow = place.ReceiveWindow,
            ReadBackInterval = place.ReadBackInterval,
            ExecutionsFrom = executionsFrom,
            Seed = configuration.Seed,
            BookDepth = place.BookDepth,
        };
        InstrumentTable table = new();
        return (new BybitVenue(settings, credentials, table, transport, kill), new BybitMarketData(settings, table, transport));
    }

    private static (LiveVenue Account, IMarketFeed Market) Alpaca(
        EngineConfiguration configuration,
        LivePlace place,
        Credentials credentials,
        ITransport transport,
        KillLatch kill,
        bool byRequests)
    {
        List<AlpacaInstrument> instruments = [];
        foreach (LiveInstrument instrument in place.Instruments)
        {
            instruments.Add(new AlpacaInstrument(IdOf(place, instruments.Count), instrument.Symbol, instrument.Kind));
        }

        AlpacaSettings settings = new()
        {
            Hosts = AlpacaHostsOf(place),
            NeedsStream = !byRequests,
            Instance = configuration.Instance,
            Instruments = instruments,
            SendWindow = place.ReceiveWindow,
            AbsenceHold = place.AbsenceHold,
            ReadBackInterval = place.ReadBackInterval,
            Seed = configuration.Seed,
        };
        InstrumentTable table = new();
        return (
            new AlpacaVenue(settings, credentials, table, transport, kill), new AlpacaMarketData(settings, credentials, table, transport));
    }

    private static InstrumentId IdOf(LivePlace place, int index) => new((ushort)(place.FirstInstrument + index));

    private static BybitHosts BybitHostsOf(LivePlace place) => place.Environment switch
    {
        LiveEnvironment.Mainnet => BybitHosts.Of(BybitEnvironment.Mainnet),
        LiveEnvironment.Testnet => BybitHosts.Of(BybitEnvironment.Testnet),
        LiveEnvironment.Demo => BybitHosts.Of(BybitEnvironment.Demo),
        _ => new BybitHosts(place.Access.Rest!, place.Access.Public!, place.Access.Private!, place.Access.Trade),
    };

    private static AlpacaHosts AlpacaHostsOf(LivePlace place) => place.Environment switch
    {
        LiveEnvironment.Live => AlpacaHosts.Of(AlpacaEnvironment.Live, place.Feed),
        LiveEnvironment.Paper => AlpacaHosts.Of(AlpacaEnvironment.Paper, place.Feed),
        _ => new AlpacaHosts(
            place.Access.Rest!,
            place.Access.Private!,
            place.Access.Public! + "/v2/" + place.Feed,
            place.Access.Public! + "/v1beta3/crypto/us"),
    };
}
