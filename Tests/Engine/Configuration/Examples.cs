using System.IO;
using System.Text;
using LowLatency.Core.Signals.Strategies;
using LowLatency.Engine.Configuration;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Engine.Configuration;

/// <summary>Configurations for tests.</summary>
internal static class Examples
{
    /// <summary>The least that a configuration must say.</summary>
    internal const string Minimal =
        """
        {
          "name": "minimal",
          "strategies": [{ "name": "one", "type": "ema-cross", "instruments": ["BTCUSDT"] }],
          "risk": {
            "maxOrderQuantity": "1", "maxOrderNotional": "100", "maxPosition": "2", "maxGrossNotional": "1000"
          }
        }
        """;

    /// <summary>Addresses of a venue on this machine.</summary>
    internal const string OnThisMachine =
        """
        {
          "rest": "http://127.0.0.1:1", "public": "ws://127.0.0.1:1/v5/public", "private": "ws://127.0.0.1:1/v5/private",
          "trade": "ws://127.0.0.1:1/v5/trade"
        }
        """;

    /// <summary>The same without order entry.</summary>
    internal const string WithoutTrade =
        """
        { "rest": "http://127.0.0.1:1", "public": "ws://127.0.0.1:1", "private": "ws://127.0.0.1:1/stream" }
        """;

    /// <summary>The least that a live run must say.</summary>
    internal static string Live(string environment, string access, string kind = "linear", string venue = "bybit") => Minimal[..Minimal.LastIndexOf('}')]
        + $$"""
        , "live": {
            "venue": "{{venue}}", "environment": "{{environment}}", "accounts": ["1000001"],
            "instruments": [{ "symbol": "BTCUSDT", "kind": "{{kind}}" }, { "symbol": "ETHUSDT", "kind": "{{kind}}" }],
            "access": {{access}}
          }
        }
        """;

    /// <summary>Uses every section.</summary>
    internal const string Full =
        """
        {
          "name": "full",
          "instance": 7,
          "seed": 99,
          "tickIntervalMs": 200,
          "cash": { "USDT": "100000.5", "USD": "3" },
          "strategies": [
            { "name": "a", "type": "ema-cross", "instruments": ["BTCUSDT", "ETHUSDT"], "priority": 5, "weight": "0.25",
              "cooldownMs": 10, "parameters": { "fastBars": 3, "slowBars": 9 } },
            { "name": "b", "type": "imbalance", "instruments": ["ETHUSDT"], "weight": "0.75", "parameters": {} }
          ],
          "arbitration": { "policy": "blend", "normaliseWeights": false },
          "risk": {
            "maxOrderQuantity": "1.5", "maxOrderNotional": "20000", "maxPosition": "2", "maxWorkingOrders": 32,
            "priceCollarBps": 100, "staleAfterMs": 3000, "maxGrossNotional": "50000", "maxOrdersPerWindow": 40,
            "orderWindowMs": 2000, "maxRepeats": 5, "repeatWindowMs": 3000, "rejectBackoffMs": 500, "maxLeverage": "4", "allowShort": true,
            "initialState": "reducing",
            "instruments": { "ETHUSDT": { "maxPosition": "4", "staleAfterMs": 9000 } },
            "maxConcentrationPpm": 400000,
            "maxNetNotional": "30000",
            "groups": {
              "alts": { "instruments": ["ETHUSDT"], "maxGrossNotional": "20000", "maxNetNotional": "10000" },
              "others": { "maxGrossNotional": "40000", "maxNetNotional": "30000" }
            },
            "exits": {
              "a": { "stopLossBps": 50, "takeProfitBps": 100, "trailingBps": 80, "maxHoldingMs": 60000, "maxLoss": "25",
                "price": "last", "reentryMs": 1000 }
            },
            "breakers": {
              "dailyLoss": { "limit": "500", "action": "flatten" }, "drawdown": { "limit": "900", "action": "halt" },
              "losingTrades": { "limit": 5, "action": "reduce" },
              "rejects": { "limit": 10, "windowMs": 30000, "action": "halt" },
              "orders": { "limit": 100, "windowMs": 30000, "action": "halt" },
              "venueErrors": { "limit": 3, "windowMs": 30000, "action": "reduce" },
              "dayStartsAtMinute": 60
            }
          },
          "orders": { "marketableBandBps": 15, "retryIntervalMs": 750 },
          "bars": { "timeframesMs": [1000, 60000], "graceMs": 100 },
          "venue": { "entryLatencyUs": 1000, "responseLatencyUs": 2000, "makerFeePpm": -50, "takerFeePpm": 600 },
          "generator": {
            "startUnixSeconds": 1700000000, "events": 1000, "durationSeconds": 60, "jumpsPerMillion": 1,
            "gapsPerMillion": 2, "haltsPerMillion": 3, "burstsPerMillion": 4,
            "instruments": [
              { "symbol": "BTCUSDT", "currency": "USDT", "startPrice": "60000", "tick": "0.1", "lot": "0.001",
                "typicalQuantity": "0.5", "minNotional": "5", "depthTicks": 50, "spreadTicks": 3, "volatilityPpm": 80,
                "messagesPerSecond": 90, "tradesPpm": 250000 }
            ]
          },
          "session": {
            "journal": { "durability": "written", "segmentMiB": 32 },
            "topology": { "mode": "staged", "wait": "parking", "ringSize": 4096 }
          }
        }
        """;

    /// <summary>Uses learned weights, every gate and a calendar; the files are those beside the shipped examples.</summary>
    internal const string Gated =
        """
        {
          "name": "gated",
          "strategies": [
            { "name": "a", "type": "ema-cross", "instruments": ["BTCUSDT"] },
            { "name": "b", "type": "imbalance", "instruments": ["BTCUSDT"] }
          ],
          "arbitration": {
            "policy": "blend",
            "learning": { "rewardUnit": "1", "schedule": "fixed" },
            "gates": {
              "sessions": "entries",
              "barrier": { "manifest": "models/barrier.json", "peakLimitPpm": 600000, "valleyLimitPpm": 700000 }
            }
          },
          "calendars": [
            { "name": "exchange", "instruments": ["BTCUSDT"], "source": "calendars/us-equities.json" }
          ],
          "risk": {
            "maxOrderQuantity": "1", "maxOrderNotional": "100", "maxPosition": "2", "maxGrossNotional": "1000"
          }
        }
        """;

    /// <summary>Uses the rules of an account with shares, a correlation matrix, and a day by a calendar.</summary>
    internal const string Accounted =
        """
        {
          "name": "accounted",
          "strategies": [
            { "name": "a", "type": "ema-cross", "instruments": ["BTCUSDT"] },
            { "name": "b", "type": "imbalance", "instruments": ["BTCUSDT"] }
          ],
          "calendars": [
            { "name": "exchange", "instruments": ["BTCUSDT"], "source": "calendars/us-equities.json" },
            { "name": "short", "instruments": ["XRPUSDT"], "source": "../Tests/Engine/Configuration/Resources/short-calendar.json" }
          ],
          "risk": {
            "maxOrderQuantity": "1", "maxOrderNotional": "100", "maxPosition": "2", "maxGrossNotional": "1000",
            "breakers": {},
            "account": { "kind": "cash", "calendar": "short", "rules": "rules/us-equities.json" },
            "venueStop": { "beyondBps": 50, "slippageBps": 500, "stepBps": 5, "alarmAfterMs": 5000 },
            "correlation": { "matrix": "models/correlation.json", "limit": "500" }
          }
        }
        """;

    /// <summary>Compares its account with the venue's.</summary>
    internal static string Reconciled => BrokenConfigurationTests.Set(
        Full, "risk.reconcile", "{ \"venues\": [\"simulated\"], \"figuresMaxAgeMs\": 60000 }");

    /// <summary>Uses every kind of style.</summary>
    internal const string Styled =
        """
        {
          "name": "styled",
          "strategies": [
            { "name": "a", "type": "ema-cross", "instruments": ["BTCUSDT", "ETHUSDT"] },
            { "name": "b", "type": "imbalance", "instruments": ["BTCUSDT"] }
          ],
          "execution": {
            "styles": {
              "slow": { "kind": "limit", "parameters": { "timeoutMs": 4000, "timeoutMinMs": 1000, "timeoutMaxMs": 9000, "volatilityPpm": 50 } },
              "quiet": { "kind": "post-only" },
              "follow": { "kind": "peg", "parameters": { "distanceTicks": 1, "repegs": 3, "repegWindowMs": 2000, "maxRepegs": 40, "maxAwayTicks": 25 } },
              "even": { "kind": "twap", "parameters": { "slices": 6, "durationMs": 60000, "jitterPpm": 200000, "maxSharePpm": 150000 } },
              "share": { "kind": "participation", "parameters": { "sharePpm": 100000, "maxClip": "0.5" } },
              "berg": { "kind": "iceberg", "parameters": { "display": "0.1" } }
            },
            "default": "even",
            "strategies": { "a": "slow" },
            "instruments": { "ETHUSDT": "berg" }
          },
          "risk": {
            "maxOrderQuantity": "1", "maxOrderNotional": "100", "maxPosition": "2", "maxGrossNotional": "1000"
          }
        }
        """;

    internal static string Folder { get; } = Path.Combine(Repository.Root, "examples");

    internal static ConfigurationReading Read(string json) =>
        EngineConfiguration.FromJson(Encoding.UTF8.GetBytes(json), "test.json", BuiltInStrategies.Catalogue, Folder);

    internal static EngineConfiguration Valid(string json)
    {
        ConfigurationReading reading = Read(json);
        Assert.True(reading.TryGet(out EngineConfiguration? configuration), string.Join('\n', reading.Problems));
        return configuration;
    }

    internal static string Canonical(string json) => Encoding.UTF8.GetString(Valid(json).ToCanonicalJson());

    internal static string Shipped(string name) => File.ReadAllText(Path.Combine(Folder, name));
}
