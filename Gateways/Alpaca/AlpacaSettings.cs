using System.Collections.Generic;
using LowLatency.Core.Values;

namespace LowLatency.Gateways.Alpaca;

/// <summary>Where orders go.</summary>
public enum AlpacaEnvironment : byte
{
    /// <summary>Simulated by the venue: no real money, keys of its own.</summary>
    Paper = 0,

    /// <summary>The real one: real money.</summary>
    Live,
}

/// <summary>The addresses of an environment.</summary>
/// <param name="Rest">Requests about the account.</param>
/// <param name="Orders">The stream of orders.</param>
/// <param name="Stocks">Market data of stocks.</param>
/// <param name="Crypto">Market data of crypto.</param>
public sealed record AlpacaHosts(string Rest, string Orders, string Stocks, string Crypto)
{
    /// <summary>The venue's addresses of an environment.</summary>
    /// <param name="environment">Which one.</param>
    /// <param name="feed">Which data of stocks: iex for every account, sip with a subscription.</param>
    /// <returns>Its addresses.</returns>
    public static AlpacaHosts Of(AlpacaEnvironment environment, string feed)
    {
        string host = environment == AlpacaEnvironment.Live ? "api.alpaca.markets" : "paper-api.alpaca.markets";
        const string data = "wss://stream.data.alpaca.markets";
        return new AlpacaHosts("https://" + host, "wss://" + host + "/stream", data + "/v2/" + feed, data + "/v1beta3/crypto/us");
    }
}

/// <summary>An instrument that is traded.</summary>
/// <param name="Id">Its number here.</param>
/// <param name="Symbol">The venue's name.</param>
/// <param name="Kind">Equity, or spot for crypto.</param>
public sealed record AlpacaInstrument(InstrumentId Id, string Symbol, InstrumentKind Kind);

/// <summary>What an account at Alpaca is used with.</summary>
public sealed record AlpacaSettings
{
    /// <summary>Addresses.</summary>
    public required AlpacaHosts Hosts { get; init; }

    /// <summary>The instance that client order ids carry: orders of any other are foreign.</summary>
    public required ushort Instance { get; init; }

    /// <summary>The instruments.</summary>
    public required IReadOnlyList<AlpacaInstrument> Instruments { get; init; }

    /// <summary>
    /// Milliseconds after the event that caused it in which a request for a new or changed order may leave. 500 to 5,000. The
    /// venue itself knows no such limit.
    /// </summary>
    public int SendWindow { get; init; } = 2_000;

    /// <summary>
    /// False where the lists of the account are read whatever becomes of the stream that would tell of changes: for a process that
    /// only cancels and reads, and must not depend on a stream for it.
    /// </summary>
    public bool NeedsStream { get; init; } = true;

    /// <summary>Requests of a minute that the account may make; the venue's word corrects it.</summary>
    public int RequestsPerMinute { get; init; } = 200;

    /// <summary>Nanoseconds between two read-backs of the account.</summary>
    public long ReadBackInterval { get; init; } = 30_000_000_000;

    /// <summary>
    /// Nanoseconds for which an order that was found nowhere stays in doubt all the same: the venue takes a request however old it
    /// is, so what hangs on its way may still arrive.
    /// </summary>
    public long AbsenceHold { get; init; } = 60_000_000_000;

    /// <summary>Seed of the pauses before a new connection.</summary>
    public ulong Seed { get; init; }
}
