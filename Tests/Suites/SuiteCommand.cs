using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Runtime.InteropServices;
using System.Threading;
using LowLatency.Tests.CommandLine;
using LowLatency.Tests.Gateways.Live;
using LowLatency.Tests.Gateways.Wire;
using LowLatency.Tests.Journal.Faults;
using LowLatency.Tests.Properties;

namespace LowLatency.Tests.Suites;

/// <summary>
/// <c>dotnet run -c Release --project Tests -- suite name [--from N] [--count N] [--seed S] [--workers N]</c>. Ends with 0,
/// with 1 after printing how to run the failing case again, with 2 for a wrong command line, with 3 when SIGINT or SIGTERM
/// stopped it: it then says from where to go on.
/// </summary>
internal static class SuiteCommand
{
    /// <summary>The seed of a run that names none; that of the tests too.</summary>
    public const ulong DefaultSeed = 20260101;

    private const string Usage =
        "usage: suite <name> [--from N] [--count N] [--seed S] [--workers N]; names: kill, power, io-errors, rot, risk, "
        + "wire, faults, live-kill";

    /// <summary>The suites.</summary>
    public static IReadOnlyList<Suite> All { get; } =
    [
        new KillSuite(), new PowerSuite(), new IoErrorSuite(), new RotSuite(), new RiskSuite(), new WireSuite(), new FaultSuite(),
        new LiveKillSuite(),
        new LiveKillBothSuite(),
    ];

    /// <summary>Runs a suite.</summary>
    /// <param name="arguments">What follows the word suite.</param>
    /// <returns>The exit code.</returns>
    public static int Run(string[] arguments)
    {
        Suite? suite = null;
        foreach (Suite candidate in All)
        {
            suite = arguments.Length > 0 && candidate.Name == arguments[0] ? candidate : suite;
        }

        long from = 0;
        long count = suite?.LongCount ?? 0;
        ulong seed = DefaultSeed;
        int workers = Math.Max(1, Environment.ProcessorCount);
        bool understood = suite is not null && arguments.Length % 2 == 1;
        for (int i = 1; understood && i < arguments.Length; i += 2)
        {
            understood = arguments[i] switch
            {
                "--from" => Number(arguments[i + 1], out from) && from >= 0,
                "--count" => Number(arguments[i + 1], out count) && count >= 1,
                "--seed" => ulong.TryParse(arguments[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out seed),
                "--workers" => Number(arguments[i + 1], out long asked) && (workers = (int)Math.Clamp(asked, 1, 64)) == asked,
                _ => false,
            };
        }

        if (!understood)
        {
            Console.Error.WriteLine(Usage);
            return 2;
        }

        return Run(suite!, from, count, seed, workers, Console.Out);
    }

    /// <summary>The counts as lines, most telling first.</summary>
    public static string Report(Suite suite, Tally tally)
    {
        using StringWriter text = new(CultureInfo.InvariantCulture);
        foreach ((string name, long reached) in tally.Counts)
        {
            text.WriteLine($"  {reached,12:N0}  {name}");
        }

        foreach (string missing in suite.Missing(tally))
        {
            text.WriteLine($"  {0,12}  {missing}   <- not reached");
        }

        return text.ToString();
    }

    private static int Run(Suite suite, long from, long count, ulong seed, int workers, TextWriter output)
    {
        output.WriteLine($"{suite.Name}: {count:N0} {suite.Unit} from {from:N0}, seed {seed}, {workers} workers");
        long start = Stopwatch.GetTimestamp();
        long shown = start;
        void Show(long done)
        {
            long now = Stopwatch.GetTimestamp();
            long last = shown;
            if (Stopwatch.GetElapsedTime(last, now).TotalSeconds >= 10
                && Interlocked.CompareExchange(ref shown, now, last) == last)
            {
                double seconds = Stopwatch.GetElapsedTime(start, now).TotalSeconds;
                output.WriteLine($"{suite.Name}: {done:N0} of {count:N0} {suite.Unit}, {done / seconds:N0} a second");
            }
        }

        using CancellationTokenSource stop = new();
        void End(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stop.Cancel();
        }

        using PosixSignalRegistration interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
        using PosixSignalRegistration terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
        try
        {
            Tally tally = suite.Run(from, count, seed, workers, Show, stop.Token, out long ran);
            output.Write(Report(suite, tally));
            if (ran < count)
            {
                output.WriteLine($"{suite.Name}: stopped, no failure in {ran:N0} {suite.Unit}; go on with --from {from + ran}");
                return 3;
            }

            if (count >= suite.TestCount && suite.Missing(tally).Count > 0)
            {
                output.WriteLine($"{suite.Name}: FAILED, too tame: see what was not reached");
                return 1;
            }

            output.WriteLine(
                $"{suite.Name}: passed, {count:N0} {suite.Unit} in {Stopwatch.GetElapsedTime(start).TotalSeconds:N0} s");
            return 0;
        }
        catch (SuiteFailure failure)
        {
            output.WriteLine($"{suite.Name}: FAILED: {failure.Message}");
            output.WriteLine(failure.InnerException);
            output.WriteLine("again: " + failure.Reproduce);
            return 1;
        }
    }

    private static bool Number(string text, out long number) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
