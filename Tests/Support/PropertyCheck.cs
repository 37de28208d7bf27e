using System;
using System.Collections.Generic;
using System.Globalization;
using System.Runtime.CompilerServices;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.FSharp.Core;
using Xunit;

namespace LowLatency.Tests.Support;

/// <summary>
/// Runs a property. A failure prints the shrunk case and the seed; <c>LOWLATENCY_REPLAY=seed,gamma,size</c> with one test
/// filter runs that case again.
/// </summary>
internal static class PropertyCheck
{
    /// <summary>The property holds for every case.</summary>
    internal static void Holds<T>(
        Arbitrary<T> cases, Func<T, bool> property, int runs = 200, [CallerMemberName] string name = "") =>
        Check.One(name, Configuration(runs), Prop.ForAll(cases, property));

    /// <summary>The planted bug is found: some case breaks the property.</summary>
    internal static void Finds<T>(
        Arbitrary<T> cases, Func<T, bool> property, int runs = 200, [CallerMemberName] string name = "")
    {
        Exception? found = Record.Exception(() => Check.One(name, Configuration(runs), Prop.ForAll(cases, property)));
        Assert.True(found is not null, "the planted bug was not found");
        Assert.Contains("Falsifiable", found.Message, StringComparison.Ordinal);
    }

    /// <summary>Sequences of commands, shrunk by leaving out ever smaller runs of them.</summary>
    internal static Arbitrary<T[]> Commands<T>(Gen<T> command, int minimum, int maximum) =>
        Arb.ToArbitrary(Gen.Choose(minimum, maximum).SelectMany(length => command.ArrayOf(length)), Shorter);

    private static IEnumerable<T[]> Shorter<T>(T[] commands)
    {
        for (int run = commands.Length / 2; run >= 1; run /= 2)
        {
            for (int start = 0; start + run <= commands.Length; start += run)
            {
                yield return [.. commands[..start], .. commands[(start + run)..]];
            }
        }
    }

    private static Config Configuration(int runs)
    {
        Config config = Config.QuickThrowOnFailure.WithMaxTest(runs).WithQuietOnSuccess(true);
        if (Environment.GetEnvironmentVariable("LOWLATENCY_REPLAY") is not { Length: > 0 } replay)
        {
            return config;
        }

        string[] parts = replay.Trim('(', ')').Split(',');
        Rnd seed = new(
            ulong.Parse(parts[0], CultureInfo.InvariantCulture), ulong.Parse(parts[1], CultureInfo.InvariantCulture));
        FSharpOption<int> size = parts.Length > 2
            ? FSharpOption<int>.Some(int.Parse(parts[2], CultureInfo.InvariantCulture))
            : FSharpOption<int>.None;
        return config.WithReplay(FSharpOption<Replay>.Some(new Replay(seed, size)));
    }
}
