using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using LowLatency.Core.Values;

namespace LowLatency.Core.Events;

/// <summary>
/// Some levels of a book (88 bytes): 7 in the narrow layout, 3 in the wide one. One venue message becomes a group of
/// these; the levels of a group in order are the levels of the message in order.
/// </summary>
/// <remarks>
/// <code>
///   0          8         16                24     25       26      27..31   32                                   88
///   +----------+---------+-----------------+------+--------+-------+--------+------------------------------------+
///   |BasePrice |UpdateId |PreviousUpdateId |Count |AskMask |Layout |zero    | narrow: 7 x (int offset, uint qty) |
///   +----------+---------+-----------------+------+--------+-------+--------+ wide:   3 x (long price, long qty) +
/// </code>
/// Narrow: price = BasePrice + offset. A quantity of 0 removes the level. Bit i of AskMask: level i is an ask.
/// </remarks>
[StructLayout(LayoutKind.Explicit, Size = Event.PayloadSize)]
public struct BookLevels : IPayload
{
    /// <summary>Levels of a narrow event.</summary>
    public const int NarrowCapacity = 7;

    /// <summary>Levels of a wide event.</summary>
    public const int WideCapacity = 3;

    /// <summary>Price units; the narrow offsets are relative to it.</summary>
    [FieldOffset(0)]
    public long BasePrice;

    /// <summary>The venue's number of the update that the group brings; 0 when the venue has none.</summary>
    [FieldOffset(8)]
    public long UpdateId;

    /// <summary>The update that this one must follow; 0 when the venue does not say. A mismatch is a gap.</summary>
    [FieldOffset(16)]
    public long PreviousUpdateId;

    /// <summary>Levels in this event.</summary>
    [FieldOffset(24)]
    public byte Count;

    /// <summary>Bit i set: level i is an ask, else a bid.</summary>
    [FieldOffset(25)]
    public byte AskMask;

    /// <summary>0 narrow, 1 wide.</summary>
    [FieldOffset(26)]
    public byte Layout;

    /// <summary>Must be zero.</summary>
    [FieldOffset(27)]
    public byte Reserved0;

    /// <summary>Must be zero.</summary>
    [FieldOffset(28)]
    public uint Reserved1;

    [FieldOffset(32)]
    private NarrowLevels _narrow;

    [FieldOffset(32)]
    private WideLevels _wide;

    /// <inheritdoc/>
    public static EventKind Kind => EventKind.BookLevels;

    /// <inheritdoc/>
    public static byte Version => 1;

    /// <summary>The levels of the narrow layout.</summary>
    [UnscopedRef]
    internal readonly ReadOnlySpan<NarrowLevel> Narrow => ((ReadOnlySpan<NarrowLevel>)_narrow)[..Count];

    /// <summary>Side of a level.</summary>
    /// <param name="index">0 to Count - 1.</param>
    /// <returns>Buy for a bid, sell for an ask.</returns>
    public readonly Side SideAt(int index) => (AskMask & (1 << index)) != 0 ? Side.Sell : Side.Buy;

    /// <summary>Price of a level.</summary>
    /// <param name="index">0 to Count - 1.</param>
    /// <returns>Price units.</returns>
    public readonly long PriceAt(int index) => Layout == 0 ? BasePrice + _narrow[index].Offset : _wide[index].Price;

    /// <summary>Quantity of a level; 0 removes it.</summary>
    /// <param name="index">0 to Count - 1.</param>
    /// <returns>Quantity units.</returns>
    public readonly long QuantityAt(int index) => Layout == 0 ? _narrow[index].Quantity : _wide[index].Quantity;

    /// <summary>Appends a level if it fits the layout and the space left.</summary>
    /// <param name="side">Buy for a bid, sell for an ask.</param>
    /// <param name="price">Price units.</param>
    /// <param name="quantity">Quantity units; 0 removes the level.</param>
    /// <returns>False when the level belongs into another event.</returns>
    public bool TryAdd(Side side, long price, long quantity)
    {
        if (Layout == 0)
        {
            long offset = price - BasePrice;
            if (Count == NarrowCapacity || offset is < int.MinValue or > int.MaxValue || quantity > uint.MaxValue)
            {
                return false;
            }

            _narrow[Count] = new NarrowLevel { Offset = (int)offset, Quantity = (uint)quantity };
        }
        else
        {
            if (Count == WideCapacity)
            {
                return false;
            }

            _wide[Count] = new WideLevel { Price = price, Quantity = quantity };
        }

        if (side == Side.Sell)
        {
            AskMask |= (byte)(1 << Count);
        }

        Count++;
        return true;
    }

    /// <summary>Makes these the levels, in the narrow layout and relative to <see cref="BasePrice"/>.</summary>
    /// <param name="levels">At most <see cref="NarrowCapacity"/>; price and quantity of each must fit.</param>
    internal void SetNarrow(ReadOnlySpan<LevelChange> levels)
    {
        uint asks = 0;
        for (int i = 0; i < levels.Length; i++)
        {
            ref readonly LevelChange level = ref levels[i];
            _narrow[i] = new NarrowLevel { Offset = (int)(level.Price - BasePrice), Quantity = (uint)level.Quantity };
            asks |= level.Side == Side.Sell ? 1u << i : 0;
        }

        AskMask = (byte)asks;
        Count = (byte)levels.Length;
    }

    private struct WideLevel
    {
        public long Price;
        public long Quantity;
    }

    [InlineArray(NarrowCapacity)]
    private struct NarrowLevels
    {
        private NarrowLevel _first;
    }

    [InlineArray(WideCapacity)]
    private struct WideLevels
    {
        private WideLevel _first;
    }
}

/// <summary>A level of the narrow layout.</summary>
internal struct NarrowLevel
{
    /// <summary>Price units from the base price.</summary>
    public int Offset;

    /// <summary>Quantity units; 0 removes the level.</summary>
    public uint Quantity;
}
