using System.Collections.Immutable;
using LowLatency.Core.Arbitration;
using LowLatency.Core.Arbitration.Gates;
using LowLatency.Core.Arbitration.Weights;
using LowLatency.Core.Market.Calendars;
using LowLatency.Engine.Configuration.Resources;

namespace LowLatency.Engine.Configuration;

/// <summary>How conflicting wishes are reconciled.</summary>
/// <param name="Policy">The policy.</param>
/// <param name="NormaliseWeights">True when the weights are scaled to a sum of 1.</param>
public sealed record ArbitrationConfiguration(ArbitrationPolicy Policy, bool NormaliseWeights)
{
    /// <summary>How weights are learned; null when they are fixed.</summary>
    public WeightLearning? Learning { get; init; }

    /// <summary>What holds entries back; null when nothing does.</summary>
    public GatesConfiguration? Gates { get; init; }
}

/// <summary>What holds entries back.</summary>
/// <param name="AskAgain">Nanoseconds after which a gate is asked again.</param>
/// <param name="DataStaleAfter">Nanoseconds of age; 0 when data is left to risk alone.</param>
/// <param name="Sessions">True when entries are confined to sessions.</param>
/// <param name="FlatBeforeClose">Nanoseconds before the close; 0 keeps positions.</param>
/// <param name="Barrier">The barrier gate; null when there is none.</param>
public sealed record GatesConfiguration(
    long AskAgain, long DataStaleAfter, bool Sessions, long FlatBeforeClose, BarrierConfiguration? Barrier);

/// <summary>The barrier gate.</summary>
/// <param name="Models">The models and their features.</param>
/// <param name="PeakLimitPpm">Chance of a peak from which on buying entries wait.</param>
/// <param name="ValleyLimitPpm">Chance of a valley from which on selling entries wait.</param>
/// <param name="Missing">What a missing input means.</param>
/// <param name="MaxAge">Nanoseconds from which on an input is missing.</param>
public sealed record BarrierConfiguration(
    BarrierModels Models, long PeakLimitPpm, long ValleyLimitPpm, MissingInput Missing, long MaxAge);

/// <summary>When some instruments trade.</summary>
/// <param name="Name">Its unique name.</param>
/// <param name="Instruments">Symbols.</param>
/// <param name="File">The file that it came from.</param>
/// <param name="Sha256">SHA-256 of its sessions as instants.</param>
/// <param name="Calendar">The sessions.</param>
public sealed record CalendarConfiguration(
    string Name, ImmutableArray<string> Instruments, string File, string Sha256, TradingCalendar Calendar);
