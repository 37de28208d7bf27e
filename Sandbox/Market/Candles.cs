using System;
using System.Collections.Generic;
using LowLatency.Core.Determinism;

namespace LowLatency.Sandbox.Market;

/// <summary>A candle of prints.</summary>
internal struct Candle
{
    internal long Start;
    internal long Open;
    internal long High;
    internal long Low;
    internal long Close;
    internal long Volume;
    internal decimal Turnover;
    internal long Trades;
}

/// <summary>Candles of one length, the last <see cref="Kept"/> of them; without prints a candle repeats the last price.</summary>
internal sealed class CandleSeries
{
    internal const int Kept = 1_000;

    private readonly Queue<Candle> _closed = new();
    private Candle _open;

    internal CandleSeries(string name, long length)
    {
        Ensure.That(length > 0, "a candle has a length");
        Name = name;
        Length = length;
    }

    internal string Name { get; }

    internal long Length { get; }

    /// <summary>The candle that is not finished; its volume is 0 and its start 0 before the first print.</summary>
    internal ref readonly Candle Current => ref _open;

    internal IReadOnlyCollection<Candle> Closed => _closed;

    internal void Print(long at, long price, long quantity, decimal turnover)
    {
        if (_open.Start == 0)
        {
            _open = new Candle { Start = at - (at % Length), Open = price, High = price, Low = price };
        }

        _open.High = Math.Max(_open.High, price);
        _open.Low = Math.Min(_open.Low, price);
        _open.Close = price;
        _open.Volume += quantity;
        _open.Turnover += turnover;
        _open.Trades++;
    }

    /// <summary>Ends the candle when its time is over.</summary>
    internal bool TryClose(long now, out Candle closed)
    {
        closed = _open;
        if (_open.Start == 0 || now < _open.Start + Length)
        {
            return false;
        }

        _closed.Enqueue(closed);
        if (_closed.Count > Kept)
        {
            _ = _closed.Dequeue();
        }

        long price = closed.Close;
        _open = new Candle { Start = closed.Start + Length, Open = price, High = price, Low = price, Close = price };
        return true;
    }
}
