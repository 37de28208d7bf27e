using System;
using System.Collections.Generic;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using LowLatency.Core.Events;
using LowLatency.Core.Signals.Indicators;
using LowLatency.Core.Signals.Structures;
using LowLatency.Tests.Core.Market;
using LowLatency.Tests.Core.Signals.Indicators;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Core.Signals.Structures;

/// <summary>Swings and what is derived from them: right, and never known before they can be.</summary>
public sealed class StructureTests
{
    private static readonly (int Left, int Right)[] Sides = [(1, 1), (2, 1), (1, 3), (3, 2)];

    [Fact]
    public void Swings_are_those_of_the_definition_on_any_path() =>
        PropertyCheck.Holds(BarPaths.Small(), bars => Sides.All(sides => SwingProblem(bars, sides.Left, sides.Right) is null), 60);

    [Fact]
    public void A_swing_is_told_when_the_bars_after_it_have_closed_and_not_before()
    {
        // Highs 5 7 9 8 6: the 9 is confirmed by two lower bars, at the end of the second.
        Swing swing = new(2, 2);
        long[] highs = [50, 70, 90, 80];
        for (int i = 0; i < highs.Length; i++)
        {
            swing.Update(BarPaths.Of(i, highs[i], highs[i], highs[i] - 5, highs[i]));
            Assert.False(swing.High.Exists);
        }

        Bar last = BarPaths.Of(4, 60, 60, 55, 60);
        swing.Update(last);
        Assert.True(swing.HighConfirmed);
        Assert.Equal(
            new SwingPoint(1, 90, BarPaths.Of(2, 1, 1, 1, 1).StartTime, last.StartTime + last.Timeframe, SwingKind.High),
            swing.High);
        Assert.Equal(2.0, swing.Output(1));
    }

    [Fact]
    public void What_was_reported_never_changes_when_the_future_does() =>
        PropertyCheck.Holds(Futures(), future => !Changes(new StructureRig(2, 2), new StructureRig(2, 2), future), 150);

    [Fact]
    public void A_swing_that_looks_ahead_is_found()
    {
        // The planted bug: the extremum is told on its own bar, because the array already holds the bars after it.
        PropertyCheck.Finds(Futures(), future =>
        {
            (Bar[] past, Bar[] one, Bar[] other) = future;
            List<string> first = LookingAhead([.. past, .. one]);
            List<string> second = LookingAhead([.. past, .. other]);
            return first.Take(past.Length).SequenceEqual(second.Take(past.Length));
        });

        static List<string> LookingAhead(Bar[] bars) =>
            [.. Enumerable.Range(0, bars.Length).Select(now => string.Join(' ',
                NaiveStructures.Swings(bars, 2, 2).Where(point => point.Bar <= now)))];
    }

    [Fact]
    public void A_confirmed_swing_is_remembered_as_it_was()
    {
        Swing swing = new(2, 2);
        Dictionary<long, SwingPoint> told = [];
        foreach (Bar bar in BarPaths.Walk(3, 300))
        {
            swing.Update(bar);
            if (swing.HighConfirmed)
            {
                told.Add(swing.High.Version, swing.High);
            }

            if (swing.LowConfirmed)
            {
                told.Add(swing.Low.Version, swing.Low);
            }

            for (long version = 0; version <= swing.Version + 1; version++)
            {
                bool kept = version >= 1 && version <= swing.Version && version > swing.Version - Swing.PointsMax;
                Assert.Equal(kept, swing.TryPoint(version, out SwingPoint point));
                Assert.Equal(kept ? told[version] : default, point);
            }
        }

        Assert.True(swing.Version > 2 * Swing.PointsMax);
    }

    [Fact]
    public void Levels_are_those_of_the_last_leg_on_any_path() =>
        PropertyCheck.Holds(BarPaths.Small(), bars =>
        {
            StructureRig rig = new(2, 1);
            for (int i = 0; i < bars.Length; i++)
            {
                rig.Update(bars[i]);
                var leg = NaiveStructures.Leg(NaiveStructures.Swings(bars[..(i + 1)], 2, 1));
                if (leg.HasValue != rig.Leg.IsReady || (leg is { } known && !LevelsAre(rig.Leg, known)))
                {
                    return false;
                }
            }

            return true;
        }, 60);

    [Fact]
    public void Levels_of_a_leg_by_hand()
    {
        StructureRig rig = new(1, 1);
        long[] path = [150, 100, 150, 200, 150];
        for (int i = 0; i < path.Length; i++)
        {
            rig.Update(BarPaths.Of(i, path[i], path[i], path[i], path[i]));
        }

        double Of(string name) => rig.Leg.Output(Fibonacci.Declared.IndexOf(name));
        Assert.Equal(100, Of("start"));
        Assert.Equal(200, Of("end"));
        Assert.True(rig.Leg.IsUp);
        Assert.Equal(2, rig.Leg.Version);
        Assert.Equal(176.4, Of("retrace_236"), 9);
        Assert.Equal(161.8, Of("retrace_382"), 9);
        Assert.Equal(150.0, Of("retrace_500"), 9);
        Assert.Equal(138.2, Of("retrace_618"), 9);
        Assert.Equal(121.4, Of("retrace_786"), 9);
        Assert.Equal(227.2, Of("extend_1272"), 9);
        Assert.Equal(261.8, Of("extend_1618"), 9);
        Assert.Equal(361.8, Of("extend_2618"), 9);
    }

    [Fact]
    public void Zones_are_those_of_the_definition_on_any_path() =>
        PropertyCheck.Holds(BarPaths.Small(0, 90), bars => ZoneProblem(bars, every: 3) is null, 60);

    [Fact]
    public void Zones_are_those_of_the_definition_on_walks_that_fill_the_table()
    {
        for (ulong seed = 1; seed <= 3; seed++)
        {
            Assert.Null(ZoneProblem(BarPaths.Walk(seed, 240), every: 40));
        }
    }

    [Fact]
    public void No_zone_is_made_before_its_width_is_known_and_none_without_width()
    {
        Swing swing = new(1, 1);
        Zones zones = new(swing, 10, 0.5);
        long[] path = [50, 90, 50, 90, 50, 90, 50, 90, 50, 90, 50, 90, 50];
        for (int i = 0; i < path.Length; i++)
        {
            Bar bar = BarPaths.Of(i, path[i], path[i], path[i], path[i]);
            swing.Update(bar);
            zones.Update(bar);
            Assert.True(i >= 10 == zones.Kept.Length > 0, $"bar {i}");
            foreach (ZoneBox zone in zones.Kept)
            {
                Assert.Equal(40.0, zone.Upper - zone.Lower);
            }
        }

        // Two closes of one price inside a flat market: an average range of zero makes no zone of width zero.
        Swing flat = new(1, 1);
        Zones none = new(flat, 1, 0.5);
        foreach (Bar bar in (Bar[])[BarPaths.Of(0, 50, 50, 50, 50), BarPaths.Of(1, 60, 60, 60, 60), BarPaths.Of(2, 60, 60, 60, 60)])
        {
            flat.Update(bar);
            none.Update(bar);
        }

        Assert.True(flat.HighConfirmed);
        Assert.Equal(0, none.Kept.Length);
    }

    [Fact]
    public void A_zone_counts_touches_and_breaks_at_a_close_beyond_its_far_side()
    {
        Swing swing = new(1, 1);
        Zones zones = new(swing, 1, 0.25);
        int bars = 0;
        void See(long price, long low)
        {
            Bar bar = BarPaths.Of(bars++, price, price, low, price);
            swing.Update(bar);
            zones.Update(bar);
        }

        See(150, 150);
        See(100, 100);
        See(140, 140);
        ZoneBox made = Assert.Single(zones.Kept.ToArray());
        Assert.Equal((90.0, 110.0, 1L, 0L), (made.Lower, made.Upper, made.SourceVersion, made.Touches));
        See(140, 105);
        See(141, 104);
        See(141, 120);
        See(141, 95);
        Assert.Equal(2, zones.Kept[0].Touches);
        Assert.Equal(2.0, zones.Output(2));
        See(90, 90);
        Assert.Equal(ZoneState.Active, zones.Kept[0].State);
        See(89, 89);
        Assert.Equal(ZoneState.Broken, zones.Kept[0].State);
        Assert.Equal(1.0, zones.Output(6));
        Assert.Equal(BarPaths.Of(bars, 1, 1, 1, 1).StartTime, zones.Kept[0].BrokenAt);
    }

    [Fact]
    public void Derived_bands_are_those_of_the_definition_on_any_path() =>
        PropertyCheck.Holds(BarPaths.Small(0, 90), bars => DerivedProblem(bars) is null, 60);

    [Fact]
    public void A_derived_name_has_the_version_that_its_source_has_after_the_update() =>
        PropertyCheck.Holds(BarPaths.Small(1), bars => NamesAreOfTheSource(bars, late: false));

    [Fact]
    public void A_name_made_from_the_version_before_the_update_is_found() =>
        PropertyCheck.Finds(BarPaths.Small(1), bars => NamesAreOfTheSource(bars, late: true), 1_000);

    [Fact]
    public void An_anchored_average_counts_from_the_bar_of_the_extremum_and_is_anchored_again()
    {
        Swing swing = new(1, 1);
        AnchoredVwap average = new(swing, AnchorKind.Low);
        (long Price, long Volume)[] path = [(150, 3), (100, 10), (140, 30), (130, 5), (120, 7), (160, 9)];
        double?[] expected =
        [
            null, null, ((100 * 10) + (140 * 30)) / 40.0, ((100 * 10) + (140 * 30) + (130 * 5)) / 45.0,
            ((100 * 10) + (140 * 30) + (130 * 5) + (120 * 7)) / 52.0, ((120 * 7) + (160 * 9)) / 16.0,
        ];
        for (int i = 0; i < path.Length; i++)
        {
            (long price, long volume) = path[i];
            Bar bar = BarPaths.Of(i, price, price, price, price, volume);
            swing.Update(bar);
            average.Update(bar);
            Assert.Equal(expected[i].HasValue, average.IsReady);
            if (expected[i] is { } value)
            {
                Assert.Equal(value, average.Value, 9);
            }
        }
    }

    [Fact]
    public void An_anchored_average_is_that_of_the_definition_on_any_path() =>
        PropertyCheck.Holds(BarPaths.Small(), bars => Enum.GetValues<AnchorKind>().All(kind => AnchorIs(bars, kind)), 40);

    [Fact]
    public void Structures_restored_at_any_bar_go_on_the_same() =>
        PropertyCheck.Holds(BarPaths.Small(1), bars =>
        {
            int at = bars.Sum(bar => (int)bar.High) % bars.Length;
            StructureRig whole = new(2, 1);
            StructureRig restored = new(2, 1);
            whole.Reports(bars[..at]);
            RestoringVisitor.Restore(restored, SavingVisitor.Save(whole));
            return whole.Reports(bars[at..]).SequenceEqual(restored.Reports(bars[at..]))
                && SavingVisitor.Save(whole).AsSpan().SequenceEqual(SavingVisitor.Save(restored));
        });

    [Fact]
    public void Structures_allocate_nothing_and_do_not_grow()
    {
        StructureRig rig = new(5, 5);
        Bar[] bars = BarPaths.Walk(8, 20_000);
        rig.Update(bars[0]);
        int size = SavingVisitor.Save(rig).Length;
        long before = GC.GetAllocatedBytesForCurrentThread();
        foreach (ref readonly Bar bar in bars.AsSpan(1))
        {
            rig.Update(bar);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(size, SavingVisitor.Save(rig).Length);
        Assert.True(rig.Swing.Version > 1_000);
    }

    [Fact]
    public void A_cleared_swing_gives_no_version_twice()
    {
        Swing swing = new(1, 1);
        foreach (Bar bar in BarPaths.Walk(2, 50))
        {
            swing.Update(bar);
        }

        long version = swing.Version;
        swing.Update(BarPaths.Of(50, 0, 0, 0, 0));
        Assert.False(swing.High.Exists);
        Assert.False(swing.TryPoint(version, out _));
        Assert.Equal(version, swing.Version);
    }

    private static string? SwingProblem(Bar[] bars, int left, int right)
    {
        Swing swing = new(left, right);
        for (int i = 0; i < bars.Length; i++)
        {
            swing.Update(bars[i]);
            List<NaiveStructures.Point> points = NaiveStructures.Swings(bars[..(i + 1)], left, right);
            NaiveStructures.Point? high = points.LastOrDefault(point => point.IsHigh);
            NaiveStructures.Point? low = points.LastOrDefault(point => !point.IsHigh);
            bool right1 = swing.Version == points.Count
                && Same(swing, 0, high, i, swing.High, bars)
                && Same(swing, 2, low, i, swing.Low, bars)
                && swing.Output(4) == (high?.ConfirmedBar == i ? 1 : 0)
                && swing.Output(5) == (low?.ConfirmedBar == i ? 1 : 0)
                && swing.Output(6) == points.Count
                && (points.Count == 0
                    ? !swing.IsOutputReady(7)
                    : swing.Output(7) == (points[^1].IsHigh ? 0 : 1));
            if (!right1)
            {
                return $"bar {i}";
            }
        }

        return null;
    }

    private static bool Same(
        Swing swing, int output, NaiveStructures.Point? expected, int now, in SwingPoint told, Bar[] bars) =>
        expected is null
            ? !swing.IsOutputReady(output) && !swing.IsOutputReady(output + 1) && !told.Exists
            : swing.Output(output) == expected.Price
                && swing.Output(output + 1) == now - expected.Bar
                && told.Price == expected.Price
                && told.Time == bars[expected.Bar].StartTime
                && told.ConfirmedAt == bars[expected.ConfirmedBar].StartTime + BarPaths.Minute;

    private static bool LevelsAre(Fibonacci levels, (double Start, double End, int Version) leg)
    {
        double[] shares = [1 - 0.236, 1 - 0.382, 0.5, 1 - 0.618, 1 - 0.786, 1.272, 1.618, 2.618, 0, 1];
        for (int i = 0; i < shares.Length; i++)
        {
            if (Math.Abs(levels.Output(i) - (leg.Start + (shares[i] * (leg.End - leg.Start)))) > 1e-6)
            {
                return false;
            }
        }

        return levels.IsUp == leg.End > leg.Start && levels.Version == leg.Version && levels.Output(11) == leg.Version;
    }

    private static string? ZoneProblem(Bar[] bars, int every)
    {
        Swing swing = new(2, 1);
        Zones zones = new(swing, 4, 0.5);
        for (int i = 0; i < bars.Length; i++)
        {
            swing.Update(bars[i]);
            zones.Update(bars[i]);
            if (i % every != every - 1)
            {
                continue;
            }

            List<NaiveStructures.Band> expected = NaiveStructures.Zones(bars[..(i + 1)], 2, 1, 4, 0.5);
            NaiveStructures.Band[] active = [.. expected.Where(zone => !zone.Broken)];
            NaiveStructures.Band? support = active.Where(zone => zone.Support).MaxBy(zone => zone.Upper);
            NaiveStructures.Band? resistance = active.Where(zone => !zone.Support).MinBy(zone => zone.Lower);
            if (!Same(zones.Kept, expected)
                || !Near(zones, 0, support?.Upper) || !Near(zones, 1, support?.Lower) || !Near(zones, 2, support?.Touches)
                || !Near(zones, 3, resistance?.Upper) || !Near(zones, 4, resistance?.Lower)
                || !Near(zones, 5, resistance?.Touches) || !Near(zones, 8, active.Length))
            {
                return $"bar {i}";
            }
        }

        return null;
    }

    private static string? DerivedProblem(Bar[] bars)
    {
        StructureRig rig = new(2, 1);
        for (int i = 0; i < bars.Length; i++)
        {
            rig.Update(bars[i]);
            List<NaiveStructures.Band> expected = NaiveStructures.Derived(bars[..(i + 1)], 2, 1, 0.5, 0.618, 2);
            NaiveStructures.Band[] last = [.. expected.Where(band => band.Version == expected[^1].Version)];
            NaiveStructures.Band? told = last.Length == 0 ? null : last.FirstOrDefault(band => !band.Broken) ?? last[^1];
            DerivedZone bands = rig.Bands;
            if (!Same(bands.Kept, expected)
                || !Near(bands, 0, told?.Upper) || !Near(bands, 1, told?.Lower)
                || !Near(bands, 2, told is null ? null : bars[i].Close >= told.Lower && bars[i].Close <= told.Upper ? 1 : 0)
                || !Near(bands, 3, told?.Touches) || !Near(bands, 4, told is null ? null : told.Broken ? 1 : 0)
                || !Near(bands, 5, told is null ? null : told.Support ? 0 : 1) || !Near(bands, 6, told?.Version)
                || !Near(bands, 7, told?.Ordinal) || !Near(bands, 8, expected.Count(band => !band.Broken)))
            {
                return $"bar {i}";
            }
        }

        return null;
    }

    private static bool Same(ReadOnlySpan<ZoneBox> kept, List<NaiveStructures.Band> expected)
    {
        if (kept.Length != expected.Count)
        {
            return false;
        }

        for (int i = 0; i < kept.Length; i++)
        {
            ref readonly ZoneBox zone = ref kept[i];
            NaiveStructures.Band band = expected[i];
            if (zone.SourceVersion != band.Version || zone.Ordinal != band.Ordinal
                || Math.Abs(zone.Lower - band.Lower) > 1e-6 || Math.Abs(zone.Upper - band.Upper) > 1e-6
                || zone.Upper <= zone.Lower || zone.Touches != band.Touches
                || zone.State == ZoneState.Broken != band.Broken || zone.Direction > 0 != band.Support)
            {
                return false;
            }
        }

        return true;
    }

    private static bool Near(Indicator indicator, int output, double? expected) =>
        indicator.IsOutputReady(output) == expected.HasValue
        && (expected is null || Math.Abs(indicator.Output(output) - expected.Value) <= 1e-6);

    /// <summary>Each new band carries the version that the swing has on the bar that made it, and no name comes twice.</summary>
    private static bool NamesAreOfTheSource(Bar[] bars, bool late)
    {
        StructureRig rig = new(1, 1);
        HashSet<(long, long)> names = [];
        long newest = 0;
        foreach (Bar bar in bars)
        {
            long before = rig.Swing.Version;
            rig.Update(bar);
            foreach (ZoneBox zone in rig.Bands.Kept)
            {
                if (zone.ConfirmedAt != bar.StartTime + bar.Timeframe)
                {
                    continue;
                }

                // The planted bug takes the version that the source had before the update.
                long version = late ? before : zone.SourceVersion;
                if (version != rig.Swing.Version || version <= newest || !names.Add((version, zone.Ordinal)))
                {
                    return false;
                }
            }

            newest = rig.Bands.Kept.Length == 0 ? 0 : rig.Bands.Kept[^1].SourceVersion;
        }

        return true;
    }

    private static bool AnchorIs(Bar[] bars, AnchorKind kind)
    {
        Swing swing = new(2, 1);
        AnchoredVwap average = new(swing, kind);
        for (int i = 0; i < bars.Length; i++)
        {
            swing.Update(bars[i]);
            average.Update(bars[i]);
            NaiveStructures.Point? anchor = NaiveStructures.Swings(bars[..(i + 1)], 2, 1).LastOrDefault(point =>
                kind == AnchorKind.Either || point.IsHigh == (kind == AnchorKind.High));
            double? expected = anchor is null
                ? null
                : Naive.Vwap(bars[anchor.Bar..(i + 1)], 1_000_000 * BarPaths.Minute, 0, VolumePrice.Typical);
            if (!Near(average, 0, expected) || !Near(average, 1, anchor is null ? null : i - anchor.Bar))
            {
                return false;
            }
        }

        return true;
    }

    private static Arbitrary<(Bar[] Past, Bar[] One, Bar[] Other)> Futures() =>
        Arb.From(
            from past in BarPaths.Small(1, 60).Generator
            from one in BarPaths.Small(0, 20).Generator
            from other in BarPaths.Small(0, 20).Generator
            select (past, one, other));

    private static bool Changes(StructureRig first, StructureRig second, (Bar[] Past, Bar[] One, Bar[] Other) future)
    {
        (Bar[] past, Bar[] one, Bar[] other) = future;
        List<string> reports = first.Reports([.. past, .. one]);
        return !reports.Take(past.Length).SequenceEqual(second.Reports([.. past, .. other]).Take(past.Length));
    }
}
