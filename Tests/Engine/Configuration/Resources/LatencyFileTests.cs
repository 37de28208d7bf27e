using System;
using System.IO;
using System.Text;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Configuration.Resources;
using LowLatency.Engine.Results;
using LowLatency.Gateways.Sim;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Engine.Configuration.Resources;

public sealed class LatencyFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("sent,arrived,answered\n1,2,3\n", "line 1 is \"sent,arrived,answered\"; it must be sentAt,arrivedAt,answeredAt")]
    [InlineData("sentAt,arrivedAt,answeredAt\n", "it has 0 measurements; allowed are 1 to 16000")]
    [InlineData("", "it has 0 measurements; allowed are 1 to 16000")]
    [InlineData("sentAt,arrivedAt,answeredAt\n100,99,200\n", "line 2: arrivedAt 99 is before sentAt 100: a latency is never negative")]
    [InlineData("sentAt,arrivedAt,answeredAt\n1,2,3\n100,200,199\n", "line 3: answeredAt 199 is before arrivedAt 200: a latency is never negative")]
    [InlineData("sentAt,arrivedAt,answeredAt\n1,2\n", "line 2: \"1,2\" is not three whole numbers of nanoseconds")]
    [InlineData("sentAt,arrivedAt,answeredAt\n1,2.5,3\n", "line 2: \"1,2.5,3\" is not three whole numbers of nanoseconds")]
    [InlineData("sentAt,arrivedAt,answeredAt\n-1,2,3\n", "line 2: \"-1,2,3\" is not three whole numbers of nanoseconds")]
    [InlineData("sentAt,arrivedAt,answeredAt\n1,3600000000002,3600000000003\n", "line 2: a latency of 3600000000001 ns; at most 3600000000000 is allowed")]
    [InlineData("sentAt,arrivedAt,answeredAt\n100,101,102\n100,101,102\n99,200,300\n", "line 4: sentAt 99 is before 100, that of the line before: measurements stand in the order in which they were sent")]
    public void A_file_that_is_none_is_refused_with_its_line(string text, string problem)
    {
        ConfigurationReading reading = Read(text);
        Assert.Null(reading.Configuration);
        Assert.EndsWith(problem, Assert.Single(reading.Problems).Allowed, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_direction_is_measured_where_the_message_leaves_and_of_one_instant_the_longest_counts()
    {
        string path = Write("sentAt,arrivedAt,answeredAt\n10,15,22\n10,14,30\n30,31,33\n");
        Assert.Equal("10 5\n30 1\n", Encoding.ASCII.GetString(new LatencyFile(LatencyDirection.Entry).Load(path).Content!));
        Assert.Equal("14 16\n15 7\n31 2\n", Encoding.ASCII.GetString(new LatencyFile(LatencyDirection.Response).Load(path).Content!));
    }

    [Fact]
    public void The_resolved_configuration_needs_no_file_and_the_manifest_names_it_with_its_hash()
    {
        Assert.True(Read("sentAt,arrivedAt,answeredAt\n10,15,22\n").TryGet(out EngineConfiguration? configuration));
        File.Delete(Path.Combine(_folder.Path, "measured.csv"));
        ConfigurationReading again = EngineConfiguration.FromJson(
            configuration.ToCanonicalJson(), "resolved", LowLatency.Core.Signals.Strategies.BuiltInStrategies.Catalogue);
        Assert.True(again.TryGet(out EngineConfiguration? resolved), string.Join('\n', again.Problems));
        Assert.Equal(configuration.DecisionHash, resolved.DecisionHash);
        Assert.Equal(LatencyKind.Recorded, resolved.Venue.Entry.Addition.Kind);

        Manifest manifest = Manifest.Of("backtest", resolved, null, TimeSpan.Zero);
        ManifestFile file = Assert.Single(manifest.Files);
        Assert.Equal(("entry latency", "measured.csv", 64), (file.Use, file.File, file.Sha256.Length));
        Assert.Equal("queue RiskAverse, bars StopFirst, entry 500 us + Recorded, response 500 us, 0 incidents", manifest.FillModel);
    }

    public void Dispose() => _folder.Dispose();

    private string Write(string text)
    {
        string path = Path.Combine(_folder.Path, "measured.csv");
        File.WriteAllText(path, text);
        return path;
    }

    private ConfigurationReading Read(string text)
    {
        _ = Write(text);
        string json = BrokenConfigurationTests.Set(
            Examples.Minimal, "venue", "{ \"entryLatency\": { \"recorded\": { \"file\": \"measured.csv\" } } }");
        return EngineConfiguration.FromJson(
            Encoding.UTF8.GetBytes(json), "test.json", LowLatency.Core.Signals.Strategies.BuiltInStrategies.Catalogue, _folder.Path);
    }
}
