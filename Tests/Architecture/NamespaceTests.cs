using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Architecture;

/// <summary>Folders are namespaces, and inside Core they depend leftward only.</summary>
public sealed partial class NamespaceTests
{
    private static readonly string[] CoreOrder =
    [
        "Determinism", "Values", "Events", "Formats", "Ring", "Market", "Signals", "Arbitration", "Portfolio", "Risk",
        "Orders", "Pipeline",
    ];

    [Fact]
    public void Core_depends_leftward_only()
    {
        IReadOnlyList<Mention> mentions = Assemblies.CoreMentions;
        Assert.Empty(Rightward(mentions, "LowLatency.Core.", CoreOrder));

        // The scan saw something: Events lean on Values.
        Assert.Contains(mentions, mention => mention.Namespace == "LowLatency.Core.Events"
            && mention.Used.StartsWith("LowLatency.Core.Values.", StringComparison.Ordinal));
    }

    [Fact]
    public void A_rightward_use_inside_a_method_body_is_found()
    {
        Mention[] found = [.. Rightward(
            Assemblies.TestsMentions, "LowLatency.Tests.Architecture.Samples.", ["Left", "Right"])];
        Assert.NotEmpty(found);
        Assert.All(found, mention => Assert.Equal("LowLatency.Tests.Architecture.Samples.Left", mention.Namespace));
    }

    [Fact]
    public void Every_folder_of_core_has_a_place_in_the_order() =>
        Assert.Empty(Directory.GetDirectories(Path.Combine(Repository.Root, "Core"))
            .Select(folder => Path.GetFileName(folder)).Except([.. CoreOrder, "bin", "obj"]));

    [Fact]
    public void Folders_are_namespaces()
    {
        int files = 0;
        foreach (string file in Sources())
        {
            string relative = Path.GetRelativePath(Repository.Root, file).Replace('\\', '/');
            Assert.True(IsInPlace(relative, File.ReadAllText(file)), relative + " is not in the folder of its namespace");
            files++;
        }

        Assert.True(files > 20);
    }

    [Theory]
    [InlineData("Core/Ring/X.cs", "namespace LowLatency.Core.Ring;", true)]
    [InlineData("Core/Ring/X.cs", "namespace LowLatency.Core;", false)]
    [InlineData("Core/Ring/X.cs", "namespace LowLatency.Core.Ring\n{\n}", false)]
    [InlineData("Engine/Program.cs", "using System;\n\nnamespace LowLatency.Engine;", true)]
    public void A_file_in_the_wrong_place_is_found(string path, string text, bool inPlace) =>
        Assert.Equal(inPlace, IsInPlace(path, text));

    internal static IEnumerable<string> Sources()
    {
        foreach (string project in new[] { "Core", "Journal", "Gateways", "Sandbox", "Engine", "Bench", "Tests" })
        {
            string folder = Path.Combine(Repository.Root, project);
            foreach (string file in Directory.Exists(folder)
                ? Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
                : [])
            {
                string[] parts = Path.GetRelativePath(folder, file).Split('/', '\\');
                if (parts[0] is not ("bin" or "obj"))
                {
                    yield return file;
                }
            }
        }
    }

    private static bool IsInPlace(string relative, string text)
    {
        string folder = relative[..relative.LastIndexOf('/')].Replace('/', '.');
        MatchCollection declared = Declaration().Matches(text);

        // A file of assembly attributes declares nothing.
        return declared.Count == 0
            ? !text.Contains("namespace ", StringComparison.Ordinal)
            : declared.All(match => match.Groups[1].Value == "LowLatency." + folder);
    }

    private static IEnumerable<Mention> Rightward(IEnumerable<Mention> mentions, string prefix, string[] order)
    {
        foreach (Mention mention in mentions)
        {
            if (!mention.Namespace.StartsWith(prefix, StringComparison.Ordinal)
                || !mention.Used.StartsWith(prefix, StringComparison.Ordinal))
            {
                continue;
            }

            int from = Array.IndexOf(order, mention.Namespace[prefix.Length..].Split('.')[0]);
            int to = Array.IndexOf(order, mention.Used[prefix.Length..].Split('.')[0]);
            if (from >= 0 && to > from)
            {
                yield return mention;
            }
        }
    }

    [GeneratedRegex(@"^namespace ([A-Za-z0-9_.]+);\s*$", RegexOptions.Multiline)]
    private static partial Regex Declaration();
}
