namespace LowLatency.Core.Arbitration.Weights;

/// <summary>What shares one set of learned weights.</summary>
public enum LearningScope : byte
{
    /// <summary>Never valid.</summary>
    None = 0,

    /// <summary>All instruments together: which strategy is good?</summary>
    Global = 1,

    /// <summary>Each instrument for itself: which strategy is good here?</summary>
    Instrument = 2,
}

/// <summary>How the weights of a blend are learned on line by Exp3-IX.</summary>
public sealed record WeightLearning
{
    /// <summary>What shares one set of weights.</summary>
    public required LearningScope Scope { get; init; }

    /// <summary>Nanoseconds of event time of one round; rounds begin at multiples of it since 1970 UTC.</summary>
    public required long Interval { get; init; }

    /// <summary>
    /// Money units (of the instrument's currency) that a strategy of weight 1 has to win in a round for the loss 0, or to
    /// lose for the loss 1; more counts the same.
    /// </summary>
    public required long RewardUnit { get; init; }

    /// <summary>Least weight x 10^9.</summary>
    public required long FloorE9 { get; init; }

    /// <summary>How the learning rate falls.</summary>
    public required Exp3Schedule Schedule { get; init; }

    /// <summary>Learning rate x 10^9 of a fixed schedule.</summary>
    public required long EtaE9 { get; init; }

    /// <summary>Seed of the draws.</summary>
    public required ulong Seed { get; init; }
}
