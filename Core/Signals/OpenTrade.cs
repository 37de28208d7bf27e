namespace LowLatency.Core.Signals;

/// <summary>What a strategy holds of an instrument since it was last flat. Money is in money units.</summary>
/// <param name="Quantity">Quantity units, signed; 0 when it is flat, and then all else is 0 too.</param>
/// <param name="Cost">What was paid for what is open; negative for a short: received.</param>
/// <param name="OpenedAt">ReceivedAt of the fill that opened it.</param>
/// <param name="OpenedSequence">Sequence of that fill's event.</param>
/// <param name="OpenedPrice">Price of that fill, price units.</param>
/// <param name="Best">Highest profit after fees at any mark since, at least 0.</param>
/// <param name="Worst">Lowest profit after fees at any mark since, at most 0.</param>
public readonly record struct OpenTrade(
    long Quantity, long Cost, long OpenedAt, long OpenedSequence, long OpenedPrice, long Best, long Worst);
