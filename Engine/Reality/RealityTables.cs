using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using LowLatency.Core.Values;
using LowLatency.Engine.Reports;
using LowLatency.Engine.Results;
using Spectre.Console;

namespace LowLatency.Engine.Reality;

/// <summary>A reality check for people and as comma separated text.</summary>
internal static class RealityTables
{
    /// <summary>Orders that the terminal shows; the files have all.</summary>
    internal const int ShownMax = 30;

    private const string Header =
        "order,instrument,side,quantity,price,decided_ns,"
        + "journaled_answer,journaled_reason,journaled_answer_ns,journaled_fills_count,journaled_filled,journaled_mean_price,"
        + "journaled_first_fill_ns,journaled_last_fill_ns,journaled_fees_money,"
        + "simulated_answer,simulated_reason,simulated_answer_ns,simulated_fills_count,simulated_filled,simulated_mean_price,"
        + "simulated_first_fill_ns,simulated_last_fill_ns,simulated_fees_money,"
        + "gap_money,latency_money,queue_money,missed_data_money,fee_money,alike\n";

    /// <summary>Every order.</summary>
    internal static byte[] Csv(RealityReport report)
    {
        StringBuilder text = new(Header);
        foreach (RealityRow row in report.Rows)
        {
            List<string> cells =
            [
                IdOf(row.Order.Id),
                CsvTables.Quoted(row.Instrument.Symbol),
                row.Order.Side.ToString(),
                DecimalText.ToText(row.Order.Quantity, row.Instrument.QuantityExponent),
                DecimalText.ToText(row.Order.Price, row.Instrument.PriceExponent),
                Number(row.Order.DecidedAt),
            ];
            AddSide(cells, row.Order.Journaled, row.Instrument);
            AddSide(cells, row.Order.Simulated, row.Instrument);
            cells.Add(ResultTable.Amount(row.Gap.Whole));
            cells.Add(ResultTable.Amount(row.Gap.Latency));
            cells.Add(ResultTable.Amount(row.Gap.Queue));
            cells.Add(ResultTable.Amount(row.Gap.MissedData));
            cells.Add(ResultTable.Amount(row.Gap.Fee));
            cells.Add(row.Order.IsAlike ? "1" : "0");
            CsvTables.Line(text, [.. cells]);
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

    /// <summary>Numbers, the gap, and the orders that differ most.</summary>
    internal static void Print(RealityReport report)
    {
        RealitySummary summary = report.Summary;
        Console.WriteLine(
            $"reality check of a {(report.IsLive ? "live" : "paper")} run{(report.IsSynthetic ? ", SYNTHETIC market" : string.Empty)}");
        if (report.IsLive)
        {
            Console.WriteLine(
                $"latency measured on {report.Latency.Measured} commands, the venue's clock unusable for {report.Latency.Halved}");
        }

        Console.WriteLine(
            $"orders {summary.Orders}: alike in all {summary.Alike}, in answer {summary.AnsweredAlike}, in quantity filled "
            + $"{summary.FilledAlike}; not commanded here {summary.Foreign}");
        Console.WriteLine(
            $"fills matched {summary.FillsMatched} (at another price {summary.FillsAtAnotherPrice}), only journaled "
            + $"{summary.FillsOnlyJournaled}, only simulated {summary.FillsOnlySimulated}");
        PrintSpreads(summary);
        PrintGap(report);
        PrintOrders(report);
    }

    internal static string IdOf(OrderId id) =>
        string.Create(CultureInfo.InvariantCulture, $"{id.Epoch}/{id.Sequence}/{id.Ordinal}");

    private static void PrintSpreads(RealitySummary summary)
    {
        Table table = new() { Border = TableBorder.Simple };
        table.AddColumns("simulated - journaled", "count", "lowest", "5 %", "median", "95 %", "highest");
        foreach ((string name, Spread spread) in (ReadOnlySpan<(string, Spread)>)
            [("answer, ns", summary.AnswerLater), ("fill, ns", summary.FillLater), ("price worse, ppm", summary.PriceWorse)])
        {
            table.AddRow(
                name, Number(spread.Count), Text(spread.Low), Text(spread.P05), Text(spread.P50), Text(spread.P95), Text(spread.High));
        }

        AnsiConsole.Write(table);
    }

    private static void PrintGap(RealityReport report)
    {
        Table table = new() { Border = TableBorder.Simple };
        table.AddColumn("profit");
        string[][] lines =
        [
            ["journaled"], ["simulated"], ["gap"], ["of latency"], ["of queue"], ["of missed data"], ["of fee"], ["of funding"],
        ];
        foreach (RealityProfit profit in report.Profits)
        {
            table.AddColumn(new TableColumn(Markup.Escape(profit.Currency)).RightAligned());
            long[] values =
            [
                profit.Journaled, profit.Simulated, profit.Gap.Whole, profit.Gap.Latency, profit.Gap.Queue,
                profit.Gap.MissedData, profit.Gap.Fee, profit.Gap.Funding,
            ];
            for (int i = 0; i < lines.Length; i++)
            {
                lines[i] = [.. lines[i], ResultTable.Amount(values[i])];
            }
        }

        foreach (string[] line in lines)
        {
            table.AddRow(line);
        }

        AnsiConsole.Write(table);
    }

    private static void PrintOrders(RealityReport report)
    {
        List<RealityRow> rows = [];
        foreach (RealityRow row in report.Rows)
        {
            if (!row.Order.IsAlike)
            {
                rows.Add(row);
            }
        }

        if (rows.Count == 0)
        {
            Console.WriteLine("every order is alike");
            return;
        }

        int differing = rows.Count;
        rows.Sort((a, b) => (Math.Abs(b.Gap.Whole), a.Order.Id.Packed).CompareTo((Math.Abs(a.Gap.Whole), b.Order.Id.Packed)));
        Table table = new() { Border = TableBorder.Simple };
        table.AddColumns("order", "instrument", "side", "journaled", "simulated", "answer, ns", "first fill, ns", "gap");
        foreach (RealityRow row in rows[..Math.Min(differing, ShownMax)])
        {
            table.AddRow(
                IdOf(row.Order.Id),
                Markup.Escape(row.Instrument.Symbol),
                row.Order.Side.ToString(),
                Short(row.Order.Journaled, row.Instrument),
                Short(row.Order.Simulated, row.Instrument),
                Difference(row.Order.Simulated.AnsweredAt, row.Order.Journaled.AnsweredAt),
                Difference(FirstFill(row.Order.Simulated), FirstFill(row.Order.Journaled)),
                ResultTable.Amount(row.Gap.Whole));
        }

        AnsiConsole.Write(table);
        if (differing > ShownMax)
        {
            Console.WriteLine($"{differing} orders differ, {ShownMax} are shown; --csv and --json have all");
        }
    }

    private static void AddSide(List<string> cells, OrderWords words, RealityInstrument instrument)
    {
        cells.Add(words.Answer.ToString());
        cells.Add(words.Reason.ToString());
        cells.Add(words.AnsweredAt == 0 ? string.Empty : Number(words.AnsweredAt));
        cells.Add(Number(words.Fills.Count));
        cells.Add(DecimalText.ToText(words.Filled, instrument.QuantityExponent));
        cells.Add(MeanPrice(words, instrument) ?? string.Empty);
        cells.Add(words.Fills.Count == 0 ? string.Empty : Number(words.Fills[0].At));
        cells.Add(words.Fills.Count == 0 ? string.Empty : Number(words.Fills[^1].At));
        cells.Add(ResultTable.Amount(words.Fees));
    }

    /// <summary>Two decimals more than a price has; null without fills.</summary>
    internal static string? MeanPrice(OrderWords words, RealityInstrument instrument) =>
        words.MeanPriceHundredths is { } mean ? DecimalText.ToText(mean, instrument.PriceExponent + 2) : null;

    private static string Short(OrderWords words, RealityInstrument instrument) => words.Fills.Count == 0
        ? words.Answer.ToString()
        : DecimalText.ToText(words.Filled, instrument.QuantityExponent) + " at " + MeanPrice(words, instrument);

    private static long FirstFill(OrderWords words) => words.Fills.Count == 0 ? 0 : words.Fills[0].At;

    private static string Difference(long simulated, long journaled) =>
        simulated == 0 || journaled == 0 ? "-" : Number(simulated - journaled);

    private static string Text(long? value) => value is { } known ? Number(known) : "-";

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
