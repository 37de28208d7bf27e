using System;
using LowLatency.Core.Events;
using LowLatency.Core.Values;

namespace LowLatency.Journal.Import;

/// <summary>Rows of our own format that are no market data: corporate actions, and what a venue says of a derivative.</summary>
internal static class CsvFacts
{
    /// <summary>Names of the rows.</summary>
    internal const string Rows = "split, dividend, renamed, delisted, derivative";

    private const int PriceExponent = 9;
    private const int RateExponent = 12;
    private const long RateMax = 1_000_000_000_000;
    private const long IntervalMax = 31 * 86_400;

    /// <summary>Reads a corporate action, from the fields after the symbol on.</summary>
    /// <returns>False when the row is none.</returns>
    internal static bool TryAction(ReadOnlySpan<byte> row, ref CommaFields fields, CsvInstrument instrument, out CorporateAction action)
    {
        action = new CorporateAction { Effect = CorporateActionEffect.InForce };
        if (row.SequenceEqual("split"u8))
        {
            action.Action = CorporateActionKind.Split;
            action.NewShares = Fields.PositiveAmount("new_shares", fields.Next("new_shares"), 0);
            action.OldShares = Fields.PositiveAmount("old_shares", fields.Next("old_shares"), 0);
            action.ReferencePrice = Optional("reference_price", fields.Next("reference_price"));
        }
        else if (row.SequenceEqual("dividend"u8))
        {
            action.Action = CorporateActionKind.Dividend;
            action.CashPerShare = Fields.PositiveAmount("cash_per_share", fields.Next("cash_per_share"), PriceExponent);
            action.ReferencePrice = Optional("reference_price", fields.Next("reference_price"));
            ReadOnlySpan<byte> days = fields.Next("pay_after_days");
            long after = days.Length == 0 ? 0 : Fields.Whole("pay_after_days", days);
            action.PayAfterDays = after <= ushort.MaxValue
                ? (ushort)after
                : throw new FieldException("pay_after_days", days, "0 to 65535 days, or nothing");
        }
        else if (row.SequenceEqual("renamed"u8))
        {
            ReadOnlySpan<byte> name = fields.Next("new_symbol");
            if (name.Length is < 1 or > 24 || name.IndexOfAnyExceptInRange((byte)'!', (byte)'~') >= 0)
            {
                throw new FieldException("new_symbol", name, "1 to 24 printable ASCII characters");
            }

            action.Action = CorporateActionKind.Renamed;
            action.NewSymbol = Symbol24.Of(System.Text.Encoding.ASCII.GetString(name));
        }
        else if (row.SequenceEqual("delisted"u8))
        {
            action.Action = CorporateActionKind.Delisted;
        }
        else
        {
            return false;
        }

        fields.End();
        return instrument.Definition.InstrumentKind == InstrumentKind.Equity
            ? true
            : throw new FieldException("symbol", instrument.Symbol, "a share: nothing else has corporate actions");
    }

    /// <summary>Reads what a venue says of a derivative, from the fields after the symbol on.</summary>
    internal static DerivativePrices Derivative(ref CommaFields fields, CsvInstrument instrument)
    {
        DerivativePrices prices = new()
        {
            MarkPrice = Optional("mark_price", fields.Next("mark_price")),
            IndexPrice = Optional("index_price", fields.Next("index_price")),
            FundingRate = Rate(fields.Next("funding_rate")),
        };
        ReadOnlySpan<byte> next = fields.Next("next_funding");
        prices.NextFunding = next.Length == 0 ? 0 : CsvTime.Parse("next_funding", next);
        ReadOnlySpan<byte> seconds = fields.Next("funding_seconds");
        long interval = seconds.Length == 0 ? 0 : Fields.Whole("funding_seconds", seconds);
        prices.FundingInterval = interval <= IntervalMax
            ? interval * 1_000_000_000
            : throw new FieldException("funding_seconds", seconds, "at most 31 days, or nothing");
        ReadOnlySpan<byte> open = fields.Next("open_interest");
        prices.OpenInterest = open.Length == 0 ? 0 : Fields.Amount("open_interest", open, instrument.QuantityExponent);
        fields.End();
        return instrument.Definition.InstrumentKind is InstrumentKind.Linear or InstrumentKind.Inverse
            ? prices
            : throw new FieldException("symbol", instrument.Symbol, "a derivative: nothing else has a mark price or funding");
    }

    private static long Optional(string field, ReadOnlySpan<byte> text) =>
        text.Length == 0 ? 0 : Fields.Amount(field, text, PriceExponent);

    private static long Rate(ReadOnlySpan<byte> text) =>
        text.Length == 0 ? 0
        : DecimalText.TryParse(text, RateExponent, out long rate) && rate is >= -RateMax and <= RateMax ? rate
        : throw new FieldException("funding_rate", text, "a decimal from -1 to 1 with at most 12 decimals, or nothing");
}
