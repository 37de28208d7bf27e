using System;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Values;

namespace LowLatency.Gateways.Sim.Accounting;

/// <summary>What an order has paid (24 bytes).</summary>
internal struct OrderFees
{
    /// <summary>Fees of its fills before minimum and maximum of the order, money units.</summary>
    internal long Earned;

    /// <summary>Fees of its fills as they were charged, money units.</summary>
    internal long Charged;

    /// <summary>Notional of its fills, money units.</summary>
    internal long Value;
}

/// <summary>
/// What fills cost: by the date, by what was traded in the 30 whole days before today (UTC), by maker and taker, for the value
/// and for the units, with a minimum and a maximum of each order. Every part is rounded up towards plus infinity: a
/// charge never becomes smaller and a rebate never larger by rounding.
/// </summary>
internal sealed class FeeBook(SimulatedVenueSettings settings)
{
    // Thirty whole days and today.
    private const int Days = 31;

    private readonly RulesBySymbol<FeeRule> _rules = new(settings.Money.Fees);
    private readonly int[] _currencyOf = new int[Limits.Instruments + 1];
    private readonly Currency8[] _currencies = new Currency8[Limits.Instruments];
    private readonly long[] _traded = new long[Limits.Instruments * Days];
    private int _currencyCount;
    private long _today;

    /// <summary>Takes an instrument's currency.</summary>
    internal void Define(InstrumentId instrument, in InstrumentDefined defined)
    {
        int currency = 0;
        while (currency < _currencyCount && !MoneyRules.Same(_currencies[currency], defined.Currency))
        {
            currency++;
        }

        _currencies[currency] = defined.Currency;
        _currencyCount = Math.Max(_currencyCount, currency + 1);
        _currencyOf[instrument.Value] = currency;
    }

    /// <summary>Charges a fill that the order already counts.</summary>
    /// <returns>Money units; negative is a rebate.</returns>
    internal long Charge(
        ref OrderFees order, in Instrument rules, Symbol24 symbol, long at, long price, long quantity, Liquidity liquidity)
    {
        long value = Math.Abs(rules.Notional(price, quantity));
        int currency = _currencyOf[rules.Id.Value];
        Roll(Exact.DayOf(at));
        FeeRule rule = RuleAt(rules.Id, symbol, currency);
        bool made = liquidity == Liquidity.Maker;
        long fee = FeeOf(value, made ? rule.MakerPpm : rule.TakerPpm)
            + Exact.Ceiling(
                (Int128)(made ? rule.MakerPerUnit : rule.TakerPerUnit) * quantity, Instrument.PowerOf10(rules.QuantityExponent));
        order.Earned += fee;
        order.Value += value;
        if (rule.IsBounded)
        {
            long whole = rule.Minimum != 0 ? Math.Max(order.Earned, rule.Minimum) : order.Earned;
            whole = rule.MaximumPpm != 0 ? Math.Min(whole, FeeOf(order.Value, rule.MaximumPpm)) : whole;

            // What a fill has paid is not given back because a later one comes under another rule; rebates are.
            fee = whole < 0 ? whole - order.Charged : Math.Max(0, whole - order.Charged);
        }

        order.Charged += fee;
        ref long traded = ref _traded[(currency * Days) + (int)(_today % Days)];
        traded = Exact.AddUpToMax(traded, value);
        return fee;
    }

    /// <summary>A part of a value, rounded up towards plus infinity.</summary>
    internal static long FeeOf(long value, int ppm) => Exact.Ceiling((Int128)value * ppm, SimulatedVenueSettings.PpmMax);

    internal void Visit(StateVisitor visitor)
    {
        visitor.Visit<Currency8>(_currencies);
        visitor.Visit<int>(_currencyOf);
        visitor.Visit<long>(_traded);
        visitor.Visit(ref _currencyCount);
        visitor.Visit(ref _today);
    }

    private FeeRule RuleAt(InstrumentId instrument, Symbol24 symbol, int currency)
    {
        FeeRule found = new() { MakerPpm = settings.MakerFeePpm, TakerPpm = settings.TakerFeePpm };
        FeeRule[] rules = _rules.Of(instrument, symbol);
        if (rules.Length == 0)
        {
            return found;
        }

        long traded = Traded(currency);
        int from = 0;
        foreach (FeeRule rule in rules)
        {
            // The rules are in the order of dates and volumes, so the last that holds is the one.
            bool begun = Exact.DayOfDate(rule.From) <= _today;
            if (begun && (rule.From > from || rule.Volume <= traded))
            {
                found = rule;
                from = rule.From;
            }
        }

        return found;
    }

    private long Traded(int currency)
    {
        long sum = 0;
        for (int i = 0; i < Days; i++)
        {
            sum = i == _today % Days ? sum : Exact.AddUpToMax(sum, _traded[(currency * Days) + i]);
        }

        return sum;
    }

    private void Roll(long day)
    {
        for (long over = Math.Max(_today + 1, day - Days + 1); over <= day; over++)
        {
            for (int currency = 0; currency < _currencyCount; currency++)
            {
                _traded[(currency * Days) + (int)(over % Days)] = 0;
            }
        }

        _today = Math.Max(_today, day);
    }
}
