using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using LowLatency.Core.Events;
using LowLatency.Engine.Commands;
using LowLatency.Engine.Running;
using LowLatency.Journal;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Determinism;

/// <summary>
/// No fill on recorded minutes knows more than its order did. The twin on generated bars is BarTakerTests, which never skips.
/// </summary>
public sealed class RecordedBarFillTests
{
    [Fact]
    public void Every_fill_on_minutes_of_spy_is_the_open_of_the_first_bar_that_began_after_its_decision()
    {
        string[] files = Directory.GetFiles(Repository.RecordedData("data/lean/Data/equity/usa/minute/spy"), "*_trade.zip");
        Array.Sort(files, StringComparer.Ordinal);
        using TemporaryFolder folder = new();
        string data = Path.Combine(folder.Path, "data");
        string run = Path.Combine(folder.Path, "run");
        RecordedDataTests.Import(data, files);
        BacktestCommand.Simulate(RecordedDataTests.Example("spy.json"), data, run);
        List<long> times = [];
        List<Bar> bars = [];
        List<Event> fills = [];
        using JournalReader reader = RecordedRun.Open(run);
        Event e = default;
        while (reader.Read(ref e) == ReadResult.Event)
        {
            times.Add(e.ReceivedAt);
            if (e.Kind == EventKind.Bar)
            {
                bars.Add(e.Bar);
            }
            else if (e.Kind == EventKind.Execution)
            {
                fills.Add(e);
            }
        }

        Assert.True(fills.Count > 100, $"only {fills.Count} fills");
        foreach (Event fill in fills)
        {
            long decided = times[(int)fill.Execution.Order.Sequence];
            Bar bar = bars.First(b => b.StartTime >= decided);
            Assert.Equal((Liquidity.Taker, bar.Open), (fill.Execution.Liquidity, fill.Execution.Price));
            Assert.Equal(bar.StartTime + bar.Timeframe, fill.VenueTime);
        }
    }
}
