using System;
using System.Runtime.InteropServices;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Values;

namespace LowLatency.Gateways.Sim.Accounting;

/// <summary>
/// When perpetuals pay funding, and how much. What the data says of rate and instant counts; where it says nothing, the
/// declared schedule does.
/// </summary>
internal sealed class FundingBook(SimulatedVenueSettings settings)
{
    private readonly Term[] _terms = new Term[settings.Instruments + 1];
    // What IsTold says of a share.
    private const long Borrowed = 2;

    private readonly RulesBySymbol<FundingRule> _rules = new(settings.Money.Funding);
    private readonly RulesBySymbol<BorrowRule> _borrow = new(settings.Money.Borrow);
    private long _next = VenueOrder.Never;

    /// <summary>The next instant at which an instrument pays, held or not; <see cref="VenueOrder.Never"/> for none.</summary>
    internal long Next => _next;

    /// <summary>The next instant at which an instrument that is held pays.</summary>
    internal long NextOf(VenueAccount account)
    {
        if (_next == VenueOrder.Never)
        {
            return _next;
        }

        long next = VenueOrder.Never;
        for (int i = 1; i < _terms.Length; i++)
        {
            long held = account[new InstrumentId((ushort)i)].Quantity;
            bool pays = _terms[i].IsTold == Borrowed ? held < 0 : held != 0;
            next = pays && _terms[i].Next != 0 ? Math.Min(next, _terms[i].Next) : next;
        }

        return next;
    }

    /// <summary>True for a share: what is paid is the fee for those that are borrowed.</summary>
    internal bool IsBorrow(InstrumentId instrument) => _terms[instrument.Value].IsTold == Borrowed;

    /// <summary>The mark price as the data last told it, 10^-9 of the quote currency; 0 when it never did.</summary>
    internal long MarkOf(InstrumentId instrument) => _terms[instrument.Value].Mark;

    /// <summary>The instrument that pays first of those that pay at <see cref="Next"/>.</summary>
    internal InstrumentId First()
    {
        for (int i = 1; i < _terms.Length; i++)
        {
            if (_terms[i].Next == _next)
            {
                return new InstrumentId((ushort)i);
            }
        }

        throw new BrokenInvariantException("no instrument pays funding at the instant at which one does");
    }

    /// <summary>Takes an instrument's rules; its declared payments begin after this instant.</summary>
    internal void Define(InstrumentId instrument, in Instrument rules, Symbol24 symbol, long at)
    {
        ref Term term = ref _terms[instrument.Value];
        if (rules.SettlesInCash)
        {
            term = rules.Kind == InstrumentKind.Equity && term.IsTold == Borrowed ? term : default;
            if (rules.Kind == InstrumentKind.Equity && term.Next == 0)
            {
                DeclareBorrow(instrument, symbol, at);
            }
        }
        else if (term.IsTold == 0 && term.Next == 0)
        {
            Declare(instrument, symbol, at);
        }

        FindNext();
    }

    /// <summary>The data says what it knows.</summary>
    internal void See(InstrumentId instrument, in DerivativePrices told, long at)
    {
        ref Term term = ref _terms[instrument.Value];
        term.Mark = told.MarkPrice > 0 ? told.MarkPrice : term.Mark;
        if (told.NextFunding == 0 || term.IsTold == Borrowed)
        {
            return;
        }

        term.IsTold = 1;
        if (term.Next == at && told.NextFunding != at)
        {
            // The payment of this very instant is still to come; what is said now is of the one after it.
            term.After = told.NextFunding > at ? told.NextFunding : 0;
            term.AfterRate = told.FundingRate;
        }
        else
        {
            term.Next = told.NextFunding >= at ? told.NextFunding : 0;
            term.Rate = told.FundingRate;
        }

        FindNext();
    }

    /// <summary>Takes a payment off the schedule.</summary>
    /// <returns>Its rate, 10^-12.</returns>
    internal long Take(InstrumentId instrument, Symbol24 symbol)
    {
        ref Term term = ref _terms[instrument.Value];
        long rate = term.Rate;
        long at = term.Next;
        if (term.IsTold == Borrowed)
        {
            DeclareBorrow(instrument, symbol, at);
        }
        else if (term.IsTold != 0)
        {
            term.Next = term.After;
            term.Rate = term.AfterRate;
            term.After = 0;
        }
        else
        {
            Declare(instrument, symbol, at);
        }

        FindNext();
        return rate;
    }

    internal void Visit(StateVisitor visitor)
    {
        visitor.Visit<Term>(_terms);
        visitor.Visit(ref _next);
    }

    private void Declare(InstrumentId instrument, Symbol24 symbol, long after)
    {
        ref Term term = ref _terms[instrument.Value];
        term.Next = 0;
        FundingRule[] rules = _rules.Of(instrument, symbol);
        for (int i = 0; i < rules.Length; i++)
        {
            // The first payment of a rule after the instant, unless the next rule has begun by then.
            long interval = rules[i].EveryMinutes * 60_000_000_000;
            long begins = Exact.Midnight(Exact.DayOfDate(rules[i].From));
            long candidate = begins > after ? begins : ((after / interval) + 1) * interval;
            if (i + 1 == rules.Length || candidate < Exact.Midnight(Exact.DayOfDate(rules[i + 1].From)))
            {
                term.Next = candidate;
                term.Rate = rules[i].Rate;
                return;
            }
        }
    }

    // The fee of the day that a midnight ends, by the rule of that day; rounded up.
    private void DeclareBorrow(InstrumentId instrument, Symbol24 symbol, long after)
    {
        ref Term term = ref _terms[instrument.Value];
        BorrowRule[] rules = _borrow.Of(instrument, symbol);
        if (rules.Length == 0)
        {
            return;
        }

        long day = Exact.DayOf(after) + 1;
        term.IsTold = Borrowed;
        term.Next = Exact.Midnight(day);
        term.Rate = 0;
        foreach (BorrowRule rule in rules)
        {
            term.Rate = Exact.DayOfDate(rule.From) < day
                ? Exact.Ceiling((Int128)rule.AnnualPpm * (MoneyRules.WholeRate / SimulatedVenueSettings.PpmMax), MoneyRules.BorrowYear)
                : term.Rate;
        }
    }

    private void FindNext()
    {
        _next = VenueOrder.Never;
        for (int i = 1; i < _terms.Length; i++)
        {
            _next = _terms[i].Next != 0 ? Math.Min(_next, _terms[i].Next) : _next;
        }
    }

    /// <summary>What is known of an instrument's funding (48 bytes).</summary>
    [StructLayout(LayoutKind.Sequential, Pack = 8)]
    private struct Term
    {
        /// <summary>Next payment; 0 for none.</summary>
        public long Next;

        public long Rate;

        /// <summary>The payment after it, when that was told already; 0 for none.</summary>
        public long After;

        public long AfterRate;

        public long Mark;

        /// <summary>1 when the data tells of funding; 2 for a share, which pays for what is borrowed.</summary>
        public long IsTold;
    }
}
