using System;
using System.Collections.Generic;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Values;
using LowLatency.Journal.Import;
using Xunit;
using static LowLatency.Tests.Journal.Import.BinanceLines;

namespace LowLatency.Tests.Journal.Import;

public sealed class ImportSourceTests : IDisposable
{
    private readonly Fixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void Definitions_come_first_and_nobody_has_a_sequence()
    {
        string one = _fixture.Plain("1", Quote(10, 5, "1.25", "1.000", "1.50", "1.000"));
        string two = _fixture.Plain(
            "2", Quote(5, 5, "1.2", "1", "1.5", "1").Replace("BTCUSDT", "ETHUSDT", StringComparison.Ordinal));
        List<Event> events = Imported.All(out ImportSummary summary, new ImportFile(one), new ImportFile(two));
        Assert.Equal(
            ["InstrumentDefined:1", "InstrumentDefined:2", "Quote:2", "Quote:1"],
            events.ConvertAll(e => $"{e.Kind}:{e.Instrument.Value}"));
        Assert.All(events, e => Assert.Equal((0L, 0u, 0u), (e.Sequence, e.Crc, e.Reserved)));
        Assert.Equal(events[2].ReceivedAt, events[0].ReceivedAt);
        Assert.Equal(
            ["BTCUSDT", "ETHUSDT"],
            [summary.Instruments[0].Definition.Symbol.ToString(), summary.Instruments[1].Definition.Symbol.ToString()]);
        Assert.Equal(
            (0, 1),
            (summary.Instruments[1].Definition.QuantityExponent, summary.Instruments[1].Definition.PriceExponent));
    }

    [Fact]
    public void Instruments_can_be_numbered_from_another_number_up_to_the_limit()
    {
        string path = _fixture.Plain("1", Quote(10, 5, "1.25", "1.000", "1.50", "1.000"));
        using ImportSource source = ImportSource.Open([new ImportFile(path)], Limits.Instruments);
        Assert.All(Imported.All(source), e => Assert.Equal(Limits.Instruments, e.Instrument.Value));
        Assert.Throws<ImportException>(() => ImportSource.Open([new ImportFile(path)], Limits.Instruments + 1));
    }

    // In whichever order the files are named: their times decide, and what lies between them is a gap.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_second_capture_of_a_book_begins_with_a_gap_and_its_own_decimals_count_for_both(bool reversed)
    {
        string one = _fixture.Plain(
            "1",
            Snapshot(1, 100, """["10.0","1"]""", """["11.0","1"]"""),
            Depth(2, 100, 101, 99, string.Empty, string.Empty));
        string two = _fixture.Plain(
            "2",
            Quote(10, 102, "10.0", "1", "11.0", "1"),
            Depth(11, 102, 103, 101, """["10.25","1.5"]""", string.Empty),
            Snapshot(12, 103, """["10.5","1"]""", """["11.0","1"]"""));
        ImportFile[] files = [new(one, ImportFormat.Binance), new(two, ImportFormat.Binance)];
        if (reversed)
        {
            Array.Reverse(files);
        }

        List<Event> events = Imported.All(out ImportSummary summary, files);
        Assert.Equal(
            ["InstrumentDefined", "BookLevels", "BookLevels", "StreamState", "Quote", "BookLevels", "BookLevels"],
            events.ConvertAll(e => e.Kind.ToString()));
        Assert.Equal((2, 1), (events[0].InstrumentDefined.PriceExponent, events[0].InstrumentDefined.QuantityExponent));
        Assert.Equal(events[4].ReceivedAt, events[3].ReceivedAt);
        Assert.Equal(1, summary.Instruments[0].Gaps);

        Book book = new();
        foreach (Event e in Imported.OfKind(events, EventKind.BookLevels))
        {
            book.Apply(e);
        }

        Assert.Equal((1050L, 103L), (book.BestBidPrice, book.LastUpdateId));
    }

    [Fact]
    public void Two_captures_of_a_book_that_overlap_are_refused()
    {
        string one = _fixture.Plain(
            "1", Quote(1, 5, "1.25", "1.000", "1.50", "1.000"), Quote(9, 6, "1.25", "1.000", "1.50", "1.000"));
        string two = _fixture.Plain("2", Quote(5, 7, "1.25", "1.000", "1.50", "1.000"));
        ImportException refusal = Imported.Refusal(new ImportFile(one), new ImportFile(two));
        Assert.Contains("overlaps", refusal.Allowed, StringComparison.Ordinal);
        Assert.Equal(one, refusal.File);
    }

    [Fact]
    public void A_file_that_is_named_twice_is_refused_since_it_would_count_twice()
    {
        string path = _fixture.Zip("equity/usa/minute/spy/20131007_trade.zip", "34200000,2,3,1,2,5");
        ImportException refusal = Imported.Refusal(new ImportFile(path), new ImportFile(path));
        Assert.Equal((path, "named twice"), (refusal.File, refusal.Value));
    }

    [Fact]
    public void After_a_refusal_there_is_nothing_but_the_refusal()
    {
        string good = Quote(1, 5, "1.25", "1.000", "1.50", "1.000");
        string bad = Quote(2, 5, "1.25", "1.000", "1.50", "x");
        InstrumentOptions options = new() { ProbeLines = 1 };
        using ImportSource source = ImportSource.Open(
            [new ImportFile(_fixture.Plain("1", good, bad, good), ImportFormat.Binance, options)]);
        Event next = default;
        Assert.Equal(ReadResult.Event, source.Read(ref next));
        Assert.Equal(ReadResult.Event, source.Read(ref next));
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(2, Assert.Throws<ImportException>(() => source.Read(ref next)).Line);
        }
    }

    [Fact]
    public void Files_of_one_instrument_need_the_same_options()
    {
        string one = _fixture.Plain("1", Quote(1, 5, "1.25", "1.000", "1.50", "1.000"));
        string two = _fixture.Plain("2", Quote(5, 7, "1.25", "1.000", "1.50", "1.000"));
        ImportException refusal = Imported.Refusal(
            new ImportFile(one), new ImportFile(two, ImportFormat.Detect, new InstrumentOptions { Tick = "0.05" }));
        Assert.Equal((two, "instrument"), (refusal.File, refusal.Field));
    }

    [Fact]
    public void Progress_runs_from_nothing_to_everything()
    {
        List<string> lines = [];
        for (int i = 0; i < 50_000; i++)
        {
            lines.Add(Quote(i, i * 7919L % 100_003, $"{i * 31 % 9973}.25", "1.000", "99999.50", $"{i * 17 % 997}.000"));
        }

        using ImportSource source = ImportSource.Open([new ImportFile(_fixture.Gzip("big.gz", [.. lines]))]);
        Assert.Equal((0L, 0L, 0L), (source.Progress.BytesRead, source.Progress.Lines, source.Progress.Events));
        long last = 0;
        int steps = 0;
        Event next = default;
        while (source.Read(ref next) == ReadResult.Event)
        {
            ImportProgress progress = source.Progress;
            Assert.InRange(progress.BytesRead, last, progress.BytesTotal);
            steps += progress.BytesRead > last ? 1 : 0;
            last = progress.BytesRead;
        }

        Assert.True(steps > 3, $"progress moved {steps} times");
        Assert.Equal(
            (1.0, 50_000L, 50_001L), (source.Progress.Fraction, source.Progress.Lines, source.Progress.Events));
    }

    [Fact]
    public void A_message_of_many_levels_is_one_group_and_memory_does_not_grow_with_the_lines()
    {
        List<string> lines = [Snapshot(1, 100, """["10.00","1.000"]""", """["11.00","1.000"]""")];
        for (int i = 0; i < 30_000; i++)
        {
            lines.Add(
                Depth(
                    2 + i,
                    101 + i,
                    101 + i,
                    100 + i,
                    """["9.00","1.000"],["9.10","1.000"],["9.20","0.000"]""",
                    """["11.10","1.000"]"""));
        }

        lines[1] = Depth(2, 100, 101, 99, string.Empty, string.Empty);
        using ImportSource source = ImportSource.Open([new ImportFile(_fixture.Gzip("long.gz", [.. lines]))]);
        Event next = default;
        for (int i = 0; i < 5_000; i++)
        {
            Assert.Equal(ReadResult.Event, source.Read(ref next));
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 20_000; i++)
        {
            source.Read(ref next);
        }

        // Nothing per line; the decompressor may take a buffer now and then.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 * 1024);
    }
}
