namespace LowLatency.Gateways.Live;

/// <summary>Whose key it is, as the venue tells it.</summary>
/// <param name="Account">The account's number.</param>
/// <param name="Refusal">Why nothing may be traded with this key; empty when it may.</param>
/// <param name="Warning">What else a person should know of it; empty for nothing.</param>
public sealed record AccountIdentity(string Account, string Refusal, string Warning);
