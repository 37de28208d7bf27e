using System.Collections.Immutable;
using LowLatency.Core.Signals.Models;

namespace LowLatency.Engine.Configuration.Resources;

/// <summary>A model file that decides: its name and what it holds.</summary>
/// <param name="Target">What it predicts.</param>
/// <param name="File">Its name in the manifest.</param>
/// <param name="Sha256">SHA-256 of its bytes.</param>
public sealed record ModelIdentity(string Target, string File, string Sha256);

/// <summary>The models of the barrier gate with the inputs that they were made for.</summary>
/// <param name="Timeframe">Nanoseconds of the bars that the features look at.</param>
/// <param name="FeatureNames">Names of the features, in their order.</param>
/// <param name="Features">The features.</param>
/// <param name="Peak">The chance of a peak.</param>
/// <param name="Valley">The chance of a valley.</param>
/// <param name="Files">The files, peak first.</param>
public sealed record BarrierModels(
    long Timeframe,
    ImmutableArray<string> FeatureNames,
    ImmutableArray<Feature> Features,
    ProbabilityModel Peak,
    ProbabilityModel Valley,
    ImmutableArray<ModelIdentity> Files);
