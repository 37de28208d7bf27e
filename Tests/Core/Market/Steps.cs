using System;
using System.Collections.Generic;
using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.FSharp.Core;

namespace LowLatency.Tests.Core.Market;

/// <summary>
/// Properties over sequences of random steps, shrunk by leaving steps out. A failure names its seed; it is replayed by
/// <c>LOWLATENCY_REPLAY=seed,gamma</c>.
/// </summary>
internal static class Steps
{
    internal const int Minimum = 100;

    /// <summary>Checks a property; it throws or returns false when it does not hold.</summary>
    internal static void ForAll(int maximum, int tests, Func<int[], bool> property)
    {
        Gen<int[]> steps = Gen.Choose(Minimum, maximum)
            .SelectMany(length => Gen.ArrayOf(Gen.Choose(0, int.MaxValue), length));
        Config config = Config.QuickThrowOnFailure.WithMaxTest(tests);
        string? replay = Environment.GetEnvironmentVariable("LOWLATENCY_REPLAY");
        if (replay is { Length: > 0 })
        {
            string[] parts = replay.Split(',');
            Rnd rnd = new(
                ulong.Parse(parts[0], CultureInfo.InvariantCulture),
                ulong.Parse(parts[1], CultureInfo.InvariantCulture));
            config = config.WithReplay(FSharpOption<Replay>.Some(new Replay(rnd, FSharpOption<int>.None)));
        }

        Check.One(config, Prop.ForAll(Arb.From(steps, Shorter), property));
    }

    private static IEnumerable<int[]> Shorter(int[] steps)
    {
        for (int chunk = steps.Length / 2; chunk >= 1; chunk /= 2)
        {
            for (int from = 0; from + chunk <= steps.Length; from += chunk)
            {
                int[] rest = new int[steps.Length - chunk];
                Array.Copy(steps, rest, from);
                Array.Copy(steps, from + chunk, rest, from, rest.Length - from);
                yield return rest;
            }
        }
    }
}
