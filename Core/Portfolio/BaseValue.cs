using System;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Values;

namespace LowLatency.Core.Portfolio;

/// <summary>Which instrument's price turns a currency into the base currency.</summary>
/// <param name="From">The currency.</param>
/// <param name="Symbol">
/// The instrument: priced in the base currency it tells what one of <paramref name="From"/> costs, priced in
/// <paramref name="From"/> what one of the base currency does.
/// </param>
public readonly record struct Conversion(Currency8 From, Symbol24 Symbol);

/// <summary>The currency in which an account of several is valued.</summary>
/// <param name="Currency">The base currency.</param>
/// <param name="Conversions">One for each other currency of the account.</param>
/// <param name="StaleAfter">Nanoseconds after which a rate is too old.</param>
/// <param name="MaxGrossNotional">Largest worst-case value of all positions of all currencies, base money; 0 for any.</param>
public sealed record BaseSettings(Currency8 Currency, Conversion[] Conversions, long StaleAfter, long MaxGrossNotional);

/// <summary>
/// Values in the base currency, by declared instruments. A rate that is missing or too old is no rate: nothing is guessed.
/// </summary>
public sealed class BaseValue
{
    private readonly BaseSettings _settings;
    private readonly MarketView _market;
    private readonly PortfolioLedger _portfolio;

    /// <summary>Creates the values.</summary>
    /// <param name="settings">The base currency and its conversions.</param>
    /// <param name="market">Prices.</param>
    /// <param name="portfolio">Currencies, cash and positions.</param>
    public BaseValue(BaseSettings settings, MarketView market, PortfolioLedger portfolio)
    {
        Ensure.That(settings.StaleAfter > 0 && settings.MaxGrossNotional >= 0, "a base currency needs an age of rates");
        _settings = settings;
        _market = market;
        _portfolio = portfolio;
    }

    /// <summary>The base currency.</summary>
    public Currency8 Currency => _settings.Currency;

    /// <summary>The symbol that converts a currency.</summary>
    /// <param name="currency">Index of the currency.</param>
    /// <returns>All zero for the base currency, and for one that no conversion was declared of.</returns>
    public Symbol24 SymbolOf(int currency)
    {
        foreach (ref readonly Conversion conversion in _settings.Conversions.AsSpan())
        {
            if (Same(conversion.From, _portfolio.Currency(currency)))
            {
                return conversion.Symbol;
            }
        }

        return default;
    }

    /// <summary>An amount in the base currency.</summary>
    /// <param name="currency">Index of its currency.</param>
    /// <param name="amount">Money units.</param>
    /// <param name="up">Whether it is rounded up, as what is asked for, or down, as what is owned.</param>
    /// <param name="value">Base money units; 0 when the result is false.</param>
    /// <param name="rate">The instrument that has no rate, or none where it is not defined; none when the result is true.</param>
    /// <returns>False when the rate is missing or too old.</returns>
    public bool TryConvert(int currency, long amount, bool up, out long value, out InstrumentId rate)
    {
        value = amount;
        rate = InstrumentId.None;
        Currency8 from = _portfolio.Currency(currency);
        if (Same(from, _settings.Currency))
        {
            return true;
        }

        value = 0;
        if (Find(SymbolOf(currency)) is not { } market)
        {
            return false;
        }

        bool multiplies = Same(market.Currency, _settings.Currency);
        if ((!multiplies && !Same(market.Currency, from))
            || market.Definition.Kind == InstrumentKind.Inverse
            || !market.TryReferencePrice(out long price)
            || price <= 0
            || market.ReferenceAt == 0
            || _market.Now - market.ReferenceAt > _settings.StaleAfter)
        {
            rate = market.Definition.Id;
            return false;
        }

        long scale = Instrument.PowerOf10(market.Definition.PriceExponent);
        Int128 dividend = (Int128)amount * (multiplies ? price : scale);
        long divisor = multiplies ? scale : price;
        Int128 quotient = dividend / divisor;
        Int128 rest = dividend - (quotient * divisor);
        value = checked((long)(quotient + (up && rest > 0 ? 1 : !up && rest < 0 ? -1 : 0)));
        return true;
    }

    /// <summary>Cash and positions of all currencies, in the base currency, each currency rounded down.</summary>
    /// <param name="equity">Base money units.</param>
    /// <param name="missing">The first currency that has no value: a price or a rate is missing or too old.</param>
    /// <returns>False when one has none.</returns>
    public bool TryEquity(out long equity, out Currency8 missing)
    {
        equity = 0;
        missing = default;
        for (int c = 0; c < _portfolio.CurrencyCount; c++)
        {
            if (!_portfolio.TryEquity(c, out long own) || (own != 0 && !TryConvert(c, own, up: false, out own, out _)))
            {
                missing = _portfolio.Currency(c);
                return false;
            }

            equity += own;
        }

        return true;
    }

    private static bool Same(in Currency8 a, in Currency8 b) => ((ReadOnlySpan<byte>)a).SequenceEqual(b);

    private InstrumentMarket? Find(in Symbol24 symbol)
    {
        for (ushort i = 1; i <= _market.Highest; i++)
        {
            if (!_market.TryGet(new InstrumentId(i), out InstrumentMarket? market))
            {
                continue;
            }

            Symbol24 own = market.Symbol;
            ReadOnlySpan<byte> name = own;
            if (name.SequenceEqual(symbol))
            {
                return market;
            }
        }

        return null;
    }
}
