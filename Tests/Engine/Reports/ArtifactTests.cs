using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using LowLatency.Engine.Reports;
using LowLatency.Engine.Results;
using LowLatency.Tests.Engine.Results;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Engine.Reports;

public sealed class ArtifactTests(RecordedBacktest reference) : IClassFixture<RecordedBacktest>
{
    [Fact]
    public void An_artifact_reads_back_and_equals_itself()
    {
        using TemporaryFolder folder = new();
        Artifact left = Written(folder, "left");
        Artifact right = Written(folder, "right");
        Comparison comparison = Comparison.Of(left, right);
        Assert.True(comparison.IsEqual, Tell(comparison));
        Assert.DoesNotContain(Directory.EnumerateDirectories(folder.Path), path => path.Contains("unfinished", StringComparison.Ordinal));
    }

    [Fact]
    public void An_artifact_is_never_written_over()
    {
        using TemporaryFolder folder = new();
        Written(folder, "one");
        string page = Path.Combine(folder.Path, "one", ReportFiles.Page);
        DateTime before = File.GetLastWriteTimeUtc(page);
        Assert.Throws<IOException>(() => Written(folder, "one"));
        File.WriteAllText(Path.Combine(folder.Path, "file"), "x");
        Assert.Throws<IOException>(() => Written(folder, "file"));
        Assert.Equal(before, File.GetLastWriteTimeUtc(page));
    }

    [Fact]
    public void A_changed_byte_of_any_file_is_found()
    {
        using TemporaryFolder folder = new();
        Written(folder, "one");
        string directory = Path.Combine(folder.Path, "one");
        string[] paths = Directory.GetFiles(directory);
        Assert.Equal(10, paths.Length);
        foreach (string path in paths)
        {
            byte[] content = File.ReadAllBytes(path);
            byte[] changed = [.. content];
            changed[changed.Length / 2] ^= 1;
            File.WriteAllBytes(path, changed);
            Assert.Throws<InvalidDataException>(() => Artifact.Read(directory));
            File.Delete(path);
            Assert.Throws<InvalidDataException>(() => Artifact.Read(directory));
            File.WriteAllBytes(path, content);
            Artifact.Read(directory);
        }

        File.WriteAllText(Path.Combine(directory, "stray.txt"), "x");
        Assert.Throws<InvalidDataException>(() => Artifact.Read(directory));
    }

    /// <summary>The seal is made again after each change: a hash that is missing or malformed is refused for what it is.</summary>
    [Theory]
    [InlineData("\"sha256\": \"", "\"sha256\": \"zz")]
    [InlineData("\"sha256\": \"", "\"other\": \"")]
    [InlineData("\"version\": 1", "\"version\": 2")]
    [InlineData("\"name\": \"report.html\"", "\"name\": \"../report.html\"")]
    public void A_manifest_without_a_sound_hash_is_refused(string from, string to)
    {
        using TemporaryFolder folder = new();
        Written(folder, "one");
        string path = Path.Combine(folder.Path, "one", Artifact.ManifestName);
        string text = File.ReadAllText(path);
        int at = text.IndexOf(from, StringComparison.Ordinal);
        Assert.True(at >= 0, text);
        byte[] changed = Encoding.UTF8.GetBytes(text[..at] + to + text[(at + from.Length)..]);
        File.WriteAllBytes(path, changed);
        File.WriteAllText(
            Path.Combine(folder.Path, "one", Artifact.SealName),
            Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(changed)) + "\n");
        Assert.Throws<InvalidDataException>(() => Artifact.Read(Path.Combine(folder.Path, "one")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("abc")]
    [InlineData("ABCDEF0000000000000000000000000000000000000000000000000000000000")]
    public void What_is_no_hash_is_no_hash(string text) => Assert.False(Artifact.IsHash(text));

    [Theory]
    [InlineData("\"configurationHash\": \"", "\"configurationHash\": \"x")]
    [InlineData("\"buildHash\": \"", "\"buildHash2\": \"")]
    [InlineData("\"dataHash\": \"", "\"dataHash\": \"q")]
    [InlineData("\"decisionDigest\": \"", "\"decisionDigest\": \"0")]
    [InlineData("\"dataKind\": \"synthetic", "\"dataKind\": \"")]
    public void Two_results_with_the_same_broken_identity_are_not_equal(string from, string to)
    {
        using TemporaryFolder folder = new();
        string Broken(string name)
        {
            string directory = Path.Combine(folder.Path, name);
            List<ReportFile> files = [.. Files()];
            int index = files.FindIndex(file => file.Name == ReportFiles.Result);
            string text = Encoding.UTF8.GetString(files[index].Content.Span);
            Assert.Contains(from, text, StringComparison.Ordinal);
            files[index] = new ReportFile(
                ReportFiles.Result, Encoding.UTF8.GetBytes(text.Replace(from, to, StringComparison.Ordinal)));
            Artifact.Write(directory, files);
            return directory;
        }

        Artifact left = Artifact.Read(Broken("left"));
        Artifact right = Artifact.Read(Broken("right"));
        Assert.Throws<InvalidDataException>(() => Comparison.Of(left, right));
    }

    [Fact]
    public void A_comparison_names_what_differs_where()
    {
        using TemporaryFolder folder = new();
        Artifact left = Written(folder, "left");
        List<ReportFile> files = [.. Files()];
        for (int i = 0; i < files.Count; i++)
        {
            string text = Encoding.UTF8.GetString(files[i].Content.Span);
            text = files[i].Name == ReportFiles.Result
                ? text.Replace("\"dataKind\": \"synthetic\"", "\"dataKind\": \"historical\"", StringComparison.Ordinal)
                    .Replace("\"trades_closed_count\": ", "\"trades_closed_count\": 9", StringComparison.Ordinal)
                : files[i].Name == ReportFiles.Configuration
                    ? text.Replace("\"halfSpreadTicks\": 3", "\"halfSpreadTicks\": 4", StringComparison.Ordinal)
                    : text;
            files[i] = new ReportFile(files[i].Name, Encoding.UTF8.GetBytes(text));
        }

        string directory = Path.Combine(folder.Path, "right");
        Artifact.Write(directory, files);
        Comparison comparison = Comparison.Of(left, Artifact.Read(directory));
        Assert.True(comparison.MixesSynthetic, Tell(comparison));
        Assert.Equal(new Difference("dataKind", "\"synthetic\"", "\"historical\""), Assert.Single(comparison.Data));
        Assert.Equal(
            new Difference("strategies[2].parameters.halfSpreadTicks", "3", "4"), Assert.Single(comparison.Configuration));
        Assert.Empty(comparison.Build);
        Assert.Equal(
            "performance.currencies[0].figures.trades_closed_count", Assert.Single(comparison.Results).Path);
    }

    private IReadOnlyList<ReportFile> Files()
    {
        RunReport report = RunReport.OfJournal(reference.Journal, out _);
        return ReportFiles.All(report, Manifest.Of("report", report.Configuration, reference.Journal, TimeSpan.Zero));
    }

    private Artifact Written(TemporaryFolder folder, string name)
    {
        string directory = Path.Combine(folder.Path, name);
        Artifact.Write(directory, Files());
        return Artifact.Read(directory);
    }

    private static string Tell(Comparison comparison) => string.Join('\n', comparison.Results.Concat(comparison.Data));
}
