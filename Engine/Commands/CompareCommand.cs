using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Reality;
using LowLatency.Engine.Reports;
using Spectre.Console;

namespace LowLatency.Engine.Commands;

/// <summary>Says what two runs have different, or a run and its simulation.</summary>
internal static class CompareCommand
{
    internal static Command Build()
    {
        Argument<DirectoryInfo?> left = ArtifactArgument("left");
        Argument<DirectoryInfo?> right = ArtifactArgument("right");
        Option<bool> allow = new("--allow-synthetic")
        {
            Description = "Compare the numbers of a generated market with those of a recorded one.",
        };
        Option<DirectoryInfo?> live = new("--live")
        {
            Description = "Journal of a live or paper run: simulate its commands anew against its own market instead, and say "
                + "by order where the simulation and the journal part, and what the profit's gap is made of.",
        };
        Option<FileInfo?> config = new("--config", "-c")
        {
            Description = "With --live: whose venue to simulate; the journal's own if not given.",
        };
        Option<FileInfo?> json = new("--json") { Description = "With --live: write all of it to this file as JSON." };
        Option<FileInfo?> csv = new("--csv") { Description = "With --live: write a line for each order to this file." };
        Command command = new(
            "compare",
            "Say what two artifacts have different: build, configuration and data first, then results; or with --live how a "
            + "run differs from its simulation. Exit code 1 when anything is.")
        {
            left, right, allow, live, config, json, csv,
        };
        command.SetAction(parsed => CommandFailure.Guard(() => parsed.GetValue(live) is { } journal
            ? Check(journal, parsed.GetValue(left), parsed.GetValue(config), parsed.GetValue(json), parsed.GetValue(csv))
            : Run(
                parsed.GetValue(left),
                parsed.GetValue(right),
                parsed.GetValue(allow),
                parsed.GetValue(config) ?? parsed.GetValue(json) ?? parsed.GetValue(csv))));
        return command;
    }

    private static Argument<DirectoryInfo?> ArtifactArgument(string name) => new(name)
    {
        Description = "Artifact directory.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static int Check(DirectoryInfo journal, DirectoryInfo? left, FileInfo? config, FileInfo? json, FileInfo? csv)
    {
        if (left is not null)
        {
            throw new CommandFailure(
                ExitCode.Usage, $"--live {journal.Name}: a journal is compared with its simulation, not with {left.Name}");
        }

        EngineConfiguration? given = config is null ? null : CommonOptions.Load(config);
        RealityReport report = RealityCheck.Of(journal.FullName, given);
        RealityTables.Print(report);
        if (json is not null)
        {
            File.WriteAllBytes(json.FullName, RealityJson.Write(report));
            Console.WriteLine("result   " + json.FullName);
        }

        if (csv is not null)
        {
            File.WriteAllBytes(csv.FullName, RealityTables.Csv(report));
            Console.WriteLine("orders   " + csv.FullName);
        }

        return report.IsEqual ? ExitCode.Success : ExitCode.No;
    }

    private static int Run(DirectoryInfo? left, DirectoryInfo? right, bool allow, FileInfo? ofLive)
    {
        if (left is null || right is null)
        {
            throw new CommandFailure(
                ExitCode.Usage, "compare takes two artifact directories, or --live with the journal directory of a run");
        }

        if (ofLive is not null)
        {
            throw new CommandFailure(
                ExitCode.Usage, $"{ofLive.Name}: --config, --json and --csv go with --live; two artifacts are printed");
        }

        Comparison comparison = Comparison.Of(Artifact.Read(left.FullName), Artifact.Read(right.FullName));
        Print("build", comparison.Build);
        Print("configuration", comparison.Configuration);
        Print("data", comparison.Data);
        if (comparison.MixesSynthetic && !allow)
        {
            throw new CommandFailure(
                ExitCode.No,
                "one ran on a generated market, the other on a recorded one: their results are not compared without "
                + "--allow-synthetic");
        }

        Print("results", comparison.Results);
        return comparison.IsEqual ? ExitCode.Success : ExitCode.No;
    }

    private static void Print(string what, IReadOnlyList<Difference> differences)
    {
        Console.WriteLine(differences.Count == 0 ? what + ": equal" : $"{what}: {differences.Count} differences");
        if (differences.Count == 0)
        {
            return;
        }

        Table table = new() { Border = TableBorder.Simple };
        table.AddColumns("where", "left", "right");
        foreach (Difference difference in differences)
        {
            table.AddRow(
                Markup.Escape(difference.Path),
                Markup.Escape(difference.Left ?? "(none)"),
                Markup.Escape(difference.Right ?? "(none)"));
        }

        AnsiConsole.Write(table);
    }
}
