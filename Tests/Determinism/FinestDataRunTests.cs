using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json.Nodes;
using LowLatency.Core.Events;
using LowLatency.Engine.Commands;
using LowLatency.Engine.Results;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Determinism;

/// <summary>
/// A strategy on bars of a quarter of an hour trades on the finest data there is: the minute after its signal opens at 101.00, the next
/// bar of a quarter of an hour at 102.00.
/// </summary>
public sealed class FinestDataRunTests : IDisposable
{
    private const long Second = 1_000_000_000;
    private static readonly DateTime _ten = new(2026, 3, 2, 10, 0, 0, DateTimeKind.Utc);
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void An_order_at_the_close_of_a_long_bar_fills_at_the_next_open_of_the_finest_data_after_its_latency()
    {
        (Event fill, RunResult result) = Run("fine", minutes: true);

        // Decided at 10:15:00, at the venue 2 ms later, in the minute from 10:15 on: told at its end, 3 ms later.
        Assert.Equal((101_00L, Nanoseconds(16)), (fill.Execution.Price, fill.VenueTime));
        Assert.Equal(Nanoseconds(16) + (3 * Second / 1_000), fill.ReceivedAt);
        Assert.Equal(Fidelity.Bars, result.Fidelity);
    }

    [Fact]
    public void Without_finer_data_it_waits_for_the_next_bar_and_the_difference_is_that_of_the_opens()
    {
        (Event fine, RunResult one) = Run("fine", minutes: true);
        (Event coarse, RunResult other) = Run("coarse", minutes: false);
        Assert.Equal(Nanoseconds(30), coarse.VenueTime);
        Assert.Equal(102_00, coarse.Execution.Price);

        // Five of them, a dollar apart; both end at the same close.
        long gap = Assert.Single(one.Currencies).EquityUnits!.Value - Assert.Single(other.Currencies).EquityUnits!.Value;
        Assert.Equal(5 * (coarse.Execution.Price - fine.Execution.Price) * 1_000_000, gap);
    }

    public void Dispose() => _folder.Dispose();

    private static long Nanoseconds(int minute) => (_ten.AddMinutes(minute) - DateTime.UnixEpoch).Ticks * 100;

    private (Event Fill, RunResult Result) Run(string name, bool minutes)
    {
        List<(DateTime End, string Row)> rows = [];
        for (int minute = 0; minutes && minute < 60; minute++)
        {
            rows.Add(Bar(minute, 1, minute < 15 ? 100 : 101));
        }

        // The long bar of the signal ends with the fifteenth minute; the next one opens a dollar above the minute's open.
        foreach ((int minute, int open) in ((int, int)[])[(0, 100), (15, 102), (30, 102), (45, 102)])
        {
            rows.Add(Bar(minute, 15, open));
        }

        string file = Path.Combine(_folder.Path, name + ".csv");
        File.WriteAllText(file, "lowlatency-csv,1\ninstrument,X,spot,USD,2,0,0.01,1,1,1000,0,1\n"
            + string.Concat(rows.OrderBy(row => row.End).Select(row => row.Row)));
        string data = Path.Combine(_folder.Path, name);
        RecordedDataTests.Import(data, file);
        JsonNode root = JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Root, "examples", "spy.json")))!;
        root["strategies"] = JsonNode.Parse(
            """
            [ { "name": "keeper", "type": "rules", "instruments": ["X"], "parameters": { "program": {
                "timeframeMs": 900000, "long": { "enter": "close > 0", "exit": "close < 0", "size": "5" } } } } ]
            """);
        root["risk"]!["staleAfterMs"] = 3_600_000;
        root["risk"]!["priceCollarBps"] = 1_000;
        root["orders"] = JsonNode.Parse("""{ "marketableBandBps": 500 }""");
        root["venue"] = JsonNode.Parse(
            """{ "entryLatencyUs": 2000, "responseLatencyUs": 3000, "makerFeePpm": 0, "takerFeePpm": 0 }""");
        string run = Path.Combine(_folder.Path, name + "-run");
        RunResult result = BacktestCommand.Simulate(GeneratedRuns.Read(root), data, run, out _);
        return (Assert.Single(BacktestIdentityTests.Events(run), e => e.Kind == EventKind.Execution), result);
    }

    private static (DateTime End, string Row) Bar(int minute, int length, int price)
    {
        DateTime start = _ten.AddMinutes(minute);
        DateTime end = start.AddMinutes(length);
        return (end, string.Create(
            CultureInfo.InvariantCulture,
            $"bar,{end:yyyy-MM-dd'T'HH:mm:ss'Z'},,X,{start:yyyy-MM-dd'T'HH:mm:ss'Z'},{length * 60},{price},{price},{price},{price},500,1\n"));
    }
}
