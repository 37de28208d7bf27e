using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text.Json.Nodes;
using LowLatency.Bench.Comparing;
using LowLatency.Core.Determinism;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Bench.Comparing;

/// <summary>Sets of results that are made up, so that what moved is known.</summary>
public sealed class ComparisonTests : IDisposable
{
    private const ulong Seed = 20_261_121;

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Noise_alone_moves_nothing()
    {
        // The control: 400 benchmarks, each run three times with 4 % of noise, the same in both sets.
        Xoshiro256 dice = new(Seed);
        int moved = 0;
        for (int round = 0; round < 20; round++)
        {
            foreach (Row row in Comparison.Of(Set(ref dice, 1, (_, time) => time), Set(ref dice, 1, (_, time) => time)).Rows)
            {
                moved += row.Move == Move.Same ? 0 : 1;
            }
        }

        Assert.True(moved <= 4, $"seed {Seed}: {moved} of 400 were said to have moved");
    }

    [Theory]
    [InlineData(1.3, Move.Slower)]
    [InlineData(0.7, Move.Faster)]
    public void What_really_moved_is_said_to_have_and_nothing_else(double factor, object expected)
    {
        Xoshiro256 dice = new(Seed);
        IReadOnlyList<Measurement> before = Set(ref dice, 1, (_, time) => time);
        Comparison comparison = Comparison.Of(before, Set(ref dice, 1, (i, time) => i == 7 ? time * factor : time));
        foreach (Row row in comparison.Rows)
        {
            Assert.Equal(row.Name == "B07" ? (Move)expected : Move.Same, row.Move);
        }

        Assert.Equal((Move)expected == Move.Slower, comparison.HasLoss);
    }

    [Fact]
    public void A_machine_that_is_slower_by_a_third_moves_nothing_and_is_named()
    {
        Xoshiro256 dice = new(Seed);
        IReadOnlyList<Measurement> before = Set(ref dice, 1, (_, time) => time);
        Comparison slower = Comparison.Of(before, Set(ref dice, 1.33, (_, time) => time));
        Assert.All(slower.Rows, row => Assert.Equal(Move.Same, row.Move));
        Assert.InRange(slower.Machine, 1.25, 1.41);
        Assert.True(slower.HasReference);

        // Without the reference the same machine looks like a loss: what it is there for.
        Comparison blind = Comparison.Of(Without(before), Without(Set(ref dice, 1.33, (_, time) => time)));
        Assert.False(blind.HasReference);
        Assert.True(blind.HasLoss);
    }

    [Fact]
    public void Runs_that_differ_among_themselves_widen_the_noise()
    {
        Measurement steady = new("x", [100, 101, 99], 0.1, 0);
        Measurement after = new("x", [125, 126, 124], 0.1, 0);
        Measurement torn = new("x", [100, 160, 110], 0.1, 0);
        Assert.Equal(Move.Slower, Assert.Single(Comparison.Of([steady], [after]).Rows).Move);
        Assert.Equal(Move.Same, Assert.Single(Comparison.Of([torn], [after]).Rows).Move);
        Assert.Equal(Move.Same, Assert.Single(Comparison.Of([steady with { Error = 8 }], [after]).Rows).Move);
    }

    [Fact]
    public void One_byte_more_is_a_loss_whatever_the_noise()
    {
        Measurement before = new("x", [100, 160, 110], 50, 0);
        Row row = Assert.Single(Comparison.Of([before], [before with { Bytes = 1 }]).Rows);
        Assert.True(row.AllocatesMore);
        Assert.Equal(Move.Same, row.Move);
        Assert.False(Assert.Single(Comparison.Of([before with { Bytes = 1 }], [before]).Rows).AllocatesMore);
        Assert.False(Assert.Single(Comparison.Of([before with { Bytes = null }], [before with { Bytes = 5 }]).Rows).AllocatesMore);
    }

    [Fact]
    public void The_command_reads_files_as_they_are_written_and_ends_with_what_it_found()
    {
        string before = Write("a", ("N.Ring", 100, 0), ("N.Gone", 5, 0), (Comparison.Reference, 2, 0));
        Write("a/again", ("N.Ring", 102, 0), (Comparison.Reference, 2, 0));
        string after = Write("b", ("N.Ring", 150, 24), ("N.New", 5, 0), (Comparison.Reference, 2, 0));
        (int code, string output, string error) = Compare(before, after);
        Assert.Equal(CompareCommand.Worse, code);
        Assert.Empty(error);
        Assert.Contains("x1.00: that is the machine", output, StringComparison.Ordinal);
        Assert.Contains("SLOWER  x1.49 (noise 10", output, StringComparison.Ordinal);
        Assert.Contains("101.0 -> 150.0 ns  N.Ring", output, StringComparison.Ordinal);
        Assert.Contains("MORE    0 -> 24 bytes  N.Ring", output, StringComparison.Ordinal);
        Assert.Contains("GONE    N.Gone", output, StringComparison.Ordinal);
        Assert.Contains("NEW     N.New", output, StringComparison.Ordinal);
        Assert.Contains("0 of 1 did not move", output, StringComparison.Ordinal);
        (code, output, _) = Compare(before, before);
        Assert.Equal(0, code);
        Assert.Contains("2 of 2 did not move", output, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_set_of_results_is_refused_by_name()
    {
        string sound = Write("a", ("N.Ring", 100, 0));
        string damaged = Path.Combine(_folder.Path, "x-report-brief.json");
        foreach (string content in (string[])["", "{", "[]", "{}", "{\"Benchmarks\":[{}]}", "{\"Benchmarks\":[{\"FullName\":\"x\",\"Statistics\":{}}]}",
            "{\"Benchmarks\":[{\"FullName\":\"x\",\"Statistics\":{\"Median\":\"fast\"}}]}"])
        {
            File.WriteAllText(damaged, content);
            (int code, _, string error) = Compare(sound, damaged);
            Assert.Equal(CompareCommand.Refused, code);
            Assert.Contains("x-report-brief.json: not results of the small benchmarks", error, StringComparison.Ordinal);
        }

        string empty = Directory.CreateDirectory(Path.Combine(_folder.Path, "empty")).FullName;
        Assert.Contains("0 result files", Compare(sound, empty).Error, StringComparison.Ordinal);
        Assert.Contains("there is no such", Compare(Path.Combine(empty, "none"), sound).Error, StringComparison.Ordinal);
        Assert.Equal(CompareCommand.Refused, CompareCommand.Run([sound], TextWriter.Null, TextWriter.Null));
    }

    public void Dispose() => _folder.Dispose();

    private static (int Code, string Output, string Error) Compare(string before, string after)
    {
        StringWriter output = new(CultureInfo.InvariantCulture);
        StringWriter error = new(CultureInfo.InvariantCulture);
        return (CompareCommand.Run([before, after], output, error), output.ToString(), error.ToString());
    }

    private static List<Measurement> Set(ref Xoshiro256 dice, double machine, Func<int, double, double> change)
    {
        List<Measurement> set = [new(Comparison.Reference, Runs(2 * machine, ref dice), 0.01, 0)];
        for (int i = 0; i < 20; i++)
        {
            double time = change(i, 10 * (i + 1)) * machine;
            set.Add(new Measurement("B" + i.ToString("D2", CultureInfo.InvariantCulture), Runs(time, ref dice), time * 0.01, 0));
        }

        return set;
    }

    /// <summary>Three runs with 4 % of noise, nearly normal: twelve dice less six.</summary>
    private static double[] Runs(double time, ref Xoshiro256 dice)
    {
        double[] runs = new double[3];
        for (int i = 0; i < runs.Length; i++)
        {
            double sum = -6;
            for (int die = 0; die < 12; die++)
            {
                sum += dice.NextDouble();
            }

            runs[i] = time * (1 + (0.04 * sum));
        }

        return runs;
    }

    private static List<Measurement> Without(IReadOnlyList<Measurement> set)
    {
        List<Measurement> rest = [.. set];
        rest.RemoveAll(measurement => measurement.Name == Comparison.Reference);
        return rest;
    }

    private string Write(string folder, params (string Name, double Median, double Bytes)[] results)
    {
        JsonArray benchmarks = [];
        foreach ((string name, double median, double bytes) in results)
        {
            benchmarks.Add(new JsonObject
            {
                ["FullName"] = name,
                ["Statistics"] = new JsonObject { ["Median"] = median, ["StandardError"] = median * 0.001 },
                ["Memory"] = new JsonObject { ["BytesAllocatedPerOperation"] = bytes },
            });
        }

        // One that failed, as the runner writes it.
        benchmarks.Add(new JsonObject { ["FullName"] = "N.Failed", ["Statistics"] = null });
        string path = Directory.CreateDirectory(Path.Combine(_folder.Path, folder)).FullName;
        File.WriteAllText(Path.Combine(path, "BenchmarkRun-report-brief.json"), new JsonObject { ["Benchmarks"] = benchmarks }.ToJsonString());
        return path;
    }
}
