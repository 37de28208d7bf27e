using System;
using System.Globalization;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Engine.Running;
using Spectre.Console;

namespace LowLatency.Engine.Results;

/// <summary>A result on the terminal.</summary>
internal static class ResultTable
{
    internal static void Print(RunResult result, Manifest manifest)
    {
        string market = result.Counts.IsSynthetic ? "SYNTHETIC market" : "recorded market";
        double seconds = manifest.Elapsed.TotalSeconds;
        Console.WriteLine($"{manifest.Command} {manifest.ConfigurationName}: {market}, fidelity {result.Fidelity}");
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{result.Counts.Total:N0} events in {result.Counts.Messages:N0} messages, {Span(result.Counts)}, {seconds:F1} s wall"));
        Print(result);
        PrintDecisions(result);
        foreach (string warning in result.Risk.Warnings())
        {
            Console.WriteLine("RISK: " + warning);
        }

        Console.WriteLine("decisions " + result.DecisionDigest);
        Console.WriteLine("state     " + result.StateDigest);
        if (result.NotCompared > 0)
        {
            Console.WriteLine(
                $"NOT COMPARED: the follower was behind at the stop; the last {result.NotCompared:N0} events are not compared "
                + "with their repetition (replay --verify does it)");
        }
    }

    internal static string Amount(long units) => DecimalText.ToText(units, Money.Exponent);

    private static void Print(RunResult result)
    {
        Table instruments = New("instrument", "position", "last price", "realised", "unrealised", "fees", "fills");
        foreach (InstrumentResult row in result.Instruments)
        {
            instruments.AddRow(
                row.Symbol,
                row.Position,
                row.LastPrice,
                Short(row.RealisedUnits),
                row.UnrealisedUnits is { } unrealised ? Short(unrealised) : "no price",
                Short(row.FeeUnits),
                Count(row.Executions));
        }

        AnsiConsole.Write(instruments);
        Table strategies = New("strategy", "profit after fees", "fees", "fills", "currency");
        foreach (StrategyResult row in result.Strategies)
        {
            strategies.AddRow(
                row.Name, Short(row.ProfitUnits), Short(row.FeeUnits), Count(row.Fills), row.Currency);
        }

        AnsiConsole.Write(strategies);
        foreach (CurrencyResult row in result.Currencies)
        {
            string equity = row.EquityUnits is { } units
                ? $"{Short(units)} (profit {Short(units - row.StartUnits)})"
                : "not known: a position has no price";
            Console.WriteLine($"{row.Currency}: start {Short(row.StartUnits)}, cash {Short(row.CashUnits)}, equity {equity}");
        }

        if (result.Base is { } all)
        {
            Console.WriteLine(all.EquityUnits is { } sum
                ? $"all in {all.Currency}: equity {Short(sum)}"
                : $"all in {all.Currency}: equity not known: no price or no fresh rate of {all.Missing}");
        }
    }

    private static void PrintDecisions(RunResult result)
    {
        long signals = 0;
        foreach (long count in result.Counts.Signals)
        {
            signals += count;
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"signals {signals:N0}, intents {result.Counts.Intents:N0}, new orders {result.NewOrders:N0}, amendments {result.Amendments:N0}, cancels {result.Cancels:N0}, executions {result.Counts.Events[(int)EventKind.Execution]:N0}, orders open {result.UnresolvedOrders}, state {result.FinalState}"));
        if (result.TradesWithoutBar != 0)
        {
            Console.WriteLine(
                $"  {Count(result.TradesWithoutBar)} prints shaped no bar: after its close, or stamped more than a bar ahead of their receipt");
        }

        for (int reason = 1; reason < result.Counts.RiskReasons.Length; reason++)
        {
            if (result.Counts.RiskReasons[reason] != 0)
            {
                Console.WriteLine($"  risk check {reason} {(RiskReason)reason}: {Count(result.Counts.RiskReasons[reason])}");
            }
        }
    }

    private static Table New(params ReadOnlySpan<string> columns)
    {
        Table table = new() { Border = TableBorder.Simple };
        for (int i = 0; i < columns.Length; i++)
        {
            TableColumn column = new(columns[i]);
            table.AddColumn(i == 0 ? column : column.RightAligned());
        }

        return table;
    }

    /// <summary>Money for people: rounded to a ten-thousandth; the JSON has every unit.</summary>
    private static string Short(long units) =>
        ((decimal)units / 100_000_000m).ToString("N4", CultureInfo.InvariantCulture);

    private static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    private static string Span(RunCounts counts) =>
        TimeSpan.FromTicks((counts.LastAt - counts.FirstAt) / 100).ToString("c", CultureInfo.InvariantCulture)
        + " of market time";
}
