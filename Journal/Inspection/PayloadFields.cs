using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Reflection;
using System.Text;
using LowLatency.Core.Events;
using LowLatency.Core.Formats;
using LowLatency.Core.Values;
using LowLatency.Journal.Audit;

namespace LowLatency.Journal.Inspection;

/// <summary>A payload field as text.</summary>
/// <param name="Name">Its name in lower camel case; with the suffix Units when the decimals are not known.</param>
/// <param name="Text">Its value.</param>
/// <param name="IsLiteral">True when the text is a JSON value as it stands, false when it is a string.</param>
internal readonly record struct FieldText(string Name, string Text, bool IsLiteral);

/// <summary>The unit of a whole number.</summary>
internal enum Unit
{
    /// <summary>A plain number: an id, a time, a count.</summary>
    Plain,

    /// <summary>The instrument's price unit.</summary>
    Price,

    /// <summary>The instrument's quantity unit.</summary>
    Quantity,

    /// <summary>The currency's unit.</summary>
    Money,
}

/// <summary>Takes any event's payload apart by the names of its fields.</summary>
internal static class PayloadFields
{
    private static readonly Dictionary<string, Unit> Units = new(StringComparer.Ordinal)
    {
        ["Price"] = Unit.Price,
        ["BidPrice"] = Unit.Price,
        ["AskPrice"] = Unit.Price,
        ["BasePrice"] = Unit.Price,
        ["Open"] = Unit.Price,
        ["High"] = Unit.Price,
        ["Low"] = Unit.Price,
        ["Close"] = Unit.Price,
        ["Tick"] = Unit.Price,
        ["Quantity"] = Unit.Quantity,
        ["BidQuantity"] = Unit.Quantity,
        ["AskQuantity"] = Unit.Quantity,
        ["CumulativeQuantity"] = Unit.Quantity,
        ["Lot"] = Unit.Quantity,
        ["MinQuantity"] = Unit.Quantity,
        ["MaxQuantity"] = Unit.Quantity,
        ["Volume"] = Unit.Quantity,
        ["LimitPrice"] = Unit.Price,
        ["StopPrice"] = Unit.Price,
        ["TakePrice"] = Unit.Price,
        ["TriggerPrice"] = Unit.Price,
        ["TrailingOffset"] = Unit.Price,
        ["ApprovedPrice"] = Unit.Price,
        ["ApprovedBid"] = Unit.Price,
        ["ApprovedAsk"] = Unit.Price,
        ["Target"] = Unit.Quantity,
        ["LanePosition"] = Unit.Quantity,
        ["Position"] = Unit.Quantity,
        ["Resting"] = Unit.Quantity,
        ["ApprovedDelta"] = Unit.Quantity,
        ["MinNotional"] = Unit.Money,
        ["Fee"] = Unit.Money,
        ["Amount"] = Unit.Money,
        ["Lowest"] = Unit.Price,
        ["Highest"] = Unit.Price,
        ["WrongPrice"] = Unit.Price,
        ["WrongQuantity"] = Unit.Quantity,
        ["OpenInterest"] = Unit.Quantity,
        ["Cash"] = Unit.Money,
        ["Equity"] = Unit.Money,
        ["Available"] = Unit.Money,
        ["Borrowed"] = Unit.Money,
        ["InitialMargin"] = Unit.Money,
        ["MaintenanceMargin"] = Unit.Money,
        ["UnrealisedProfit"] = Unit.Money,
        ["RealisedProfit"] = Unit.Money,
        ["Leaves"] = Unit.Quantity,
    };

    /// <summary>The unit of a field of type Int64.</summary>
    public static Unit UnitOf(string field) => Units.GetValueOrDefault(field, Unit.Plain);

    /// <summary>The fields of an event's payload.</summary>
    public static List<FieldText> Of(in Event e, InstrumentNames names) => e.Kind switch
    {
        EventKind.InstrumentDefined => Of(e, e.InstrumentDefined, names),
        EventKind.Trade => Of(e, e.Trade, names),
        EventKind.Quote => Of(e, e.Quote, names),
        EventKind.BookLevels => Levels(e, names),
        EventKind.Bar => Of(e, e.Bar, names),
        EventKind.TradingStatus => Of(e, e.TradingStatus, names),
        EventKind.StreamState => Of(e, e.StreamState, names),
        EventKind.Tick => Of(e, e.Tick, names),
        EventKind.EpochStarted => Of(e, e.EpochStarted, names),
        EventKind.EpochEnded => Of(e, e.EpochEnded, names),
        EventKind.Continue => Of(e, e.Continue, names),
        EventKind.Operator => Of(e, e.Operator, names),
        EventKind.BlobPart => Of(e, e.BlobPart, names),
        EventKind.CashMoved => Of(e, e.CashMoved, names),
        EventKind.CommandOutcome => Of(e, e.CommandOutcome, names),
        EventKind.OrderReport => Of(e, e.OrderReport, names),
        EventKind.Execution => Of(e, e.Execution, names),
        EventKind.DerivativePrices => Of(e, e.DerivativePrices, names),
        EventKind.Liquidation => Of(e, e.Liquidation, names),
        EventKind.PriceBand => Of(e, e.PriceBand, names),
        EventKind.TradeCorrected => Of(e, e.TradeCorrected, names),
        EventKind.CorporateAction => Of(e, e.CorporateAction, names),
        EventKind.CashBooked => Of(e, e.CashBooked, names),
        EventKind.PositionReport => Of(e, e.PositionReport, names),
        EventKind.BalanceReport => Of(e, e.BalanceReport, names),
        EventKind.ReadBack => Of(e, e.ReadBack, names),
        EventKind.Adjustment => Of(e, e.Adjustment, names),
        EventKind.Protection => Of(e, e.Protection, names),
        EventKind.CalendarDay => Of(e, e.CalendarDay, names),
        EventKind.None => [],
        _ => [],
    };

    /// <summary>The fields of an entry of a decision, in the units of the context's instrument.</summary>
    public static List<FieldText> OfEntry<
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicFields)] T>(
        in Event context, in T entry, InstrumentNames names)
        where T : unmanaged => Of(context, entry, names);

    /// <summary>A whole number of 10^-exponent as a decimal number, exact.</summary>
    public static string Decimal(long units, int exponent)
    {
        Int128 size = Int128.Abs(units);
        string digits = size.ToString(CultureInfo.InvariantCulture).PadLeft(exponent + 1, '0');
        string sign = units < 0 ? "-" : string.Empty;
        return exponent == 0 ? sign + digits : sign + digits[..^exponent] + "." + digits[^exponent..];
    }

    /// <summary>An amount of the event's instrument: a decimal where its definition is known, else whole units.</summary>
    public static string Amount(in Event e, Unit unit, long units, InstrumentNames names) =>
        Number(e, string.Empty, unit, units, names).Text;

    private static List<FieldText> Of<
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicFields)] T>(
        in Event e, in T payload, InstrumentNames names)
        where T : unmanaged
    {
        List<FieldText> fields = [];
        object boxed = payload;
        foreach (FieldInfo field in FieldTable<T>.Fields)
        {
            if (!field.Name.StartsWith("Reserved", StringComparison.Ordinal))
            {
                fields.Add(IsMoney(boxed, field)
                    ? Number(e, "quantity", Unit.Money, (long)field.GetValue(boxed)!, names)
                    : Field(e, field.Name, field.GetValue(boxed)!, names));
            }
        }

        return fields;
    }

    // The one field whose unit depends on its neighbour: an order for an amount of money.
    private static bool IsMoney(object payload, FieldInfo field) =>
        payload is Command command && (command.Flags & OrderFlags.Notional) != 0
        && field.Name == nameof(Command.Quantity);

    private static List<FieldText> Levels(in Event e, InstrumentNames names)
    {
        BookLevels levels = e.BookLevels;
        List<FieldText> fields =
        [
            Field(e, "UpdateId", levels.UpdateId, names),
            Field(e, "PreviousUpdateId", levels.PreviousUpdateId, names),
        ];
        StringBuilder text = new("[");
        bool known = names.TryGet(e.Instrument, out _);
        int capacity = levels.Layout == 0 ? BookLevels.NarrowCapacity : BookLevels.WideCapacity;
        for (int i = 0; i < Math.Min((int)levels.Count, capacity); i++)
        {
            string price = Field(e, "Price", levels.PriceAt(i), names).Text;
            string quantity = Field(e, "Quantity", levels.QuantityAt(i), names).Text;
            _ = text.Append(i == 0 ? string.Empty : ",")
                .Append(levels.SideAt(i) == Side.Buy ? "[\"bid\"," : "[\"ask\",")
                .Append(price)
                .Append(',')
                .Append(quantity)
                .Append(']');
        }

        fields.Add(new FieldText(known ? "levels" : "levelsUnits", text.Append(']').ToString(), true));
        return fields;
    }

    private static FieldText Field(in Event e, string name, object value, InstrumentNames names)
    {
        string camel = char.ToLowerInvariant(name[0]) + name[1..];
        switch (value)
        {
            case long units:
                return Number(e, camel, UnitOf(name), units, names);
            case Enum named:
                return new FieldText(camel, named.ToString(), false);
            case OrderId order:
                return new FieldText(camel, Text($"{order.Epoch}-{order.Sequence}-{order.Ordinal}"), false);
            case VenueId id:
                return new FieldText(camel, Text($"{id.High:x16}{id.Low:x16}"), false);
            case InstrumentId or StrategyId:
                return new FieldText(camel, Convert.ToString(Id(value), CultureInfo.InvariantCulture)!, true);
            case StyleId style:
                return new FieldText(camel, Text($"{style.Value}"), true);
            case Digest digest:
                return new FieldText(camel, digest.ToString(), false);
            case Symbol24 or Currency8:
                return new FieldText(camel, value.ToString()!, false);
            case Hash32 hash:
                return new FieldText(camel, Convert.ToHexStringLower((ReadOnlySpan<byte>)hash), false);
            case BlobBytes bytes:
                return new FieldText(camel, Convert.ToHexStringLower((ReadOnlySpan<byte>)bytes), false);
            default:
                return new FieldText(
                    camel, Convert.ToString(value, CultureInfo.InvariantCulture)!, value.GetType().IsPrimitive);
        }
    }

    private static ushort Id(object value) =>
        value is InstrumentId instrument ? instrument.Value : ((StrategyId)value).Value;

    private static FieldText Number(in Event e, string name, Unit unit, long units, InstrumentNames names)
    {
        // A definition speaks of itself; every other event of the last definition before it.
        InstrumentDefined definition = e.InstrumentDefined;
        bool known = e.Kind == EventKind.InstrumentDefined || names.TryGet(e.Instrument, out definition);
        return unit switch
        {
            Unit.Plain => new FieldText(name, Text($"{units}"), true),
            Unit.Money => new FieldText(name, Decimal(units, Money.Exponent), true),
            Unit.Price or Unit.Quantity when !known => new FieldText(name + "Units", Text($"{units}"), true),
            Unit.Price => new FieldText(name, Decimal(units, definition.PriceExponent), true),
            Unit.Quantity => new FieldText(name, Decimal(units, definition.QuantityExponent), true),
        };
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
