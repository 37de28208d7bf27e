using System;
using System.Collections.Generic;
using LowLatency.Core.Events;
using LowLatency.Core.Portfolio;
using LowLatency.Core.Values;
using LowLatency.Gateways.Sim;
using LowLatency.Sandbox.Market;

namespace LowLatency.Sandbox.Trading;

/// <summary>Cash by coin, positions and rows of executions of an account: a fold of what the matching engine has reported.</summary>
internal sealed class AccountLedger
{
    /// <summary>Rows of executions that are remembered.</summary>
    internal const int FillsKept = 20_000;

    private const decimal MoneyUnit = 0.00000001m;

    private readonly IdMaker _ids;
    private readonly SimulatedVenue? _margined;
    private readonly LinkedList<Fill> _fills = new();
    private readonly Position[] _positions = new Position[Limits.Instruments + 1];
    private readonly long[] _positionAt = new long[Limits.Instruments + 1];
    private readonly Dictionary<string, decimal> _cash = new(StringComparer.Ordinal);
    private readonly Dictionary<string, decimal> _realised = new(StringComparer.Ordinal);
    private long _fillNumber;

    /// <summary>Creates an empty ledger.</summary>
    /// <param name="ids">Ids of executions.</param>
    /// <param name="margined">The venue that asks for margin, and so must know the cash; null for none.</param>
    internal AccountLedger(IdMaker ids, SimulatedVenue? margined)
    {
        _ids = ids;
        _margined = margined;
    }

    /// <summary>Cash by coin.</summary>
    internal IReadOnlyDictionary<string, decimal> Cash => _cash;

    /// <summary>Rows of executions in the order of time.</summary>
    internal LinkedList<Fill> Fills => _fills;

    internal ref readonly Position PositionOf(ListedInstrument instrument) => ref _positions[instrument.Id.Value];

    /// <summary>When the position changed last; 0 for never.</summary>
    internal long PositionChangedAt(ListedInstrument instrument) => _positionAt[instrument.Id.Value];

    internal decimal CashOf(string coin) => _cash.GetValueOrDefault(coin);

    internal decimal RealisedOf(string coin) => _realised.GetValueOrDefault(coin);

    /// <summary>Moves cash of a coin.</summary>
    internal void Pay(string coin, decimal amount)
    {
        _cash[coin] = CashOf(coin) + amount;
        if (_margined is not null)
        {
            Event moved = new() { Source = EventSource.Engine, Flags = EventFlags.Whole };
            moved.Set(new CashMoved { Currency = Currency8.Of(coin), Amount = (long)(amount / MoneyUnit) });
            _margined.OnEvent(moved);
        }
    }

    /// <summary>Counts an execution, and on its order.</summary>
    internal Fill Take(in Event report, ListedInstrument instrument, SandboxOrder? order)
    {
        ref readonly Execution execution = ref report.Execution;
        ref Position position = ref _positions[report.Instrument.Value];
        long held = position.Quantity;
        long change = execution.Side.Sign() * execution.Quantity;
        decimal fee = execution.Fee * MoneyUnit;
        decimal realised = position.Apply(instrument.Rules, change, execution.Price, execution.Fee) * MoneyUnit;
        _positionAt[report.Instrument.Value] = report.VenueTime;
        decimal value = instrument.Notional(execution.Price, execution.Quantity);
        string feeCoin = instrument.Quote;
        if (instrument.Kind == InstrumentKind.Linear)
        {
            // The desk has booked it itself.
            _cash[instrument.Quote] = CashOf(instrument.Quote) + realised - fee;
        }
        else
        {
            // A pair takes its fee from what was got, as both venues do; a share from the cash.
            bool inBase = instrument.Kind == InstrumentKind.Spot && execution.Side == Side.Buy && fee >= 0;
            decimal got = inBase && value != 0 ? fee / value * instrument.Quantity(execution.Quantity) : fee;
            feeCoin = inBase ? instrument.Base : instrument.Quote;
            fee = inBase ? decimal.Round(got, instrument.IsAlpaca ? 9 : 12, MidpointRounding.AwayFromZero) : fee;
            Pay(instrument.Quote, execution.Side == Side.Buy ? -value : value);
            if (instrument.Kind == InstrumentKind.Spot)
            {
                Pay(instrument.Base, instrument.Quantity(change));
            }

            Pay(feeCoin, -fee);
        }

        _realised[instrument.Quote] = RealisedOf(instrument.Quote) + realised;
        if (order is not null)
        {
            order.Filled += execution.Quantity;
            order.FilledValue += value;
            order.Fee += fee;
            order.FeeCoin = feeCoin;
            order.FilledAt = report.VenueTime;
            order.UpdatedAt = report.VenueTime;
            order.Phase = OrderPhase.Working;
        }

        return Add(new Fill
        {
            Id = _ids.Uuid(),
            Kind = order is null ? FillKind.Liquidation : FillKind.Trade,
            Order = order,
            Instrument = instrument,
            Side = execution.Side,
            Price = execution.Price,
            Quantity = execution.Quantity,
            Fee = fee,
            FeeCoin = feeCoin,
            IsMaker = execution.Liquidity == Liquidity.Maker,
            At = report.VenueTime,
            Leaves = order?.Leaves ?? 0,
            Cumulative = order?.Filled ?? execution.Quantity,
            Closed = Math.Sign(held) == -Math.Sign(change) ? Math.Min(Math.Abs(held), Math.Abs(change)) : 0,
            Profit = realised,
            Number = ++_fillNumber,
            Sequence = instrument.Changes,
            Rate = value == 0 ? 0 : decimal.Round(fee / (feeCoin == instrument.Quote ? value : instrument.Quantity(execution.Quantity)), 8),
        });
    }

    /// <summary>Counts cash that moved without a fill.</summary>
    internal Fill TakeBooking(in Event report, ListedInstrument instrument)
    {
        ref readonly CashBooked booked = ref report.CashBooked;
        decimal amount = booked.Amount * MoneyUnit;
        _cash[instrument.Quote] = CashOf(instrument.Quote) + amount;
        return Add(new Fill
        {
            Id = _ids.Uuid(),
            Kind = FillKind.Funding,
            Instrument = instrument,
            Side = booked.Position < 0 ? Side.Sell : Side.Buy,
            Price = booked.AtPrice / Instrument.PowerOf10(9 - instrument.Rules.PriceExponent),
            Quantity = Math.Abs(booked.Position),
            Fee = -amount,
            FeeCoin = instrument.Quote,
            IsMaker = false,
            At = report.VenueTime,
            Number = ++_fillNumber,
            Sequence = instrument.Changes,
            Rate = booked.Rate / 1_000_000_000_000m,
        });
    }

    private Fill Add(Fill fill)
    {
        _ = _fills.AddLast(fill);
        if (_fills.Count > FillsKept)
        {
            _fills.RemoveFirst();
        }

        return fill;
    }
}
