using System;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Gateways.Wire;

namespace LowLatency.Gateways.Bybit;

/// <summary>Paths of requests to Bybit; a query is signed exactly as it stands here.</summary>
internal static class BybitPaths
{
    /// <summary>Bytes of the longest path: a cursor and what stands around it.</summary>
    internal const int LengthMax = 1024;

    /// <summary>Orders of a page.</summary>
    internal const int OrdersLimit = 50;

    /// <summary>Executions of a page.</summary>
    internal const int ExecutionsLimit = 100;

    /// <summary>Positions of a page.</summary>
    internal const int PositionsLimit = 200;

    private const long Millisecond = 1_000_000;

    /// <summary>The path of a command.</summary>
    internal static ReadOnlySpan<byte> Of(CommandVerb verb) => verb switch
    {
        CommandVerb.New => "/v5/order/create"u8,
        CommandVerb.Amend => "/v5/order/amend"u8,
        _ => "/v5/order/cancel"u8,
    };

    /// <summary>
    /// The path of a look-up: of working orders, of ended ones, or of executions. An order that has no id of ours is asked for by
    /// the venue's.
    /// </summary>
    internal static int WriteLookup(
        int step, in InstrumentDefined rules, in Command command, ushort instance, ReadOnlySpan<byte> cursor, Span<byte> destination)
    {
        BodyWriter path = new(destination);
        path.Raw(step switch
        {
            0 => "/v5/order/realtime?category="u8,
            1 => "/v5/order/history?category="u8,
            _ => "/v5/execution/list?category="u8,
        });
        path.Raw(CategoryOf(rules.InstrumentKind));
        path.Raw("&symbol="u8);
        path.Raw(InstrumentTable.NameOf(rules));
        Span<byte> id = stackalloc byte[36];
        bool isOurs = !command.Order.IsNone;
        path.Raw(isOurs ? "&orderLinkId="u8 : "&orderId="u8);
        path.Raw(id[..(isOurs ? command.Order.Format(instance, id) : WireId.Format(command.VenueOrder, id))]);
        path.Raw("&limit="u8);
        path.Number(step < 2 ? OrdersLimit : ExecutionsLimit);
        Cursor(ref path, cursor);
        return path.Length;
    }

    /// <summary>The path of a page of working orders or positions.</summary>
    internal static int WriteList(
        ReadBackSubject subject, InstrumentKind kind, ReadOnlySpan<byte> coin, ReadOnlySpan<byte> cursor, Span<byte> destination)
    {
        BodyWriter path = new(destination);
        bool orders = subject == ReadBackSubject.Orders;
        path.Raw(orders ? "/v5/order/realtime?category="u8 : "/v5/position/list?category="u8);
        path.Raw(CategoryOf(kind));
        if (!coin.IsEmpty)
        {
            path.Raw("&settleCoin="u8);
            path.Raw(coin);
        }

        path.Raw(orders ? "&openOnly=0&limit="u8 : "&limit="u8);
        path.Number(orders ? OrdersLimit : PositionsLimit);
        Cursor(ref path, cursor);
        return path.Length;
    }

    /// <summary>The path of a page of executions.</summary>
    internal static int WriteExecutions(
        InstrumentKind kind, long from, long to, ReadOnlySpan<byte> cursor, Span<byte> destination)
    {
        BodyWriter path = new(destination);
        path.Raw("/v5/execution/list?category="u8);
        path.Raw(CategoryOf(kind));
        path.Raw("&startTime="u8);
        path.Number(from / Millisecond);
        path.Raw("&endTime="u8);
        path.Number(to / Millisecond);
        path.Raw("&limit="u8);
        path.Number(ExecutionsLimit);
        Cursor(ref path, cursor);
        return path.Length;
    }

    /// <summary>The path of an instrument's rules.</summary>
    internal static int WriteInstrument(BybitInstrument instrument, Span<byte> destination)
    {
        BodyWriter path = new(destination);
        path.Raw("/v5/market/instruments-info?category="u8);
        path.Raw(CategoryOf(instrument.Kind));
        path.Raw("&symbol="u8);
        Symbol24 symbol = Symbol24.Of(instrument.Symbol);
        ReadOnlySpan<byte> padded = symbol;
        path.Raw(padded.TrimEnd((byte)0));
        return path.Length;
    }

    /// <summary>The venue's word for a kind of instrument.</summary>
    internal static ReadOnlySpan<byte> CategoryOf(InstrumentKind kind) =>
        kind == InstrumentKind.Spot ? "spot"u8 : "linear"u8;

    private static void Cursor(ref BodyWriter path, ReadOnlySpan<byte> cursor)
    {
        if (!cursor.IsEmpty)
        {
            path.Raw("&cursor="u8);
            path.Raw(cursor);
        }
    }
}
