using Command = System.CommandLine.Command;

namespace LowLatency.Engine.Commands;

/// <summary>Looks into journals, compares them, packs them, mends them.</summary>
internal static class JournalCommand
{
    internal static Command Build() => new("journal", "Look into a journal, compare, export, archive or repair it.")
    {
        JournalInspectCommand.Build(),
        JournalTailCommand.Build(),
        JournalStatCommand.Build(),
        JournalVerifyCommand.Build(),
        JournalDiffCommand.Build(),
        JournalExportCommand.Build(),
        JournalArchiveCommand.Build(),
        JournalRepairCommand.Build(),
        JournalBisectCommand.Build(),
    };
}
