using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.IO.Compression;
using System.Linq;

namespace LowLatency.Tests.Determinism.Lean;

/// <summary>
/// The same purchases from the text of the files, in decimals, without any of the project's code: rows are read whole, and each
/// rule is one line.
/// </summary>
internal static class NaiveLean
{
    private const string NineThirty = "34200000";
    private const long Close = 57_600_000;

    internal static LeanOutcome Run(LeanCase run) => run.Trade switch
    {
        LeanTrade.TargetOnQuotes => OnQuotes(run),
        LeanTrade.TargetOnDays => OnDays(run),
        LeanTrade.StopAtNoon => AtNoon(run),
        _ => OnClose(run),
    };

    private static LeanOutcome OnQuotes(LeanCase run)
    {
        string day = run.Days[0];
        string[] bar = Rows(run, $"minute/{run.Symbol}/{day}_trade.zip").First(row => row[0] == NineThirty);
        string[] quote = Rows(run, $"minute/{run.Symbol}/{day}_quote.zip").First(row => row[0] == NineThirty);
        string[] last = Rows(run, $"minute/{run.Symbol}/{run.Days[^1]}_trade.zip")
            .Last(row => long.Parse(row[0], CultureInfo.InvariantCulture) < Close);

        // Bought at the ask at the end of that bar.
        long shares = LeanCase.Shares(run.Target, Price(run, bar[4], day));
        return Held(shares, Price(run, quote[9], day), Price(run, last[4], run.Days[^1]), 0);
    }

    private static LeanOutcome OnDays(LeanCase run)
    {
        List<string[]> days = Between(run, "daily");
        long shares = LeanCase.Shares(run.Target, Price(run, days[0][4], DateOf(days[0])));
        decimal fill = Price(run, days[1][1], DateOf(days[1]));
        decimal mark = Price(run, days[^1][4], DateOf(days[^1]));
        return Held(shares, fill, mark, run.IsAdjusted ? 0 : shares * Dividends(run, DateOf(days[1]), DateOf(days[^1])));
    }

    private static LeanOutcome AtNoon(LeanCase run)
    {
        List<string[]> hours = Between(run, "hour");
        int noon = hours.FindIndex(row => row[0].EndsWith("12:00", StringComparison.Ordinal));
        decimal stop = Price(run, hours[noon - 1][4], DateOf(hours[noon - 1])) - 2;
        string[] met = hours.Skip(noon).First(row => Price(run, row[2], DateOf(row)) >= stop);
        return Held(1, Math.Max(stop, Price(run, met[1], DateOf(met))), Price(run, hours[^1][4], DateOf(hours[^1])), 0);
    }

    private static LeanOutcome OnClose(LeanCase run)
    {
        List<string[]> hours = Between(run, "hour");
        string second = hours.Select(DateOf).Distinct().ElementAt(1);
        string[] closing = hours.Last(row => DateOf(row) == second);
        return Held(1, Price(run, closing[4], second), Price(run, hours[^1][4], DateOf(hours[^1])), 0);
    }

    private static LeanOutcome Held(long shares, decimal fill, decimal mark, decimal dividends)
    {
        decimal fee = LeanCase.Fee(shares);
        return new LeanOutcome(shares, fill, fee, LeanCase.Cash - (shares * fill) - fee + dividends + (shares * mark));
    }

    // Paid on whoever held when the date of a row ended: close x (1 - factor / next factor), to the cent.
    private static decimal Dividends(LeanCase run, string from, string to)
    {
        List<string[]> rows = Factors(run);
        decimal sum = 0;
        for (int i = 0; i + 1 < rows.Count; i++)
        {
            if (string.CompareOrdinal(rows[i][0], from) >= 0 && string.CompareOrdinal(rows[i][0], to) < 0)
            {
                sum += Math.Round(Decimal(rows[i][3]) * (1 - (Decimal(rows[i][1]) / Decimal(rows[i + 1][1]))), 2);
            }
        }

        return sum;
    }

    private static decimal Price(LeanCase run, string text, string date)
    {
        decimal price = Decimal(text) / 10_000;
        if (!run.IsAdjusted)
        {
            return price;
        }

        string[] row = Factors(run).First(row => string.CompareOrdinal(row[0], date) >= 0);
        return Math.Round(price * Decimal(row[1]) * Decimal(row[2]), 9, MidpointRounding.AwayFromZero);
    }

    private static string DateOf(string[] row) => row[0][..8];

    private static List<string[]> Between(LeanCase run, string resolution) =>
        [.. Rows(run, $"{resolution}/{run.Symbol}.zip").Where(row =>
            string.CompareOrdinal(DateOf(row), run.From) >= 0 && string.CompareOrdinal(DateOf(row), run.To) <= 0)];

    private static List<string[]> Factors(LeanCase run) =>
        [.. File.ReadAllLines(Path.Combine(run.Root, "factor_files", run.Symbol + ".csv")).Select(line => line.Split(','))];

    private static List<string[]> Rows(LeanCase run, string file)
    {
        using ZipArchive archive = ZipFile.OpenRead(Path.Combine(run.Root, file));
        using StreamReader reader = new(archive.Entries.Single().Open());
        return [.. reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Trim().Split(','))];
    }

    private static decimal Decimal(string text) => decimal.Parse(text, CultureInfo.InvariantCulture);
}
