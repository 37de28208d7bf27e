using System.Collections.Generic;
using LowLatency.Core.Values;

namespace LowLatency.Gateways.Bybit;

/// <summary>Where orders go.</summary>
public enum BybitEnvironment : byte
{
    /// <summary>The real one: real money.</summary>
    Mainnet = 0,

    /// <summary>The test network: its own market, its own keys.</summary>
    Testnet,

    /// <summary>Demo trading: the real market, no real money, orders by request only.</summary>
    Demo,
}

/// <summary>The addresses of an environment.</summary>
/// <param name="Rest">Requests.</param>
/// <param name="Public">Market data, without the category at its end.</param>
/// <param name="Private">What happens to the account.</param>
/// <param name="Trade">Order entry; null where there is none and orders go by request.</param>
public sealed record BybitHosts(string Rest, string Public, string Private, string? Trade)
{
    /// <summary>The venue's addresses of an environment.</summary>
    /// <param name="environment">Which one.</param>
    /// <returns>Its addresses.</returns>
    public static BybitHosts Of(BybitEnvironment environment) => environment switch
    {
        BybitEnvironment.Mainnet => At("api.bybit.com", "stream.bybit.com"),
        BybitEnvironment.Testnet => At("api-testnet.bybit.com", "stream-testnet.bybit.com"),
        BybitEnvironment.Demo => new(
            "https://api-demo.bybit.com",
            "wss://stream.bybit.com/v5/public",
            "wss://stream-demo.bybit.com/v5/private",
            null),
    };

    /// <summary>The addresses below two hosts, encrypted.</summary>
    private static BybitHosts At(string rest, string stream) => new(
        "https://" + rest,
        "wss://" + stream + "/v5/public",
        "wss://" + stream + "/v5/private",
        "wss://" + stream + "/v5/trade");
}

/// <summary>An instrument that is traded.</summary>
/// <param name="Id">Its number here.</param>
/// <param name="Symbol">The venue's name.</param>
/// <param name="Kind">Spot or linear.</param>
public sealed record BybitInstrument(InstrumentId Id, string Symbol, InstrumentKind Kind);

/// <summary>What an account at Bybit is used with.</summary>
public sealed record BybitSettings
{
    /// <summary>Addresses.</summary>
    public required BybitHosts Hosts { get; init; }

    /// <summary>The instance that client order ids carry: orders of any other are foreign.</summary>
    public required ushort Instance { get; init; }

    /// <summary>The instruments.</summary>
    public required IReadOnlyList<BybitInstrument> Instruments { get; init; }

    /// <summary>
    /// Milliseconds for which a request for a new or changed order is good, counted from the event that caused it: the venue
    /// refuses it afterwards. 500 to 5,000.
    /// </summary>
    public int ReceiveWindow { get; init; } = 2_000;

    /// <summary>Nanoseconds between two read-backs of the account.</summary>
    public long ReadBackInterval { get; init; } = 30_000_000_000;

    /// <summary>Executions are read back from here on, nanoseconds since 1970 UTC; 0 for the last day.</summary>
    public long ExecutionsFrom { get; init; }

    /// <summary>
    /// False where the lists of the account are read whatever becomes of the stream that would tell of changes: for a process that
    /// only cancels and reads, and must not depend on a stream for it.
    /// </summary>
    public bool NeedsStream { get; init; } = true;

    /// <summary>Seed of the pauses before a new connection.</summary>
    public ulong Seed { get; init; }

    /// <summary>Depth of the books: 1, 50, 200 or 1,000 levels.</summary>
    public int BookDepth { get; init; } = 50;
}
