"""The numbers of RatiosTests, computed a second time with the formulas of textbooks and exact decimals.

Run: python3 ratios.py. Its output stands in RatiosTests.cs.
"""
from decimal import Decimal, getcontext
from fractions import Fraction

getcontext().prec = 40


def root(x):
    return Decimal(x.numerator).__truediv__(Decimal(x.denominator)).sqrt()


def tell(name, days):
    """days: (equity at the start plus payments, profit), whole units."""
    returns = [Fraction(profit, base) for base, profit in days]
    n = len(returns)
    mean = sum(returns) / n
    variance = sum((r - mean) ** 2 for r in returns) / (n - 1)
    downside = sum(min(r, Fraction(0)) ** 2 for r in returns) / n
    m = Decimal(mean.numerator) / Decimal(mean.denominator)
    year = Decimal(365).sqrt()
    print(name, "sharpe", +(m / root(variance) * year))
    print(name, "sortino", +(m / root(downside) * year))
    print(name, "volatility", +(root(variance) * year))
    equity, peak, worst = days[0][0], days[0][0], Fraction(0)
    for base, profit in days:
        equity = base + profit
        peak = max(peak, equity)
        worst = max(worst, Fraction(peak - equity, peak))
    ppm = Decimal(round(worst * 1_000_000))
    print(name, "drawdown ppm", ppm, "calmar", +(m * 365 / (ppm / 1_000_000)))


tell("three", [(1000, 10), (1010, -5), (1005, 20)])
tell("losing", [(1000, -10), (990, -20), (970, -5), (965, 1)])
