namespace LowLatency.Engine.Running;

/// <summary>What a person says of one strategy.</summary>
/// <param name="Name">Its name in the configuration.</param>
/// <param name="Reason">Why, not blank.</param>
internal sealed record NamedReason(string Name, string Reason);
