using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Architecture;

/// <summary>
/// What is built with is what is written down: one exact version of each package in one place, lock files with the hash of every
/// package that any project gets, and a restore that took just these.
/// </summary>
public sealed partial class DependencyTests
{
    private const string Sample = """
        {"version":2,"dependencies":{"net10.0":{"A":{"type":"Direct","requested":"[1.0.0, 1.0.0]","resolved":"1.0.0","contentHash":"x=="},
        "lowlatency.core":{"type":"Project"}}}}
        """;

    private static readonly string[] Projects = ["Core", "Journal", "Gateways", "Sandbox", "Engine", "Tests"];

    private static readonly Dictionary<string, string> Central = XDocument.Load(Path.Combine(Repository.Root, "Directory.Packages.props"))
        .Descendants("PackageVersion").ToDictionary(
            package => (string)package.Attribute("Include")!, package => (string)package.Attribute("Version")!, StringComparer.OrdinalIgnoreCase);

    public static TheoryData<string> ProjectNames => [.. Projects];

    [Fact]
    public void Every_version_is_exact_and_stands_in_one_place()
    {
        Assert.True(Central.Count > 4);
        Assert.All(Central, package => Assert.Matches(Exact(), package.Value));
        string[] files = [.. Directory.EnumerateFiles(Repository.Root, "*.csproj", SearchOption.AllDirectories),
            .. Directory.EnumerateFiles(Repository.Root, "Directory.Build.*", SearchOption.AllDirectories)];
        Assert.True(files.Length > Projects.Length);
        foreach (string file in files)
        {
            Assert.Empty(VersionsIn(XDocument.Load(file)).Select(version => file + ": " + version));
        }

        Assert.Equal(["1.2.*"], VersionsIn(XDocument.Parse(
            """<Project><ItemGroup><PackageReference Include="A" Version="1.2.*" /></ItemGroup></Project>""")));
        XDocument properties = XDocument.Load(Path.Combine(Repository.Root, "Directory.Build.props"));
        foreach (string name in (string[])["ManagePackageVersionsCentrally", "CentralPackageTransitivePinningEnabled", "RestorePackagesWithLockFile"])
        {
            Assert.Equal("true", Assert.Single(properties.Descendants(name)).Value);
        }
    }

    [Theory]
    [MemberData(nameof(ProjectNames))]
    public void A_lock_file_says_the_central_versions_and_what_was_restored_is_what_it_says(string project)
    {
        List<Locked> locked = Read(File.ReadAllText(Path.Combine(Repository.Root, project, "packages.lock.json")));
        Assert.NotEmpty(locked);
        using JsonDocument restored = JsonDocument.Parse(File.ReadAllText(Path.Combine(Repository.Root, project, "obj", "project.assets.json")));
        Dictionary<string, string> hashes = restored.RootElement.GetProperty("libraries").EnumerateObject()
            .Where(library => library.Value.GetProperty("type").GetString() == "package")
            .ToDictionary(library => library.Name, library => library.Value.GetProperty("sha512").GetString()!, StringComparer.OrdinalIgnoreCase);
        Assert.Empty(Differences(locked, hashes));
        Assert.Equal(locked.Count, hashes.Count);
    }

    [Fact]
    public void A_lock_file_that_says_something_else_is_found()
    {
        Dictionary<string, string> hashes = new() { ["A/1.0.0"] = "x==" };
        Assert.Equal(["A"], Read(Sample).Select(entry => entry.Name));
        Assert.Empty(Differences(Read(Sample), hashes));
        Assert.NotEmpty(Differences(Read(Sample.Replace("x==", "y==", StringComparison.Ordinal)), hashes));
        Assert.NotEmpty(Differences(Read(Sample.Replace("\"resolved\":\"1.0.0\"", "\"resolved\":\"1.0.1\"", StringComparison.Ordinal)), hashes));

        // A package of ours in another version than the central one.
        string known = Central.Keys.First();
        Assert.NotEmpty(Differences([new Locked(known, "0.0.1", "x==")], new Dictionary<string, string> { [known + "/0.0.1"] = "x==" }));
    }

    /// <summary>Who audits what is built with reads one list, and it is complete.</summary>
    [Fact]
    public void The_document_names_every_package_with_its_version()
    {
        string document = File.ReadAllText(Path.Combine(Repository.Root, "docs", "dependencies.md"));
        Assert.All(Central, package => Assert.Contains(package.Key + " " + package.Value.Trim('[', ']'), document, StringComparison.Ordinal));
    }

    private static IEnumerable<string> VersionsIn(XDocument project) =>
        project.Descendants("PackageReference").SelectMany(reference => reference.Attributes()
                .Where(attribute => attribute.Name.LocalName is "Version" or "VersionOverride").Select(attribute => attribute.Value)
            .Concat(reference.Elements().Where(element => element.Name.LocalName is "Version" or "VersionOverride").Select(element => element.Value)));

    private static List<Locked> Read(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return [.. document.RootElement.GetProperty("dependencies").EnumerateObject().SelectMany(framework => framework.Value.EnumerateObject())
            .Where(package => package.Value.GetProperty("type").GetString() != "Project")
            .Select(package => new Locked(
                package.Name, package.Value.GetProperty("resolved").GetString()!, package.Value.GetProperty("contentHash").GetString()!))
            .Distinct()];
    }

    private static IEnumerable<string> Differences(List<Locked> locked, Dictionary<string, string> restored)
    {
        foreach (Locked package in locked)
        {
            if (Central.TryGetValue(package.Name, out string? central) && central.Trim('[', ']') != package.Version)
            {
                yield return $"{package.Name} is locked to {package.Version}, the central version is {central}";
            }

            if (!restored.TryGetValue(package.Name + "/" + package.Version, out string? hash) || hash != package.Hash)
            {
                yield return $"{package.Name} {package.Version} was restored as {hash ?? "another version"}";
            }
        }
    }

    [GeneratedRegex(@"^\[\d+(\.\d+)+\]$")]
    private static partial Regex Exact();

    private sealed record Locked(string Name, string Version, string Hash);
}
