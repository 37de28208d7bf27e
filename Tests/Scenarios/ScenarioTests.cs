using System.IO;
using System.Linq;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Scenarios;

public sealed class ScenarioTests
{
    public static TheoryData<string> Files
    {
        get
        {
            TheoryData<string> files = [];
            foreach (string path in Directory.GetFiles(Folder, "*.scenario").Order())
            {
                files.Add(Path.GetFileName(path));
            }

            return files;
        }
    }

    private static string Folder => Path.Combine(Repository.Root, "Tests", "Scenarios");

    [Theory]
    [MemberData(nameof(Files))]
    public void A_scenario_goes_as_written(string file) =>
        Assert.True(Scenario.Run(Path.Combine(Folder, file)) > 0, "a scenario without an expectation proves nothing");

    [Fact]
    public void There_are_scenarios() => Assert.True(Files.Count >= 15);

    [Theory]
    [InlineData("session-gate", "set session")]
    [InlineData("flat-before-close", "set flat-before-close")]
    [InlineData("quotes-outside-the-session", "set session")]
    [InlineData("barrier-gate", "set barrier")]
    [InlineData("barrier-gate-without-input", "set barrier")]
    [InlineData("stale-entries", "set stale-entries")]
    [InlineData("learned-weights", "set learning")]
    [InlineData("blend-by-weight", "set policy")]
    [InlineData("cooldown", "set cooldown")]
    [InlineData("priority-takes-over", "set policy")]
    [InlineData("style-market", "set work")]
    [InlineData("style-limit", "set work")]
    [InlineData("style-post-only", "set work")]
    [InlineData("style-peg", "set work")]
    [InlineData("style-twap", "set work")]
    [InlineData("style-participation", "set work")]
    [InlineData("style-iceberg", "set work")]
    [InlineData("style-timeout", "set work")]
    [InlineData("style-timeout-volatility", "set work")]
    [InlineData("style-timeout-calm", "set work")]
    public void Without_its_feature_a_scenario_goes_otherwise(string name, string setting)
    {
        string[] lines = File.ReadAllLines(Path.Combine(Folder, name + ".scenario"));
        string[] without = [.. lines.Where(line => !line.StartsWith(setting, System.StringComparison.Ordinal))];
        Assert.NotEqual(lines.Length, without.Length);
        ScenarioException otherwise = Assert.Throws<ScenarioException>(() => Scenario.Run("without", without));
        Assert.Contains("expected", otherwise.Message);
    }

    [Theory]
    [InlineData("style-timeout", " timeout 2000ms", "")]
    [InlineData("style-timeout-volatility", " volatility-ppm 100", "")]
    [InlineData("style-timeout-calm", " volatility-ppm 100", "")]
    [InlineData("style-peg", "repegs 2", "repegs 3")]
    [InlineData("style-iceberg", "display 3", "display 8")]
    [InlineData("style-peg-ends", " repegs-in-all 2", "")]
    [InlineData("style-peg-ends", " away 5", "")]
    [InlineData("style-twap-share", " share-ppm 100000", "")]
    [InlineData("style-twap-jitter", " jitter-ppm 900000", "")]
    [InlineData("style-participation", " clip 6", "")]
    [InlineData("style-twap", "slices 5", "slices 4")]
    [InlineData("bracket", " stop 99.00", "")]
    [InlineData("bracket-target", " take-bps 50", "")]
    [InlineData("bracket-flip", " stop 100.90", "")]
    [InlineData("style-two-strategies", "set work S2 berg", "")]
    [InlineData("style-exit", "stop-bps 100", "stop-bps 400")]
    public void With_another_number_of_its_style_a_scenario_goes_otherwise(string name, string number, string other)
    {
        string[] lines = File.ReadAllLines(Path.Combine(Folder, name + ".scenario"));
        string[] changed = [.. lines.Select(line => line.Replace(number, other, System.StringComparison.Ordinal))];
        Assert.NotEqual(lines, changed);
        ScenarioException otherwise = Assert.Throws<ScenarioException>(() => Scenario.Run("changed", changed));
        Assert.Contains("expected", otherwise.Message);
    }

    [Fact]
    public void A_wrong_expectation_names_file_line_expected_and_actual()
    {
        ScenarioException wrong = Assert.Throws<ScenarioException>(
            () => Scenario.Run("wrong.scenario", ["# a comment", "begin", "target S1 10", "expect commands buy 11@100.51"]));
        Assert.Equal("wrong.scenario:4: commands: expected 'buy 11@100.51', actual 'buy 10@100.51'", wrong.Message);
    }

    [Theory]
    [InlineData("begin|jump")]
    [InlineData("target S1 10")]
    [InlineData("begin|set lot 5")]
    [InlineData("begin|target S3 10")]
    [InlineData("begin|target S1 ten")]
    [InlineData("begin|target S1 10 until 5ms")]
    [InlineData("begin|wait 5")]
    [InlineData("begin|quote SYM2 99.00 100.00")]
    [InlineData("begin|quote SYM1 99.001 100.00")]
    [InlineData("begin|report O1 Accepted")]
    [InlineData("begin|operator Panic")]
    [InlineData("begin|expect weather fine")]
    [InlineData("set speed 3")]
    public void What_cannot_be_read_is_refused(string lines) =>
        Assert.StartsWith(
            "bad.scenario:",
            Assert.Throws<ScenarioException>(() => Scenario.Run("bad.scenario", lines.Split('|'))).Message,
            System.StringComparison.Ordinal);
}
