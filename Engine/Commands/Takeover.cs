using System;
using System.Collections.Generic;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Running;

namespace LowLatency.Engine.Commands;

/// <summary>What a person says to a journal that an earlier run left, and to the run that goes on from it.</summary>
/// <param name="Adopt">Take it over.</param>
/// <param name="Accept">Why what was taken over is right; null says nothing.</param>
/// <param name="ResetBreakers">Why the breakers may measure anew; null says nothing.</param>
/// <param name="Activate">Why a restrained run may trade again; null says nothing.</param>
internal readonly record struct Takeover(bool Adopt, string? Accept, string? ResetBreakers, string? Activate)
{
    /// <summary>Longest reason, characters.</summary>
    internal const int ReasonMax = 1000;

    /// <summary>A strategy that is taken out of everything; null says nothing.</summary>
    internal NamedReason? Stop { get; init; }

    /// <summary>A strategy that is let in again; null says nothing.</summary>
    internal NamedReason? Start { get; init; }

    /// <summary>Reads a name and a reason.</summary>
    /// <param name="option">The option, for the message.</param>
    /// <param name="text">What was given; null for nothing.</param>
    /// <returns>Null when nothing was given.</returns>
    internal static NamedReason? OfStrategy(string option, string? text)
    {
        if (text is null)
        {
            return null;
        }

        int colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon > 0
            ? new NamedReason(text[..colon].Trim(), text[(colon + 1)..].Trim())
            : throw new CommandFailure(ExitCode.Usage, $"{option} \"{text}\": must be \"NAME: reason\"");
    }

    /// <summary>Refuses reasons that say nothing or too much.</summary>
    internal void Check()
    {
        CheckReason("--accept", Accept, "say why the state is right");
        CheckReason("--activate", Activate, "say why it may trade again");
        CheckReason("--reset-breakers", ResetBreakers, "say what tripped and why it may trade again");
        CheckReason("--stop-strategy", Stop?.Reason, "say why it must not trade");
        CheckReason("--start-strategy", Start?.Reason, "say why it may trade again");
        if (Stop is not null && Start is not null)
        {
            throw new CommandFailure(ExitCode.Usage, "--stop-strategy and --start-strategy: one of them at a time");
        }
    }

    /// <summary>Refuses names that the configuration does not have.</summary>
    internal void CheckNames(EngineConfiguration configuration)
    {
        foreach ((string option, NamedReason? named) in ((string, NamedReason?)[])
            [("--stop-strategy", Stop), ("--start-strategy", Start)])
        {
            List<string> known = [];
            foreach (StrategyConfiguration strategy in configuration.Strategies)
            {
                known.Add(strategy.Name);
            }

            if (named is not null && !known.Contains(named.Name))
            {
                throw new CommandFailure(
                    ExitCode.Usage, $"{option}: there is no strategy {named.Name}; known here: {string.Join(", ", known)}");
            }
        }
    }

    internal static void CheckReason(string option, string? reason, string hint)
    {
        if (reason is not null && string.IsNullOrWhiteSpace(reason))
        {
            throw new CommandFailure(ExitCode.Usage, $"{option}: the reason is blank; {hint}");
        }

        if (reason?.Length > ReasonMax)
        {
            throw new CommandFailure(
                ExitCode.Usage, $"{option}: a reason of {reason.Length} characters; allowed are {ReasonMax}");
        }
    }
}
