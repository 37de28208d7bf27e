using System;
using System.IO;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Values;
using LowLatency.Gateways;

namespace LowLatency.Engine.Running;

/// <summary>
/// A venue that says each command before it passes it on: one line, written at once. The gate calls it only when the
/// command's cause is journaled as the durability asks, so whoever reads a line knows that its event is kept.
/// </summary>
/// <param name="venue">Who takes the commands.</param>
/// <param name="market">Names and decimals of the instruments.</param>
/// <param name="instance">Part of the client order id.</param>
/// <param name="output">Gets the lines; not buffered.</param>
internal sealed class CommandPrinter(IVenue venue, MarketView market, ushort instance, Stream output) : IVenue
{
    private readonly byte[] _line = new byte[256];

    /// <inheritdoc/>
    public long NextDue => venue.NextDue;

    /// <inheritdoc/>
    public bool Poll(long now, ref Event report) => venue.Poll(now, ref report);

    /// <inheritdoc/>
    public void OnEvent(in Event published) => venue.OnEvent(published);

    /// <inheritdoc/>
    public void Submit(in Command command, long sequence, long now)
    {
        int length = Put(0, "command "u8);
        length += command.Order.Format(instance, _line.AsSpan(length));
        length = Put(length, " "u8);
        length += DecimalText.Format(sequence, 0, _line.AsSpan(length));
        length = Put(length, Verb(command.Verb));
        InstrumentMarket of = market[command.Instrument];
        Symbol24 symbol = of.Symbol;
        ReadOnlySpan<byte> name = symbol;
        length = Put(length, name[..(name.LastIndexOfAnyExcept((byte)0) + 1)]);
        length = Put(length, command.Side == Side.Buy ? " buy "u8 : " sell "u8);
        length += DecimalText.Format(command.Price, of.Definition.PriceExponent, _line.AsSpan(length));
        length = Put(length, " "u8);
        bool isMoney = (command.Flags & OrderFlags.Notional) != 0;
        length += DecimalText.Format(
            command.Quantity, isMoney ? Money.Exponent : of.Definition.QuantityExponent, _line.AsSpan(length));
        length = Term(length, " trigger "u8, command.TriggerPrice, of);
        length = Term(length, " trailing "u8, command.TrailingOffset, of);
        length = Put(length, "\n"u8);
        output.Write(_line, 0, length);
        venue.Submit(command, sequence, now);
    }

    private static ReadOnlySpan<byte> Verb(CommandVerb verb) => verb switch
    {
        CommandVerb.None => throw new ArgumentOutOfRangeException(nameof(verb)),
        CommandVerb.New => " new "u8,
        CommandVerb.Amend => " amend "u8,
        CommandVerb.Cancel => " cancel "u8,
    };

    private int Term(int at, ReadOnlySpan<byte> name, long price, InstrumentMarket of)
    {
        if (price == 0)
        {
            return at;
        }

        at = Put(at, name);
        return at + DecimalText.Format(price, of.Definition.PriceExponent, _line.AsSpan(at));
    }

    private int Put(int at, ReadOnlySpan<byte> text)
    {
        text.CopyTo(_line.AsSpan(at));
        return at + text.Length;
    }
}
