using System;
using System.CommandLine;
using System.IO;
using LowLatency.Engine.Configuration;

namespace LowLatency.Engine.Commands;

/// <summary>Prints what a configuration file comes to, all defaults filled in.</summary>
internal static class ConfigCommand
{
    internal static Command Build()
    {
        Argument<FileInfo> file = new("file") { Description = "Configuration file." };
        Command command = new("config", "Check a configuration file and print it resolved, with its hash.") { file };
        command.SetAction(parsed => CommandFailure.Guard(() =>
        {
            EngineConfiguration configuration = CommonOptions.Load(parsed.GetValue(file)!);
            using Stream output = Console.OpenStandardOutput();
            output.Write(configuration.ToCanonicalJson());
            Console.Error.WriteLine("decision hash " + Convert.ToHexStringLower(configuration.DecisionHash.AsSpan()));
            return ExitCode.Success;
        }));
        return command;
    }
}
