using System;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using Xunit;

namespace LowLatency.Tests.Core.Market;

public sealed class MarketAllocationTests
{
    [Fact]
    public void Events_allocate_nothing_once_the_instruments_are_defined()
    {
        Event[] events = [.. RandomMarket.Events(RandomMarket.Dice(17, 20_000))];
        Fold(View(), events);
        MarketView view = View();
        for (int i = 1; i <= RandomMarket.Instruments; i++)
        {
            view.Apply(Make.Definition(i, 0));
        }

        Assert.Equal(0, Allocated(() => Fold(view, events)));
    }

    [Fact]
    public void The_measurement_notices_the_memory_of_a_definition()
    {
        Event[] events = [Make.Definition(1, 0)];
        Fold(View(), events);
        MarketView view = View();
        Assert.True(Allocated(() => Fold(view, events)) > 2 * 8192 * 16);
    }

    private static MarketView View() => new(RandomMarket.Timeframes, RandomMarket.Grace);

    private static void Fold(MarketView view, Event[] events)
    {
        foreach (ref readonly Event e in events.AsSpan())
        {
            view.Apply(e);
        }
    }

    private static long Allocated(Action action)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        action();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
