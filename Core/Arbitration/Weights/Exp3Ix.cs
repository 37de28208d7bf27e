using System;
using LowLatency.Core.Determinism;

namespace LowLatency.Core.Arbitration.Weights;

/// <summary>The learning rate and the exploration of a round.</summary>
public enum Exp3Schedule : byte
{
    /// <summary>Never valid.</summary>
    None = 0,

    /// <summary>eta = sqrt(ln K / (K t)), gamma = eta / 2: no horizon has to be known.</summary>
    Anytime = 1,

    /// <summary>eta as declared, gamma = eta / 2.</summary>
    Fixed = 2,
}

/// <summary>
/// Exp3-IX of Neu (2015): learns which of K arms is best from the losses of the arms that it draws. The estimate of a
/// loss is loss / (p + gamma): the implicit exploration keeps it from exploding where the probability is small, so the
/// regret is small with high probability and not only on average.
/// </summary>
/// <remarks>
/// The probabilities are mixed with a floor f: p = f + (1 - K f) q, where q is proportional to exp(-eta L). Only + - * /,
/// the square root and our own exponential are used, so that every machine learns the same.
/// </remarks>
public sealed class Exp3Ix : IStateful
{
    private readonly double _floor;
    private readonly double _eta;
    private readonly Exp3Schedule _schedule;
    private readonly double[] _losses;
    private readonly double[] _shares;
    private Xoshiro256 _dice;
    private long _round = 1;
    private int _drawn;

    /// <summary>Creates a learner that knows nothing: all arms are equal, and one is drawn.</summary>
    /// <param name="arms">At least 1.</param>
    /// <param name="floor">Least probability of an arm, 0 to 1 / arms.</param>
    /// <param name="schedule">How the learning rate falls.</param>
    /// <param name="eta">The learning rate of a fixed schedule, positive; ignored by the other.</param>
    /// <param name="seed">Seed of the draws.</param>
    public Exp3Ix(int arms, double floor, Exp3Schedule schedule, double eta, ulong seed)
    {
        Ensure.That(arms >= 1, "a bandit needs an arm");
        Ensure.That(floor >= 0.0 && floor * arms <= 1.0, "the floor of a probability is 0 to 1 / arms");
        Ensure.That(schedule != Exp3Schedule.None, "a learning schedule must be declared");
        Ensure.That(schedule != Exp3Schedule.Fixed || eta > 0.0, "a fixed learning rate must be positive");
        _floor = floor;
        _schedule = schedule;
        _eta = eta;
        _losses = new double[arms];
        _shares = new double[arms];
        _dice = new Xoshiro256(seed);
        Share();
        Draw();
    }

    /// <summary>Arms.</summary>
    public int Arms => _losses.Length;

    /// <summary>The arm whose loss the next call of <see cref="Learn"/> tells.</summary>
    public int Drawn => _drawn;

    /// <summary>Number of the round, from 1.</summary>
    public long Round => _round;

    /// <summary>What is learned, without the floor: not negative, summing to 1 but for rounding.</summary>
    public ReadOnlySpan<double> Shares => _shares;

    /// <summary>The probability of an arm.</summary>
    /// <param name="arm">0 to <see cref="Arms"/> - 1.</param>
    /// <returns>At least the floor.</returns>
    public double Probability(int arm) => _floor + ((1.0 - (_floor * Arms)) * _shares[arm]);

    /// <summary>Ends a round with the loss of the drawn arm, and draws the next one.</summary>
    /// <param name="loss">0 (best) to 1 (worst); anything else stops the engine.</param>
    public void Learn(double loss)
    {
        Ensure.That(loss is >= 0.0 and <= 1.0, "a loss is 0 to 1");
        _losses[_drawn] += loss / (Probability(_drawn) + (Eta() / 2.0));
        _round++;
        Share();
        Draw();
    }

    /// <inheritdoc/>
    public void Visit(StateVisitor visitor)
    {
        _dice.Visit(visitor);
        visitor.Visit(ref _round);
        visitor.Visit(ref _drawn);
        Ensure.That(_drawn >= 0 && _drawn < Arms && _round >= 1, "a restored bandit has other arms");
        for (int i = 0; i < _losses.Length; i++)
        {
            visitor.Visit(ref _losses[i]);
            visitor.Visit(ref _shares[i]);
        }
    }

    private double Eta() => _schedule == Exp3Schedule.Fixed
        ? _eta
        : Math.Sqrt(DeterministicMath.Log(Math.Max(Arms, 2)) / ((double)Arms * _round));

    private void Share()
    {
        double eta = Eta();
        double least = _losses[0];
        for (int i = 1; i < _losses.Length; i++)
        {
            least = Math.Min(least, _losses[i]);
        }

        // The smallest loss has the exponent 0: the sum is at least 1, whatever the losses are.
        double sum = 0.0;
        for (int i = 0; i < _losses.Length; i++)
        {
            _shares[i] = DeterministicMath.Exp(eta * (least - _losses[i]));
            sum += _shares[i];
        }

        for (int i = 0; i < _shares.Length; i++)
        {
            _shares[i] /= sum;
        }
    }

    private void Draw()
    {
        double dice = _dice.NextDouble();
        _drawn = 0;
        for (double sum = Probability(0); _drawn < Arms - 1 && dice >= sum; sum += Probability(_drawn))
        {
            _drawn++;
        }
    }
}
