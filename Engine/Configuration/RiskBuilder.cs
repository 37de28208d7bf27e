using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using LowLatency.Core.Arbitration.Gates;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Market.Calendars;
using LowLatency.Core.Portfolio;
using LowLatency.Core.Portfolio.Accounts;
using LowLatency.Core.Risk;
using LowLatency.Core.Signals;
using LowLatency.Engine.Configuration.Resources;

namespace LowLatency.Engine.Configuration;

/// <summary>Turns the risk section into the settings of the risk stage.</summary>
internal sealed class RiskBuilder(GroupSetting root)
{
    private const long Minute = 60_000 * ConfigurationBuilder.Millisecond;

    private readonly GroupSetting _risk = root.Group("risk");

    internal RiskSettings Build()
    {
        GroupSetting orders = root.Group("orders");
        List<InstrumentOverride> overrides = [];
        foreach ((string symbol, Setting own) in _risk.Group("instruments").Members)
        {
            overrides.Add(new InstrumentOverride(Symbol24.Of(symbol), LimitsOf((GroupSetting)own)));
        }

        return new RiskSettings
        {
            Default = LimitsOf(_risk),
            Overrides = [.. overrides],
            MaxGrossNotional = _risk.Number("maxGrossNotional"),
            MaxConcentrationPpm = (int)_risk.Number("maxConcentrationPpm"),
            MaxNetNotional = _risk.Number("maxNetNotional"),
            Groups = Groups(),
            MaxLeverageE9 = _risk.Number("maxLeverage"),
            FeePpm = DearestFee(root.Group("venue")),
            AllowShort = _risk.Flag("allowShort"),
            MaxWorkingOrders = (int)_risk.Number("maxWorkingOrders"),
            MaxOrdersPerWindow = (int)_risk.Number("maxOrdersPerWindow"),
            OrderWindow = _risk.Number("orderWindowMs") * ConfigurationBuilder.Millisecond,
            MaxRepeats = (int)_risk.Number("maxRepeats"),
            RepeatWindow = _risk.Number("repeatWindowMs") * ConfigurationBuilder.Millisecond,
            RejectBackoff = _risk.Number("rejectBackoffMs") * ConfigurationBuilder.Millisecond,
            RetryInterval = orders.Number("retryIntervalMs") * ConfigurationBuilder.Millisecond,
            MarketableBandBps = (int)orders.Number("marketableBandBps"),
            Exits = Exits(),
            VenueStop = _risk.Find("venueStop") is GroupSetting venueStop ? VenueStop(venueStop) : null,
            Calendars = _risk.Find("calendarCheck") is GroupSetting check ? Calendars(check.Text("venue")) : null,
            Breakers = Rules(_risk.Group("breakers")),
            Day = Day(_risk.Group("breakers")),
            Account = _risk.Find("account") is GroupSetting account ? Account(account) : null,
            Correlation = _risk.Find("correlation") is GroupSetting correlation ? Correlation(correlation) : null,
            Base = _risk.Find("base") is GroupSetting based ? Base(based) : null,
            Estimated = _risk.Find("correlationEstimate") is GroupSetting estimate ? Estimate(estimate) : null,
            Reconcile = _risk.Find("reconcile") is GroupSetting reconcile ? ReconcileSection.Build(root, reconcile) : null,
            InitialState = _risk.Text("initialState") switch
            {
                "active" => TradingState.Active,
                "reducing" => TradingState.Reducing,
                "halted" => TradingState.Halted,
                string other => throw Undeclared(other),
            },
        };
    }

    /// <summary>The files that the section names.</summary>
    internal static ImmutableArray<ResourceUse> Files(GroupSetting risk)
    {
        ImmutableArray<ResourceUse>.Builder files = ImmutableArray.CreateBuilder<ResourceUse>();
        foreach ((string group, string key) in (ReadOnlySpan<(string, string)>)[("account", "rules"), ("correlation", "matrix")])
        {
            if ((risk.Find(group) as GroupSetting)?.Find(key) is ResourceSetting file)
            {
                files.Add(new ResourceUse($"{group} {key}", file.File, file.Hash));
            }
        }

        return files.ToImmutable();
    }

    /// <summary>The dearest fee of the venue: what is reserved for an order must do for either way of being filled.</summary>
    private static int DearestFee(GroupSetting venue) => (int)Math.Max(
        venue.Find("money") is GroupSetting money ? VenueBuilder.Money(money).DearestPpm : 0,
        Math.Max(venue.Number("makerFeePpm"), venue.Number("takerFeePpm")));

    private static InstrumentLimits LimitsOf(GroupSetting group) => new()
    {
        MaxOrderQuantityE9 = group.Number("maxOrderQuantity"),
        MaxOrderNotional = group.Number("maxOrderNotional"),
        MaxPositionE9 = group.Number("maxPosition"),
        PriceCollarBps = (int)group.Number("priceCollarBps"),
        MaxTradeLoss = group.Number("maxTradeLoss"),
        WorstMoveBps = (int)group.Number("worstMoveBps"),
        StaleAfter = group.Number("staleAfterMs") * ConfigurationBuilder.Millisecond,
        BestStaleAfter = group.Number("bestStaleAfterMs") * ConfigurationBuilder.Millisecond,
        TradesStaleAfter = group.Number("tradesStaleAfterMs") * ConfigurationBuilder.Millisecond,
        BarsStaleAfter = group.Number("barsStaleAfterMs") * ConfigurationBuilder.Millisecond,
        RequiresStop = group.Flag("requireStop"),
        CloseUnprotectedAfter = group.Number("closeUnprotectedMs") * ConfigurationBuilder.Millisecond,
        MaxDepthPpm = (int)group.Number("maxDepthPpm"),
        MaxImpactBps = (int)group.Number("maxImpactBps"),
    };

    private TradingDay Day(GroupSetting breakers) => breakers.Text("dayCalendar") is var name && name != EngineSchema.NoFile
        ? new TradingDay(CalendarOf(name))
        : new TradingDay(breakers.Number("dayStartsAtMinute") * Minute);

    private AccountSettings Account(GroupSetting account)
    {
        Rulebook? rules = RulebookFile.Read(account.Get<ResourceSetting>("rules").Content.AsSpan(), out string problem);
        Ensure.That(rules is not null, problem);
        return new AccountSettings(
            account.Text("kind") switch
            {
                "cash" => AccountKind.Cash,
                "margin" => AccountKind.Margin,
                string other => throw Undeclared(other),
            },
            rules,
            CalendarOf(account.Text("calendar")),
            account.Text("unsettledFunds") switch
            {
                "never" => false,
                "allow" => true,
                string other => throw Undeclared(other),
            });
    }

    private static CorrelationLimit Correlation(GroupSetting group)
    {
        bool whole = CorrelationFile.TryRead(
            group.Get<ResourceSetting>("matrix").Content.AsSpan(), out Symbol24[] symbols, out int[] ppm, out string problem);
        Ensure.That(whole, problem);
        return new CorrelationLimit(symbols, ppm, group.Number("limit"));
    }

    private static BaseSettings Base(GroupSetting group)
    {
        List<Conversion> conversions = [];
        foreach ((string currency, Setting symbol) in group.Group("conversions").Members)
        {
            conversions.Add(new Conversion(Currency8.Of(currency), Symbol24.Of(((TextSetting)symbol).Value)));
        }

        return new BaseSettings(
            Currency8.Of(group.Text("currency")),
            [.. conversions],
            group.Number("staleAfterMs") * ConfigurationBuilder.Millisecond,
            group.Number("maxGrossNotional"));
    }

    /// <summary>Of all instruments of the strategies, in the order of their symbols.</summary>
    private CorrelationEstimate Estimate(GroupSetting group)
    {
        SortedSet<string> symbols = new(StringComparer.Ordinal);
        foreach (Setting strategy in root.List("strategies"))
        {
            foreach (Setting symbol in ((GroupSetting)strategy).List("instruments"))
            {
                symbols.Add(((TextSetting)symbol).Value);
            }
        }

        List<Symbol24> rows = [];
        foreach (string symbol in symbols)
        {
            rows.Add(Symbol24.Of(symbol));
        }

        return new CorrelationEstimate(
            [.. rows],
            group.Number("timeframeMs") * ConfigurationBuilder.Millisecond,
            (int)group.Number("bars"),
            group.Number("maxAgeMs") * ConfigurationBuilder.Millisecond,
            group.Number("limit"));
    }

    private TradingCalendar CalendarOf(string name)
    {
        foreach (CalendarConfiguration calendar in ArbitrationBuilder.Calendars(root))
        {
            if (calendar.Name == name)
            {
                return calendar.Calendar;
            }
        }

        throw Undeclared(name);
    }

    private GroupLimit[] Groups()
    {
        List<GroupLimit> groups = [];
        foreach ((string _, Setting setting) in _risk.Group("groups").Members)
        {
            GroupSetting own = (GroupSetting)setting;
            List<Symbol24> symbols = [];
            foreach (Setting symbol in own.List("instruments"))
            {
                symbols.Add(Symbol24.Of(((TextSetting)symbol).Value));
            }

            groups.Add(new GroupLimit([.. symbols], own.Number("maxGrossNotional"), own.Number("maxNetNotional")));
        }

        return [.. groups];
    }

    /// <summary>Sizes that grow, in the order of the strategies; empty when none does.</summary>
    internal GrowthRule?[] Growth()
    {
        ImmutableArray<Setting> strategies = root.List("strategies");
        GroupSetting growth = _risk.Group("growth");
        if (growth.Members.Length == 0)
        {
            return [];
        }

        GrowthRule?[] rules = new GrowthRule?[strategies.Length];
        for (int i = 0; i < rules.Length; i++)
        {
            rules[i] = growth.Find(((GroupSetting)strategies[i]).Text("name")) is GroupSetting own
                ? new GrowthRule(
                    own.Number("start"), own.Number("step"), own.Number("most"), (int)own.Number("everyTrades"))
                : null;
        }

        return rules;
    }

    private ExitRule?[] Exits()
    {
        ImmutableArray<Setting> strategies = root.List("strategies");
        ExitRule?[] exits = new ExitRule?[strategies.Length];
        for (int i = 0; i < exits.Length; i++)
        {
            string name = ((GroupSetting)strategies[i]).Text("name");
            exits[i] = _risk.Group("exits").Find(name) is GroupSetting own ? Exit(own) : null;
        }

        return exits;
    }

    private static ExitRule Exit(GroupSetting group) => new()
    {
        StopLossBps = (int)group.Number("stopLossBps"),
        TakeProfitBps = (int)group.Number("takeProfitBps"),
        TrailingBps = (int)group.Number("trailingBps"),
        MaxHolding = group.Number("maxHoldingMs") * ConfigurationBuilder.Millisecond,
        MaxLoss = group.Number("maxLoss"),
        Reentry = group.Number("reentryMs") * ConfigurationBuilder.Millisecond,
        Price = group.Text("price") switch
        {
            "mid" => ExitPrice.Mid,
            "last" => ExitPrice.Last,
            "touch" => ExitPrice.Touch,
            string other => throw Undeclared(other),
        },
    };

    private CalendarCheck Calendars(string venue)
    {
        List<InstrumentCalendar> calendars = [];
        foreach (CalendarConfiguration calendar in ArbitrationBuilder.Calendars(root))
        {
            foreach (string symbol in calendar.Instruments)
            {
                calendars.Add(new InstrumentCalendar(Symbol24.Of(symbol), calendar.Calendar));
            }
        }

        return venue switch
        {
            "alpaca" => new CalendarCheck(EventSource.Alpaca, [.. calendars]),
            string other => throw Undeclared(other),
        };
    }

    private static VenueStopRule VenueStop(GroupSetting group) => new()
    {
        BeyondBps = (int)group.Number("beyondBps"),
        SlippageBps = (int)group.Number("slippageBps"),
        StepBps = (int)group.Number("stepBps"),
        AlarmAfter = group.Number("alarmAfterMs") * ConfigurationBuilder.Millisecond,
    };

    private static BreakerRule[] Rules(GroupSetting group)
    {
        List<BreakerRule> rules = [];
        foreach ((string name, BreakerKind kind) in (ReadOnlySpan<(string, BreakerKind)>)
        [
            ("dailyLoss", BreakerKind.DailyLoss),
            ("drawdown", BreakerKind.Drawdown),
            ("losingTrades", BreakerKind.LosingTrades),
            ("rejects", BreakerKind.Rejects),
            ("orders", BreakerKind.Orders),
            ("venueErrors", BreakerKind.VenueErrors),
        ])
        {
            GroupSetting own = group.Group(name);
            if (own.Number("limit") == 0)
            {
                continue;
            }

            BreakerAction action = own.Text("action") switch
            {
                "reduce" => BreakerAction.Reduce,
                "flatten" => BreakerAction.Flatten,
                "halt" => BreakerAction.Halt,
                string other => throw Undeclared(other),
            };
            long window = own.Find("windowMs") is IntegerSetting ms ? ms.Value * ConfigurationBuilder.Millisecond : 0;
            rules.Add(new BreakerRule(kind, own.Number("limit"), action, window));
        }

        return [.. rules];
    }

    private static BrokenInvariantException Undeclared(string word) =>
        new("the configuration reads a word that is not declared: " + word);
}
