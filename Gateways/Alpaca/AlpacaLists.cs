using System;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Gateways.Wire;

namespace LowLatency.Gateways.Alpaca;

/// <summary>Items of Alpaca's REST answers, one by one: account, positions, activities, assets, clock, days.</summary>
internal sealed class AlpacaLists(
    InstrumentTable instruments, AlpacaOrderNames names, EventBatch batch, WireCounters counters)
{
    /// <summary>
    /// Decimal places of a share's price: orders have two or four, prints four, and an improved fill has been seen with more.
    /// </summary>
    internal const int SharePriceExponent = 6;

    private const int E9 = 9;
    private const int FractionExponent = 9;
    private const long ShareTick = 10_000;
    private const long SharesMax = 10_000_000;

    private static readonly FieldNames AccountNames = new(
        "id status currency cash equity buying_power initial_margin maintenance_margin multiplier trading_blocked "
        + "account_blocked trade_suspended_by_user shorting_enabled daytrade_count pattern_day_trader",
        "account_number regt_buying_power non_marginable_buying_power options_buying_power options_approved_level "
        + "options_trading_level crypto_status last_equity portfolio_value long_market_value short_market_value "
        + "last_maintenance_margin sma accrued_fees pending_transfer_in pending_transfer_out pending_reg_taf_fees "
        + "intraday_adjustments balance_asof transfers_blocked created_at daytrading_buying_power bod_dtbp "
        + "last_daytrade_count last_daytrading_buying_power effective_buying_power crypto_tier position_market_value "
        + "user_configurations admin_configurations");

    private static readonly FieldNames PositionNames = new(
        "symbol qty side avg_entry_price current_price unrealized_pl",
        "asset_id exchange asset_class qty_available market_value cost_basis unrealized_plpc unrealized_intraday_pl "
        + "unrealized_intraday_plpc lastday_price change_today asset_marginable usd swap_rate avg_entry_swap_rate");

    private static readonly FieldNames ActivityNames = new(
        "id activity_type symbol side price qty cum_qty transaction_time net_amount per_share_amount order_id",
        "account_id type leaves_qty order_status date status description created_at swap_rate currency");

    private static readonly FieldNames AssetNames = new(
        "class symbol status tradable fractionable min_order_size min_trade_increment price_increment",
        "id exchange name marginable shortable easy_to_borrow borrow_status maintenance_margin_requirement attributes "
        + "last_close_pct_change last_price margin_requirement_long margin_requirement_short cusip");

    private static readonly FieldNames ClockNames = new("timestamp is_open next_open next_close");
    private static readonly FieldNames DayNames = new("date open close session_open session_close", "settlement_date");

    private readonly Wish[] _wishes = new Wish[Limits.Instruments];
    private readonly AlpacaDay[] _days = new AlpacaDay[AlpacaRestDecoder.DaysMax];
    private readonly byte[] _lastActivity = new byte[AlpacaPaths.TokenMax];
    private int _lastActivityLength;
    private int _wishCount;
    private int _dayCount;

    internal AlpacaAccount Account { get; private set; }

    internal AlpacaClock Clock { get; private set; }

    internal ReadOnlySpan<AlpacaDay> Days => _days.AsSpan(0, _dayCount);

    internal void Want(InstrumentId id, string symbol, ushort version)
    {
        Ensure.That(_wishCount < _wishes.Length, "more instruments than the limit");
        _wishes[_wishCount++] = new Wish { Id = id, Symbol = Symbol24.Of(symbol), Version = version };
    }

    internal ReadOnlySpan<byte> LastActivity => _lastActivity.AsSpan(0, _lastActivityLength);

    internal void Begin(AlpacaRead read)
    {
        _dayCount = read == AlpacaRead.Calendar ? 0 : _dayCount;
        _lastActivityLength = 0;
    }

    internal static FieldNames NamesOf(AlpacaRead read) => read switch
    {
        AlpacaRead.Account => AccountNames,
        AlpacaRead.Positions => PositionNames,
        AlpacaRead.Activities => ActivityNames,
        AlpacaRead.Assets => AssetNames,
        AlpacaRead.Clock => ClockNames,
        _ => DayNames,
    };

    internal WireFault Item(AlpacaRead read, in WireFields item, Event header) => read switch
    {
        AlpacaRead.Account => OneAccount(item, header),
        AlpacaRead.Positions => Position(item, header),
        AlpacaRead.Activities => Activity(item, header),
        AlpacaRead.Assets => Asset(item, header),
        AlpacaRead.Clock => OneClock(item),
        _ => Day(item),
    };

    private WireFault OneAccount(in WireFields item, in Event header)
    {
        const int money = Money.Exponent;
        BalanceReport report = default;
        Span<byte> currency = report.Currency;
        ReadOnlySpan<byte> name = item.Text(2);
        if (name.IsEmpty || name.Length > currency.Length || item.IsAbsent(3) || item.IsAbsent(4) || item.IsAbsent(5)
            || item.IsAbsent(1))
        {
            return WireFault.Missing;
        }

        name.CopyTo(currency);
        if (!item.TryCutUnits(3, money, out report.Cash) || !item.TryCutUnits(4, money, out report.Equity)
            || !item.TryCutUnits(5, money, out report.Available) || !item.TryCutUnits(6, money, out report.InitialMargin)
            || !item.TryCutUnits(7, money, out report.MaintenanceMargin)
            || !item.TryWhole(8, out long multiplier) || multiplier is < 1 or > 10)
        {
            return WireFault.Number;
        }

        if (!item.TryId(0, out VenueId id))
        {
            return WireFault.Id;
        }

        bool counts = item.TryWhole(13, out long trades) && trades is >= 0 and < 1_000;
        if (!Flag(item, 9, out bool tradingBlocked) || !Flag(item, 10, out bool accountBlocked)
            || !Flag(item, 11, out bool suspended) || !Flag(item, 12, out bool shorting)
            || (!counts && !item.IsAbsent(13)))
        {
            return WireFault.Missing;
        }

        report.Borrowed = Math.Max(0, -Math.Max(report.Cash, -long.MaxValue));
        Account = new AlpacaAccount(
            id,
            item.Says(1, "ACTIVE"u8),
            tradingBlocked || accountBlocked || suspended,
            shorting,
            (int)multiplier,
            counts ? (int)trades : null,
            item[14].Kind switch { WireKind.True => true, WireKind.False => false, _ => null });
        return batch.TryAdd(header, report) ? WireFault.None : WireFault.TooMany;
    }

    private WireFault Position(in WireFields item, Event header)
    {
        if (!AlpacaWords.TryFind(instruments, item.Text(0), out int place))
        {
            counters.UnknownInstruments++;
            return WireFault.None;
        }

        ref readonly InstrumentDefined rules = ref instruments.RulesAt(place);
        PositionReport report = default;
        bool isShort = item.Says(2, "short"u8);
        if (!isShort && !item.Says(2, "long"u8))
        {
            return WireFault.Word;
        }

        if (!item.TryUnits(1, rules.QuantityExponent, out report.Quantity)
            || !item.TryCutUnits(3, E9, out report.AveragePrice) || !item.TryCutUnits(4, E9, out report.MarkPrice)
            || !item.TryCutUnits(5, Money.Exponent, out report.UnrealisedProfit))
        {
            return WireFault.Number;
        }

        // The quantity has its sign already, and the side must agree.
        if (report.Quantity == 0 || isShort != (report.Quantity < 0))
        {
            return WireFault.Contradiction;
        }

        header.Instrument = instruments.IdAt(place);
        return batch.TryAdd(header, report) ? WireFault.None : WireFault.TooMany;
    }

    private WireFault Activity(in WireFields item, Event header)
    {
        // {time}::{uuid}: the second half names the execution or booking.
        ReadOnlySpan<byte> text = item.Text(0);
        int colon = text.LastIndexOf("::"u8);
        if (colon < 0 || !WireId.TryParse(text[(colon + 2)..], out VenueId id) || id == VenueId.None
            || text.Length > _lastActivity.Length)
        {
            return WireFault.Id;
        }

        text.CopyTo(_lastActivity);
        _lastActivityLength = text.Length;

        if (!item.TryTime(7, out header.VenueTime))
        {
            return WireFault.Time;
        }

        bool isKnown = AlpacaWords.TryFind(instruments, item.Text(2), out int place);
        header.Instrument = isKnown ? instruments.IdAt(place) : InstrumentId.None;
        if (!item.Says(1, "FILL"u8))
        {
            return Booking(item, id, header);
        }

        if (!isKnown)
        {
            counters.UnknownInstruments++;
            return WireFault.None;
        }

        // The activity names the order by the venue's id alone.
        if (!item.TryId(10, out VenueId order))
        {
            return WireFault.Id;
        }

        ref readonly InstrumentDefined rules = ref instruments.RulesAt(place);
        Execution fill = new() { Order = names.Find(order) };
        bool isShort = item.Says(3, "sell_short"u8);
        if (!isShort && (!item.TrySide(3, out fill.Side) || fill.Side == Side.None))
        {
            return WireFault.Word;
        }

        fill.Side = isShort ? Side.Sell : fill.Side;
        return !item.TryUnits(4, rules.PriceExponent, out fill.Price) || fill.Price <= 0
            || !item.TryUnits(5, rules.QuantityExponent, out fill.Quantity) || fill.Quantity <= 0
            || !item.TryUnits(6, rules.QuantityExponent, out fill.CumulativeQuantity) || fill.CumulativeQuantity <= 0 ? WireFault.Number
            : fill.CumulativeQuantity < fill.Quantity ? WireFault.Contradiction
            : Named(ref fill, order, header);
    }

    private WireFault Named(ref Execution fill, VenueId order, in Event header)
    {
        fill.ExecutionId = AlpacaWords.FillOf(order, fill.CumulativeQuantity);
        return batch.TryAdd(header, fill) ? WireFault.None : WireFault.TooMany;
    }

    private WireFault Booking(in WireFields item, VenueId id, in Event header)
    {
        ReadOnlySpan<byte> type = item.Text(1);
        CashBooked booked = new()
        {
            BookingId = id,
            Reason = type.StartsWith("DIV"u8) ? BookingReason.Dividend
                : type.SequenceEqual("INT"u8) ? BookingReason.Interest
                : type.SequenceEqual("FEE"u8) || type.SequenceEqual("CFEE"u8) || type.SequenceEqual("DIVFEE"u8)
                ? BookingReason.Fee
                : BookingReason.None,
        };

        // Transfers, splits, mergers and the like change more than cash: a person or a reconciliation looks at them.
        if (booked.Reason == BookingReason.None)
        {
            counters.NewWords++;
            return WireFault.None;
        }

        return !item.TryUnits(8, Money.Exponent, out booked.Amount) ? WireFault.Number
            : batch.TryAdd(header, booked) ? WireFault.None
            : WireFault.TooMany;
    }

    private WireFault Asset(in WireFields item, Event header)
    {
        int wish = Find(item.Text(1));
        if (wish < 0)
        {
            return WireFault.None;
        }

        bool crypto = item.Says(0, "crypto"u8);
        if ((!crypto && !item.Says(0, "us_equity"u8)) || !Flag(item, 3, out bool tradable)
            || !Flag(item, 4, out bool fractionable))
        {
            return WireFault.Word;
        }

        InstrumentDefined definition = new()
        {
            Symbol = _wishes[wish].Symbol,
            Currency = Currency8.Of("USD"),
            InstrumentKind = crypto ? InstrumentKind.Spot : InstrumentKind.Equity,
            Multiplier = 1,
            DefinitionVersion = (ushort)(_wishes[wish].Version + 1),
            PriceExponent = crypto ? (byte)E9 : (byte)SharePriceExponent,
            QuantityExponent = crypto || fractionable ? (byte)FractionExponent : (byte)0,
            Tick = ShareTick,
            Lot = 1,
            MinQuantity = 1,
        };
        if (crypto && (!item.TryUnits(7, E9, out definition.Tick) || !item.TryUnits(6, E9, out definition.Lot)
            || !item.TryCutUnits(5, E9, out definition.MinQuantity) || definition.Tick <= 0 || definition.Lot <= 0))
        {
            return WireFault.Number;
        }

        definition.MinQuantity = Math.Max(definition.Lot, definition.MinQuantity);
        definition.MaxQuantity = crypto
            ? long.MaxValue / 1_000
            : SharesMax * Instrument.PowerOf10(definition.QuantityExponent) / (fractionable ? 10 : 1);
        header.Instrument = _wishes[wish].Id;
        TradingStatus status = tradable && item.Says(2, "active"u8) ? TradingStatus.Open : TradingStatus.Halted;
        return batch.TryAdd(header, definition) && batch.TryAdd(header, new TradingStatusChanged { Status = status })
            ? WireFault.None
            : WireFault.TooMany;
    }

    private WireFault OneClock(in WireFields item)
    {
        if (!Flag(item, 1, out bool isOpen) || item.IsAbsent(0) || !item.TryTime(0, out long now)
            || item.IsAbsent(2) || !item.TryTime(2, out long open) || item.IsAbsent(3) || !item.TryTime(3, out long close))
        {
            return WireFault.Time;
        }

        Clock = new AlpacaClock(now, isOpen, open, close);
        return WireFault.None;
    }

    private WireFault Day(in WireFields item)
    {
        if (!WireTime.TryDay(item.Text(0), out long day) || !TryMinute(item.Text(1), out int open)
            || !TryMinute(item.Text(2), out int close))
        {
            return WireFault.Time;
        }

        int first = open;
        int last = close;
        if ((!item.IsAbsent(3) && !TryMinute(item.Text(3), out first)) || (!item.IsAbsent(4) && !TryMinute(item.Text(4), out last)))
        {
            return WireFault.Time;
        }

        if (_dayCount == _days.Length)
        {
            return WireFault.TooMany;
        }

        if (open >= close || first > open || last < close
            || (_dayCount > 0 && _days[_dayCount - 1].Day >= day))
        {
            return WireFault.Contradiction;
        }

        _days[_dayCount++] = new AlpacaDay((int)day, open, close, first, last);
        return WireFault.None;
    }

    // "09:30" and "0400": one answer has both.
    private static bool TryMinute(ReadOnlySpan<byte> text, out int minute)
    {
        minute = 0;
        int minutes = text.Length == 5 && text[2] == (byte)':' ? 3 : 2;
        if (text.Length is not (4 or 5) || (text.Length == 5 && minutes != 3)
            || !DecimalText.TryParse(text[..2], 0, out long hour) || hour is < 0 or > 23
            || !DecimalText.TryParse(text[minutes..], 0, out long rest) || rest is < 0 or > 59)
        {
            return false;
        }

        minute = (int)((hour * 60) + rest);
        return true;
    }

    private static bool Flag(in WireFields item, int field, out bool value)
    {
        value = item[field].Kind == WireKind.True;
        return value || item[field].Kind == WireKind.False;
    }

    private int Find(ReadOnlySpan<byte> symbol)
    {
        for (int i = 0; i < _wishCount; i++)
        {
            ReadOnlySpan<byte> wanted = _wishes[i].Symbol;
            if (symbol.SequenceEqual(wanted.TrimEnd((byte)0)))
            {
                return i;
            }
        }

        return -1;
    }

    private struct Wish
    {
        internal InstrumentId Id;
        internal Symbol24 Symbol;
        internal ushort Version;
    }
}
