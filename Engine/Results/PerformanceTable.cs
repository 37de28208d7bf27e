using System;
using Spectre.Console;

namespace LowLatency.Engine.Results;

/// <summary>The figures that one looks at first, and the doubts, on the terminal.</summary>
internal static class PerformanceTable
{
    private static readonly string[] _first =
    [
        "profit_money", "return_ppm", "max_drawdown_money", "max_drawdown_ppm", "sharpe_annualised_365d",
        "sortino_annualised_365d", "calmar_annualised_365d", "trades_closed_count", "hit_rate_ppm", "profit_factor_ratio",
        "fees_money", "slippage_money", "turnover_money", "time_in_market_ppm",
    ];

    internal static void Print(RunReport report)
    {
        Table table = new() { Border = TableBorder.Simple };
        table.AddColumn("figure");
        foreach (CurrencyPerformance currency in report.Figures.Currencies)
        {
            table.AddColumn(new TableColumn(Markup.Escape(currency.Currency)).RightAligned());
        }

        if (report.Figures.Currencies.Count != 0)
        {
            foreach (string name in _first)
            {
                string[] cells = new string[report.Figures.Currencies.Count + 1];
                cells[0] = name;
                for (int i = 0; i < report.Figures.Currencies.Count; i++)
                {
                    Figure figure = report.Figures.Currencies[i].Figures[name];
                    cells[i + 1] = Markup.Escape(figure.Text ?? "none: " + figure.Reason);
                }

                table.AddRow(cells);
            }

            AnsiConsole.Write(table);
        }

        foreach (SanityNote note in report.Notes)
        {
            Console.WriteLine("note: " + note.Text);
        }
    }
}
