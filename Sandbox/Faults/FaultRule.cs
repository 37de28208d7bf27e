using System;

namespace LowLatency.Sandbox.Faults;

/// <summary>Ways on which a sandbox speaks.</summary>
public enum SandboxChannel
{
    /// <summary>REST of Bybit.</summary>
    BybitRest,

    /// <summary>Market streams of Bybit.</summary>
    BybitPublic,

    /// <summary>The stream of an account at Bybit.</summary>
    BybitPrivate,

    /// <summary>Order entry of Bybit over WebSocket.</summary>
    BybitTrade,

    /// <summary>REST of Alpaca.</summary>
    AlpacaRest,

    /// <summary>The stream of an account at Alpaca.</summary>
    AlpacaOrders,

    /// <summary>Market streams of Alpaca.</summary>
    AlpacaData,
}

/// <summary>What goes wrong.</summary>
public enum FaultKind
{
    /// <summary>The answer, or the message of a stream, is never sent; a request was carried out.</summary>
    Drop,

    /// <summary>It comes later; what follows on the same stream waits behind it.</summary>
    Delay,

    /// <summary>The message of a stream comes twice.</summary>
    Duplicate,

    /// <summary>The message of a stream comes after the one that follows it.</summary>
    Reorder,

    /// <summary>Some of its bytes are others.</summary>
    Garble,

    /// <summary>From then on the connection is silent in both directions and stays open; a request is not carried out.</summary>
    HalfOpen,

    /// <summary>The connection ends after some bytes of it; a request was carried out.</summary>
    Cut,

    /// <summary>The request is refused: 10006 at Bybit, HTTP 429 at Alpaca; it is not carried out.</summary>
    RateLimit,

    /// <summary>The request fails with an HTTP status, on order entry with 10016; it is not carried out.</summary>
    Error,

    /// <summary>The request is lost on its way: not carried out, no answer.</summary>
    LoseRequest,

    /// <summary>The request is carried out and never answered; the connection stays open.</summary>
    AcceptThenTimeout,

    /// <summary>All connections of the venue end, and for a while it takes no new ones; orders stay.</summary>
    Restart,
}

/// <summary>A scripted fault: what happens to which messages of a channel.</summary>
public sealed record FaultRule
{
    /// <summary>Longest time in milliseconds: one hour.</summary>
    public const int TimeMax = 3_600_000;

    /// <summary>What goes wrong.</summary>
    public required FaultKind Kind { get; init; }

    /// <summary>Where.</summary>
    public required SandboxChannel Channel { get; init; }

    /// <summary>
    /// Text that a message must hold to count: of a request its method, path, query and body, else the message; empty for any.
    /// </summary>
    public string Match { get; init; } = string.Empty;

    /// <summary>The first of the messages that count which is hit, from 1.</summary>
    public int Nth { get; init; } = 1;

    /// <summary>After the first every so many are hit, from 1.</summary>
    public int Every { get; init; } = 1;

    /// <summary>So many are hit; 0 for no end.</summary>
    public int Count { get; init; } = 1;

    /// <summary>Chance of a hit in millionths, drawn from the sandbox's seed.</summary>
    public int ChancePpm { get; init; } = 1_000_000;

    /// <summary>Milliseconds after it was armed from which on messages count.</summary>
    public int AfterMs { get; init; }

    /// <summary>Milliseconds after it was armed from which on none counts; 0 for never.</summary>
    public int UntilMs { get; init; }

    /// <summary>
    /// Milliseconds of a delay or restart; longest silence of accept-then-timeout, 0 for as long as the client stays; longest that
    /// a reordered message waits for the next one, 0 for 250.
    /// </summary>
    public int Ms { get; init; }

    /// <summary>Bytes of a cut message that are still sent, 0 for none.</summary>
    public int Bytes { get; init; }

    /// <summary>HTTP status of an error, 500 to 599.</summary>
    public int Status { get; init; } = 503;

    internal bool IsOfRequests => Kind is FaultKind.RateLimit or FaultKind.Error or FaultKind.LoseRequest or FaultKind.AcceptThenTimeout;

    internal static bool IsRest(SandboxChannel channel) => channel is SandboxChannel.BybitRest or SandboxChannel.AlpacaRest;

    /// <summary>What is wrong with it.</summary>
    /// <returns>Null when nothing is.</returns>
    public string? Problem()
    {
        if (IsOfRequests && !IsRest(Channel) && Channel != SandboxChannel.BybitTrade)
        {
            return $"{FaultNames.Of(Kind)} is a fault of requests: allowed on bybit.rest, bybit.trade and alpaca.rest";
        }

        if (Kind is FaultKind.Duplicate or FaultKind.Reorder && IsRest(Channel))
        {
            return $"{FaultNames.Of(Kind)} is a fault of streams: not allowed on {FaultNames.Of(Channel)}";
        }

        if (Match.Length > 200)
        {
            return "match has more than 200 characters";
        }

        return Nth < 1 || Every < 1 || Count < 0 ? "nth and every are at least 1, count at least 0"
            : ChancePpm is < 0 or > 1_000_000 ? "chancePpm is 0 to 1000000"
            : AfterMs is < 0 or > TimeMax || UntilMs is < 0 or > TimeMax || Ms is < 0 or > TimeMax ? $"times are 0 to {TimeMax} ms"
            : Kind is FaultKind.Delay or FaultKind.Restart && Ms == 0 ? $"{FaultNames.Of(Kind)} needs ms"
            : Bytes is < 0 or > 1 << 20 ? "bytes is 0 to 1048576"
            : Status is < 500 or > 599 ? "status is 500 to 599"
            : null;
    }
}

/// <summary>Names of faults and channels as files spell them.</summary>
public static class FaultNames
{
    private static readonly string[] Channels =
        ["bybit.rest", "bybit.public", "bybit.private", "bybit.trade", "alpaca.rest", "alpaca.orders", "alpaca.data"];

    private static readonly string[] Kinds =
    [
        "drop", "delay", "duplicate", "reorder", "garble", "half-open", "cut", "rate-limit", "error", "lose-request",
        "accept-then-timeout", "restart",
    ];

    /// <summary>All channels, for messages.</summary>
    public static string AllChannels => string.Join(", ", Channels);

    /// <summary>All kinds, for messages.</summary>
    public static string AllKinds => string.Join(", ", Kinds);

    /// <summary>The name of a channel.</summary>
    /// <param name="channel">The channel.</param>
    /// <returns>Its name.</returns>
    public static string Of(SandboxChannel channel) => Channels[(int)channel];

    /// <summary>The name of a kind.</summary>
    /// <param name="kind">The kind.</param>
    /// <returns>Its name.</returns>
    public static string Of(FaultKind kind) => Kinds[(int)kind];

    /// <summary>The channel of a name.</summary>
    /// <param name="name">The name.</param>
    /// <param name="channel">The channel.</param>
    /// <returns>False when there is none of that name.</returns>
    public static bool TryChannel(string? name, out SandboxChannel channel)
    {
        int index = Array.IndexOf(Channels, name);
        channel = (SandboxChannel)Math.Max(0, index);
        return index >= 0;
    }

    /// <summary>The kind of a name.</summary>
    /// <param name="name">The name.</param>
    /// <param name="kind">The kind.</param>
    /// <returns>False when there is none of that name.</returns>
    public static bool TryKind(string? name, out FaultKind kind)
    {
        int index = Array.IndexOf(Kinds, name);
        kind = (FaultKind)Math.Max(0, index);
        return index >= 0;
    }
}
