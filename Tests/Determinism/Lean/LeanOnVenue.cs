using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using LowLatency.Core.Events;
using LowLatency.Core.Market.Calendars;
using LowLatency.Core.Values;
using LowLatency.Engine.Configuration.Resources;
using LowLatency.Gateways.Sim;
using LowLatency.Gateways.Sim.Accounting;
using LowLatency.Journal.Import;
using LowLatency.Tests.Gateways;
using LowLatency.Tests.Journal.Import;
using LowLatency.Tests.Support;

namespace LowLatency.Tests.Determinism.Lean;

/// <summary>A case on the simulated venue with LEAN's fills and fees, on an import of the files.</summary>
internal static class LeanOnVenue
{
    private const long Minute = 60_000_000_000;
    private const long Hour = 60 * Minute;
    private const long Day = 24 * Hour;
    private const decimal MoneyUnit = 100_000_000;

    internal static LeanOutcome Run(LeanCase run, Func<SimulatedVenueSettings, SimulatedVenueSettings>? change = null)
    {
        List<Event> events = Import(run);
        SimulatedVenueSettings settings = new()
        {
            EntryLatency = 0,
            ResponseLatency = 1,
            Instruments = 1,
            Fills = FillRule.Lean,
            Money = Fees(),
            Calendars = run.Trade == LeanTrade.OnClose ? [new VenueCalendar(Symbol24.Of(run.Symbol.ToUpperInvariant()), Sessions(events))] : [],
        };
        VenueHarness venue = new(new SimulatedVenue(change is null ? settings : change(settings)));
        InstrumentDefined definition = events[0].InstrumentDefined;
        decimal unit = Unit(definition);
        bool isDecided = false;
        OrderId order = default;
        long last = 0;
        for (int i = 0; i < events.Count;)
        {
            long at = events[i].ReceivedAt;
            int end = i;
            while (end < events.Count && events[end].ReceivedAt == at)
            {
                end++;
            }

            Event[] now = [.. events[i..end]];
            venue.Show(at, now);
            foreach (Event e in now.Where(e => e.Kind == EventKind.Bar && IsRegular(run, e.Bar)))
            {
                last = e.Bar.Close;
                if (!isDecided && IsMoment(run, events, e.Bar))
                {
                    isDecided = true;
                    order = Order(run, venue, at, e.Bar, unit);
                }
            }

            i = end;
        }

        venue.Finish();
        Execution[] fills = [.. venue.FillsOf(order).Select(fill => fill.Execution)];
        if (fills.Length != 1)
        {
            throw new InvalidOperationException($"{fills.Length} fills: {string.Join("; ", venue.Of(order))}");
        }

        decimal booked = venue.Reports.Where(e => e.Kind == EventKind.CashBooked).Sum(e => e.CashBooked.Amount) / MoneyUnit;
        Execution bought = fills[0];
        decimal fees = bought.Fee / MoneyUnit;
        decimal equity = LeanCase.Cash - (bought.Quantity * bought.Price / unit) - fees + booked + (bought.Quantity * last / unit);
        return new LeanOutcome(bought.Quantity, bought.Price / unit, fees, equity);
    }

    /// <summary>The files of a case as a list of options and paths, as they are given to <c>import</c>.</summary>
    internal static (string Options, string[] Files) Inputs(LeanCase run)
    {
        List<string> files = [];
        bool isSeries = run.Trade != LeanTrade.TargetOnQuotes;
        if (isSeries)
        {
            files.Add(Path.Combine(run.Root, run.Trade == LeanTrade.TargetOnDays ? "daily" : "hour", run.Symbol + ".zip"));
        }

        foreach (string day in run.Days)
        {
            files.Add(Path.Combine(run.Root, "minute", run.Symbol, day + "_trade.zip"));
            files.Add(Path.Combine(run.Root, "minute", run.Symbol, day + "_quote.zip"));
        }

        if (!run.IsAdjusted)
        {
            files.Add(Path.Combine(run.Root, "factor_files", run.Symbol + ".csv"));
        }

        string dates = isSeries ? $"from={run.From},to={run.To}," : string.Empty;
        return (dates + (run.IsAdjusted ? "prices=adjusted" : "dividends=cents"), [.. files]);
    }

    private static List<Event> Import(LeanCase run)
    {
        (string options, string[] files) = Inputs(run);
        return Imported.All(
            out _, [.. files.Select(file => new ImportFile(file, ImportFormat.Lean, InstrumentOptions.Parse(options)))]);
    }

    private static MoneyRules Fees()
    {
        ResourceReading reading = new MoneyFile().Load(Path.Combine(Repository.Root, "examples", "rules", "lean-shares.json"));
        return MoneyFile.Read(reading.Content, out string problem) ?? throw new InvalidOperationException(problem);
    }

    private static decimal Unit(in InstrumentDefined definition)
    {
        decimal unit = 1;
        for (int i = 0; i < definition.PriceExponent; i++)
        {
            unit *= 10;
        }

        return unit;
    }

    private static OrderId Order(LeanCase run, VenueHarness venue, long at, in Bar bar, decimal unit)
    {
        long shares = LeanCase.Shares(run.Target, bar.Close / unit);
        return run.Trade switch
        {
            LeanTrade.StopAtNoon => venue.Sleeper(at, Side.Buy, 1, OrderType.Stop, bar.Close - (2 * (long)unit)),
            LeanTrade.OnClose => venue.Sleeper(at, Side.Buy, 1, OrderType.MarketOnClose),
            _ => venue.Market(at, Side.Buy, shares),
        };
    }

    private static bool IsMoment(LeanCase run, List<Event> events, in Bar bar) => run.Trade switch
    {
        LeanTrade.StopAtNoon => LocalHour(bar.StartTime) == 11,
        LeanTrade.OnClose => LocalDay(bar.StartTime) > LocalDay(events.First(e => e.Kind == EventKind.Bar).Bar.StartTime),
        _ => true,
    };

    // Half past nine to four in New York; days and hours are of the session as they come.
    private static bool IsRegular(LeanCase run, in Bar bar)
    {
        long minute = Local(bar.StartTime) % Day / Minute;
        return run.Trade != LeanTrade.TargetOnQuotes || minute is >= 570 and < 960;
    }

    private static long LocalHour(long time) => Local(time) % Day / Hour;

    private static long LocalDay(long time) => Local(time) / Day;

    private static long Local(long time)
    {
        DateOnly date = DateOnly.FromDateTime(DateTime.UnixEpoch.AddTicks(time / 100).AddHours(-4.5));
        NewYorkTime.TryToUtc(date, 12 * 3_600_000, out long noon);
        long offset = (noon * 1_000_000) - ((date.DayNumber - new DateOnly(1970, 1, 1).DayNumber) * Day) - (12 * Hour);
        return time - offset;
    }

    // From half past nine to four on each day that has bars.
    private static TradingCalendar Sessions(List<Event> events)
    {
        SortedSet<long> days = [];
        List<TradingSession> sessions = [];
        foreach (Event e in events.Where(e => e.Kind == EventKind.Bar))
        {
            long day = LocalDay(e.Bar.StartTime);
            if (days.Add(day))
            {
                long midnight = e.Bar.StartTime - (Local(e.Bar.StartTime) % Day);
                DateTime date = DateTime.UnixEpoch.AddDays(day);
                sessions.Add(new TradingSession(
                    (date.Year * 10_000) + (date.Month * 100) + date.Day,
                    midnight + (9 * Hour) + (30 * Minute),
                    midnight + (16 * Hour)));
            }
        }

        return new TradingCalendar([.. sessions]);
    }
}
