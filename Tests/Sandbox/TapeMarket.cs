using System;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using Xunit;

namespace LowLatency.Tests.Sandbox;

/// <summary>A perpetual, a book of 100.0 and 100.1 (100.2 behind it), and, once it is let go, another book; then nothing more.</summary>
internal sealed class TapeMarket(bool breaks = false, long? secondBid = null) : IEventSource
{
    private int _read;
    private volatile bool _goesOn;

    /// <summary>Lets the second book come.</summary>
    internal void GoOn() => _goesOn = true;

    public ReadResult Read(ref Event next)
    {
        if (_read == 2 && breaks)
        {
            throw new InvalidOperationException("the tape is torn");
        }

        if (_read > 2 || (_read == 2 && secondBid is null))
        {
            return ReadResult.End;
        }

        if (_read == 2 && !_goesOn)
        {
            return ReadResult.Idle;
        }

        next = new Event { ReceivedAt = 1_000_000_000 + _read, Instrument = new InstrumentId(1), Source = EventSource.Csv, Flags = EventFlags.Whole };
        switch (_read++)
        {
            case 0:
                next.Set(new InstrumentDefined
                {
                    Symbol = Symbol24.Of("BTCUSDT"),
                    Currency = Currency8.Of("USDT"),
                    InstrumentKind = InstrumentKind.Linear,
                    PriceExponent = 1,
                    QuantityExponent = 3,
                    Tick = 1,
                    Lot = 1,
                    MinQuantity = 1,
                    MaxQuantity = 1_000_000,
                    Multiplier = 1,
                    DefinitionVersion = 1,
                });
                break;
            case 1:
                Book(ref next, 1_000, 1);
                break;
            default:
                Book(ref next, secondBid!.Value, 2);
                break;
        }

        return ReadResult.Event;
    }

    private static void Book(ref Event next, long bid, long update)
    {
        BookLevels levels = new() { Layout = 1, UpdateId = update };
        Assert.True(levels.TryAdd(Side.Buy, bid, 1_000) && levels.TryAdd(Side.Sell, bid + 1, 1_000) && levels.TryAdd(Side.Sell, bid + 2, 10_000));
        next.Flags |= EventFlags.Snapshot;
        next.Set(levels);
    }
}
