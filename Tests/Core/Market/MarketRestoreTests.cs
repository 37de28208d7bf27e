using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using Xunit;

namespace LowLatency.Tests.Core.Market;

public sealed class MarketRestoreTests
{
    // Derived from constructor arguments or the last event alone, or looked up again; entries of a book beyond its count are
    // free memory, and those within it, wherever they lie, are compared by the continuation.
    private static readonly string[] NotState =
        ["_cachedStart", "_cachedSlot", "_closed", "_closedCount", "_entries", "_window", "_sides", "_outlook", "_reserved"];

    [Fact]
    public void A_view_restored_at_any_event_continues_as_the_original() =>
        Steps.ForAll(300, 60, steps => Difference(steps, saved => saved) is null);

    [Fact]
    public void The_comparison_notices_a_lost_field()
    {
        // From the counters of the view, behind its arguments and times, into the first instrument and its book.
        int[] steps = RandomMarket.Dice(5, 300);
        int noticed = 0;
        for (int offset = 54; offset < 254; offset += 10)
        {
            int lost = offset;
            noticed += Difference(steps, saved => Flip(saved, lost)) is null ? 0 : 1;
        }

        Assert.Equal(20, noticed);
    }

    [Fact]
    public void A_restored_view_equals_the_original_field_by_field()
    {
        List<Event> events = RandomMarket.Events(RandomMarket.Dice(9, 2_000));
        MarketView original = View();
        foreach (Event e in events)
        {
            original.Apply(e);
        }

        MarketView restored = View();
        RestoringVisitor.Restore(restored, SavingVisitor.Save(original));
        List<string> differences = [];
        int compared = Compare("view", original, restored, differences);
        Assert.Empty(differences);
        Assert.True(compared > 1_000);

        differences.Clear();
        Compare("view", original, View(), differences);
        string[] expected = ["_now", "_count", "_quote", "_lastTradeAt", "_gaps", "_series", "_observedFrom"];
        foreach (string field in expected)
        {
            Assert.Contains(differences, difference => difference.EndsWith(field, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void A_used_view_is_overwritten_whole()
    {
        MarketView used = View();
        foreach (Event e in RandomMarket.Events(RandomMarket.Dice(21, 1_000)))
        {
            used.Apply(e);
        }

        byte[] fresh = SavingVisitor.Save(View());
        RestoringVisitor.Restore(used, fresh);
        Assert.Equal(fresh, SavingVisitor.Save(used));
        foreach (Event e in RandomMarket.Events(RandomMarket.Dice(22, 300)))
        {
            used.Apply(e);
        }

        MarketView other = View();
        foreach (Event e in RandomMarket.Events(RandomMarket.Dice(22, 300)))
        {
            other.Apply(e);
        }

        Assert.Equal(SavingVisitor.Save(other), SavingVisitor.Save(used));
    }

    [Fact]
    public void A_view_of_other_arguments_refuses_the_state()
    {
        byte[] saved = SavingVisitor.Save(View());
        Assert.Throws<BrokenInvariantException>(() => RestoringVisitor.Restore(new MarketView([10, 4], 7), saved));
        Assert.Throws<BrokenInvariantException>(() => RestoringVisitor.Restore(new MarketView([10, 4, 99], 7), saved));
        Assert.Throws<BrokenInvariantException>(() => RestoringVisitor.Restore(new MarketView([10, 4, 100], 8), saved));
    }

    private static MarketView View() => new(RandomMarket.Timeframes, RandomMarket.Grace, 16);

    private static byte[] Flip(byte[] saved, int offset)
    {
        byte[] changed = (byte[])saved.Clone();
        changed[offset] ^= 1;
        return changed;
    }

    private static string? Difference(int[] steps, Func<byte[], byte[]> transport)
    {
        List<Event> events = RandomMarket.Events(steps);
        int split = steps.Length == 0 ? 0 : steps[0] % events.Count;
        MarketView original = View();
        for (int i = 0; i < split; i++)
        {
            original.Apply(events[i]);
        }

        MarketView restored = View();
        try
        {
            RestoringVisitor.Restore(restored, transport(SavingVisitor.Save(original)));
            for (int i = split; i < events.Count; i++)
            {
                original.Apply(events[i]);
                restored.Apply(events[i]);
                if (!Closed(original).SequenceEqual(Closed(restored)))
                {
                    return $"bars closed by event {i}";
                }

                if ((i % 16 == 0 || i == events.Count - 1)
                    && !SavingVisitor.Save(original).AsSpan().SequenceEqual(SavingVisitor.Save(restored)))
                {
                    return $"state after event {i}";
                }
            }
        }
        catch (BrokenInvariantException broken)
        {
            return broken.Message;
        }

        return null;
    }

    private static List<Bar> Closed(MarketView view)
    {
        List<Bar> bars = [];
        foreach (ClosedBar closed in view.ClosedBars)
        {
            bars.Add(closed.Bar);
        }

        return bars;
    }

    private static int Compare(string path, object left, object right, List<string> differences)
    {
        int compared = 0;
        foreach (FieldInfo field in left.GetType().GetFields(BindingFlags.Instance | BindingFlags.NonPublic))
        {
            object? a = field.GetValue(left);
            object? b = field.GetValue(right);
            string name = path + "." + field.Name;
            if (NotState.Contains(field.Name))
            {
                continue;
            }

            if (a is Array items && b is Array otherItems)
            {
                compared += CompareItems(name, items, otherItems, differences);
            }
            else if (a is not null && b is not null && IsComponent(a))
            {
                compared += Compare(name, a, b, differences);
            }
            else
            {
                compared++;
                if (!Same(a, b))
                {
                    differences.Add(name);
                }
            }
        }

        return compared;
    }

    private static bool IsComponent(object value) =>
        value.GetType() is { IsClass: true, Namespace: "LowLatency.Core.Market" };

    // Inline arrays have no equality of their own; here they are texts.
    private static bool Same(object? left, object? right)
    {
        if (left is null || right is null || left is Symbol24 or Currency8)
        {
            return left?.ToString() == right?.ToString();
        }

        if (left.GetType() is not { IsPrimitive: false, IsEnum: false } type)
        {
            return left.Equals(right);
        }

        return type.GetFields(BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public)
            .All(field => Same(field.GetValue(left), field.GetValue(right)));
    }

    private static int CompareItems(string path, IList left, IList right, List<string> differences)
    {
        int compared = 0;
        if (left.Count != right.Count)
        {
            differences.Add(path);
            return 0;
        }

        for (int i = 0; i < left.Count; i++)
        {
            if (left[i] is { } item && IsComponent(item))
            {
                compared += Compare($"{path}[{i}]", item, right[i]!, differences);
            }
            else
            {
                compared++;
                if (!Same(left[i], right[i]))
                {
                    differences.Add($"{path}[{i}]");
                }
            }
        }

        return compared;
    }
}
