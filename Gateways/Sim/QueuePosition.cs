using System;
using LowLatency.Core.Determinism;

namespace LowLatency.Gateways.Sim;

/// <summary>How far a queue moves when its level changes: our guess of who it was that left.</summary>
internal sealed class QueuePosition(QueueModel model, int exponentThousandths)
{
    private readonly double _exponent = exponentThousandths / 1_000.0;

    /// <summary>
    /// The quantity ahead of us after a change of the level. What prints took of it since the last change is counted out
    /// first: the print moved us already. Rounded up: never more luck than the model says.
    /// </summary>
    /// <param name="ahead">Ahead of us before; known.</param>
    /// <param name="before">What the level showed before.</param>
    /// <param name="now">What it shows now.</param>
    /// <param name="printed">What was printed at its price in between.</param>
    internal long Advance(long ahead, long before, long now, long printed)
    {
        long left = before - now - printed;
        if (model == QueueModel.RiskAverse || left <= 0)
        {
            return Math.Min(ahead, now);
        }

        double front = ahead;
        double back = before - ahead;
        double behind = Behind(front, back);
        double estimate = front - ((1.0 - behind) * left) + Math.Min(back - (behind * left), 0.0);
        return estimate <= 0.0 ? 0 : Math.Min((long)Math.Ceiling(estimate), Math.Min(ahead, now));
    }

    // The share of those who left that stood behind us. With nobody behind us it was all ahead.
    private double Behind(double front, double back)
    {
        if (back <= 0.0)
        {
            return 0.0;
        }

        return model switch
        {
            QueueModel.Power => Power(back) / (Power(back) + Power(front)),
            QueueModel.PowerOfWhole => Power(back) / Power(back + front),
            QueueModel.PowerOfFront => 1.0 - Power(front / (front + back)),
            QueueModel.Log => Log(back) / (Log(back) + Log(front)),
            QueueModel.LogOfWhole => Log(back) / Log(back + front),
            QueueModel.RiskAverse => 1.0,
        };
    }

    private double Power(double value) => DeterministicMath.Pow(value, _exponent);

    private static double Log(double value) => DeterministicMath.Log(1.0 + value);
}
