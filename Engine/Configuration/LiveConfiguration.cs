using System.Collections.Immutable;
using LowLatency.Core.Values;

namespace LowLatency.Engine.Configuration;

/// <summary>Where a live run's orders go.</summary>
public enum LiveEnvironment
{
    /// <summary>The venue itself: real money.</summary>
    Mainnet,

    /// <summary>The venue's test network.</summary>
    Testnet,

    /// <summary>The venue's demo trading: its real market, no real money.</summary>
    Demo,

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
/// <param name="Kind">Spot or linear.</param>
public sealed record LiveInstrument(string Symbol, InstrumentKind Kind);

/// <summary>A live run.</summary>
public sealed record LiveConfiguration
{
    /// <summary>Where orders go.</summary>
    public required LiveEnvironment Environment { get; init; }

    /// <summary>Numbers of the accounts that may be traded.</summary>
    public required ImmutableArray<string> Accounts { get; init; }

    /// <summary>The instruments; the first has number 1.</summary>
    public required ImmutableArray<LiveInstrument> Instruments { get; init; }

    /// <summary>Levels of the books.</summary>
    public required int BookDepth { get; init; }

    /// <summary>Milliseconds for which a new or changed order is good on its way.</summary>
    public required int ReceiveWindow { get; init; }

    /// <summary>Nanoseconds between two readings of the account.</summary>
    public required long ReadBackInterval { get; init; }

    /// <summary>What becomes of working orders at a stop.</summary>
    public required StopPolicy OnStop { get; init; }

    /// <summary>How the venue is reached: decides nothing.</summary>
    public required LiveAccess Access { get; init; }
}

/// <summary>How a venue is reached, and who is told.</summary>
public sealed record LiveAccess
{
    /// <summary>Address of requests; null for the environment's.</summary>
    public string? Rest { get; init; }

    /// <summary>Address of the market's streams, without the category; null for the environment's.</summary>
    public string? Public { get; init; }

    /// <summary>Address of the account's stream; null for the environment's.</summary>
    public string? Private { get; init; }

    /// <summary>Address of the order-entry stream; null for the environment's, or for none.</summary>
    public string? Trade { get; init; }

    /// <summary>File of key and secret; null for variables of the environment.</summary>
    public string? KeyFile { get; init; }

    /// <summary>What the names of the variables begin with; KEY and SECRET follow.</summary>
    public required string KeyVariables { get; init; }

    /// <summary>Program that is told of each alert on its standard input; null for none.</summary>
    public string? AlertCommand { get; init; }

    /// <summary>Address to which each alert is posted; null for none.</summary>
    public string? AlertWebhook { get; init; }
}
