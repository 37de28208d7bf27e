using System;
using System.Numerics;
using LowLatency.Core.Arbitration;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Signals;
using LowLatency.Core.Values;

namespace LowLatency.Core.Portfolio;

/// <summary>
/// Positions and cash: a fold of executions with new ids and of cash movements. Order status never moves them. Each
/// fill is attributed to the strategies exactly: the virtual positions always sum to the venue position, their cash flows
/// to its cash flow.
/// </summary>
public sealed partial class PortfolioLedger : IPositions, IStateful
{
    /// <summary>Currencies of one session.</summary>
    public const int Currencies = 16;

    private const int Owners = Limits.Strategies + 1;

    private readonly MarketView _market;
    private readonly Position[] _positions = new Position[Limits.Instruments + 1];
    private readonly VirtualPosition[] _virtual = new VirtualPosition[(Limits.Instruments + 1) * Owners];
    private readonly ExecutionIds _seen = new();
    private readonly Currency8[] _currencies = new Currency8[Currencies];
    private readonly long[] _cash = new long[Currencies];
    private readonly int[] _currencyOf = new int[Limits.Instruments + 1];
    private readonly long[] _filledNow = new long[Owners];
    private readonly long[] _booked = new long[Limits.Instruments + 1];
    private readonly SplitMemory _splits = new();
    private readonly EntitlementMemory _entitled = new();

    // Of the current event only, so no state: the next one begins with none.
    private readonly InternalTrade[] _crossed = new InternalTrade[Limits.CrossingsPerEvent];
    private int _crossedCount;
    private int _currencyCount;
    private long _repeated;
    private bool _filled;
    private long _sequence;
    private ulong _held;
    private long _changes;

    /// <summary>Creates the ledger.</summary>
    /// <param name="market">Where instruments are defined.</param>
    public PortfolioLedger(MarketView market) => _market = market;

    /// <summary>Executions and bookings that came again, or are in the position already, and were not folded.</summary>
    public long Repeated => _repeated;

    /// <summary>The executions and bookings that were folded.</summary>
    public ExecutionIds Seen => _seen;

    /// <summary>Currencies that have been seen.</summary>
    public int CurrencyCount => _currencyCount;

    /// <summary>The strategies' trades, from flat to flat.</summary>
    public RoundTrips Trips { get; } = new();

    /// <summary>
    /// Grows with every change of a position, its parts, cash or rules: where it stands, only prices can have changed a value.
    /// Not part of the state.
    /// </summary>
    public long Changes => _changes;

    /// <summary>Bit i - 1: instrument i is held, long or short.</summary>
    public ulong Held => _held;

    /// <summary>True when a position is open.</summary>
    /// <param name="instrument">Any instrument.</param>
    /// <returns>Whether it is held, long or short.</returns>
    public bool IsHeld(InstrumentId instrument) =>
        instrument.Value is >= 1 and <= Limits.Instruments && (_held & (1UL << (instrument.Value - 1))) != 0;

    /// <summary>The position of an instrument.</summary>
    /// <param name="instrument">A valid instrument.</param>
    /// <returns>A copy.</returns>
    public Position Position(InstrumentId instrument) => _positions[instrument.Value];

    /// <summary>What the position of an instrument is worth more than it cost.</summary>
    /// <param name="instrument">Its rules.</param>
    /// <param name="price">Price units.</param>
    /// <returns>Money units.</returns>
    public long Unrealised(in Instrument instrument, long price) =>
        _positions[instrument.Id.Value].Unrealised(instrument, price);

    /// <summary>A strategy's part of the position of an instrument.</summary>
    /// <param name="strategy">A strategy or the house.</param>
    /// <param name="instrument">A valid instrument.</param>
    /// <returns>A copy.</returns>
    public VirtualPosition Part(StrategyId strategy, InstrumentId instrument) => _virtual[Index(strategy, instrument)];

    /// <summary>What an instrument brought without a fill: funding, dividends, interest, fees of its own.</summary>
    /// <param name="instrument">A valid instrument.</param>
    /// <returns>Money units; positive is received.</returns>
    public long Booked(InstrumentId instrument) => _booked[instrument.Value];

    /// <summary>A currency that has been seen.</summary>
    /// <param name="index">0 to <see cref="CurrencyCount"/> - 1.</param>
    /// <returns>Its code.</returns>
    public Currency8 Currency(int index) => _currencies[index];

    /// <summary>Cash of a currency.</summary>
    /// <param name="index">0 to <see cref="CurrencyCount"/> - 1.</param>
    /// <returns>Money units.</returns>
    public long Cash(int index) => _cash[index];

    /// <summary>The currency in which an instrument is settled.</summary>
    /// <param name="instrument">A defined instrument.</param>
    /// <returns>Its index.</returns>
    public int CurrencyOf(InstrumentId instrument) => _currencyOf[instrument.Value];

    /// <summary>
    /// Cash plus what open positions would bring at reference prices, in one currency.
    /// </summary>
    /// <param name="currency">0 to <see cref="CurrencyCount"/> - 1.</param>
    /// <param name="equity">Money units.</param>
    /// <returns>False when an open position has no price: the value is not known.</returns>
    public bool TryEquity(int currency, out long equity)
    {
        equity = _cash[currency];
        for (ulong held = _held; held != 0; held &= held - 1)
        {
            int i = BitOperations.TrailingZeroCount(held) + 1;
            if (_currencyOf[i] != currency)
            {
                continue;
            }

            ref readonly Position position = ref _positions[i];
            InstrumentMarket market = _market[new InstrumentId((ushort)i)];
            if (!market.TryReferencePrice(out long price))
            {
                return false;
            }

            equity += market.Definition.SettlesInCash
                ? market.Definition.Notional(price, position.Quantity)
                : position.Unrealised(market.Definition, price);
        }

        return true;
    }

    /// <inheritdoc/>
    public long VenuePosition(InstrumentId instrument) => _positions[instrument.Value].Quantity;

    /// <inheritdoc/>
    public long VirtualPosition(StrategyId strategy, InstrumentId instrument) =>
        _virtual[Index(strategy, instrument)].Quantity;

    /// <inheritdoc/>
    public long VirtualCashFlow(StrategyId strategy, InstrumentId instrument) =>
        _virtual[Index(strategy, instrument)].CashFlow;

    /// <inheritdoc/>
    public long FilledNow(StrategyId strategy) => _filledNow[strategy.Value];

    /// <inheritdoc/>
    public ReadOnlySpan<InternalTrade> Crossed => _crossed.AsSpan(0, _crossedCount);

    /// <summary>Forgets what the previous event filled. Called once for each event, before anything else.</summary>
    /// <param name="sequence">The event's sequence.</param>
    public void BeginEvent(long sequence)
    {
        _sequence = sequence;
        _crossedCount = 0;
        if (_filled)
        {
            Array.Clear(_filledNow);
            _filled = false;
        }
    }

    /// <summary>Folds an instrument's definition: its currency gets a cash account.</summary>
    /// <param name="instrument">The instrument.</param>
    /// <param name="definition">Its definition.</param>
    public void Define(InstrumentId instrument, in InstrumentDefined definition)
    {
        _currencyOf[instrument.Value] = IndexOf(definition.Currency);
        Trips.Define(instrument);
        _changes++;
    }

    /// <summary>Folds a cash movement.</summary>
    /// <param name="moved">The movement.</param>
    public void Move(in CashMoved moved)
    {
        _cash[IndexOf(moved.Currency)] += moved.Amount;
        _changes++;
    }

    /// <summary>Takes a position over from another ledger, before the first event.</summary>
    /// <param name="id">The instrument; it is defined later.</param>
    /// <param name="position">The position.</param>
    public void Adopt(InstrumentId id, in Position position)
    {
        _positions[id.Value] = position;
        FollowHeld(id);
    }

    /// <summary>Adds a part of a position that another ledger attributed, before the first event.</summary>
    /// <param name="strategy">Whose part it is from now on.</param>
    /// <param name="id">The instrument.</param>
    /// <param name="part">The part; added to what the strategy has already.</param>
    public void Adopt(StrategyId strategy, InstrumentId id, in VirtualPosition part)
    {
        _changes++;
        ref VirtualPosition own = ref _virtual[Index(strategy, id)];
        own.Quantity += part.Quantity;
        own.CashFlow += part.CashFlow;
        own.Fees += part.Fees;
        own.Fills += part.Fills;
    }

    /// <summary>Folds an execution once.</summary>
    /// <param name="id">The instrument; it must be defined.</param>
    /// <param name="execution">The execution.</param>
    /// <param name="owner">The lane that sent the order.</param>
    /// <param name="arbitration">Who is meant to hold what: fills of the shared lane follow it.</param>
    /// <param name="isOurs">False for an order that we do not know: nobody asked for it.</param>
    /// <returns>False when its id was folded before.</returns>
    public bool Apply(
        InstrumentId id, in Execution execution, StrategyId owner, ArbitrationStage arbitration, bool isOurs = true)
    {
        if (!_seen.TryAdd(execution.ExecutionId))
        {
            _repeated++;
            return false;
        }

        Ensure.That(_market[id].IsDefined, "an execution of an instrument that is not defined has no value");
        Ensure.That(
            execution.Quantity > 0 && execution.Side != Side.None, "an execution must have a side and a positive quantity");
        Instrument instrument = _market[id].Definition;
        long signed = execution.Side.Sign() * execution.Quantity;
        long value = instrument.Value(execution.Price, signed);
        bool closesOut = IsCloseOut(id, execution);
        if (isOurs && _splits.IsOld(id, execution.Order))
        {
            return ApplyOld(id, instrument, execution, signed, value, owner, arbitration);
        }

        long realised = _positions[id.Value].Apply(instrument, signed, execution.Price, execution.Fee);
        FollowHeld(id);
        long change = instrument.SettlesInCash ? -value : realised;
        _cash[_currencyOf[id.Value]] += change - execution.Fee;
        _filled = true;
        if (closesOut)
        {
            CloseOut(id, execution.Price);
        }
        else if (owner != StrategyId.House)
        {
            Attribute(owner, id, execution.Price, signed, value, execution.Fee);
        }
        else
        {
            Share(id, execution, signed, value, arbitration, isOurs);
        }

        return true;
    }

    private void FollowHeld(InstrumentId id)
    {
        _changes++;
        ulong bit = 1UL << (id.Value - 1);
        _held = _positions[id.Value].Quantity != 0 ? _held | bit : _held & ~bit;
    }

    /// <summary>
    /// Folds cash that was booked without a fill, once. It is shared among those who hold the instrument by their parts of the
    /// position, cash in lieu among those who lost a part of a share, a dividend of the position that its ex-date found among those
    /// who held it then, along running sums, so that the parts add up to the whole; where nothing is held it is the house's.
    /// </summary>
    /// <param name="id">The instrument; it must be defined.</param>
    /// <param name="booked">The booking.</param>
    /// <returns>False when its id was folded before.</returns>
    public bool Book(InstrumentId id, in CashBooked booked)
    {
        if (!_seen.TryAdd(booked.BookingId))
        {
            _repeated++;
            return false;
        }

        _changes++;
        Ensure.That(_market[id].IsDefined, "cash that is booked for an instrument that is not defined has no currency");
        _cash[_currencyOf[id.Value]] += booked.Amount;
        _booked[id.Value] += booked.Amount;
        long whole = 0;
        for (ushort s = 0; s < Owners; s++)
        {
            whole += ClaimOf(new StrategyId(s), id, booked);
        }

        if (whole == 0)
        {
            _virtual[Index(StrategyId.House, id)].CashFlow += booked.Amount;
            return true;
        }

        long claimed = 0;
        long given = 0;
        for (ushort s = 0; s < Owners; s++)
        {
            StrategyId strategy = new(s);
            long claim = ClaimOf(strategy, id, booked);
            if (claim != 0)
            {
                claimed += claim;
                long upTo = Wide.MultiplyDivide(booked.Amount, claimed, whole);
                _virtual[Index(strategy, id)].CashFlow += upTo - given;
                Trips.Book(strategy, id, upTo - given);
                given = upTo;
            }
        }

        return true;
    }

    /// <summary>By what a strategy has a part in a booking: what it holds, what a split left of its shares, what it held at a dividend.</summary>
    private long ClaimOf(StrategyId strategy, InstrumentId id, in CashBooked booked) => booked.Reason switch
    {
        BookingReason.CashInLieu => _splits.Rest(strategy, id),
        BookingReason.Dividend when booked.Position != 0 && booked.Position == _entitled.Whole(id) => _entitled.Part(strategy, id),
        _ => _virtual[Index(strategy, id)].Quantity,
    };

    /// <summary>An execution that is in the position already is not folded.</summary>
    public void Leave() => _repeated++;

    /// <summary>Counts an id that must count once.</summary>
    /// <param name="id">The id of an adjustment.</param>
    /// <returns>False when it was counted before.</returns>
    public bool TryCount(VenueId id)
    {
        bool isNew = _seen.TryAdd(id);
        _repeated += isNew ? 0 : 1;
        return isNew;
    }

    /// <summary>
    /// Makes a position what the venue says that it is. Cash stays: the venue tells it apart. The part goes to one strategy, so
    /// that the parts still sum to the whole.
    /// </summary>
    /// <param name="id">The instrument; it must be defined.</param>
    /// <param name="quantity">The venue's position, quantity units.</param>
    /// <param name="cost">What it cost, money units.</param>
    /// <param name="strategy">Whose part the difference is.</param>
    public void Adjust(InstrumentId id, long quantity, long cost, StrategyId strategy)
    {
        _changes++;
        ref Position position = ref _positions[id.Value];
        long change = quantity - position.Quantity;
        long value = cost - position.Cost;
        position.Quantity = quantity;
        position.Cost = cost;
        ulong bit = 1UL << (id.Value - 1);
        _held = quantity != 0 ? _held | bit : _held & ~bit;
        if (change == 0)
        {
            _virtual[Index(strategy, id)].CashFlow -= value;
            return;
        }

        _filled = true;
        Attribute(strategy, id, _market[id].TryReferencePrice(out long price) ? price : 0, change, value, 0);
    }

    /// <summary>Makes cash what the venue says that it is.</summary>
    /// <param name="currency">The currency.</param>
    /// <param name="amount">Money units more.</param>
    public void AdjustCash(in Currency8 currency, long amount)
    {
        _cash[IndexOf(currency)] += amount;
        _changes++;
    }

    /// <summary>
    /// Hands a part of the position from one strategy to another. Position and cash of the account stay as they are: what the
    /// buyer pays is what the seller receives, to the unit, and there is no fee.
    /// </summary>
    /// <param name="trade">The trade; the instrument must be defined.</param>
    public void Cross(in InternalTrade trade)
    {
        Ensure.That(trade.Quantity > 0 && trade.Price > 0, "an internal trade must have a positive quantity and price");
        Ensure.That(trade.Buyer != trade.Seller, "nobody trades with himself");
        Ensure.That(_crossedCount < _crossed.Length, "more internal trades than an event has room for");
        long value = _market[trade.Instrument].Definition.Value(trade.Price, trade.Quantity);
        Attribute(trade.Buyer, trade.Instrument, trade.Price, trade.Quantity, value, 0);
        Attribute(trade.Seller, trade.Instrument, trade.Price, -trade.Quantity, -value, 0);
        _crossed[_crossedCount++] = trade;
        _filled = true;
    }

    /// <inheritdoc/>
    public void Visit(StateVisitor visitor)
    {
        _changes++;
        visitor.Visit<Position>(_positions);
        visitor.Visit<VirtualPosition>(_virtual);
        Trips.Visit(visitor);
        _seen.Visit(visitor);
        visitor.Visit<Currency8>(_currencies);
        visitor.Visit<long>(_cash);
        visitor.Visit<int>(_currencyOf);
        visitor.Visit<long>(_filledNow);
        visitor.Visit<long>(_booked);
        _splits.Visit(visitor);
        _entitled.Visit(visitor);
        visitor.Visit(ref _currencyCount);
        visitor.Visit(ref _repeated);
        visitor.Visit(ref _filled);
        visitor.Visit(ref _sequence);
        _held = 0;
        for (int i = 1; i <= Limits.Instruments; i++)
        {
            _held |= _positions[i].Quantity != 0 ? 1UL << (i - 1) : 0;
        }
    }

    private static int Index(StrategyId strategy, InstrumentId instrument) =>
        (instrument.Value * Owners) + strategy.Value;

    /// <summary>
    /// Shares a fill of the shared lane by how far each strategy is from what it is meant to hold, in the direction of
    /// the fill. What nobody lacks any more goes to who asked for it, if the order was ours; the rest to the house.
    /// </summary>
    private void Share(
        InstrumentId id,
        in Execution execution,
        long signed,
        long value,
        ArbitrationStage arbitration,
        bool isOurs)
    {
        Span<long> lacking = stackalloc long[Owners];
        Span<long> asked = stackalloc long[Owners];
        Int128 total = 0;
        Int128 totalAsked = 0;
        for (ushort s = 0; s < Owners; s++)
        {
            StrategyId strategy = new(s);
            asked[s] = isOurs ? arbitration.Shares.Asked(strategy, id, execution.Side) : 0;
            if (!arbitration.IsQuoting(strategy, id))
            {
                long gap = arbitration.Desired(strategy, id) - _virtual[Index(strategy, id)].Quantity;
                lacking[s] = Math.Sign(gap) == Math.Sign(signed) ? Math.Abs(gap) : 0;
            }

            asked[s] = Math.Max(0, asked[s] - lacking[s]);
            total += lacking[s];
            totalAsked += asked[s];
        }

        long whole = Math.Abs(signed);
        Span<long> parts = stackalloc long[Owners];
        Span<long> late = stackalloc long[Owners];
        long left = whole - LargestRemainder.Split((long)Int128.Min(total, whole), lacking, parts);
        left -= LargestRemainder.Split((long)Int128.Min(totalAsked, left), asked, late);
        for (ushort s = 0; s < Owners; s++)
        {
            parts[s] += late[s];
            arbitration.Shares.Got(new StrategyId(s), id, execution.Side, parts[s]);
        }

        parts[0] += left;

        // Value and fee are cut along running sums, so that the parts add up to the whole to the last unit.
        long given = 0;
        long valueGiven = 0;
        long feeGiven = 0;
        for (ushort s = 0; s < Owners; s++)
        {
            if (parts[s] == 0)
            {
                continue;
            }

            given += parts[s];
            long valueUpTo = (long)((Int128)value * given / whole);
            long feeUpTo = (long)((Int128)execution.Fee * given / whole);
            Attribute(
                new StrategyId(s),
                id,
                execution.Price,
                Math.Sign(signed) * parts[s],
                valueUpTo - valueGiven,
                feeUpTo - feeGiven);
            valueGiven = valueUpTo;
            feeGiven = feeUpTo;
        }
    }

    private void Attribute(
        StrategyId strategy, InstrumentId instrument, long price, long signed, long value, long fee)
    {
        _changes++;
        ref VirtualPosition part = ref _virtual[Index(strategy, instrument)];
        part.Quantity += signed;
        part.CashFlow -= value + fee;
        part.Fees += fee;
        part.Fills++;
        _filledNow[strategy.Value] += signed;
        if (strategy != StrategyId.House)
        {
            Trips.Fold(strategy, _market[instrument].Definition, signed, value, fee, price, _market.Now, _sequence);
        }
    }

    /// <summary>The index of a currency; one that is new gets the next.</summary>
    /// <param name="currency">Its code.</param>
    /// <returns>From 0.</returns>
    public int IndexOf(in Currency8 currency)
    {
        ReadOnlySpan<byte> code = currency;
        for (int i = 0; i < _currencyCount; i++)
        {
            ReadOnlySpan<byte> known = _currencies[i];
            if (known.SequenceEqual(code))
            {
                return i;
            }
        }

        Ensure.That(_currencyCount < Currencies, "more currencies than the limit");
        _currencies[_currencyCount] = currency;
        return _currencyCount++;
    }
}

/// <summary>A strategy's part of a position (32 bytes): its profit is CashFlow plus the value of Quantity.</summary>
public struct VirtualPosition
{
    /// <summary>Quantity units, signed.</summary>
    public long Quantity;

    /// <summary>Money units received minus paid, fees included.</summary>
    public long CashFlow;

    /// <summary>Money units of fees paid.</summary>
    public long Fees;

    /// <summary>Executions that had a part for it, and internal trades.</summary>
    public long Fills;
}
