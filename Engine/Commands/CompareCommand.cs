using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using LowLatency.Engine.Reports;
using Spectre.Console;

namespace LowLatency.Engine.Commands;

/// <summary>Says what two runs have different.</summary>
internal static class CompareCommand
{
    internal static Command Build()
    {
        Argument<DirectoryInfo> left = new("left") { Description = "Artifact directory." };
        Argument<DirectoryInfo> right = new("right") { Description = "Artifact directory." };
        Option<bool> allow = new("--allow-synthetic")
        {
            Description = "Compare the numbers of a generated market with those of a recorded one.",
        };
        Command command = new(
            "compare",
            "Say what two artifacts have different: build, configuration and data first, then results. Exit code 1 when "
            + "anything is.")
        {
            left, right, allow,
        };
        command.SetAction(parsed => CommandFailure.Guard(() => Run(
            parsed.GetValue(left)!, parsed.GetValue(right)!, parsed.GetValue(allow))));
        return command;
    }

    private static int Run(DirectoryInfo left, DirectoryInfo right, bool allow)
    {
        Program.CommandRan = true;
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
