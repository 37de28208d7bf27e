using System;
using LowLatency.Core.Events;
using LowLatency.Core.Values;

namespace LowLatency.Journal.Import;

/// <summary>
/// A LEAN factor file: date, price factor, split factor, last close. A row holds up to its date; where a factor of the
/// next row differs, a dividend or a split is in force from the midnight that ends the date.
/// </summary>
internal sealed class LeanFactorReader(LineReader lines, FileSummary summary, bool roundsToCents, InstrumentId instrument)
    : ImportReader(lines, summary)
{
    private const int ReferenceExponent = 9;

    private Row _row;
    private bool _hasRow;
    private Event _split;
    private bool _hasSplit;

    private protected override bool IsCompanion => true;

    private protected override void OnLine(ReadOnlySpan<byte> line)
    {
        CommaFields fields = new(line);
        ReadOnlySpan<byte> date = fields.Next("date");
        ReadOnlySpan<byte> price = fields.Next("price factor");
        ReadOnlySpan<byte> split = fields.Next("split factor");
        ReadOnlySpan<byte> reference = fields.Next("reference price");
        fields.End();
        Row next = new(
            LeanSideFile.Date("date", date),
            AdjustmentFactor.Parse("price factor", price),
            AdjustmentFactor.Parse("split factor", split),
            Fields.Amount("reference price", reference, ReferenceExponent));
        if (_hasRow)
        {
            if (next.Date <= _row.Date)
            {
                throw new FieldException("date", date, "a date after that of the row above");
            }

            Compare(next, price);
        }

        (_row, _hasRow) = (next, true);
    }

    private protected override bool TryTakeGroup(ref Event next)
    {
        if (!_hasSplit)
        {
            return false;
        }

        next = _split;
        _hasSplit = false;
        return true;
    }

    private void Compare(in Row next, ReadOnlySpan<byte> priceText)
    {
        long time = LeanSideFile.EndOf(_row.Date);
        if (next.Price.Units != _row.Price.Units)
        {
            if (next.Price.Units < _row.Price.Units)
            {
                throw new FieldException(
                    "price factor", priceText, "not below that of the row above: no dividend is negative");
            }

            if (_row.Reference == 0)
            {
                throw new FieldException(
                    "price factor", priceText, "that of the row above, where the row above has no reference price");
            }

            Put(
                Header(time, time, instrument, EventSource.Lean),
                new CorporateAction
                {
                    Action = CorporateActionKind.Dividend,
                    Effect = CorporateActionEffect.InForce,
                    CashPerShare = roundsToCents
                        ? AdjustmentFactor.CentDividend(_row.Price, next.Price, _row.Reference)
                        : AdjustmentFactor.Dividend(_row.Price, next.Price, _row.Reference),
                    ReferencePrice = _row.Reference,
                });
        }

        if (next.Split.Units != _row.Split.Units)
        {
            (long newShares, long oldShares) = AdjustmentFactor.Shares(_row.Split, next.Split);
            _split = Header(time, time, instrument, EventSource.Lean);
            _split.Set(new CorporateAction
            {
                Action = CorporateActionKind.Split,
                Effect = CorporateActionEffect.InForce,
                NewShares = newShares,
                OldShares = oldShares,
                ReferencePrice = _row.Reference,
            });
            _hasSplit = true;
        }
    }

    private readonly record struct Row(DateOnly Date, AdjustmentFactor Price, AdjustmentFactor Split, long Reference);
}
