using System;
using System.Collections.Generic;
using LowLatency.Engine.Commands;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Network;
using LowLatency.Gateways.Live;

namespace LowLatency.Engine.Live;

/// <summary>The keys of a run, one for each place that it trades at; cleared when they are disposed of.</summary>
internal sealed class Keys : IDisposable
{
    private readonly List<Credentials> _all = [];

    private Keys()
    {
    }

    /// <summary>In the order of the places.</summary>
    internal IReadOnlyList<Credentials> All => _all;

    /// <summary>Takes them from their files and variables.</summary>
    /// <param name="live">The configuration.</param>
    /// <exception cref="CommandFailure">One is not there, or is none.</exception>
    internal static Keys Of(LiveConfiguration live)
    {
        List<(string? File, string Variables)> sources = [];
        foreach (LivePlace place in live.Places)
        {
            sources.Add((place.Access.KeyFile, place.Access.KeyVariables));
        }

        return Of(sources);
    }

    /// <summary>Takes them from files and variables.</summary>
    /// <param name="sources">For each place its file, or what its variables begin with.</param>
    /// <exception cref="CommandFailure">One is not there, or is none.</exception>
    internal static Keys Of(IReadOnlyList<(string? File, string Variables)> sources)
    {
        Keys keys = new();
        foreach ((string? path, string variables) in sources)
        {
            string? problem = path is { } file
                ? CredentialSource.TryFile(file, out Credentials? credentials)
                : CredentialSource.TryEnvironment(variables, out credentials);
            if (problem is not null)
            {
                keys.Dispose();
                throw new CommandFailure(ExitCode.Usage, problem);
            }

            keys._all.Add(credentials!);
        }

        return keys;
    }

    public void Dispose()
    {
        foreach (Credentials credentials in _all)
        {
            credentials.Dispose();
        }
    }
}
