using System;

namespace LowLatency.Bench.Gates;

/// <summary>What a gate says of a piece of work.</summary>
/// <param name="Ratio">Its time over the reference loop's, both the best of their rounds.</param>
/// <param name="Budget">The ratio that it may take.</param>
/// <param name="Attempts">How often it was measured.</param>
internal readonly record struct Verdict(double Ratio, double Budget, int Attempts)
{
    internal bool Holds => Ratio <= Budget;
}

/// <summary>
/// Times on a shared machine are no gate; how many times a piece of work is as slow as a loop that ran beside it, in the same
/// process and the same moments, hardly depends on the machine's mood. Budgets are wide, and what fails is measured again: a
/// gate that cries wolf is soon no gate.
/// </summary>
internal static class RatioGate
{
    /// <summary>Measurements before a failure is one.</summary>
    internal const int AttemptsMax = 3;

    /// <summary>Rounds of a measurement: many short ones, so that some are met by nobody.</summary>
    internal const int Rounds = 101;

    /// <summary>Measures until the budget is kept, or often enough.</summary>
    /// <param name="reference">One round of the reference loop; returns nanoseconds for an operation.</param>
    /// <param name="piece">One round of the work; returns nanoseconds for an operation.</param>
    /// <param name="budget">The ratio allowed.</param>
    internal static Verdict Judge(Func<double> reference, Func<double> piece, double budget)
    {
        // In turns, so that both meet the same disturbances; the best of each is what no disturbance met.
        double ofReference = double.MaxValue;
        double ofPiece = double.MaxValue;
        for (int attempt = 1; ; attempt++)
        {
            for (int round = 0; round < Rounds; round++)
            {
                ofReference = Math.Min(ofReference, reference());
                ofPiece = Math.Min(ofPiece, piece());
            }

            if (ofPiece / ofReference <= budget || attempt == AttemptsMax)
            {
                return new Verdict(ofPiece / ofReference, budget, attempt);
            }
        }
    }
}
