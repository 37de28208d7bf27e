using System;
using System.IO;
using System.Threading.Tasks;
using LowLatency.Core.Determinism;
using LowLatency.Engine.Configuration;
using LowLatency.Journal.Format;
using LowLatency.Journal.Import;

namespace LowLatency.Engine.Commands;

/// <summary>A command cannot go on: what to print and which code to end with.</summary>
internal sealed class CommandFailure : Exception
{
    internal CommandFailure(int exitCode, string message)
        : base(message) => ExitCode = exitCode;

    internal int ExitCode { get; }

    /// <summary>Runs a command's body: expected failures become one line on the error stream and an exit code.</summary>
    internal static int Guard(Func<int> body)
    {
        try
        {
            return body();
        }
        catch (CommandFailure failure)
        {
            return Say(failure.Message, failure.ExitCode);
        }
        catch (ImportException failure)
        {
            return Say(failure.Message, Commands.ExitCode.Input);
        }
        catch (InvalidDataException failure)
        {
            return Say(failure.Message, Commands.ExitCode.Input);
        }
        catch (JournalDamagedException failure)
        {
            return Say(failure.Message, Commands.ExitCode.Storage);
        }
        catch (IOException failure)
        {
            return Say(failure.Message, Commands.ExitCode.Storage);
        }
        catch (UnauthorizedAccessException failure)
        {
            return Say(failure.Message, Commands.ExitCode.Storage);
        }
        catch (OverflowException failure)
        {
            return Say(Describe(failure), Commands.ExitCode.Halted);
        }
        catch (BrokenInvariantException failure)
        {
            return Say("HALTED: " + failure, Commands.ExitCode.Halted);
        }
#pragma warning disable CA1031 // A defect ends the process with the code for it, never with the one for "no".
        catch (Exception failure)
#pragma warning restore CA1031
        {
            return Say("HALTED: " + failure, Commands.ExitCode.Halted);
        }
    }

    /// <summary>As <see cref="Guard"/>, for a body that waits for the network.</summary>
    internal static async Task<int> GuardAsync(Func<Task<int>> body)
    {
        try
        {
            return await body().ConfigureAwait(false);
        }
#pragma warning disable CA1031 // What it is and which code it ends with is said in one place.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            return Guard(() => throw failure);
        }
    }

    /// <summary>Whoever has positions of that size wants to know the bound, not where it was met; that is said all the same.</summary>
    internal static string Describe(OverflowException failure) =>
        "HALTED: an amount of money is beyond what is counted, 92,233,720,368 of a currency's units, or a number beyond 63 bits: "
        + "smaller positions, or a currency of larger units, stay within. Met "
        + (failure.StackTrace?.Split('\n')[0].Trim() ?? "nowhere");

    private static int Say(string message, int exitCode)
    {
        Console.Error.WriteLine("error: " + PrintableText.Of(message));
        return exitCode;
    }
}
