using System;
using System.Collections.Generic;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Gateways.Generator;
using LowLatency.Gateways.Sim;
using LowLatency.Gateways.Sim.Accounting;
using LowLatency.Sandbox.Market;

namespace LowLatency.Sandbox.Trading;

/// <summary>Who shows the market to others.</summary>
internal interface IMarketWatcher
{
    /// <summary>An instrument has changed.</summary>
    /// <param name="instrument">The instrument.</param>
    /// <param name="kind">The event that changed it.</param>
    void OnMarket(ListedInstrument instrument, EventKind kind);

    /// <summary>A candle has ended.</summary>
    /// <param name="instrument">The instrument.</param>
    /// <param name="series">Its series.</param>
    /// <param name="candle">The candle.</param>
    void OnCandle(ListedInstrument instrument, CandleSeries series, Candle candle);

    /// <summary>Time has passed.</summary>
    /// <param name="now">Nanoseconds since 1970 UTC.</param>
    void OnTime(long now);
}

/// <summary>
/// The market and the accounts of both venues. One thread owns it; it is driven by <see cref="Advance"/>, which brings
/// inputs and reports into one order as the simulated venue wants them.
/// </summary>
internal sealed class Exchange
{
    private const int Since = 20_000_101;
    private const long Second = 1_000_000_000;

    private readonly MarketFeed _feed;
    private readonly ExchangeClock _clock;
    private readonly List<TradingAccount> _accounts = [];
    private readonly List<IMarketWatcher> _watchers = [];
    private long _candlesAt;

    internal Exchange(SandboxOptions options, ExchangeClock clock)
    {
        Options = options;
        _clock = clock;
        Ids = new IdMaker(options.Seed);
        Now = clock.Now;
        StartedAt = Now;
        _feed = new MarketFeed(options.Market ?? new MarketGenerator(GeneratedMarkets.Of(options.Seed, Now)), Now);
    }

    internal SandboxOptions Options { get; }

    internal IdMaker Ids { get; }

    internal Listing Listing { get; } = new();

    /// <summary>Accounts of Bybit by key.</summary>
    internal Dictionary<string, TradingAccount> Bybit { get; } = new(StringComparer.Ordinal);

    /// <summary>Accounts of Alpaca by key.</summary>
    internal Dictionary<string, TradingAccount> Alpaca { get; } = new(StringComparer.Ordinal);

    /// <summary>Nanoseconds since 1970 UTC of the present step.</summary>
    internal long Now { get; private set; }

    internal long NowMs => Now / 1_000_000;

    internal long StartedAt { get; }

    /// <summary>True when the market will bring nothing more; orders go on to be answered.</summary>
    internal bool IsMarketOver => _feed.IsOver;

    /// <summary>When something happens by itself next.</summary>
    internal long NextDue
    {
        get
        {
            long due = _feed.NextDue;
            foreach (TradingAccount account in _accounts)
            {
                due = Math.Min(due, account.NextDue);
            }

            return due;
        }
    }

    internal void Watch(IMarketWatcher watcher) => _watchers.Add(watcher);

    /// <summary>Opens the accounts of the options; what happens in them is told to the two.</summary>
    internal void Open(IAccountEvents bybit, IAccountEvents alpaca)
    {
        foreach (SandboxAccount owner in Options.Accounts)
        {
            Bybit[owner.Key] = Add(new TradingAccount(owner, BybitDesks(), owner.Coins, Listing, Ids, bybit));
            Dictionary<string, decimal> dollars = new(StringComparer.Ordinal) { ["USD"] = owner.Dollars };
            Alpaca[owner.Key] = Add(new TradingAccount(owner, AlpacaDesks(), dollars, Listing, Ids, alpaca));
        }
    }

    /// <summary>Brings everything up to the present.</summary>
    internal void Advance()
    {
        _feed.Floor = Now + 1;
        Now = Math.Max(_clock.Now, Now + 1);
        while (true)
        {
            long input = _feed.NextDue;
            TradingAccount? first = null;
            long report = long.MaxValue;
            foreach (TradingAccount account in _accounts)
            {
                if (account.NextDue < report)
                {
                    first = account;
                    report = account.NextDue;
                }
            }

            if (Math.Min(input, report) > Now)
            {
                break;
            }

            if (input <= report)
            {
                Show();
            }
            else
            {
                _ = first!.Poll(report);
            }
        }

        foreach (IMarketWatcher watcher in _watchers)
        {
            watcher.OnTime(Now);
        }

        if (Now < _candlesAt)
        {
            return;
        }

        _candlesAt = Now - (Now % Second) + Second;
        foreach (ListedInstrument instrument in Listing.All)
        {
            instrument.CloseCandles(Now, TellCandle);
        }
    }

    private void TellCandle(ListedInstrument instrument, CandleSeries series, Candle candle)
    {
        foreach (IMarketWatcher watcher in _watchers)
        {
            watcher.OnCandle(instrument, series, candle);
        }
    }

    private TradingAccount Add(TradingAccount account)
    {
        _accounts.Add(account);
        return account;
    }

    private void Show()
    {
        _feed.Take(out Event next);
        if (Listing.Of(next) is not { } instrument)
        {
            return;
        }

        _ = instrument.Take(next);
        foreach (TradingAccount account in instrument.IsAlpaca ? Alpaca.Values : Bybit.Values)
        {
            account.Show(next, instrument.Kind);
        }

        if (next.EndsGroup)
        {
            foreach (IMarketWatcher watcher in _watchers)
            {
                watcher.OnMarket(instrument, next.Kind);
            }
        }
    }

    private Dictionary<InstrumentKind, SimulatedVenueSettings> BybitDesks()
    {
        SimulatedVenueSettings usual = Usual();
        return new()
        {
            [InstrumentKind.Linear] = usual with
            {
                MakerFeePpm = 200,
                TakerFeePpm = 550,
                Margin = MarginMode.Cross,
                Money = new MoneyRules
                {
                    Margin = [new MarginTier(Since, default, 0, 100_000, 10_000)],
                    Funding = [new FundingRule(Since, default, 480, 100_000_000)],
                },
            },
            [InstrumentKind.Spot] = usual with { MakerFeePpm = 1_000, TakerFeePpm = 1_000 },
        };
    }

    private Dictionary<InstrumentKind, SimulatedVenueSettings> AlpacaDesks()
    {
        SimulatedVenueSettings usual = Usual() with { Amend = AmendRule.AlwaysQueuesAnew };
        return new()
        {
            [InstrumentKind.Equity] = usual,
            [InstrumentKind.Spot] = usual with { MakerFeePpm = 1_500, TakerFeePpm = 2_500 },
        };
    }

    private SimulatedVenueSettings Usual() => new()
    {
        EntryLatency = Options.EntryLatencyUs * 1_000L,
        ResponseLatency = Options.ResponseLatencyUs * 1_000L,
        Seed = Options.Seed,
        MaxOpenOrders = 500,
    };
}
