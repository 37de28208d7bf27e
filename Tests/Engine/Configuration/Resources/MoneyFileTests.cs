using System;
using System.IO;
using System.Linq;
using System.Text;
using LowLatency.Core.Events;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Configuration.Resources;
using LowLatency.Engine.Results;
using LowLatency.Gateways.Sim;
using LowLatency.Gateways.Sim.Accounting;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Engine.Configuration.Resources;

/// <summary>Rules about money from a file: what arrives, what risk reserves for it, and what is refused by name.</summary>
public sealed class MoneyFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void The_shipped_rules_arrive_with_their_dates_and_stand_in_the_manifest()
    {
        EngineConfiguration configuration = With("rules/bybit-linear.json");
        MoneyRules rules = configuration.Venue.Money;
        Assert.Equal([0L, 10_000_000, 25_000_000, 50_000_000], rules.Fees.Select(fee => fee.Volume / 100_000_000));
        Assert.Equal(new FeeRule(2020_01_01, default, 0, 200, 550, 0, 0, 0, 0).ToString(), rules.Fees[0].ToString());
        Assert.Equal(
            new FundingRule(2020_01_01, default, 480, 100_000_000).ToString(), Assert.Single(rules.Funding).ToString());
        Assert.Equal(
            new MarginTier(2020_01_01, default, 200_000_000_000_000, 15_000, 10_000).ToString(), rules.Margin[1].ToString());

        ManifestFile file = Assert.Single(
            Manifest.Of("test", configuration, null, TimeSpan.Zero).Files, file => file.Use == "money rules");
        Assert.Equal(("rules/bybit-linear.json", 64), (file.File, file.Sha256.Length));
    }

    [Fact]
    public void The_resolved_configuration_needs_no_file()
    {
        EngineConfiguration configuration = With("rules/us-shares-per-share.json");
        ConfigurationReading again = EngineConfiguration.FromJson(
            configuration.ToCanonicalJson(), "resolved", LowLatency.Core.Signals.Strategies.BuiltInStrategies.Catalogue);
        Assert.True(again.TryGet(out EngineConfiguration? resolved), string.Join('\n', again.Problems));
        Assert.Equal(configuration.DecisionHash, resolved.DecisionHash);
        Assert.Equal(
            new FeeRule(2020_01_01, default, 0, 0, 0, 500_000, 500_000, 100_000_000, 10_000).ToString(),
            Assert.Single(resolved.Venue.Money.Fees).ToString());
    }

    [Fact]
    public void Risk_reserves_the_dearest_fee_of_the_rules()
    {
        // 1 % at most, where the two fees of the section are 0.02 % and 0.055 %.
        Assert.Equal(10_000, With("rules/us-shares-per-share.json").Risk.FeePpm);
        Assert.Equal(550, Examples.Valid(Examples.Minimal).Risk.FeePpm);
    }

    [Theory]
    [InlineData("\"takerPpm\": 550", "\"takerPpm\": 1000001", "from -1000000 to 1000000")]
    [InlineData("\"makerPpm\": 200", "\"makerPpm\": -551", "must not pay out more to the maker than it takes from the taker")]
    [InlineData("\"volume\": \"25000000\"", "\"volume\": \"9000000\"", "must have more volume than the rule before it")]
    [InlineData("\"volume\": \"10000000\"", "\"volume\": \"-1\"", "decimal text from \"0\"")]
    [InlineData("\"everyMinutes\": 480", "\"everyMinutes\": 481", "must have everyMinutes that divide a day")]
    [InlineData("\"rate\": \"0.0001\"", "\"rate\": \"1.0001\"", "decimal text from \"-1\" to \"1\"")]
    [InlineData("\"2020-01-01\", \"everyMinutes\"", "\"2020-02-30\", \"everyMinutes\"", "must be a date such as 2024-05-28")]
    [InlineData("\"takerPpm\": 350", "\"takerPerUnit\": \"0.1\"", "must have a maximumPpm beside a fee for a unit or a minimum")]
    [InlineData("\"above\": \"4000000\"", "\"above\": \"2000000\"", "must begin above the tier before it")]
    [InlineData("\"maintenancePpm\": 5000", "\"maintenancePpm\": 10001", "at most the initial margin")]
    [InlineData("\"funding\"", "\"fundings\"", "did you mean \"funding\"?")]
    public void A_file_with_a_mistake_is_refused_by_name(string right, string wrong, string said)
    {
        string text = Examples.Shipped("rules/bybit-linear.json");
        Assert.Contains(right, text, StringComparison.Ordinal);
        Assert.Contains(said, ProblemOf(text.Replace(right, wrong, StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_mode_of_margin_needs_tiers()
    {
        string with = BrokenConfigurationTests.Set(
            Examples.Minimal, "venue", """{ "money": { "rules": "rules/us-shares-per-share.json", "margin": "cross" } }""");
        ConfigurationProblem problem = Assert.Single(Examples.Read(with).Problems);
        Assert.Equal(
            ("venue.money.margin", "must be \"none\" unless the rules have tiers of margin"), (problem.Path, problem.Allowed));
        EngineConfiguration cross = Examples.Valid(with.Replace("us-shares-per-share", "bybit-linear", StringComparison.Ordinal));
        Assert.Equal(MarginMode.Cross, cross.Venue.Margin);
    }

    [Fact]
    public void Borrowed_and_delisted_shares_have_rules()
    {
        string path = Path.Combine(_folder.Path, "money.json");
        File.WriteAllText(
            path,
            """
            { "borrow": [ { "from": "2020-01-01", "annualPpm": 3000 }, { "from": "2024-01-01", "symbol": "GME", "annualPpm": 800000 } ],
              "delistings": [ { "from": "2024-01-01", "symbol": "GME", "price": "0.125" } ],
              "dividends": [ { "from": "2024-01-01", "payAfterDays": 21 } ] }
            """);
        ResourceReading reading = new MoneyFile().Load(path);
        MoneyRules? rules = MoneyFile.Read(reading.Content, out string problem);
        Assert.True(rules is not null, problem);
        Assert.Equal(
            [new BorrowRule(2020_01_01, default, 3_000).ToString(), new BorrowRule(2024_01_01, Symbol24.Of("GME"), 800_000).ToString()],
            rules.Borrow.Select(rule => rule.ToString()));
        Assert.Equal(
            new DelistingRule(2024_01_01, Symbol24.Of("GME"), 125_000_000).ToString(), Assert.Single(rules.Delistings).ToString());
        Assert.Equal(new DividendRule(2024_01_01, default, 21).ToString(), Assert.Single(rules.Dividends).ToString());
        Assert.Contains("must be later than the rule before it", ProblemOf(
            """{ "dividends": [ { "from": "2020-01-01", "payAfterDays": 1 }, { "from": "2020-01-01", "payAfterDays": 2 } ] }"""),
            StringComparison.Ordinal);
        Assert.Contains("must be later than the rule before it", ProblemOf(
            """{ "borrow": [ { "from": "2020-01-01", "annualPpm": 1 }, { "from": "2020-01-01", "annualPpm": 2 } ] }"""),
            StringComparison.Ordinal);
        Assert.Contains("must be later than the rule before it", ProblemOf(
            """{ "delistings": [ { "from": "2020-01-02", "price": "1" }, { "from": "2020-01-01", "price": "2" } ] }"""),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_venue_enforces_the_rules_of_an_account_that_there_is()
    {
        const string money = """{ "rules": "rules/us-shares-per-share.json", "account": "enforced" }""";
        ConfigurationProblem problem = Assert.Single(
            Examples.Read(BrokenConfigurationTests.Set(Examples.Minimal, "venue", "{ \"money\": " + money + " }")).Problems);
        Assert.Equal(
            ("venue.money.account", "must be \"unchecked\" unless there are rules in risk.account"), (problem.Path, problem.Allowed));
        EngineConfiguration enforced = Examples.Valid(BrokenConfigurationTests.Set(Examples.Accounted, "venue", "{ \"money\": " + money + " }"));
        Assert.Same(enforced.Risk.Account, VenueBuilder.Settings(enforced).Account);
        Assert.Null(VenueBuilder.Settings(Examples.Valid(Examples.Accounted)).Account);
    }

    [Fact]
    public void A_margin_call_needs_a_margin_account_that_the_venue_enforces()
    {
        const string enforced = """{ "rules": "rules/us-shares-per-share.json", "account": "enforced", "marginCall": "sell-out" }""";
        string cash = BrokenConfigurationTests.Set(Examples.Accounted, "venue", "{ \"money\": " + enforced + " }");
        ConfigurationProblem problem = Assert.Single(Examples.Read(cash).Problems);
        Assert.Equal("venue.money.marginCall", problem.Path);
        string margin = BrokenConfigurationTests.Set(cash, "risk.account.kind", "\"margin\"");
        Assert.Equal(MarginCallRule.SellOut, VenueBuilder.Settings(Examples.Valid(margin)).MarginCall);
        Assert.Equal("venue.money.marginCall", Assert.Single(Examples.Read(margin.Replace("enforced", "unchecked", StringComparison.Ordinal)).Problems).Path);
    }

    [Fact]
    public void A_file_without_rules_is_refused() =>
        Assert.Equal("it must have at least one rule", ProblemOf("{}"));

    [Theory]
    [InlineData("fees 20200101 * 0 200 550 0 0 0\n")]
    [InlineData("fees 20200101 * 0 200 99999999999 0 0 0 0\n")]
    [InlineData("funding 20200230 * 480 1\n")]
    [InlineData("funding 20200101 * 480 x\n")]
    [InlineData("rates 20200101 * 480 1\n")]
    public void A_resolved_form_that_is_none_is_refused(string text)
    {
        Assert.Null(MoneyFile.Read(Encoding.ASCII.GetBytes(text), out string problem));
        Assert.StartsWith("rule 1 (" + text.TrimEnd(), problem, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private static EngineConfiguration With(string rules) =>
        Examples.Valid(BrokenConfigurationTests.Set(Examples.Minimal, "venue", "{ \"money\": { \"rules\": \"" + rules + "\" } }"));

    private string ProblemOf(string text)
    {
        string path = Path.Combine(_folder.Path, "money.json");
        File.WriteAllText(path, text);
        MoneyFile kind = new();
        ResourceReading reading = kind.Load(path);
        return reading.Content is null ? reading.Problem : kind.Problem(reading.Content) ?? string.Empty;
    }
}
