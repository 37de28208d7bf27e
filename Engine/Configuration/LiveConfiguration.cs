using System.Collections.Immutable;
using LowLatency.Core.Events;
using LowLatency.Core.Values;

namespace LowLatency.Engine.Configuration;

/// <summary>Where a live run's orders go.</summary>
public enum LiveEnvironment
{
    /// <summary>Bybit itself: real money.</summary>
    Mainnet,

    /// <summary>Bybit's test network.</summary>
    Testnet,

    /// <summary>Bybit's demo trading: its real market, no real money.</summary>
    Demo,

    /// <summary>Alpaca itself: real money.</summary>
    Live,

    /// <summary>Alpaca's paper trading: its real market, no real money.</summary>
    Paper,

    /// <summary>Given addresses: a sandbox on this machine, or anything else, which then counts as real money.</summary>
    Custom,
}

/// <summary>What becomes of working orders when a live run is stopped.</summary>
public enum StopPolicy
{
    /// <summary>They are cancelled, and the venue is read until it has none.</summary>
    Cancel,

    /// <summary>They work on, unattended.</summary>
    Leave,
}

/// <summary>One instrument of a live run.</summary>
/// <param name="Symbol">The venue's name of it, and the strategies'.</param>
/// <param name="Kind">Spot, linear or equity.</param>
/// <param name="Venue">Where it is traded.</param>
public sealed record LiveInstrument(string Symbol, InstrumentKind Kind, EventSource Venue);

/// <summary>A live run.</summary>
public sealed record LiveConfiguration
{
    /// <summary>The venues, each once.</summary>
    public required ImmutableArray<LivePlace> Places { get; init; }

    /// <summary>The instruments of all venues; the first has number 1.</summary>
    public required ImmutableArray<LiveInstrument> Instruments { get; init; }

    /// <summary>What becomes of working orders at a stop.</summary>
    public required StopPolicy OnStop { get; init; }

    /// <summary>Who is told: decides nothing.</summary>
    public required LiveAccess Access { get; init; }
}

/// <summary>An account at a venue that a live run trades on.</summary>
public sealed record LivePlace
{
    /// <summary>The venue.</summary>
    public required EventSource Venue { get; init; }

    /// <summary>Where orders go.</summary>
    public required LiveEnvironment Environment { get; init; }

    /// <summary>Numbers of the accounts that may be traded.</summary>
    public required ImmutableArray<string> Accounts { get; init; }

    /// <summary>Number of its first instrument.</summary>
    public required int FirstInstrument { get; init; }

    /// <summary>Its instruments.</summary>
    public required ImmutableArray<LiveInstrument> Instruments { get; init; }

    /// <summary>Levels of the books, at Bybit.</summary>
    public required int BookDepth { get; init; }

    /// <summary>Data of shares, at Alpaca.</summary>
    public required string Feed { get; init; }

    /// <summary>Milliseconds for which a new or changed order is good on its way.</summary>
    public required int ReceiveWindow { get; init; }

    /// <summary>Nanoseconds between two readings of the account.</summary>
    public required long ReadBackInterval { get; init; }

    /// <summary>Nanoseconds for which an order that Alpaca shows nowhere stays in doubt.</summary>
    public required long AbsenceHold { get; init; }

    /// <summary>How the venue is reached: decides nothing.</summary>
    public required LivePlaceAccess Access { get; init; }
}

/// <summary>How a venue is reached.</summary>
public sealed record LivePlaceAccess
{
    /// <summary>Address of requests; null for the environment's.</summary>
    public string? Rest { get; init; }

    /// <summary>Address of the market's streams, without what is the market's; null for the environment's.</summary>
    public string? Public { get; init; }

    /// <summary>Address of the account's stream; null for the environment's.</summary>
    public string? Private { get; init; }

    /// <summary>Address of the order-entry stream; null for the environment's, or for none.</summary>
    public string? Trade { get; init; }

    /// <summary>File of key and secret; null for variables of the environment.</summary>
    public string? KeyFile { get; init; }

    /// <summary>What the names of the variables begin with; KEY and SECRET follow.</summary>
    public required string KeyVariables { get; init; }
}

/// <summary>Who is told of what happens.</summary>
public sealed record LiveAccess
{
    /// <summary>Program that is told of each alert on its standard input; null for none.</summary>
    public string? AlertCommand { get; init; }

    /// <summary>Address to which each alert is posted; null for none.</summary>
    public string? AlertWebhook { get; init; }
}
