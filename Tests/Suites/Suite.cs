using System;
using System.Collections.Generic;
using System.Threading;

namespace LowLatency.Tests.Suites;

/// <summary>What one worker counted; added up at the end.</summary>
internal sealed class Tally
{
    private readonly SortedDictionary<string, long> _counts = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, long> Counts => _counts;

    public long this[string name] => _counts.GetValueOrDefault(name);

    public void Add(string name, long count = 1) => _counts[name] = _counts.GetValueOrDefault(name) + count;

    public void Add(Tally other)
    {
        foreach ((string name, long count) in other._counts)
        {
            Add(name, count);
        }
    }
}

/// <summary>A case of a suite broke a promise.</summary>
internal sealed class SuiteFailure(Suite suite, long index, ulong seed, Exception cause)
    : Exception($"{suite.Name} {index} of seed {seed}: {cause.Message}", cause)
{
    public long Index => index;

    public string Reproduce =>
        $"dotnet run -c Release --project Tests -- suite {suite.Name} --from {index} --count 1 --seed {seed}";
}

/// <summary>
/// Many cases of one kind, each a function of its index and the seed: any one can be run again alone, and a suite that was
/// stopped goes on from where it was. The tests run a small part, <c>suite name</c> as much as is asked for.
/// </summary>
internal abstract class Suite
{
    /// <summary>What it is called on the command line.</summary>
    public abstract string Name { get; }

    /// <summary>What is counted.</summary>
    public abstract string Unit { get; }

    /// <summary>Cases of a long run.</summary>
    public abstract long LongCount { get; }

    /// <summary>Cases that the tests run, from the first: so many must reach everything that <see cref="MustReach"/> names.</summary>
    public abstract long TestCount { get; }

    /// <summary>Cases that are prepared together.</summary>
    public virtual int BlockSize => 1;

    /// <summary>Names of counts that must not be zero: what the suite must have reached to mean anything.</summary>
    public abstract IEnumerable<string> MustReach { get; }

    /// <summary>Runs the cases of one block; the failing case's index is in the exception.</summary>
    /// <param name="first">First case.</param>
    /// <param name="end">One after the last.</param>
    /// <param name="seed">Seed of the suite.</param>
    /// <param name="tally">What was reached.</param>
    public abstract void RunBlock(long first, long end, ulong seed, Tally tally);

    /// <summary>Runs cases.</summary>
    /// <param name="from">First case.</param>
    /// <param name="count">Cases.</param>
    /// <param name="seed">Seed.</param>
    /// <param name="workers">Threads.</param>
    /// <param name="progress">Told the number of finished cases now and then, or null.</param>
    /// <returns>What was reached.</returns>
    /// <exception cref="SuiteFailure">A case failed.</exception>
    public Tally Run(long from, long count, ulong seed, int workers, Action<long>? progress = null) =>
        Run(from, count, seed, workers, progress, CancellationToken.None, out _);

    /// <summary>Runs cases until it is stopped: the blocks that were begun are ended, so what was run has no hole.</summary>
    /// <param name="from">First case.</param>
    /// <param name="count">Cases.</param>
    /// <param name="seed">Seed.</param>
    /// <param name="workers">Threads.</param>
    /// <param name="progress">Told the number of finished cases now and then, or null.</param>
    /// <param name="stop">Ends it early.</param>
    /// <param name="ran">Cases that were run, without a gap from the first.</param>
    public Tally Run(
        long from, long count, ulong seed, int workers, Action<long>? progress, CancellationToken stop, out long ran)
    {
        Tally total = new();
        SuiteFailure? failure = null;
        long block = from / BlockSize;
        long done = 0;
        Lock gate = new();
        void Work()
        {
            Tally own = new();
            while (Volatile.Read(ref failure) is null && !stop.IsCancellationRequested)
            {
                long mine = Interlocked.Increment(ref block) - 1;
                long first = Math.Max(from, mine * BlockSize);
                long end = Math.Min(from + count, (mine + 1) * BlockSize);
                if (first >= from + count)
                {
                    break;
                }

                try
                {
                    RunBlock(first, end, seed, own);
                }
                catch (SuiteFailure found)
                {
                    _ = Interlocked.CompareExchange(ref failure, found, null);
                }
                catch (Exception defect)
                {
                    _ = Interlocked.CompareExchange(ref failure, new SuiteFailure(this, first, seed, defect), null);
                }

                progress?.Invoke(Interlocked.Add(ref done, end - first));
            }

            lock (gate)
            {
                total.Add(own);
            }
        }

        Thread[] threads = new Thread[workers];
        for (int i = 0; i < workers; i++)
        {
            threads[i] = new Thread(Work) { Name = Name + " " + i, IsBackground = true };
            threads[i].Start();
        }

        foreach (Thread thread in threads)
        {
            thread.Join();
        }

        ran = done;
        return failure is null ? total : throw failure;
    }

    /// <summary>Names of <see cref="MustReach"/> that were not reached.</summary>
    public List<string> Missing(Tally tally)
    {
        List<string> missing = [];
        foreach (string name in MustReach)
        {
            if (tally[name] == 0)
            {
                missing.Add(name);
            }
        }

        return missing;
    }

    /// <summary>A seed for one case: neighbours are unrelated.</summary>
    public static ulong Mix(ulong seed, long index)
    {
        ulong mixed = unchecked(seed + (((ulong)index + 1) * 0x9E3779B97F4A7C15));
        mixed = unchecked((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9);
        mixed = unchecked((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB);
        return mixed ^ (mixed >> 31);
    }
}
