using System;
using System.Numerics;
using LowLatency.Core.Determinism;
using LowLatency.Core.Values;

namespace LowLatency.Core.Portfolio;

/// <summary>
/// What live orders could still do to positions: the unfilled quantity of every order that is not proven dead (working,
/// in flight, unknown), by instrument, side and lane, at its worst case. Written by the order table, read by risk.
/// </summary>
public sealed class Exposure : IStateful
{
    private const int Owners = Limits.Strategies + 1;

    private readonly long[] _buy = new long[Limits.Instruments + 1];
    private readonly long[] _sell = new long[Limits.Instruments + 1];
    private readonly long[] _laneBuy = new long[(Limits.Instruments + 1) * Owners];
    private readonly long[] _laneSell = new long[(Limits.Instruments + 1) * Owners];

    // Price of the one live order of a lane and side, 0 when there is none: with the open quantity it says what stands.
    private readonly long[] _priceBuy = new long[(Limits.Instruments + 1) * Owners];
    private readonly long[] _priceSell = new long[(Limits.Instruments + 1) * Owners];

    // The price at which it is nearest to the other side: of an order in amendment the bolder of its two.
    private readonly long[] _edgeBuy = new long[(Limits.Instruments + 1) * Owners];
    private readonly long[] _edgeSell = new long[(Limits.Instruments + 1) * Owners];

    // Bit o of _lanesBuy[i]: the lane (i, o) could still buy.
    private readonly uint[] _lanesBuy = new uint[Limits.Instruments + 1];
    private readonly uint[] _lanesSell = new uint[Limits.Instruments + 1];
    // Of that, what stops that rest for the position could do. They are of no lane, and told again after a restore.
    private readonly long[] _guardBuy = new long[Limits.Instruments + 1];
    private readonly long[] _guardSell = new long[Limits.Instruments + 1];
    private int _liveOrders;
    private ulong _active;

    /// <summary>Orders that are not terminal.</summary>
    public int LiveOrders => _liveOrders;

    /// <summary>Bit i - 1: something of instrument i could still trade.</summary>
    public ulong Active => _active;

    /// <summary>Unfilled quantity that could still trade.</summary>
    /// <param name="instrument">A valid instrument.</param>
    /// <param name="side">Buy or sell.</param>
    /// <returns>Quantity units, not negative.</returns>
    public long Open(InstrumentId instrument, Side side) => (side == Side.Buy ? _buy : _sell)[instrument.Value];

    /// <summary>Orders that could still trade: a lane has one on a side.</summary>
    /// <param name="instrument">A valid instrument.</param>
    /// <param name="side">Buy or sell.</param>
    /// <returns>The count.</returns>
    public int OrdersOf(InstrumentId instrument, Side side) =>
        BitOperations.PopCount((side == Side.Buy ? _lanesBuy : _lanesSell)[instrument.Value]);

    /// <summary>Unfilled quantity that could still trade in one lane.</summary>
    /// <param name="instrument">A valid instrument.</param>
    /// <param name="owner">The lane's owner.</param>
    /// <param name="side">Buy or sell.</param>
    /// <returns>Quantity units, not negative.</returns>
    public long OpenInLane(InstrumentId instrument, StrategyId owner, Side side) =>
        (side == Side.Buy ? _laneBuy : _laneSell)[(instrument.Value * Owners) + owner.Value];

    /// <summary>True when a lane's live order has this open quantity and price: to want it again needs no command.</summary>
    /// <param name="instrument">A valid instrument.</param>
    /// <param name="owner">The lane's owner.</param>
    /// <param name="side">Buy or sell.</param>
    /// <param name="quantity">Quantity units, positive.</param>
    /// <param name="price">Price units.</param>
    /// <returns>Whether it stands already.</returns>
    public bool Stands(InstrumentId instrument, StrategyId owner, Side side, long quantity, long price) =>
        OpenInLane(instrument, owner, side) == quantity
        && (side == Side.Buy ? _priceBuy : _priceSell)[(instrument.Value * Owners) + owner.Value] == price;

    /// <summary>The boldest price of our live orders of a side, those of one lane left out.</summary>
    /// <param name="instrument">A valid instrument.</param>
    /// <param name="except">Whose lane does not count.</param>
    /// <param name="side">Buy: the highest price; sell: the lowest.</param>
    /// <returns>Price units; 0 when there is none.</returns>
    public long BoldestPrice(InstrumentId instrument, StrategyId except, Side side)
    {
        uint lanes = (side == Side.Buy ? _lanesBuy : _lanesSell)[instrument.Value] & ~(1u << except.Value);
        long[] edges = side == Side.Buy ? _edgeBuy : _edgeSell;
        long boldest = 0;
        for (; lanes != 0; lanes &= lanes - 1)
        {
            long price = edges[(instrument.Value * Owners) + BitOperations.TrailingZeroCount(lanes)];
            boldest = boldest == 0 ? price : side == Side.Buy ? Math.Max(boldest, price) : Math.Min(boldest, price);
        }

        return boldest;
    }

    /// <summary>The price that a lane's live order has, or asks for, changed.</summary>
    /// <param name="instrument">Its instrument.</param>
    /// <param name="owner">Its lane's owner.</param>
    /// <param name="side">Its side.</param>
    /// <param name="price">Price units; 0 when the order ended.</param>
    /// <param name="edge">The bolder of the price that it has and the one that it asks for.</param>
    public void SetPrice(InstrumentId instrument, StrategyId owner, Side side, long price, long edge)
    {
        int lane = (instrument.Value * Owners) + owner.Value;
        (side == Side.Buy ? _priceBuy : _priceSell)[lane] = price;
        (side == Side.Buy ? _edgeBuy : _edgeSell)[lane] = edge;
    }

    /// <summary>An order's worst case changed.</summary>
    /// <param name="instrument">Its instrument.</param>
    /// <param name="owner">Its lane's owner.</param>
    /// <param name="side">Its side.</param>
    /// <param name="delta">Quantity units added to what could still trade.</param>
    /// <param name="orders">+1 when it came alive, -1 when it died, else 0.</param>
    public void Change(InstrumentId instrument, StrategyId owner, Side side, long delta, int orders)
    {
        bool buy = side == Side.Buy;
        ref long total = ref (buy ? _buy : _sell)[instrument.Value];
        ref long lane = ref (buy ? _laneBuy : _laneSell)[(instrument.Value * Owners) + owner.Value];
        total += delta;
        lane += delta;
        _liveOrders += orders;
        ref uint lanes = ref (buy ? _lanesBuy : _lanesSell)[instrument.Value];
        lanes = lane != 0 ? lanes | (1u << owner.Value) : lanes & ~(1u << owner.Value);
        ulong bit = 1UL << (instrument.Value - 1);
        _active = (_buy[instrument.Value] | _sell[instrument.Value]) != 0 ? _active | bit : _active & ~bit;
        Ensure.That(total >= 0 && lane >= 0 && _liveOrders >= 0, "open exposure must never be negative");
    }

    /// <summary>What an order of nobody's lane could still do changed.</summary>
    /// <param name="instrument">Its instrument.</param>
    /// <param name="side">Its side.</param>
    /// <param name="delta">Quantity units added to what could still trade.</param>
    /// <param name="orders">+1 when it became known, -1 when it is gone, else 0.</param>
    public void ChangeStray(InstrumentId instrument, Side side, long delta, int orders)
    {
        ref long total = ref (side == Side.Buy ? _buy : _sell)[instrument.Value];
        total += delta;
        _liveOrders += orders;
        ulong bit = 1UL << (instrument.Value - 1);
        _active = (_buy[instrument.Value] | _sell[instrument.Value]) != 0 ? _active | bit : _active & ~bit;
        Ensure.That(total >= 0 && _liveOrders >= 0, "open exposure must never be negative");
    }

    /// <summary>What the stop that rests for the position could still do: it only ever reduces, whatever else trades.</summary>
    /// <param name="instrument">A valid instrument.</param>
    /// <param name="side">Buy or sell.</param>
    /// <returns>Quantity units, part of <see cref="Open"/>.</returns>
    public long Guarded(InstrumentId instrument, Side side) => (side == Side.Buy ? _guardBuy : _guardSell)[instrument.Value];

    /// <summary>What the stop that rests for the position could still do changed.</summary>
    /// <param name="instrument">Its instrument.</param>
    /// <param name="side">Its side.</param>
    /// <param name="delta">Quantity units added to what could still trade.</param>
    /// <param name="orders">+1 when it came alive, -1 when it died, else 0.</param>
    public void ChangeGuard(InstrumentId instrument, Side side, long delta, int orders)
    {
        ChangeStray(instrument, side, delta, orders);
        (side == Side.Buy ? _guardBuy : _guardSell)[instrument.Value] += delta;
    }

    /// <summary>Forgets which part is of such stops, before they are told again.</summary>
    public void ForgetGuards()
    {
        Array.Clear(_guardBuy);
        Array.Clear(_guardSell);
    }

    /// <summary>Tells again what is part of the open quantity already.</summary>
    /// <param name="instrument">Its instrument.</param>
    /// <param name="side">Its side.</param>
    /// <param name="open">Quantity units.</param>
    public void TellGuard(InstrumentId instrument, Side side, long open) =>
        (side == Side.Buy ? _guardBuy : _guardSell)[instrument.Value] += open;

    /// <inheritdoc/>
    public void Visit(StateVisitor visitor)
    {
        visitor.Visit<long>(_buy);
        visitor.Visit<long>(_sell);
        visitor.Visit<long>(_laneBuy);
        visitor.Visit<long>(_laneSell);
        visitor.Visit<long>(_priceBuy);
        visitor.Visit<long>(_priceSell);
        visitor.Visit<long>(_edgeBuy);
        visitor.Visit<long>(_edgeSell);
        visitor.Visit<uint>(_lanesBuy);
        visitor.Visit<uint>(_lanesSell);
        visitor.Visit(ref _liveOrders);
        _active = 0;
        for (int i = 1; i <= Limits.Instruments; i++)
        {
            _active |= (_buy[i] | _sell[i]) != 0 ? 1UL << (i - 1) : 0;
        }
    }
}
