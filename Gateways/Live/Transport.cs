using System;

namespace LowLatency.Gateways.Live;

/// <summary>What a connection has to tell.</summary>
public enum ConnectionSignal : byte
{
    /// <summary>Nothing now.</summary>
    Nothing = 0,

    /// <summary>It stands: messages may be sent.</summary>
    Opened,

    /// <summary>A whole message came.</summary>
    Frame,

    /// <summary>It could not be opened, or was lost. What was sent and not answered may or may not have arrived.</summary>
    Closed,

    /// <summary>A message was held back at the last moment: no byte of it has left. The frame is its number, 8 bytes, little-endian.</summary>
    Held,
}

/// <summary>
/// Asked on whichever thread writes to a socket, right before the first byte of a new or changed order would leave: what was
/// allowed when it was handed over may not be any more.
/// </summary>
public interface ISendPermit
{
    /// <summary>True while new and changed orders may leave.</summary>
    bool MaySend { get; }
}

/// <summary>
/// A connection that carries whole messages. It never blocks and is used by one thread; what reads the socket stands behind
/// it. It can be opened again after it was closed.
/// </summary>
public interface IConnection
{
    /// <summary>Starts to open it. <see cref="Poll"/> tells what became of it.</summary>
    void Open();

    /// <summary>Ends it at once. Nothing more is told of this opening.</summary>
    void Close();

    /// <summary>Sends a message.</summary>
    /// <param name="message">The message; copied.</param>
    /// <param name="number">
    /// Its number when it is a new or changed order, which the permit is asked about when its first byte would leave:
    /// <see cref="ConnectionSignal.Held"/> tells when it did not. 0 for any other message.
    /// </param>
    /// <returns>
    /// False when no byte of it leaves: not open, or no room. True means that it may arrive, not that it does.
    /// </returns>
    bool TrySend(ReadOnlySpan<byte> message, long number = 0);

    /// <summary>Takes the next signal.</summary>
    /// <param name="frame">The message, valid until the next call.</param>
    /// <param name="receivedAt">Nanoseconds since 1970 UTC at which it was read from the socket.</param>
    /// <returns>What happened.</returns>
    ConnectionSignal Poll(out ReadOnlySpan<byte> frame, out long receivedAt);
}

/// <summary>Methods of a request.</summary>
public enum RestMethod : byte
{
    /// <summary>Reads.</summary>
    Get = 0,

    /// <summary>Creates or changes.</summary>
    Post,

    /// <summary>Changes.</summary>
    Patch,

    /// <summary>Deletes.</summary>
    Delete,
}

/// <summary>A request.</summary>
public readonly ref struct RestRequest
{
    /// <summary>Its number: the answer carries it.</summary>
    public long Number { get; init; }

    /// <summary>Method.</summary>
    public RestMethod Method { get; init; }

    /// <summary>Path and query, exactly as they are sent.</summary>
    public ReadOnlySpan<byte> Path { get; init; }

    /// <summary>Headers, <c>name: value</c>, each ended by a line feed.</summary>
    public ReadOnlySpan<byte> Headers { get; init; }

    /// <summary>Body; empty for none.</summary>
    public ReadOnlySpan<byte> Body { get; init; }

    /// <summary>True for a new or changed order: the permit is asked when its first byte would leave.</summary>
    public bool NeedsPermit { get; init; }

    /// <summary>Nanoseconds since 1970 UTC after which its first byte must not leave any more.</summary>
    public long SendBefore { get; init; }

    /// <summary>Nanoseconds since 1970 UTC after which no answer is waited for.</summary>
    public long AnswerBefore { get; init; }
}

/// <summary>What became of a request.</summary>
public enum RestOutcome : byte
{
    /// <summary>Never valid.</summary>
    None = 0,

    /// <summary>The whole answer came.</summary>
    Answered,

    /// <summary>No byte of it left.</summary>
    NotSent,

    /// <summary>It may have arrived; there is no whole answer.</summary>
    Unknown,
}

/// <summary>The end of a request.</summary>
public ref struct RestAnswer
{
    /// <summary>The number of the request.</summary>
    public long Number;

    /// <summary>What became of it.</summary>
    public RestOutcome Outcome;

    /// <summary>HTTP status; 0 without an answer.</summary>
    public int Status;

    /// <summary>Headers of the answer, <c>name: value</c>, each ended by a line feed.</summary>
    public ReadOnlySpan<byte> Headers;

    /// <summary>Body of the answer, valid until the next call.</summary>
    public ReadOnlySpan<byte> Body;

    /// <summary>Nanoseconds since 1970 UTC at which it was whole.</summary>
    public long ReceivedAt;
}

/// <summary>
/// Sends requests to one host. Every request that was taken ends exactly once. A request is never sent a second time by what
/// stands behind this.
/// </summary>
public interface IRestClient
{
    /// <summary>Takes a request.</summary>
    /// <param name="request">The request; copied.</param>
    /// <returns>False when there is no room: it was not taken, and nothing is told of it.</returns>
    bool TrySend(in RestRequest request);

    /// <summary>Takes the next ended request.</summary>
    /// <param name="answer">How it ended.</param>
    /// <returns>False when none has ended.</returns>
    bool TryReceive(out RestAnswer answer);
}

/// <summary>Makes connections and clients: real ones, or those of a test.</summary>
public interface ITransport
{
    /// <summary>A connection that is not open yet.</summary>
    /// <param name="url">ws or wss, host, path.</param>
    /// <returns>The connection.</returns>
    IConnection Connection(string url);

    /// <summary>A client of one host.</summary>
    /// <param name="url">http or https, host.</param>
    /// <returns>The client.</returns>
    IRestClient Rest(string url);
}
