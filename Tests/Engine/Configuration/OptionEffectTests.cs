using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using LowLatency.Core.Market.Calendars;
using LowLatency.Engine.Configuration;
using Xunit;

namespace LowLatency.Tests.Engine.Configuration;

/// <summary>No option is decoration: each changes what is resolved and what the engine gets.</summary>
public sealed class OptionEffectTests
{
    private static readonly JsonSerializerOptions WithFields = new() { IncludeFields = true, Converters = { new CalendarConverter() } };

    public static TheoryData<string, string> Changes => new()
    {
        { "name", "\"other\"" },
        { "instance", "8" },
        { "seed", "100" },
        { "tickIntervalMs", "201" },
        { "cash.USDT", "\"7\"" },
        { "strategies[].name", "\"other\"" },
        { "strategies[].type", "\"imbalance\"" },
        { "strategies[].instruments", "[\"ETHUSDT\"]" },
        { "strategies[].priority", "6" },
        { "strategies[].weight", "\"0.26\"" },
        { "strategies[].cooldownMs", "11" },
        { "strategies[].parameters", "{ \"fastBars\": 4, \"slowBars\": 9 }" },
        { "arbitration.policy", "\"net\"" },
        { "arbitration.normaliseWeights", "true" },
        { "arbitration.learning.scope", "\"instrument\"" },
        { "arbitration.learning.intervalMs", "1001" },
        { "arbitration.learning.rewardUnit", "\"2\"" },
        { "arbitration.learning.floor", "\"0.02\"" },
        { "arbitration.learning.schedule", "\"anytime\"" },
        { "arbitration.learning.eta", "\"0.2\"" },
        { "arbitration.gates.askAgainMs", "999" },
        { "arbitration.gates.dataStaleAfterMs", "500" },
        { "arbitration.gates.sessions", "\"off\"" },
        { "arbitration.gates.flatBeforeCloseMs", "5000" },
        { "arbitration.gates.barrier.manifest", "\"../Tests/Engine/Configuration/Resources/other-models.json\"" },
        { "arbitration.gates.barrier.peakLimitPpm", "600001" },
        { "arbitration.gates.barrier.valleyLimitPpm", "700001" },
        { "arbitration.gates.barrier.missing", "\"pass\"" },
        { "arbitration.gates.barrier.maxAgeMs", "59999" },
        { "calendars[].name", "\"other\"" },
        { "calendars[].instruments", "[\"BTCUSDT\", \"ETHUSDT\"]" },
        { "calendars[].source", "\"calendars/always-open.json\"" },
        { "risk.maxOrderQuantity", "\"1.6\"" },
        { "risk.maxOrderNotional", "\"20001\"" },
        { "risk.maxPosition", "\"2.1\"" },
        { "risk.maxWorkingOrders", "33" },
        { "risk.priceCollarBps", "101" },
        { "risk.staleAfterMs", "3001" },
        { "risk.bestStaleAfterMs", "3001" },
        { "risk.tradesStaleAfterMs", "3001" },
        { "risk.barsStaleAfterMs", "3001" },
        { "risk.maxTradeLoss", "\"40\"" },
        { "risk.worstMoveBps", "900" },
        { "risk.requireStop", "false" },
        { "risk.closeUnprotectedMs", "2001" },
        { "risk.maxDepthPpm", "500001" },
        { "risk.maxImpactBps", "6" },
        { "risk.instruments.ETHUSDT.requireStop", "false" },
        { "risk.instruments.ETHUSDT.closeUnprotectedMs", "2002" },
        { "risk.instruments.ETHUSDT.maxDepthPpm", "500002" },
        { "risk.instruments.ETHUSDT.maxImpactBps", "7" },
        { "risk.growth.a.start", "\"1001\"" },
        { "risk.growth.a.step", "\"501\"" },
        { "risk.growth.a.most", "\"5001\"" },
        { "risk.growth.a.everyTrades", "11" },
        { "risk.instruments.ETHUSDT.maxTradeLoss", "\"41\"" },
        { "risk.instruments.ETHUSDT.worstMoveBps", "901" },
        { "risk.account.kind", "\"margin\"" },
        { "risk.account.calendar", "\"exchange\"" },
        { "risk.account.rules", "\"../Tests/Engine/Configuration/Resources/other-rules.json\"" },
        { "risk.account.unsettledFunds", "\"allow\"" },
        { "risk.correlation.matrix", "\"../Tests/Engine/Configuration/Resources/other-correlation.json\"" },
        { "risk.correlation.limit", "\"501\"" },
        { "risk.base.currency", "\"GBP\"" },
        { "risk.base.conversions.EUR", "\"EURGBP\"" },
        { "risk.base.staleAfterMs", "60001" },
        { "risk.base.maxGrossNotional", "\"501\"" },
        { "risk.correlationEstimate.timeframeMs", "1000" },
        { "risk.correlationEstimate.bars", "99" },
        { "risk.correlationEstimate.maxAgeMs", "1001" },
        { "risk.correlationEstimate.limit", "\"502\"" },
        { "risk.reconcile.venues", "[\"bybit\"]" },
        { "risk.reconcile.mode", "\"warn\"" },
        { "risk.reconcile.foreignOrders", "\"cancel\"" },
        { "risk.reconcile.intervalMs", "20000" },
        { "risk.reconcile.overdueMs", "90000" },
        { "risk.reconcile.retryAfterMs", "3000" },
        { "risk.reconcile.requestLifeMs", "5000" },
        { "risk.reconcile.unknownAfterMs", "9000" },
        { "risk.reconcile.confirmations", "2" },
        { "risk.reconcile.balanceTolerance", "\"1\"" },
        { "risk.reconcile.costTolerancePpm", "11" },
        { "risk.reconcile.maxAdjustment", "\"100\"" },
        { "risk.reconcile.strategy", "\"a\"" },
        { "risk.reconcile.figuresMaxAgeMs", "70000" },
        { "risk.reconcile.marginFloorPpm", "1200000" },
        { "risk.breakers.dayCalendar", "\"exchange\"" },
        { "risk.maxGrossNotional", "\"50001\"" },
        { "risk.maxOrdersPerWindow", "41" },
        { "risk.orderWindowMs", "2001" },
        { "risk.maxRepeats", "6" },
        { "risk.repeatWindowMs", "3001" },
        { "risk.rejectBackoffMs", "501" },
        { "risk.maxLeverage", "\"5\"" },
        { "risk.allowShort", "false" },
        { "risk.initialState", "\"halted\"" },
        { "risk.instruments.ETHUSDT.maxOrderQuantity", "\"1.7\"" },
        { "risk.instruments.ETHUSDT.maxOrderNotional", "\"20002\"" },
        { "risk.instruments.ETHUSDT.maxPosition", "\"4.1\"" },
        { "risk.instruments.ETHUSDT.priceCollarBps", "102" },
        { "risk.instruments.ETHUSDT.staleAfterMs", "9001" },
        { "risk.instruments.ETHUSDT.bestStaleAfterMs", "9001" },
        { "risk.instruments.ETHUSDT.tradesStaleAfterMs", "9001" },
        { "risk.instruments.ETHUSDT.barsStaleAfterMs", "9001" },
        { "risk.maxConcentrationPpm", "400001" },
        { "risk.maxNetNotional", "\"30001\"" },
        { "risk.groups.alts.instruments", "[\"BTCUSDT\"]" },
        { "risk.groups.alts.maxGrossNotional", "\"20001\"" },
        { "risk.groups.alts.maxNetNotional", "\"10001\"" },
        { "risk.exits.a.stopLossBps", "51" },
        { "risk.exits.a.takeProfitBps", "101" },
        { "risk.exits.a.trailingBps", "81" },
        { "risk.exits.a.maxHoldingMs", "60001" },
        { "risk.exits.a.maxLoss", "\"26\"" },
        { "risk.exits.a.price", "\"touch\"" },
        { "risk.exits.a.reentryMs", "1001" },
        { "risk.calendarCheck", "{ \"venue\": \"alpaca\" }" },
        { "risk.venueStop.beyondBps", "51" },
        { "risk.venueStop.slippageBps", "501" },
        { "risk.venueStop.stepBps", "6" },
        { "risk.venueStop.alarmAfterMs", "5001" },
        { "risk.breakers.dailyLoss.limit", "\"501\"" },
        { "risk.breakers.dailyLoss.action", "\"halt\"" },
        { "risk.breakers.drawdown.limit", "\"901\"" },
        { "risk.breakers.drawdown.action", "\"reduce\"" },
        { "risk.breakers.losingTrades.limit", "6" },
        { "risk.breakers.losingTrades.action", "\"halt\"" },
        { "risk.breakers.rejects.limit", "11" },
        { "risk.breakers.rejects.windowMs", "30001" },
        { "risk.breakers.rejects.action", "\"flatten\"" },
        { "risk.breakers.orders.limit", "101" },
        { "risk.breakers.orders.windowMs", "30002" },
        { "risk.breakers.orders.action", "\"flatten\"" },
        { "risk.breakers.venueErrors.limit", "4" },
        { "risk.breakers.venueErrors.windowMs", "30003" },
        { "risk.breakers.venueErrors.action", "\"flatten\"" },
        { "risk.breakers.dayStartsAtMinute", "61" },
        { "orders.marketableBandBps", "16" },
        { "orders.retryIntervalMs", "751" },
        { "execution.styles.slow.kind", "\"post-only\"" },
        { "execution.styles.slow.parameters", "{ \"timeoutMs\": 1 }" },
        { "execution.default", "\"limit\"" },
        { "execution.strategies.a", "\"limit\"" },
        { "execution.instruments.ETHUSDT", "\"limit\"" },
        { "bars.timeframesMs", "[2000]" },
        { "bars.graceMs", "101" },
        { "bars.rewarmAfterMissedBars", "3" },
        { "dataGuard.maxMoveBps", "501" },
        { "dataGuard.moveConfirmations", "4" },
        { "dataGuard.maxAheadMs", "1001" },
        { "dataGuard.maxBehindMs", "2001" },
        { "dataGuard.backwards", "\"hold\"" },
        { "dataGuard.instruments.ETHUSDT.maxMoveBps", "502" },
        { "dataGuard.instruments.ETHUSDT.moveConfirmations", "5" },
        { "dataGuard.instruments.ETHUSDT.maxAheadMs", "1002" },
        { "dataGuard.instruments.ETHUSDT.maxBehindMs", "2002" },
        { "dataGuard.instruments.ETHUSDT.backwards", "\"hold\"" },
        { "venue.entryLatencyUs", "1001" },
        { "venue.responseLatencyUs", "2001" },
        { "venue.makerFeePpm", "-51" },
        { "venue.takerFeePpm", "601" },
        { "venue.money.rules", "\"rules/us-shares-per-share.json\"" },
        { "venue.money.margin", "\"cross\"" },
        { "venue.money.account", "\"enforced\"" },
        { "venue.money.marginCall", "\"sell-out\"" },
        { "venue.matching.queue", "\"log\"" },
        { "venue.matching.queueExponentThousandths", "2000" },
        { "venue.matching.barPath", "\"open-high-low-close\"" },
        { "venue.matching.fills", "\"lean\"" },
        { "venue.matching.selfTrade", "\"cancel-maker\"" },
        { "venue.matching.amend", "\"always-queues-anew\"" },
        { "venue.matching.trigger", "\"touch\"" },
        { "venue.matching.impact", "\"square-root\"" },
        { "venue.matching.impactPpm", "999" },
        { "venue.hours.extendedBeforeMinutes", "329" },
        { "venue.hours.extendedAfterMinutes", "239" },
        { "venue.hours.auctionGraceMs", "59999" },
        { "venue.hours.goodTillCancelMs", "7776000000" },
        { "venue.rateLimit.commands", "9" },
        { "venue.rateLimit.windowMs", "999" },
        { "venue.incidents[].fromUnixMs", "1767225600001" },
        { "venue.incidents[].forMs", "1001" },
        { "venue.incidents[].kind", "\"lost\"" },
        { "venue.entryLatency.uniform.spreadUs", "101" },
        { "venue.entryLatency.lognormal.medianUs", "201" },
        { "venue.entryLatency.lognormal.sigmaThousandths", "501" },
        { "venue.entryLatency.lognormal.mostUs", "5001" },
        { "venue.entryLatency.recorded.file", "\"latencies/../../Tests/Engine/Configuration/Resources/other-latencies.csv\"" },
        { "venue.responseLatency.uniform.spreadUs", "101" },
        { "venue.responseLatency.lognormal.medianUs", "201" },
        { "venue.responseLatency.lognormal.sigmaThousandths", "501" },
        { "venue.responseLatency.lognormal.mostUs", "5001" },
        { "venue.responseLatency.recorded.file", "\"latencies/../../Tests/Engine/Configuration/Resources/other-latencies.csv\"" },
        { "live.venue", "\"alpaca\"" },
        { "live.feed", "\"sip\"" },
        { "live.also[].environment", "\"live\"" },
        { "live.also[].accounts", "[\"7\", \"8\"]" },
        { "live.also[].instruments[].symbol", "\"SPY\"" },
        { "live.also[].instruments[].kind", "\"spot\"" },
        { "live.also[].bookDepth", "\"200\"" },
        { "live.also[].feed", "\"sip\"" },
        { "live.also[].receiveWindowMs", "2001" },
        { "live.also[].readBackMs", "30001" },
        { "live.also[].absenceHoldMs", "60001" },
        { "live.also[].access.rest", "\"https://localhost:2\"" },
        { "live.also[].access.public", "\"wss://localhost:2\"" },
        { "live.also[].access.private", "\"wss://localhost:2/stream\"" },
        { "live.also[].access.trade", "\"wss://localhost:2/v5/trade\"" },
        { "live.also[].access.keyFile", "\"/run/keys/alpaca\"" },
        { "live.also[].access.keyVariables", "\"OTHER_\"" },
        { "live.environment", "\"testnet\"" },
        { "live.accounts", "[\"7\", \"8\"]" },
        { "live.instruments[].symbol", "\"SOLUSDT\"" },
        { "live.instruments[].kind", "\"spot\"" },
        { "live.bookDepth", "\"200\"" },
        { "live.receiveWindowMs", "2001" },
        { "live.readBackMs", "30001" },
        { "live.absenceHoldMs", "60001" },
        { "live.onStop", "\"leave\"" },
        { "live.access.rest", "\"https://localhost:2\"" },
        { "live.access.public", "\"wss://localhost:2/v5/public\"" },
        { "live.access.private", "\"wss://localhost:2/v5/private\"" },
        { "live.access.trade", "\"wss://localhost:2/v5/trade\"" },
        { "live.access.keyFile", "\"/run/keys/bybit\"" },
        { "live.access.keyVariables", "\"OTHER_\"" },
        { "live.access.alertCommand", "\"/usr/bin/page\"" },
        { "live.access.alertWebhook", "\"https://localhost/hook\"" },
        { "generator.startUnixSeconds", "1700000001" },
        { "generator.events", "1001" },
        { "generator.durationSeconds", "61" },
        { "generator.jumpsPerMillion", "11" },
        { "generator.gapsPerMillion", "12" },
        { "generator.haltsPerMillion", "13" },
        { "generator.burstsPerMillion", "14" },
        { "generator.instruments[].symbol", "\"XRPUSDT\"" },
        { "generator.instruments[].currency", "\"USDC\"" },
        { "generator.instruments[].startPrice", "\"60001\"" },
        { "generator.instruments[].tick", "\"0.5\"" },
        { "generator.instruments[].lot", "\"0.005\"" },
        { "generator.instruments[].typicalQuantity", "\"0.6\"" },
        { "generator.instruments[].minNotional", "\"6\"" },
        { "generator.instruments[].depthTicks", "51" },
        { "generator.instruments[].spreadTicks", "4" },
        { "generator.instruments[].volatilityPpm", "81" },
        { "generator.instruments[].messagesPerSecond", "91" },
        { "generator.instruments[].tradesPpm", "250001" },
        { "session.journal.durability", "\"none\"" },
        { "session.journal.segmentMiB", "33" },
        { "session.journal.snapshotEvery", "50000" },
        { "session.journal.keep", "\"snapshots\"" },
        { "session.journal.spares", "3" },
        { "session.journal.keyFile", "\"/keys/journal\"" },
        { "session.journal.watermark", "\"/elsewhere/watermark\"" },
        { "session.topology.mode", "\"inline\"" },
        { "session.topology.wait", "\"yielding\"" },
        { "session.topology.ringSize", "8192" },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public void An_option_changes_the_resolved_form_the_records_and_the_hash_if_it_can_change_a_decision(
        string key, string raw)
    {
        EngineConfiguration before = Examples.Valid(Base(key));
        EngineConfiguration after = Examples.Valid(
            BrokenConfigurationTests.Set(Base(key), key.Replace("[]", "[0]", StringComparison.Ordinal), raw));

        Assert.NotEqual(before.ToCanonicalJson(), after.ToCanonicalJson());
        Assert.NotEqual(Records(before), Records(after));
        bool decides = !key.StartsWith("session.", StringComparison.Ordinal)
            && !key.StartsWith("live.access.", StringComparison.Ordinal)
            && !key.StartsWith("live.also[].access.", StringComparison.Ordinal);
        Assert.Equal(decides, !before.DecisionHash.AsSpan().SequenceEqual(after.DecisionHash.AsSpan()));
    }

    [Fact]
    public void Every_key_of_the_reference_is_among_the_changes()
    {
        SortedSet<string> changed = new(StringComparer.Ordinal);
        foreach ((string key, string _) in ChangeRows())
        {
            changed.Add(key
                .Replace("ETHUSDT", "{SYMBOL}", StringComparison.Ordinal)
                .Replace("risk.groups.alts", "risk.groups.{GROUP}", StringComparison.Ordinal)
                .Replace("risk.exits.a", "risk.exits.{STRATEGY}", StringComparison.Ordinal)
                .Replace("risk.growth.a", "risk.growth.{STRATEGY}", StringComparison.Ordinal)
                .Replace("execution.styles.slow", "execution.styles.{STYLE}", StringComparison.Ordinal)
                .Replace("execution.strategies.a", "execution.strategies.{STRATEGY}", StringComparison.Ordinal)
                .Replace("risk.base.conversions.EUR", "risk.base.conversions.{FROM}", StringComparison.Ordinal)
                .Replace("cash.USDT", "cash.{CURRENCY}", StringComparison.Ordinal));
        }

        // The containers themselves are shown by their members, one with a single word by itself; an assembly needs a file, so StrategyLibraryTests change it; of two
        // venues the second one cannot be another, LiveConfigurationTests show what it does.
        string[] containers =
        [
            "cash", "strategies", "live", "live.instruments", "live.also", "live.also[].instruments", "live.also[].venue", "risk.instruments", "risk.groups", "risk.exits", "risk.venueStop", "risk.calendarCheck.venue", "risk.growth", "risk.correlationEstimate", "dataGuard", "dataGuard.instruments", "generator", "generator.instruments", "calendars",
            "execution", "execution.styles", "execution.strategies", "execution.instruments",
            "arbitration.learning", "arbitration.gates", "arbitration.gates.barrier", "risk.account", "risk.correlation", "risk.reconcile",
            "risk.base", "risk.base.conversions",
            "venue.money", "venue.matching", "venue.hours", "venue.rateLimit", "venue.incidents",
            "venue.entryLatency", "venue.entryLatency.uniform", "venue.entryLatency.lognormal", "venue.entryLatency.recorded",
            "venue.responseLatency", "venue.responseLatency.uniform", "venue.responseLatency.lognormal",
            "venue.responseLatency.recorded", "strategies[].assembly", "strategies[].assembly.file", "strategies[].assembly.sha256",
        ];
        int found = 0;
        foreach (Match row in Regex.Matches(ConfigurationReference.Options(), "^\\| `([^`]+)`", RegexOptions.Multiline))
        {
            string key = row.Groups[1].Value;
            found++;
            Assert.True(changed.Contains(key) || Array.IndexOf(containers, key) >= 0, $"no test changes {key}");
        }

        Assert.Equal(changed.Count + containers.Length, found);
    }

    [Fact]
    public void Parameters_of_a_strategy_reach_the_resolved_form_whole()
    {
        using JsonDocument resolved = JsonDocument.Parse(Examples.Canonical(Examples.Minimal));
        JsonElement parameters = resolved.RootElement.GetProperty("strategies")[0].GetProperty("parameters");
        int count = 0;
        foreach (JsonProperty _ in parameters.EnumerateObject())
        {
            count++;
        }

        Assert.Equal(Examples.Valid(Examples.Minimal).Strategies[0].Parameters.Values.Length, count);
    }

    /// <summary>A live run that trades at a second venue.</summary>
    private static string Also(string json, string venue, string environment, string kind, string access) => BrokenConfigurationTests.Set(
        json,
        "live.also",
        $$"""[{ "venue": "{{venue}}", "environment": "{{environment}}", "accounts": ["9"], "instruments": [{ "symbol": "AAPL", "kind": "{{kind}}" }], "access": {{access}} }]""");

    /// <summary>A base in which the change is valid by itself: weights are free only when they are scaled.</summary>
    private static string Base(string key) => key switch
    {
        "venue.matching.queueExponentThousandths" => BrokenConfigurationTests.Set(Venue(key), "venue.matching", "{ \"queue\": \"power\" }"),
        "risk.requireStop" or "risk.instruments.ETHUSDT.requireStop" => Guarded("closeUnprotectedMs", "0"),
        _ when key.StartsWith("risk.correlationEstimate", StringComparison.Ordinal) =>
            BrokenConfigurationTests.Set(Examples.Full, "risk.correlationEstimate", "{ \"limit\": \"500\" }"),
        _ when key.StartsWith("dataGuard", StringComparison.Ordinal) || key.StartsWith("risk.growth", StringComparison.Ordinal)
            || key.Contains("closeUnprotected", StringComparison.Ordinal)
            || key.Contains("maxDepth", StringComparison.Ordinal)
            || key.Contains("maxImpact", StringComparison.Ordinal) => Guarded("maxDepthPpm", "500000"),
        "strategies[].weight" => BrokenConfigurationTests.Set(Examples.Full, "arbitration.normaliseWeights", "true"),
        "strategies[].type" => BrokenConfigurationTests.Set(Examples.Full, "strategies[0].parameters", "{}"),
        "arbitration.policy" => WithoutWeights(),
        "live.environment" => Examples.Live("demo", "{}"),
        "live.venue" => Examples.Live("custom", Examples.WithoutTrade, "spot"),
        "live.also[].access.trade" => Also(Examples.Live("paper", "{}", "spot", "alpaca"), "bybit", "custom", "spot", Examples.WithoutTrade),
        _ when key.StartsWith("live.also[].access.", StringComparison.Ordinal) =>
            Also(Examples.Live("demo", "{}"), "alpaca", "custom", "equity", Examples.WithoutTrade),
        _ when key.StartsWith("live.also", StringComparison.Ordinal) => Also(Examples.Live("demo", "{}"), "alpaca", "paper", "equity", "{}"),
        "live.instruments[].symbol" => BrokenConfigurationTests.Set(
            Examples.Live("demo", "{}"), "strategies[0].instruments", "[\"ETHUSDT\"]"),
        _ when key.StartsWith("live.access.", StringComparison.Ordinal) => Examples.Live("custom", Examples.OnThisMachine),
        _ when key.StartsWith("live.", StringComparison.Ordinal) => Examples.Live("demo", "{}"),
        _ when key.StartsWith("execution.", StringComparison.Ordinal) => Examples.Styled,
        _ when key.StartsWith("arbitration.learning", StringComparison.Ordinal)
            || key.StartsWith("arbitration.gates", StringComparison.Ordinal)
            || key.StartsWith("calendars", StringComparison.Ordinal) => Examples.Gated,
        "venue.money.marginCall" => BrokenConfigurationTests.Set(
            BrokenConfigurationTests.Set(Examples.Accounted, "risk.account.kind", "\"margin\""),
            "venue",
            "{ \"money\": { \"rules\": \"rules/us-shares-per-share.json\", \"account\": \"enforced\" } }"),
        "venue.money.account" => BrokenConfigurationTests.Set(
            Examples.Accounted, "venue", "{ \"money\": { \"rules\": \"rules/us-shares-per-share.json\" } }"),
        _ when key.StartsWith("venue.", StringComparison.Ordinal) => Venue(key),
        _ when key.StartsWith("risk.base", StringComparison.Ordinal) => BrokenConfigurationTests.Set(
            Examples.Accounted, "risk.base", """{ "currency": "USD", "conversions": { "EUR": "EURUSD" } }"""),
        _ when key.StartsWith("risk.account", StringComparison.Ordinal)
            || key.StartsWith("risk.venueStop", StringComparison.Ordinal)
            || key.StartsWith("risk.calendarCheck", StringComparison.Ordinal)
            || key.StartsWith("risk.correlation", StringComparison.Ordinal)
            || key.EndsWith("dayCalendar", StringComparison.Ordinal) => Examples.Accounted,
        _ when key.StartsWith("risk.reconcile", StringComparison.Ordinal) => Examples.Reconciled,
        "strategies[].name" => BrokenConfigurationTests.Set(Examples.Full, "risk.exits", "{}"),
        _ => Examples.Full,
    };

    private static string Venue(string key)
    {
        string venue = BrokenConfigurationTests.Set(Examples.Full, "venue.matching", "{}");
        venue = BrokenConfigurationTests.Set(venue, "venue.hours", "{}");
        venue = BrokenConfigurationTests.Set(venue, "venue.money", "{ \"rules\": \"rules/bybit-linear.json\" }");
        venue = BrokenConfigurationTests.Set(venue, "venue.rateLimit", "{ \"commands\": 10 }");
        venue = BrokenConfigurationTests.Set(
            venue, "venue.incidents", "[{ \"fromUnixMs\": 1767225600000, \"forMs\": 1000, \"kind\": \"delay\" }]");
        string way = key.Contains(".uniform.", StringComparison.Ordinal) ? "{ \"uniform\": { \"spreadUs\": 100 } }"
            : key.Contains(".lognormal.", StringComparison.Ordinal)
                ? "{ \"lognormal\": { \"medianUs\": 200, \"sigmaThousandths\": 500, \"mostUs\": 5000 } }"
            : "{ \"recorded\": { \"file\": \"latencies/measured.csv\" } }";
        venue = BrokenConfigurationTests.Set(venue, "venue.entryLatency", way);
        return BrokenConfigurationTests.Set(venue, "venue.responseLatency", way);
    }

    private static string Guarded(string key, string value)
    {
        string guarded = BrokenConfigurationTests.Set(
            Examples.Full,
            "dataGuard",
            """
            { "maxMoveBps": 500, "moveConfirmations": 3, "maxAheadMs": 1000, "maxBehindMs": 2000,
              "instruments": { "ETHUSDT": { "maxMoveBps": 501 } } }
            """);
        guarded = BrokenConfigurationTests.Set(
            guarded, "risk.growth", """{ "a": { "start": "1000", "step": "500", "most": "5000", "everyTrades": 10 } }""");
        guarded = BrokenConfigurationTests.Set(guarded, "risk.requireStop", "true");
        guarded = BrokenConfigurationTests.Set(guarded, "risk.instruments", """{ "ETHUSDT": { "maxPosition": "4", "requireStop": true } }""");
        return BrokenConfigurationTests.Set(guarded, "risk." + key, value);
    }

    private static string WithoutWeights()
    {
        string one = BrokenConfigurationTests.Set(Examples.Full, "strategies[0].weight", "\"1\"");
        one = BrokenConfigurationTests.Set(one, "strategies[1].weight", "\"1\"");
        return BrokenConfigurationTests.Set(one, "arbitration.policy", "\"priority\"");
    }

    private static string Records(EngineConfiguration configuration)
    {
        StringBuilder text = new(JsonSerializer.Serialize(
            new
            {
                configuration.Name,
                configuration.Instance,
                configuration.Seed,
                configuration.TickInterval,
                configuration.Cash,
                configuration.Arbitration,
                configuration.Risk,
                configuration.Execution,
                configuration.Bars,
                configuration.Guard,
                configuration.Growth,
                configuration.Venue,
                configuration.Live,
                configuration.Session,
            },
            WithFields));
        foreach (LowLatency.Core.Risk.GroupLimit group in configuration.Risk.Groups)
        {
            text.AppendJoin(',', Array.ConvertAll(group.Symbols, symbol => symbol.ToString()));
        }

        if (configuration.Risk.Base is { } based)
        {
            text.Append(based.Currency.ToString())
                .AppendJoin(',', Array.ConvertAll(based.Conversions, conversion => $"{conversion.From} {conversion.Symbol}"));
        }

        // Noon of 2 July 2026 in New York: a day of the long calendar only.
        text.AppendJoin(',', configuration.RiskFiles).Append(configuration.Risk.Day.Of(1_783_008_000_000_000_000, -1));
        foreach (StrategyConfiguration strategy in configuration.Strategies)
        {
            text.Append(strategy.Name).Append(strategy.Type).AppendJoin(',', strategy.Instruments)
                .Append(CultureInfo.InvariantCulture, $" {strategy.Priority} {strategy.Weight} {strategy.Cooldown} ")
                .AppendJoin(',', strategy.Parameters.Values.ToArray());
        }

        foreach (CalendarConfiguration calendar in configuration.Calendars)
        {
            text.Append(calendar.Name).AppendJoin(',', calendar.Instruments).Append(calendar.Sha256)
                .Append(calendar.Calendar.Sessions.Length);
        }

        if (configuration.Generator is { } generator)
        {
            text.Append(generator).AppendJoin(';', (object[])generator.Instruments);
            foreach (LowLatency.Gateways.Generator.GeneratedInstrument instrument in generator.Instruments)
            {
                text.Append(instrument.Rules.Symbol.ToString()).Append(instrument.Rules.Currency.ToString())
                    .Append(CultureInfo.InvariantCulture, $" {instrument.Rules.Tick} {instrument.Rules.Lot} ")
                    .Append(CultureInfo.InvariantCulture, $" {instrument.Rules.MinNotional}");
            }
        }

        return text.ToString();
    }

    /// <summary>A calendar by the number of its sessions: the serializer cannot read spans.</summary>
    private sealed class CalendarConverter : JsonConverter<TradingCalendar>
    {
        public override TradingCalendar Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) =>
            throw new NotSupportedException();

        public override void Write(Utf8JsonWriter writer, TradingCalendar value, JsonSerializerOptions options) =>
            writer.WriteNumberValue(value.Sessions.Length);
    }

    private static IEnumerable<(string Key, string Raw)> ChangeRows()
    {
        foreach (TheoryDataRow<string, string> row in Changes)
        {
            yield return row.Data;
        }
    }
}
