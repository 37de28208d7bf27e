using System;
using System.Collections.Generic;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Journal.Import;
using Xunit;
using static LowLatency.Tests.Journal.Import.BinanceLines;

namespace LowLatency.Tests.Journal.Import;

public sealed class BinanceRefusalTests : IDisposable
{
    private readonly Fixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    public static TheoryData<string, string, string> Malformed() => new()
    {
        { "depth", "\"U\":", "\"no\":" },
        { "depth", "\"u\":", "\"no\":" },
        { "depth", "\"pu\":", "\"no\":" },
        { "depth", "\"s\":", "\"no\":" },
        { "depth", "\"b\":", "\"no\":" },
        { "depth", "\"a\":", "\"no\":" },
        { "depth", "\"U\":101", "\"U\":\"101\"" },
        { "depth", "\"U\":101", "\"U\":-1" },
        { "depth", "\"U\":101", "\"U\":1.5" },
        { "depth", "\"U\":101", "\"U\":99999999999999999999" },
        { "depth", "\"U\":101", "\"U\":106" },
        { "depth", "\"pu\":100", "\"pu\":100,\"pu\":100" },
        { "depth", "BTCUSDT", "ETHUSDT" },
        { "depth", "\"T\":1723161256322", "\"T\":99999999999999999" },
        { "depth", "\"9.00\",\"1.000\"", "\"9.00\"" },
        { "depth", "\"9.00\",\"1.000\"", "9.00,1.000" },
        { "depth", "\"9.00\",\"1.000\"", "\"9.00\",\"1.000\",\"x\"" },
        { "depth", "\"9.00\",\"1.000\"", "\"9.001\",\"1.000\"" },
        { "depth", "\"9.00\",\"1.000\"", "\"9.00\",\"1.0001\"" },
        { "depth", "\"9.00\",\"1.000\"", "\"-9.00\",\"1.000\"" },
        { "depth", "\"9.00\",\"1.000\"", "\"9.00\",\"-1.000\"" },
        { "depth", "\"9.00\",\"1.000\"", "\"9e2\",\"1.000\"" },
        { "depth", "\"9.00\",\"1.000\"", "\"\",\"1.000\"" },
        { "depth", "\"9.00\",\"1.000\"", "\"99999999999999999999.00\",\"1.000\"" },
        { "depth", "[[", "[{" },
        { "depth", "}}", "}" },
        { "depth", "}}", "}} x" },
        { "depth", "}}", "}}{}" },
        { "depth", "\"data\":{", "\"data\":[{" },
        { "depth", "{\"stream\"", "[\"stream\"" },
        { "depth", "1723161255000000005 ", string.Empty },
        { "depth", "1723161255000000005 ", "1723161255000000005" },
        { "depth", "1723161255000000005 ", "1723161255000 " },
        { "depth", "1723161255000000005 ", "-1723161255000000005 " },
        { "depth", "1723161255000000005 ", "17231612550000000050 " },
        { "depth", "1723161255000000005 ", "1723161255000000003 " },
        { "trade", "\"stream\":\"btcusdt@trade\",\"data\":{\"e\":\"trade\",", "\"x\":{" },
        { "trade", "\"t\":", "\"no\":" },
        { "trade", "\"p\":", "\"no\":" },
        { "trade", "\"q\":", "\"no\":" },
        { "trade", "\"m\":", "\"no\":" },
        { "trade", "\"s\":", "\"no\":" },
        { "trade", "\"m\":true", "\"m\":\"true\"" },
        { "trade", "\"p\":\"9.00\"", "\"p\":9.00" },
        { "trade", "\"p\":\"9.00\"", "\"p\":\"9.00 \"" },
        { "trade", "\"p\":\"9.00\"", "\"p\":\"9.005\"" },
        { "trade", "\"q\":\"1.000\"", "\"q\":\"-1.000\"" },
        { "quote", "\"u\":", "\"no\":" },
        { "quote", "\"b\":", "\"no\":" },
        { "quote", "\"B\":", "\"no\":" },
        { "quote", "\"a\":", "\"no\":" },
        { "quote", "\"A\":", "\"no\":" },
        { "quote", "\"b\":\"9.00\"", "\"b\":[]" },
        { "quote", "\"b\":\"9.00\"", "\"b\":\"\"" },
        { "snapshot", "\"bids\":", "\"no\":" },
        { "snapshot", "\"asks\":", "\"no\":" },
        { "snapshot", "\"lastUpdateId\":200", "\"lastUpdateId\":\"200\"" },
        { "snapshot", "\"lastUpdateId\":200", "\"lastUpdateId\":null" },
    };

    [Theory]
    [MemberData(nameof(Malformed))]
    public void A_malformed_line_is_refused_naming_file_line_field_value_and_what_is_allowed(
        string kind, string replace, string with)
    {
        string good = kind switch
        {
            "depth" => Depth(5, 101, 105, 100, """["9.00","1.000"]""", string.Empty),
            "trade" => Trade(5, "9.00", "1.000", maker: true),
            "quote" => Quote(5, 100, "9.00", "1.000", "9.50", "1.000"),
            _ => Snapshot(5, 200, """["9.00","1.000"]""", """["9.50","1.000"]"""),
        };
        Assert.Contains(replace, good, StringComparison.Ordinal);
        string bad = good.Replace(replace, with, StringComparison.Ordinal);
        string[] before =
        [
            Snapshot(3, 99, """["8.00","1.000"]""", """["9.90","1.000"]"""),
            Depth(4, 99, 100, 98, """["8.00","1.000"]""", string.Empty),
        ];

        // The same line without the damage is fine, so it is the damage that is refused.
        Imported.All(out _, new ImportFile(_fixture.Plain("good.txt", [.. before, good]), ImportFormat.Binance));

        // Two lines are looked at in advance, so that the damage is met while importing.
        InstrumentOptions options = new() { ProbeLines = 2 };
        string path = _fixture.Plain("bad.txt", [.. before, bad]);
        ImportException refusal = Imported.Refusal(new ImportFile(path, ImportFormat.Binance, options));
        Assert.Equal((path, 3L), (refusal.File, refusal.Line));
        Assert.NotEqual(string.Empty, refusal.Field);
        Assert.NotEqual(string.Empty, refusal.Allowed);
        Assert.Contains("line 3", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Finer_decimals_than_the_first_lines_showed_are_refused_and_an_option_helps()
    {
        string path = _fixture.Plain(
            "finer.txt",
            Snapshot(1, 100, """["10.0","1.0"]""", """["11.0","1.0"]"""),
            Depth(2, 100, 101, 99, """["9.25","1.0"]""", string.Empty));
        InstrumentOptions known = new() { ProbeLines = 1, Kind = InstrumentKind.Linear, Symbol = "BTCUSDT" };
        ImportException refusal = Imported.Refusal(new ImportFile(path, ImportFormat.Binance, known));
        Assert.Equal((2L, "b", "9.25"), (refusal.Line, refusal.Field, refusal.Value));
        List<Event> events = Imported.All(
            out _,
            new ImportFile(path, ImportFormat.Binance, known with { PriceExponent = 2 }));
        Assert.Equal(925, events[2].BookLevels.PriceAt(0));
    }
}
