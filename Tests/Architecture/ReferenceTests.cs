using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Xml.Linq;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Architecture;

/// <summary>Who may know whom: read from the compiled assemblies and from the project files.</summary>
public sealed class ReferenceTests
{
    /// <summary>All that Core may reference: no input, no output, no network, no hash tables beyond what is banned by name.</summary>
    private static readonly string[] CoreMayReference =
    [
        "System.Collections",
        "System.Memory",
        "System.Runtime",
        "System.Runtime.InteropServices",
        "System.Runtime.Intrinsics",
        "System.Text.Encoding.Extensions",
        "System.Threading",
        "System.Threading.Thread",
    ];

    private static readonly Dictionary<string, string[]> ProjectMayReference = new()
    {
        ["Core"] = [],
        ["Journal"] = ["Core"],
        ["Gateways"] = ["Core"],
        ["Sandbox"] = ["Core", "Gateways"],
        ["Engine"] = ["Core", "Journal", "Gateways", "Sandbox"],
        ["Bench"] = ["Core", "Journal", "Gateways", "Sandbox", "Engine"],
        ["Breakout"] = ["Core"],
        ["Tests"] = ["Core", "Journal", "Gateways", "Sandbox", "Engine", "Breakout"],
    };

    [Fact]
    public void Core_references_nothing_beyond_its_list() =>
        Assert.Empty(MetadataScan.References(Assemblies.Core).Except(CoreMayReference));

    [Theory]
    [InlineData("Core")]
    [InlineData("Journal")]
    [InlineData("Gateways")]
    [InlineData("Sandbox")]
    [InlineData("Engine", "Spectre.Console", "System.CommandLine")]
    public void What_ships_references_no_package_beyond_its_list(string project, params string[] packages) =>
        Assert.Equal(packages, Packages(Assemblies.Path(project)));

    [Fact]
    public void A_package_of_the_tests_would_be_found() =>
        Assert.Contains("FsCheck", Packages(Assemblies.Tests));

    [Fact]
    public void The_list_would_not_admit_the_tests() =>
        Assert.NotEmpty(MetadataScan.References(Assemblies.Tests).Except(CoreMayReference));

    [Fact]
    public void Projects_reference_only_what_stands_below_them()
    {
        string[] projects = Directory.GetFiles(Repository.Root, "*.csproj", SearchOption.AllDirectories);
        Assert.True(projects.Length >= 6);
        foreach (string project in projects)
        {
            string name = Path.GetFileNameWithoutExtension(project);
            Assert.True(ProjectMayReference.TryGetValue(name, out string[]? allowed), "unknown project " + name);
            Assert.Empty(ReferencesOf(XDocument.Load(project)).Except(allowed!));
        }
    }

    [Fact]
    public void Compiled_assemblies_reference_only_what_stands_below_them()
    {
        foreach (string project in Assemblies.Shipped)
        {
            string[] ours = [.. MetadataScan.References(Assemblies.Path(project))
                .Where(name => name.StartsWith("LowLatency.", StringComparison.Ordinal))
                .Select(name => name["LowLatency.".Length..])];
            Assert.Empty(ours.Except(ProjectMayReference[project]));
        }
    }

    [Fact]
    public void A_reference_from_journal_to_gateways_would_be_found()
    {
        XDocument wrong = XDocument.Parse(
            """<Project><ItemGroup><ProjectReference Include="../Gateways/Gateways.csproj" /></ItemGroup></Project>""");
        Assert.Equal(["Gateways"], ReferencesOf(wrong).Except(ProjectMayReference["Journal"]));
    }

    /// <summary>What an assembly references that is neither ours nor part of the frameworks on which the tests run.</summary>
    private static IEnumerable<string> Packages(string path)
    {
        string[] frameworks =
        [
            Path.GetDirectoryName(typeof(object).Assembly.Location)!,
            Path.GetDirectoryName(typeof(Microsoft.AspNetCore.Server.Kestrel.Core.KestrelServer).Assembly.Location)!,
        ];
        return MetadataScan.References(path).Where(name => !name.StartsWith("LowLatency.", StringComparison.Ordinal)
            && !frameworks.Any(framework => File.Exists(Path.Combine(framework, name + ".dll"))));
    }

    [Fact]
    public void Only_the_sandbox_knows_the_web_server() =>
        Assert.Equal(["Sandbox"], Assemblies.Shipped.Where(project => MetadataScan.References(Assemblies.Path(project))
            .Any(name => name.StartsWith("Microsoft.AspNetCore.", StringComparison.Ordinal))));

    private static IEnumerable<string> ReferencesOf(XDocument project) =>
        project.Descendants("ProjectReference").Select(reference =>
            Path.GetFileNameWithoutExtension(((string)reference.Attribute("Include")!).Replace('\\', '/')));
}
