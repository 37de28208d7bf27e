using System;
using LowLatency.Core.Determinism;

namespace LowLatency.Core.Signals.Models;

/// <summary>A trained model as numbers: from features to a probability. It holds no code and keeps no state.</summary>
public abstract class ProbabilityModel
{
    private const long Million = 1_000_000;

    /// <summary>Creates a model.</summary>
    /// <param name="inputs">Features that it takes.</param>
    protected ProbabilityModel(int inputs)
    {
        Ensure.That(inputs >= 1, "a model needs an input");
        Inputs = inputs;
    }

    /// <summary>Features that it takes.</summary>
    public int Inputs { get; }

    /// <summary>The probability, in whole parts per million: what leaves the model is an integer.</summary>
    /// <param name="features">As many as <see cref="Inputs"/>, all finite.</param>
    /// <returns>0 to 1,000,000, rounded to the nearest, halves up.</returns>
    public long ProbabilityPpm(ReadOnlySpan<double> features)
    {
        Ensure.That(features.Length == Inputs, "a model got another number of features than it takes");
        double score = Score(features);
        Ensure.That(double.IsFinite(score), "the score of a model is not a number");

        // The logistic function, from the side on which the exponential is small.
        double small = DeterministicMath.Exp(-Math.Abs(score));
        double probability = score >= 0.0 ? 1.0 / (1.0 + small) : small / (1.0 + small);
        return (long)((probability * Million) + 0.5);
    }

    /// <summary>The log-odds.</summary>
    /// <param name="features">The features.</param>
    /// <returns>A finite number.</returns>
    protected abstract double Score(ReadOnlySpan<double> features);
}

/// <summary>Logistic regression: log-odds = intercept + sum of weight x feature.</summary>
public sealed class LogisticModel : ProbabilityModel
{
    private readonly double _intercept;
    private readonly double[] _weights;

    /// <summary>Creates the model.</summary>
    /// <param name="intercept">Finite.</param>
    /// <param name="weights">One for each feature, finite.</param>
    public LogisticModel(double intercept, double[] weights)
        : base(weights.Length)
    {
        Ensure.That(double.IsFinite(intercept), "an intercept must be finite");
        foreach (double weight in weights)
        {
            Ensure.That(double.IsFinite(weight), "a weight of a model must be finite");
        }

        _intercept = intercept;
        _weights = weights;
    }

    /// <inheritdoc/>
    protected override double Score(ReadOnlySpan<double> features)
    {
        double score = _intercept;
        for (int i = 0; i < _weights.Length; i++)
        {
            score += _weights[i] * features[i];
        }

        return score;
    }
}
