using System;
using System.Linq;
using LowLatency.Core.Determinism;

namespace LowLatency.Tests.Core.Arbitration.Weights;

/// <summary>
/// Exp3-IX written down from the paper in 28 decimal digits: its own exponential, logarithm and root, no shift by the
/// least loss.
/// </summary>
internal sealed class NaiveExp3Ix
{
    private readonly decimal[] _losses;
    private readonly decimal _floor;
    private readonly decimal? _eta;
    private Xoshiro256 _dice;
    private int _round = 1;

    internal NaiveExp3Ix(int arms, decimal floor, decimal? eta, ulong seed)
    {
        _losses = new decimal[arms];
        _floor = floor;
        _eta = eta;
        _dice = new Xoshiro256(seed);
        Next();
    }

    internal decimal[] Probabilities { get; private set; } = [];

    internal int Drawn { get; private set; }

    internal void Learn(decimal loss)
    {
        _losses[Drawn] += loss / (Probabilities[Drawn] + (Eta() / 2));
        _round++;
        Next();
    }

    internal static decimal Exp(decimal x)
    {
        if (x < -60)
        {
            return 0;
        }

        // e^x = (e^(x / 1024))^1024, the inner one by its series.
        decimal small = x / 1024;
        decimal term = 1;
        decimal sum = 1;
        for (int n = 1; n < 30; n++)
        {
            term = term * small / n;
            sum += term;
        }

        for (int i = 0; i < 10; i++)
        {
            sum *= sum;
        }

        return sum;
    }

    private static decimal Log(int n)
    {
        // Newton's method on e^y = n.
        decimal y = (decimal)Math.Log(n);
        for (int i = 0; i < 4; i++)
        {
            y += (n / Exp(y)) - 1;
        }

        return y;
    }

    private static decimal Root(decimal x)
    {
        decimal y = (decimal)Math.Sqrt((double)x);
        for (int i = 0; i < 4; i++)
        {
            y = (y + (x / y)) / 2;
        }

        return y;
    }

    private decimal Eta() => _eta ?? Root(Log(_losses.Length) / (_losses.Length * (decimal)_round));

    private void Next()
    {
        decimal eta = Eta();
        decimal least = _losses.Min();
        decimal[] weights = [.. _losses.Select(loss => Exp(-eta * (loss - least)))];
        decimal sum = weights.Sum();
        Probabilities = [.. weights.Select(w => _floor + ((1 - (_floor * weights.Length)) * w / sum))];
        decimal dice = (decimal)_dice.NextDouble();
        Drawn = Probabilities.Length - 1;
        decimal upTo = 0;
        for (int i = 0; i < Probabilities.Length; i++)
        {
            upTo += Probabilities[i];
            if (dice < upTo)
            {
                Drawn = i;
                break;
            }
        }
    }
}
