using System;
using System.Collections.Generic;
using System.Linq;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Engine.Configuration;
using Xunit;

namespace LowLatency.Tests.Engine.Configuration;

/// <summary>Where a live run trades: one venue or several, each with what it knows.</summary>
public sealed class LiveConfigurationTests
{
    private const string Shares =
        """[{ "venue": "alpaca", "environment": "paper", "accounts": ["7e2ae69c-4edf-4800-a352-893d52b446ac"], "instruments": [{ "symbol": "AAPL", "kind": "equity" }, { "symbol": "BTC/USD", "kind": "spot" }], "access": {} }]""";

    [Fact]
    public void Instruments_of_all_venues_have_one_row_of_numbers()
    {
        LiveConfiguration live = Examples.Valid(BrokenConfigurationTests.Set(Examples.Live("demo", "{}"), "live.also", Shares)).Live!;
        Assert.Equal([EventSource.Bybit, EventSource.Alpaca], live.Places.Select(place => place.Venue));
        Assert.Equal([1, 3], live.Places.Select(place => place.FirstInstrument));
        Assert.Equal(
            [
                new LiveInstrument("BTCUSDT", InstrumentKind.Linear, EventSource.Bybit),
                new LiveInstrument("ETHUSDT", InstrumentKind.Linear, EventSource.Bybit),
                new LiveInstrument("AAPL", InstrumentKind.Equity, EventSource.Alpaca),
                new LiveInstrument("BTC/USD", InstrumentKind.Spot, EventSource.Alpaca),
            ],
            live.Instruments);
        Assert.Equal(["LOWLATENCY_BYBIT_", "LOWLATENCY_ALPACA_"], live.Places.Select(place => place.Access.KeyVariables));
    }

    [Theory]
    [InlineData("live.environment", "\"paper\"", "must be one of mainnet, testnet, demo, custom at bybit")]
    [InlineData("live.environment", "\"live\"", "must be one of mainnet, testnet, demo, custom at bybit")]
    [InlineData("live.also[0].environment", "\"demo\"", "must be one of live, paper, custom at alpaca")]
    [InlineData("live.also[0].venue", "\"bybit\"", "must be a venue that live does not name already")]
    [InlineData("live.also[0].instruments[0].symbol", "\"ETHUSDT\"", "must be of one venue only")]
    [InlineData("live.also[0].instruments[0].kind", "\"linear\"", "must be equity or spot at alpaca")]
    [InlineData("live.instruments[0].kind", "\"equity\"", "must be linear or spot at bybit")]
    [InlineData("live.access.keyVariables", "\"lower_\"", "of [A-Z0-9_]")]
    [InlineData("live.also[0].access.rest", "\"https://localhost:1\"", "must be none unless live.environment is custom")]
    [InlineData("live.accounts", "[\"ABC\"]", "[0-9a-f-]")]
    public void What_a_venue_does_not_know_is_refused_by_name(string key, string raw, string expected)
    {
        string json = BrokenConfigurationTests.Set(Examples.Live("demo", "{}"), "live.also", Shares);
        Assert.Contains(expected, string.Join(' ', Problems(BrokenConfigurationTests.Set(json, key, raw))), StringComparison.Ordinal);
    }

    [Fact]
    public void Alpaca_has_no_order_entry_stream()
    {
        string json = Examples.Live("custom", Examples.OnThisMachine, "spot", "alpaca");
        Assert.Contains("must be none: Alpaca takes orders by request", string.Join(' ', Problems(json)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(3_000, true)]
    [InlineData(2_999, false)]
    public void A_request_may_be_under_way_for_its_receive_window_and_what_the_venue_allows_on_top(int life, bool isValid)
    {
        string json = BrokenConfigurationTests.Set(
            Examples.Live("demo", "{}"),
            "risk.reconcile",
            $$"""{ "venues": ["bybit"], "balanceTolerance": "0", "maxAdjustment": "1", "requestLifeMs": {{life}} }""");
        Assert.Equal(isValid, Problems(json).Count == 0);
        if (isValid)
        {
            // The second venue knows no window of its own: our side gives up later.
            json = BrokenConfigurationTests.Set(json, "live.also", Shares);
            Assert.Contains("must be at least 7000", string.Join(' ', Problems(json)), StringComparison.Ordinal);
        }
    }

    private static List<string> Problems(string json) =>
        [.. Examples.Read(json).Problems.Select(problem => problem.ToString())];
}
