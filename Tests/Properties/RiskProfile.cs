using LowLatency.Core.Events;
using LowLatency.Core.Market.Calendars;
using LowLatency.Core.Portfolio.Accounts;
using LowLatency.Core.Risk;
using LowLatency.Core.Values;
using LowLatency.Tests.Core.Pipeline;

namespace LowLatency.Tests.Properties;

/// <summary>Limits, account and market of a random run. Days are 0.8 seconds long, and a change of the rules lies among them.</summary>
/// <param name="Name">Name.</param>
/// <param name="Limits">What the auditor holds against it.</param>
internal sealed record RiskProfile(string Name, RiskSettings Limits)
{
    private const long Dollar = 100_000_000;
    private const long Day = 800_000_000;
    private static readonly int[] Dates =
        [2024_05_23, 2024_05_24, 2024_05_28, 2024_05_29, 2026_06_02, 2026_06_03, 2026_06_04, 2026_06_05];

    internal InstrumentKind Kind { get; init; } = InstrumentKind.Linear;

    internal long Cash { get; init; } = 5_000_000 * Dollar;

    internal (long Tick, long Lots) Odd { get; init; } = (1, 1);

    /// <summary>As it was before accounts and groups: perpetuals, and little that binds.</summary>
    internal static RiskProfile Plain { get; } = new("plain", RiskRun.Limits);

    /// <summary>Perpetuals with every limit that they can reach.</summary>
    internal static RiskProfile Tight { get; } = new("tight", RiskRun.Limits with
    {
        Default = RiskRun.Limits.Default with
        {
            PriceCollarBps = 4,
            StaleAfter = 90_000_000,
            TradesStaleAfter = 300_000_000,
            MaxTradeLoss = 20 * Dollar,
            WorstMoveBps = 100,
        },
        MaxGrossNotional = 6_000 * Dollar,
        MaxNetNotional = 5_500 * Dollar,
        MaxConcentrationPpm = 390_000,
        MaxLeverageE9 = 570_000_000,
        Groups = [new GroupLimit([Symbol24.Of("SYM1")], 3_800 * Dollar, 3_700 * Dollar)],
        Correlation = new CorrelationLimit(
            [Symbol24.Of("SYM1"), Symbol24.Of("SYM2")], [1_000_000, 600_000, 600_000, 1_000_000], 4_200 * Dollar),
        MaxRepeats = 2,
        RepeatWindow = Rig.Second / 2,
    })
    {
        Cash = 10_000 * Dollar,
        Odd = (2, 3),
    };

    /// <summary>Perpetuals whose orders are held against what is shown, and whose positions need a stop.</summary>
    internal static RiskProfile Shown { get; } = new("shown", RiskRun.Limits with
    {
        Default = RiskRun.Limits.Default with { RequiresStop = true, MaxDepthPpm = 400_000, MaxImpactBps = 1 },
    });

    /// <summary>Shares in a margin account, with so much cash.</summary>
    internal static RiskProfile Margin(long dollars) => new("margin " + dollars, Shares(AccountKind.Margin, false))
    {
        Kind = InstrumentKind.Equity,
        Cash = dollars * Dollar,
    };

    /// <summary>Shares in a cash account.</summary>
    internal static RiskProfile CashAccount(bool usesUnsettled) => new(
        usesUnsettled ? "cash, unsettled" : "cash", Shares(AccountKind.Cash, usesUnsettled))
    {
        Kind = InstrumentKind.Equity,
        Cash = 4_000 * Dollar,
    };

    /// <summary>The profile of a case.</summary>
    internal static RiskProfile Of(long index) => (index % 7) switch
    {
        0 => Plain,
        1 => Tight,
        2 => Margin(3_000),
        3 => Margin(4_000),
        4 => CashAccount(false),
        5 => CashAccount(true),
        _ => Shown,
    };

    /// <summary>Rules with the thresholds of a small account: day trades are free from 3,500 on.</summary>
    internal static Rulebook Rules(int initialPpm = 500_000, int dayTrades = 3, int days = 2) => new(
        [new(1995_06_07, days), new(2024_05_28, days - 1)],
        [
            new(1995_06_07, initialPpm, initialPpm / 2, 1_000 * Dollar, dayTrades, 5, 3_500 * Dollar),
            new(2026_06_04, initialPpm, initialPpm / 2, 1_000 * Dollar, 0, 0, 0),
        ],
        [new(1995_06_07, 2, 365, 90)]);

    internal static TradingCalendar Calendar()
    {
        TradingSession[] sessions = new TradingSession[Dates.Length];
        for (int i = 0; i < sessions.Length; i++)
        {
            long open = RandomMarket.Start + (i * Day);
            sessions[i] = new TradingSession(Dates[i], open, open + (Day * 9 / 10));
        }

        return new TradingCalendar(sessions);
    }

    private static RiskSettings Shares(AccountKind kind, bool usesUnsettled) => RiskRun.Limits with
    {
        Default = RiskRun.Limits.Default with
        {
            MaxOrderQuantityE9 = 60 * Rig.Piece,
            MaxOrderNotional = 59 * 10_000 * Rig.MoneyPerCent,
            MaxPositionE9 = 120 * Rig.Piece,
        },
        Account = new AccountSettings(kind, Rules(), Calendar(), usesUnsettled),
        FeePpm = 1,
    };
}
