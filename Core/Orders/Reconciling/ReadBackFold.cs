using System;
using System.Runtime.InteropServices;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Portfolio;
using LowLatency.Core.Values;

namespace LowLatency.Core.Orders.Reconciling;

/// <summary>An order that a reading named (64 bytes, no padding).</summary>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
internal struct ReadOrder
{
    internal OrderId Id;
    internal VenueId Venue;
    internal long Price;
    internal long Quantity;
    internal long Filled;
    internal long VenueTime;
    internal InstrumentId Instrument;
    internal Side Side;
    internal byte Reserved0;
    internal int Reserved1;

    internal readonly long Leaves => Math.Max(0, Quantity - Filled);
}

/// <summary>
/// What one account's readings said: orders, executions, positions and balances, each from its begin to its end. Only what
/// ended is complete; a reading that failed, was begun anew, named more than there is room for, or was overtaken by a doubt
/// says nothing.
/// </summary>
internal sealed class ReadBackFold : IStateful
{
    /// <summary>Orders of one reading; one that names more has failed.</summary>
    internal const int OrdersMax = Limits.LiveOrders;

    private const int Subjects = 4;

    private readonly Subject[] _subjects = new Subject[Subjects + 1];
    private readonly ReadOrder[] _orders = new ReadOrder[OrdersMax];
    private readonly long[] _position = new long[Limits.Instruments + 1];
    private readonly long[] _averagePrice = new long[Limits.Instruments + 1];
    private readonly Currency8[] _currencies = new Currency8[PortfolioLedger.Currencies];
    private readonly long[] _cash = new long[PortfolioLedger.Currencies];
    private ulong _named;
    private int _orderCount;
    private int _currencyCount;

    /// <summary>Orders that work at the venue.</summary>
    internal ReadOnlySpan<ReadOrder> Orders => _orders.AsSpan(0, _orderCount);

    /// <summary>True when all four are complete: they may be compared.</summary>
    internal bool IsComplete
    {
        get
        {
            bool complete = true;
            for (int s = 1; s <= Subjects; s++)
            {
                complete &= _subjects[s].Stage == (int)ReadBackStage.End;
            }

            return complete;
        }
    }

    /// <summary>True while a reading is under way, or waits for the other subjects.</summary>
    internal bool IsReading
    {
        get
        {
            bool reading = false;
            for (int s = 1; s <= Subjects; s++)
            {
                reading |= _subjects[s].Stage is (int)ReadBackStage.Begin or (int)ReadBackStage.End;
            }

            return reading;
        }
    }

    /// <summary>The event with which a subject's reading began; what came later may be newer than the answer.</summary>
    internal long BeganWith(ReadBackSubject subject) => _subjects[(int)subject].Begin;

    /// <summary>When a subject's reading began.</summary>
    internal long BeganAt(ReadBackSubject subject) => _subjects[(int)subject].BeginAt;

    /// <summary>The venue's time of a subject's answer; 0 when it gave none.</summary>
    internal long AsOf(ReadBackSubject subject) => _subjects[(int)subject].AsOf;

    /// <summary>True while a subject is being read.</summary>
    internal bool Reads(ReadBackSubject subject) => _subjects[(int)subject].Stage == (int)ReadBackStage.Begin;

    /// <summary>Items of orders and positions whose instrument is not defined here.</summary>
    internal int Unknown =>
        _subjects[(int)ReadBackSubject.Orders].Unknown + _subjects[(int)ReadBackSubject.Positions].Unknown;

    /// <summary>What the venue holds of an instrument.</summary>
    /// <param name="instrument">The instrument.</param>
    /// <param name="averagePrice">Its average entry price, 10^-9 of the currency; 0 when not told.</param>
    /// <returns>Quantity units, signed; 0 when it was not named.</returns>
    internal long Position(InstrumentId instrument, out long averagePrice)
    {
        averagePrice = _averagePrice[instrument.Value];
        return _position[instrument.Value];
    }

    /// <summary>True when the venue told of a position of an instrument, be it none.</summary>
    internal bool Names(InstrumentId instrument) => (_named & (1UL << (instrument.Value - 1))) != 0;

    /// <summary>What the venue has of a currency.</summary>
    /// <returns>Money units; 0 when it was not named.</returns>
    internal long Cash(ReadOnlySpan<byte> currency)
    {
        for (int i = 0; i < _currencyCount; i++)
        {
            ReadOnlySpan<byte> known = _currencies[i];
            if (known.SequenceEqual(currency))
            {
                return _cash[i];
            }
        }

        return 0;
    }

    /// <summary>Everything that was read is void.</summary>
    internal void Forget() => Array.Clear(_subjects);

    /// <summary>Folds begin, end or failure.</summary>
    internal void Fold(in ReadBack read, long sequence, long now)
    {
        if (read.Subject is < ReadBackSubject.Orders or > ReadBackSubject.Balances)
        {
            return;
        }

        ref Subject subject = ref _subjects[(int)read.Subject];
        switch (read.Stage)
        {
            case ReadBackStage.Begin:
                subject = new Subject { Begin = sequence, BeginAt = now, Stage = (int)ReadBackStage.Begin };
                Clear(read.Subject);
                break;
            case ReadBackStage.End when subject.Stage == (int)ReadBackStage.Begin:
                subject.Stage = (int)ReadBackStage.End;
                subject.AsOf = read.AsOf;
                subject.Unknown = Math.Max(0, read.Unknown);
                break;
            case ReadBackStage.Failed:
                subject = default;
                break;
        }
    }

    /// <summary>Folds an item of a reading.</summary>
    internal void Fold(in Event e)
    {
        switch (e.Kind)
        {
            case EventKind.OrderReport when Reads(ReadBackSubject.Orders):
                FoldOrder(e);
                break;
            case EventKind.PositionReport when Reads(ReadBackSubject.Positions) && IsValid(e.Instrument):
                _position[e.Instrument.Value] += e.PositionReport.Quantity;

                // Two legs have no one average; what is not one number is not compared.
                _averagePrice[e.Instrument.Value] = e.PositionReport.Leg == 0 ? e.PositionReport.AveragePrice : 0;
                _named |= 1UL << (e.Instrument.Value - 1);
                break;
            case EventKind.BalanceReport when Reads(ReadBackSubject.Balances):
                FoldBalance(e.BalanceReport);
                break;
        }
    }

    /// <inheritdoc/>
    public void Visit(StateVisitor visitor)
    {
        visitor.Visit<Subject>(_subjects);
        visitor.Visit<ReadOrder>(_orders);
        visitor.Visit<long>(_position);
        visitor.Visit<long>(_averagePrice);
        visitor.Visit<Currency8>(_currencies);
        visitor.Visit<long>(_cash);
        visitor.Visit(ref _named);
        visitor.Visit(ref _orderCount);
        visitor.Visit(ref _currencyCount);
    }

    private static bool IsValid(InstrumentId instrument) => instrument.Value is >= 1 and <= Limits.Instruments;

    private void Clear(ReadBackSubject subject)
    {
        switch (subject)
        {
            case ReadBackSubject.Orders:
                _orderCount = 0;
                break;
            case ReadBackSubject.Positions:
                Array.Clear(_position);
                Array.Clear(_averagePrice);
                _named = 0;
                break;
            case ReadBackSubject.Balances:
                _currencyCount = 0;
                break;
        }
    }

    private void FoldOrder(in Event e)
    {
        ref readonly OrderReport report = ref e.OrderReport;
        int place = 0;
        while (place < _orderCount && (_orders[place].Venue != report.VenueOrder || _orders[place].Id != report.Order))
        {
            place++;
        }

        // An order that a later page or a look-up calls ended, or filled whole, works no more.
        bool works = report.Status is OrderStatus.Accepted or OrderStatus.Amended
            && (report.Quantity == 0 || report.CumulativeQuantity < report.Quantity);
        if (!works)
        {
            if (place < _orderCount)
            {
                _orders[place] = _orders[--_orderCount];
            }

            return;
        }

        if (place == OrdersMax || !IsValid(e.Instrument))
        {
            _subjects[(int)ReadBackSubject.Orders] = default;
            return;
        }

        _orderCount = Math.Max(_orderCount, place + 1);
        _orders[place] = new ReadOrder
        {
            Id = report.Order,
            Venue = report.VenueOrder,
            Price = report.Price,
            Quantity = report.Quantity,
            Filled = report.CumulativeQuantity,
            VenueTime = e.VenueTime,
            Instrument = e.Instrument,
            Side = report.Side,
        };
    }

    private void FoldBalance(in BalanceReport report)
    {
        ReadOnlySpan<byte> currency = report.Currency;
        if (currency[0] == 0)
        {
            return;
        }

        int place = 0;
        while (place < _currencyCount && !((ReadOnlySpan<byte>)_currencies[place]).SequenceEqual(currency))
        {
            place++;
        }

        if (place == _currencies.Length)
        {
            _subjects[(int)ReadBackSubject.Balances] = default;
            return;
        }

        _currencyCount = Math.Max(_currencyCount, place + 1);
        _currencies[place] = report.Currency;
        _cash[place] = report.Cash;
    }

    private struct Subject
    {
        internal long Begin;
        internal long BeginAt;
        internal long AsOf;
        internal int Stage;
        internal int Unknown;
    }
}
