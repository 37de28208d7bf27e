using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Portfolio;
using LowLatency.Core.Values;

namespace LowLatency.Gateways.Sim.Accounting;

/// <summary>The account as the venue counts it: positions with their cost, and cash by currency.</summary>
internal sealed class VenueAccount
{
    private readonly Position[] _positions;
    private readonly int[] _currencyOf;
    private readonly Currency8[] _currencies = new Currency8[PortfolioLedger.Currencies];
    private readonly long[] _cash = new long[PortfolioLedger.Currencies];
    private int _currencyCount;

    internal VenueAccount(int instruments)
    {
        _positions = new Position[instruments + 1];
        _currencyOf = new int[instruments + 1];
    }

    internal ref readonly Position this[InstrumentId instrument] => ref _positions[instrument.Value];

    internal int CurrencyOf(InstrumentId instrument) => _currencyOf[instrument.Value];

    internal long Cash(int currency) => _cash[currency];

    internal int CurrencyCount => _currencyCount;

    internal Currency8 Currency(int currency) => _currencies[currency];

    internal void Define(InstrumentId instrument, Currency8 currency) => _currencyOf[instrument.Value] = IndexOf(currency);

    internal void Move(in CashMoved moved) => _cash[IndexOf(moved.Currency)] += moved.Amount;

    internal void Adopt(InstrumentId instrument, in Position position) => _positions[instrument.Value] = position;

    /// <summary>New units: what was held means nothing any more.</summary>
    internal void Forget(InstrumentId instrument) => _positions[instrument.Value] = default;

    /// <summary>Old shares became new ones.</summary>
    internal void Split(InstrumentId instrument, long quantity) => _positions[instrument.Value].Split(quantity);

    internal void Book(InstrumentId instrument, long amount) => _cash[_currencyOf[instrument.Value]] += amount;

    /// <summary>Counts a fill, as the portfolio of the engine does.</summary>
    internal void Fill(in Instrument rules, long change, long price, long fee)
    {
        long realised = _positions[rules.Id.Value].Apply(rules, change, price, fee);
        long paid = rules.SettlesInCash ? -rules.Value(price, change) : realised;
        _cash[_currencyOf[rules.Id.Value]] += paid - fee;
    }

    internal void Visit(StateVisitor visitor)
    {
        visitor.Visit<Position>(_positions);
        visitor.Visit<int>(_currencyOf);
        visitor.Visit<Currency8>(_currencies);
        visitor.Visit<long>(_cash);
        visitor.Visit(ref _currencyCount);
    }

    private int IndexOf(Currency8 currency)
    {
        for (int i = 0; i < _currencyCount; i++)
        {
            if (MoneyRules.Same(_currencies[i], currency))
            {
                return i;
            }
        }

        Ensure.That(_currencyCount < PortfolioLedger.Currencies, "more currencies than the limit");
        _currencies[_currencyCount] = currency;
        return _currencyCount++;
    }
}
