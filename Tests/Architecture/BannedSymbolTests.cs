using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Xml.Linq;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Architecture;

/// <summary>
/// The analyzer that bans clocks, dice, files and hash order is switched on, its lists are complete, and the compiled Core
/// calls nothing of it.
/// </summary>
public sealed class BannedSymbolTests
{
    private static readonly Dictionary<string, string[]> Required = new()
    {
        ["Core"] =
        [
            "N:System.IO", "N:System.Net", "N:System.Linq", "N:System.Threading.Tasks", "T:System.DateTime",
            "T:System.DateTimeOffset", "T:System.TimeZoneInfo", "T:System.TimeProvider",
            "T:System.Diagnostics.Stopwatch", "T:System.Random", "T:System.Guid", "T:System.Environment",
            "T:System.Console", "T:System.Activator", "T:System.Threading.Timer", "T:System.GC",
            "T:System.Collections.Generic.Dictionary`2", "T:System.Collections.Generic.HashSet`1",
            "T:System.Collections.Hashtable", "T:System.HashCode", "M:System.String.GetHashCode",
            "M:System.Object.GetHashCode", "M:System.Math.Exp(System.Double)", "M:System.Math.Log(System.Double)",
            "M:System.Math.Pow(System.Double,System.Double)",
            "M:System.Math.FusedMultiplyAdd(System.Double,System.Double,System.Double)",
        ],
        ["Journal"] =
        [
            "M:System.IO.FileStream.Flush(System.Boolean)",
            "M:System.IO.RandomAccess.FlushToDisk(Microsoft.Win32.SafeHandles.SafeFileHandle)",
            "P:System.DateTime.Now", "P:System.DateTime.UtcNow", "T:System.Random",
            "M:System.Threading.Thread.Sleep(System.Int32)",
        ],
        ["Gateways"] =
        [
            "P:System.DateTime.Now", "P:System.DateTime.UtcNow", "P:System.DateTimeOffset.UtcNow",
            "T:System.Diagnostics.Stopwatch", "T:System.Random", "M:System.Math.Exp(System.Double)",
            "M:System.Math.Log(System.Double)", "M:System.Math.Pow(System.Double,System.Double)",
            "M:System.Threading.Thread.Sleep(System.Int32)", "N:System.Linq",
        ],
        ["Sandbox"] =
        [
            "P:System.DateTime.Now", "P:System.DateTime.UtcNow", "P:System.DateTimeOffset.Now", "P:System.DateTimeOffset.UtcNow",
            "T:System.Random", "M:System.Guid.NewGuid", "M:System.Threading.Thread.Sleep(System.Int32)",
        ],
        ["Engine"] = ["P:System.DateTime.Now", "M:System.Threading.Thread.Sleep(System.Int32)"],
    };

    /// <summary>Namespaces (ending in a dot), types, and members that no method of Core may mention.</summary>
    private static readonly string[] Banned =
    [
        "System.IO.", "System.Net.", "System.Linq.", "System.Threading.Tasks.", "System.Diagnostics.Stopwatch",
        "System.Diagnostics.Process", "System.DateTime", "System.DateTimeOffset", "System.TimeZoneInfo",
        "System.TimeProvider", "System.Random", "System.Security.Cryptography.RandomNumberGenerator", "System.Guid",
        "System.Environment", "System.Console", "System.Activator", "System.Threading.Timer", "System.GC",
        "System.Collections.Generic.Dictionary`2", "System.Collections.Generic.HashSet`1",
        "System.Collections.Hashtable", "System.HashCode", "System.String::GetHashCode",
        "System.Object::GetHashCode", "System.Threading.Thread::Sleep", "System.Globalization.CultureInfo::get_CurrentCulture",
        "System.Math::Exp", "System.Math::Log", "System.Math::Log2", "System.Math::Log10", "System.Math::Pow",
        "System.Math::Sin", "System.Math::Cos", "System.Math::Tan", "System.Math::Tanh", "System.Math::Cbrt",
        "System.Math::FusedMultiplyAdd",
    ];

    [Theory]
    [InlineData("Core")]
    [InlineData("Journal")]
    [InlineData("Gateways")]
    [InlineData("Sandbox")]
    [InlineData("Engine")]
    public void The_list_of_each_project_holds_what_it_must(string project) =>
        Assert.Empty(Missing(project, File.ReadAllLines(Path.Combine(Repository.Root, project, "BannedSymbols.txt"))));

    [Fact]
    public void A_line_that_is_removed_from_a_list_is_missed()
    {
        string[] lines = File.ReadAllLines(Path.Combine(Repository.Root, "Core", "BannedSymbols.txt"));
        Assert.Equal(
            ["T:System.Random"],
            Missing("Core", lines.Where(line => !line.StartsWith("T:System.Random;", StringComparison.Ordinal))));
    }

    [Theory]
    [InlineData("Core")]
    [InlineData("Journal")]
    [InlineData("Gateways")]
    [InlineData("Sandbox")]
    [InlineData("Engine")]
    public void Each_project_is_built_with_the_analyzer_and_its_list(string project)
    {
        // The lock file is what restore resolved, so it shows the reference after all conditions.
        using JsonDocument locked = JsonDocument.Parse(
            File.ReadAllText(Path.Combine(Repository.Root, project, "packages.lock.json")));
        Assert.Contains(
            locked.RootElement.GetProperty("dependencies").EnumerateObject(),
            framework => framework.Value.TryGetProperty("Microsoft.CodeAnalysis.BannedApiAnalyzers", out JsonElement entry)
                && entry.GetProperty("type").GetString() == "Direct");

        XDocument properties = XDocument.Load(Path.Combine(Repository.Root, "Directory.Build.props"));
        XElement group = properties.Descendants("AdditionalFiles")
            .Single(item => ((string)item.Attribute("Include")!).EndsWith("BannedSymbols.txt", StringComparison.Ordinal))
            .Parent!;
        Assert.Contains($"'$(MSBuildProjectName)' == '{project}'", (string?)group.Attribute("Condition"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_banned_symbol_is_an_error_everywhere_and_never_silenced_in_core()
    {
        string[] rules = [.. File.ReadAllLines(Path.Combine(Repository.Root, ".editorconfig"))
            .Where(line => line.Contains("RS0030", StringComparison.Ordinal))];
        Assert.Equal(["dotnet_diagnostic.RS0030.severity = error"], rules);
        foreach (string file in Directory.EnumerateFiles(Repository.Root, "*.*proj", SearchOption.AllDirectories)
            .Append(Path.Combine(Repository.Root, "Directory.Build.props"))
            .Concat(NamespaceTests.Sources().Where(path => path.StartsWith(
                Path.Combine(Repository.Root, "Core") + Path.DirectorySeparatorChar, StringComparison.Ordinal))))
        {
            Assert.DoesNotContain("RS0030", File.ReadAllText(file), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Core_calls_no_clock_no_dice_no_file_and_no_hash_order() =>
        Assert.Empty(Calls(Assemblies.CoreMentions));

    [Fact]
    public void Only_the_ring_speaks_of_threads() =>
        Assert.DoesNotContain(Assemblies.CoreMentions, mention => mention.Namespace != "LowLatency.Core.Ring"
            && mention.Used.Split("::")[0] is "System.Threading.Thread" or "System.Threading.Monitor");

    [Theory]
    [InlineData("Clock")]
    [InlineData("LocalClock")]
    [InlineData("Watch")]
    [InlineData("Provider")]
    [InlineData("Dice")]
    [InlineData("Identity")]
    [InlineData("Variable")]
    [InlineData("Disk")]
    [InlineData("Sleep")]
    [InlineData("TextHash")]
    [InlineData("FirstOf")]
    [InlineData("Libm")]
    public void A_call_of_a_banned_symbol_is_found(string method) =>
        Assert.Contains(Calls(Assemblies.TestsMentions), mention => mention.Type == "Callers" && mention.Where == method);

    private static IEnumerable<string> Missing(string project, IEnumerable<string> lines) =>
        Required[project].Except(lines.Select(line => line.Split(';')[0]));

    private static IEnumerable<Mention> Calls(IEnumerable<Mention> mentions) => mentions.Where(mention =>
    {
        string type = mention.Used.Split("::")[0];
        return Banned.Any(banned => banned.EndsWith('.')
            ? type.StartsWith(banned, StringComparison.Ordinal)
            : banned.Contains("::", StringComparison.Ordinal) ? mention.Used == banned : type == banned);
    });
}
