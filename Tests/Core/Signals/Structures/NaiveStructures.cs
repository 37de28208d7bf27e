using System;
using System.Collections.Generic;
using System.Linq;
using LowLatency.Core.Events;
using LowLatency.Core.Signals.Structures;
using LowLatency.Tests.Core.Signals.Indicators;

namespace LowLatency.Tests.Core.Signals.Structures;

/// <summary>The structures from their definitions, computed anew over the whole path, with lists and no shared code.</summary>
internal static class NaiveStructures
{
    /// <summary>A swing with the bars of its extremum and of its confirmation.</summary>
    internal sealed record Point(int Bar, int ConfirmedBar, long Price, bool IsHigh);

    /// <summary>A band and what happened to it.</summary>
    internal sealed class Band
    {
        public required int Version { get; init; }

        public int Ordinal { get; init; }

        public required double Lower { get; init; }

        public required double Upper { get; init; }

        public required bool Support { get; init; }

        public int Touches { get; set; }

        public bool Inside { get; set; }

        public bool Broken { get; set; }

        public void See(in Bar bar)
        {
            bool inside = bar.Low <= Upper && bar.High >= Lower;
            Touches += inside && !Inside ? 1 : 0;
            Inside = inside;
            Broken |= Support ? bar.Close < Lower : bar.Close > Upper;
        }
    }

    /// <summary>All swings that can be known after the last of the bars, in the order of their confirmation.</summary>
    internal static List<Point> Swings(Bar[] bars, int left, int right)
    {
        List<Point> points = [];
        for (int now = left + right; now < bars.Length; now++)
        {
            int at = now - right;
            Bar[] before = bars[(at - left)..at];
            Bar[] after = bars[(at + 1)..(now + 1)];
            if (before.All(bar => bar.High < bars[at].High) && after.All(bar => bar.High <= bars[at].High))
            {
                points.Add(new Point(at, now, bars[at].High, true));
            }

            if (before.All(bar => bar.Low > bars[at].Low) && after.All(bar => bar.Low >= bars[at].Low))
            {
                points.Add(new Point(at, now, bars[at].Low, false));
            }
        }

        return points;
    }

    /// <summary>Start, end and version of the leg; null where there is none.</summary>
    internal static (double Start, double End, int Version)? Leg(List<Point> points)
    {
        Point? high = points.LastOrDefault(point => point.IsHigh);
        Point? low = points.LastOrDefault(point => !point.IsHigh);
        return high is null || low is null || high.Bar == low.Bar || high.Price <= low.Price
            ? null
            : low.Bar < high.Bar ? (low.Price, high.Price, points.Count) : (high.Price, low.Price, points.Count);
    }

    internal static List<Band> Zones(Bar[] bars, int left, int right, int atrPeriod, double width)
    {
        List<Point> all = Swings(bars, left, right);
        List<Band> zones = [];
        for (int now = 0; now < bars.Length; now++)
        {
            foreach (Band zone in zones.Where(zone => !zone.Broken))
            {
                zone.See(bars[now]);
            }

            for (int i = 0; i < all.Count; i++)
            {
                Point point = all[i];
                if (point.ConfirmedBar != now)
                {
                    continue;
                }

                double? range = Naive.Last(Naive.Wilders(Naive.TrueRanges(bars[..(now + 1)]), atrPeriod));
                if (range is null or 0
                    || zones.Any(zone => !zone.Broken && zone.Support != point.IsHigh
                        && point.Price >= zone.Lower && point.Price <= zone.Upper))
                {
                    continue;
                }

                Band made = new()
                {
                    Version = i + 1,
                    Lower = point.Price - (width * range.Value),
                    Upper = point.Price + (width * range.Value),
                    Support = !point.IsHigh,
                };
                made.See(bars[now]);
                made.Touches = 0;
                if (made.Broken)
                {
                    continue;
                }

                if (zones.Count == LowLatency.Core.Signals.Structures.Zones.ZonesMax)
                {
                    zones.Remove(zones.FirstOrDefault(zone => zone.Broken) ?? zones[0]);
                }

                zones.Add(made);
            }
        }

        return zones;
    }

    internal static List<Band> Derived(Bar[] bars, int left, int right, double from, double to, int bands)
    {
        List<Point> all = Swings(bars, left, right);
        List<Band> zones = [];
        for (int now = 0; now < bars.Length; now++)
        {
            foreach (Band zone in zones.Where(zone => !zone.Broken))
            {
                zone.See(bars[now]);
            }

            if (Leg(all.FindAll(point => point.ConfirmedBar <= now)) is not { } leg
                || all.All(point => point.ConfirmedBar != now))
            {
                continue;
            }

            for (int band = 0; band < bands; band++)
            {
                double near = leg.End - ((from + (band * (to - from))) * (leg.End - leg.Start));
                double far = leg.End - ((to + (band * (to - from))) * (leg.End - leg.Start));
                Band made = new()
                {
                    Version = leg.Version,
                    Ordinal = band,
                    Lower = Math.Min(near, far),
                    Upper = Math.Max(near, far),
                    Support = leg.End > leg.Start,
                };
                made.See(bars[now]);
                made.Touches = 0;
                zones.Add(made);
            }
        }

        return zones.Count <= DerivedZone.KeptMax ? zones : zones[^DerivedZone.KeptMax..];
    }
}
