using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using LowLatency.Core.Events;

namespace LowLatency.Tests.Gateways.Wire;

/// <summary>Events as lines that a person can compare; the group of a book is one line.</summary>
internal static class WireShow
{
    internal static List<string> Lines(ReadOnlySpan<Event> events)
    {
        List<string> lines = [];
        StringBuilder? book = null;
        foreach (ref readonly Event e in events)
        {
            if (e.Kind != EventKind.BookLevels)
            {
                lines.Add(Head(e) + Body(e));
                continue;
            }

            if ((e.Flags & EventFlags.First) != 0)
            {
                bool snapshot = (e.Flags & EventFlags.Snapshot) != 0;
                book = new StringBuilder(Of(
                    e, $"Book u={e.BookLevels.UpdateId} after={e.BookLevels.PreviousUpdateId} snapshot={snapshot}"));
            }

            for (int i = 0; i < e.BookLevels.Count; i++)
            {
                book!.Append(CultureInfo.InvariantCulture, $" {e.BookLevels.SideAt(i)}:{e.BookLevels.PriceAt(i)}:{e.BookLevels.QuantityAt(i)}");
            }

            if (e.EndsGroup)
            {
                lines.Add(book!.ToString());
                book = null;
            }
        }

        if (book is not null)
        {
            lines.Add("unfinished " + book);
        }

        return lines;
    }

    internal static string Of(in Event e, string body) => string.Create(
        CultureInfo.InvariantCulture, $"#{e.Instrument.Value} at {e.VenueTime} by {e.Source}: {body}");

    private static string Head(in Event e) =>
        Of(e, string.Empty) + (e.Flags == EventFlags.Whole ? string.Empty : "flags " + e.Flags + " ");

    private static string Body(in Event e) => e.Kind switch
    {
        EventKind.Trade => Text($"Trade {e.Trade.Price} x {e.Trade.Quantity} {e.Trade.Aggressor} id={e.Trade.TradeId} marks={(ushort)e.Trade.Marks} cond={e.Trade.SaleCondition} ex={e.Trade.Exchange}"),
        EventKind.Quote => Text($"Quote {e.Quote.BidPrice} x {e.Quote.BidQuantity} / {e.Quote.AskPrice} x {e.Quote.AskQuantity} u={e.Quote.UpdateId}"),
        EventKind.Bar => Text($"Bar {e.Bar.StartTime}+{e.Bar.Timeframe} {e.Bar.Open} {e.Bar.High} {e.Bar.Low} {e.Bar.Close} v={e.Bar.Volume} t={e.Bar.Turnover} n={e.Bar.TradeCount}"),
        EventKind.TradingStatus => Text($"Status {e.TradingStatus.Status}"),
        EventKind.StreamState => Text($"Stream {e.StreamState.State}"),
        EventKind.DerivativePrices => Text($"Prices m={e.DerivativePrices.MarkPrice} i={e.DerivativePrices.IndexPrice} f={e.DerivativePrices.FundingRate} at {e.DerivativePrices.NextFunding} every {e.DerivativePrices.FundingInterval} oi={e.DerivativePrices.OpenInterest}"),
        EventKind.Liquidation => Text($"Liquidation {e.Liquidation.Position} {e.Liquidation.Price} x {e.Liquidation.Quantity}"),
        EventKind.PriceBand => Text($"Band {e.PriceBand.Lowest}..{e.PriceBand.Highest}"),
        EventKind.TradeCorrected => Text($"Corrected {e.TradeCorrected.TradeId} {e.TradeCorrected.WrongPrice} x {e.TradeCorrected.WrongQuantity} -> {e.TradeCorrected.Price} x {e.TradeCorrected.Quantity}"),
        EventKind.OrderReport => Text($"Order {e.OrderReport.Order.Packed} venue={e.OrderReport.VenueOrder.High:x}.{e.OrderReport.VenueOrder.Low:x} {e.OrderReport.Status} {e.OrderReport.Reason} {e.OrderReport.Price} x {e.OrderReport.Quantity} cum={e.OrderReport.CumulativeQuantity} code={e.OrderReport.VenueCode}"),
        EventKind.Execution => Text($"Fill {e.Execution.Order.Packed} id={e.Execution.ExecutionId.High:x}.{e.Execution.ExecutionId.Low:x} {e.Execution.Side} {e.Execution.Price} x {e.Execution.Quantity} fee={e.Execution.Fee} cum={e.Execution.CumulativeQuantity} {e.Execution.Liquidity}"),
        EventKind.CashBooked => Text($"Booked id={e.CashBooked.BookingId.High:x}.{e.CashBooked.BookingId.Low:x} {e.CashBooked.Amount} at {e.CashBooked.AtPrice} of {e.CashBooked.Position} rate={e.CashBooked.Rate} {e.CashBooked.Reason}"),
        EventKind.PositionReport => Text($"Position {e.PositionReport.Quantity} avg={e.PositionReport.AveragePrice} mark={e.PositionReport.MarkPrice} liq={e.PositionReport.LiquidationPrice} open={e.PositionReport.UnrealisedProfit} done={e.PositionReport.RealisedProfit} u={e.PositionReport.UpdateId} leg={e.PositionReport.Leg} ro={e.PositionReport.ReduceOnly}"),
        EventKind.BalanceReport => Text($"Balance '{e.BalanceReport.Currency.ToString()}' cash={e.BalanceReport.Cash} eq={e.BalanceReport.Equity} av={e.BalanceReport.Available} debt={e.BalanceReport.Borrowed} im={e.BalanceReport.InitialMargin} mm={e.BalanceReport.MaintenanceMargin} open={e.BalanceReport.UnrealisedProfit}"),
        EventKind.CommandOutcome => Text($"Outcome {e.CommandOutcome.Order.Packed} of {e.CommandOutcome.CommandSequence} {e.CommandOutcome.Verb} {e.CommandOutcome.Outcome} {e.CommandOutcome.Reason}"),
        EventKind.InstrumentDefined => Text($"Defined {e.InstrumentDefined.Symbol.ToString()} {e.InstrumentDefined.InstrumentKind} in {e.InstrumentDefined.Currency.ToString()} 1e-{e.InstrumentDefined.PriceExponent} 1e-{e.InstrumentDefined.QuantityExponent} tick={e.InstrumentDefined.Tick} lot={e.InstrumentDefined.Lot} min={e.InstrumentDefined.MinQuantity} max={e.InstrumentDefined.MaxQuantity} notional={e.InstrumentDefined.MinNotional} x{e.InstrumentDefined.Multiplier} v{e.InstrumentDefined.DefinitionVersion}"),
        _ => e.Kind.ToString(),
    };

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
