using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using LowLatency.Core.Events;
using LowLatency.Core.Pipeline;
using LowLatency.Core.Values;
using LowLatency.Engine.Live;
using LowLatency.Tests.Core.Pipeline;
using Xunit;

namespace LowLatency.Tests.Engine.Live;

/// <summary>Whoever reads a run that trades gets the state after one event, whole, and can have it made again from the journal.</summary>
public sealed class LiveViewTests
{
    private const int Instruments = 3;
    private const int Readers = 4;

    private static readonly Event[] Journal = Record();

    [ThreadStatic]
    private static PlaceFigures[]? s_places;

    [Fact]
    public void Every_copy_is_the_state_after_its_sequence_however_many_read()
    {
        LiveView view = new(Instruments, 1);
        List<LiveCopy>[] copies = [.. Enumerable.Range(0, Readers).Select(_ => new List<LiveCopy>())];
        using Barrier start = new(Readers + 1);
        bool done = false;
        int read = 0;
        Thread[] readers = Array.ConvertAll(copies, mine =>
        {
            Thread reader = new(() =>
            {
                start.SignalAndWait(TestContext.Current.CancellationToken);
                while (!Volatile.Read(ref done))
                {
                    LiveCopy copy = view.Read();
                    if (mine.Count == 0 || copy.Figures.Sequence != mine[^1].Figures.Sequence)
                    {
                        mine.Add(copy);
                        Interlocked.Increment(ref read);
                    }
                }
            })
            {
                IsBackground = true,
            };
            reader.Start();
            return reader;
        });
        DecisionPipeline pipeline = new(Pipelines.Settings(Instruments));
        Decision decision = default;
        for (int i = 0; i < Journal.Length; i++)
        {
            pipeline.OnEvent(Journal[i], ref decision);
            int before = Volatile.Read(ref read);
            view.Tell(FiguresAt(i), pipeline, There, PlacesAt(i));
            if (i == Instruments + 1)
            {
                start.SignalAndWait(TestContext.Current.CancellationToken);
            }
            else if (i % 100 == 99)
            {
                // A busy machine must not let the writer be done before anybody has looked.
                Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref read) > before || i < 100, 60_000), "nobody reads");
            }
        }

        Volatile.Write(ref done, true);
        Assert.All(readers, reader => Assert.True(reader.Join(60_000), "a reader does not end"));
        LiveCopy last = view.Read();
        Assert.Equal(Journal.Length - 1, last.Figures.Sequence);

        // The journal up to there, once more and by one thread.
        List<LiveCopy> all = [last, .. copies.SelectMany(mine => mine)];
        Assert.True(all.Count > 50, $"{all.Count} copies prove little");
        ILookup<long, LiveCopy> at = all.ToLookup(copy => copy.Figures.Sequence);
        DecisionPipeline again = new(Pipelines.Settings(Instruments));
        int held = 0;
        for (int i = 0; i < Journal.Length; i++)
        {
            again.OnEvent(Journal[i], ref decision);
            PositionFigures[] expected = Expected(again);
            foreach (LiveCopy copy in at[i])
            {
                Assert.True(IsOf(copy, i, expected), $"the copy at {i} is of another state");
                held += copy.Positions.Count(position => position.Here != 0 && position.Mark != 0);
            }
        }

        Assert.True(held > 20, "nothing was held when it was read");
        Assert.All(copies, mine => Assert.True(mine.Zip(mine.Skip(1)).All(pair => pair.First.Figures.Sequence < pair.Second.Figures.Sequence)));
    }

    /// <summary>The figures of a position belong together: what it is worth more than it cost is the mark's worth less the cost.</summary>
    [Fact]
    public void The_profit_of_a_view_is_that_of_its_own_mark_and_cost()
    {
        LiveView view = new(Instruments, 1);
        DecisionPipeline pipeline = new(Pipelines.Settings(Instruments));
        Decision decision = default;
        int looked = 0;
        for (int i = 0; i < Journal.Length; i++)
        {
            pipeline.OnEvent(Journal[i], ref decision);
            view.Tell(FiguresAt(i), pipeline, There, PlacesAt(i));
            foreach (PositionFigures position in view.Read().Positions.Where(position => position.Here != 0 && position.Mark != 0))
            {
                // A price unit times a quantity unit is a whole number of money units.
                Int128 worth = (Int128)position.Mark * position.Here * Pow10(Money.Exponent - (int)(position.PriceExponent + position.QuantityExponent));
                Assert.Equal(worth - position.Cost, position.Unrealised);
                looked++;
            }
        }

        Assert.True(looked > 100, $"{looked} positions");
    }

    /// <summary>Half of one state and half of another, or a state under another's number, is what these tests would find.</summary>
    [Fact]
    public void A_copy_of_two_states_is_found()
    {
        LiveView view = new(Instruments, 1);
        DecisionPipeline pipeline = new(Pipelines.Settings(Instruments));
        Decision decision = default;
        LiveCopy? before = null;
        for (int i = 0; i < Journal.Length; i++)
        {
            pipeline.OnEvent(Journal[i], ref decision);
            view.Tell(FiguresAt(i), pipeline, There, PlacesAt(i));
            LiveCopy now = view.Read();
            Assert.True(IsOf(now, i, Expected(pipeline)));
            if (before is not null && now.Positions.Count(position => position.Here != 0) == Instruments
                && now.Positions[0].Mark != before.Positions[0].Mark)
            {
                LiveCopy torn = now with { Positions = [before.Positions[0], .. now.Positions[1..]] };
                Assert.False(IsOf(torn, i, Expected(pipeline)));
                Assert.NotEqual(torn.Checksum, LiveCopy.ChecksumOf(torn.Figures.Sequence, torn.Positions));
                Assert.False(IsOf(before, i, Expected(pipeline)));
                return;
            }

            before = now;
        }

        Assert.Fail("no two states differ");
    }

    [Fact]
    public void Telling_allocates_nothing()
    {
        LiveView view = new(Instruments, 1);
        DecisionPipeline pipeline = new(Pipelines.Settings(Instruments));
        Decision decision = default;
        Func<InstrumentId, long> there = There;
        for (int i = 0; i < Journal.Length; i++)
        {
            pipeline.OnEvent(Journal[i], ref decision);
            view.Tell(FiguresAt(i), pipeline, there, PlacesAt(i));
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10_000; i++)
        {
            view.Tell(FiguresAt(i), pipeline, there, PlacesAt(i));
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        GC.KeepAlive(view.Read());
        Assert.NotEqual(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static LiveFigures FiguresAt(long sequence) => new() { Sequence = sequence, Events = sequence + 1 };

    private static ReadOnlySpan<PlaceFigures> PlacesAt(long sequence)
    {
        s_places ??= new PlaceFigures[1];
        s_places[0].ClockOffset = sequence;
        return s_places;
    }

    private static long There(InstrumentId id) => -id.Value;

    private static bool IsOf(LiveCopy copy, long sequence, PositionFigures[] expected) =>
        copy.Figures.Sequence == sequence && copy.Figures.Events == sequence + 1 && copy.Places[0].ClockOffset == sequence
        && copy.Checksum == LiveCopy.ChecksumOf(sequence, copy.Positions) && copy.Positions.SequenceEqual(expected);

    private static PositionFigures[] Expected(DecisionPipeline pipeline) =>
        [.. Enumerable.Range(1, Instruments).Select(i => PositionFigures.Of(pipeline, new InstrumentId((ushort)i), -i))];

    private static Int128 Pow10(int exponent) => exponent == 0 ? 1 : 10 * Pow10(exponent - 1);

    private static Event[] Record()
    {
        RandomMarket market = new(31, Instruments);
        DecisionPipeline pipeline = new(Pipelines.Settings(Instruments));
        List<Event> events = [];
        Decision decision = default;
        foreach (Event e in market.Opening())
        {
            Step(e);
        }

        while (events.Count < 12_000)
        {
            Step(market.Next());
            while (decision.Waiting != 0)
            {
                Step(market.Continue(decision.Waiting));
            }
        }

        return [.. events];

        void Step(Event e)
        {
            e.Sequence = events.Count;
            pipeline.OnEvent(e, ref decision);
            events.Add(e);
            market.Take(decision);
        }
    }
}
