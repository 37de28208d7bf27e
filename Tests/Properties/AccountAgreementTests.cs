using System;
using FsCheck;
using FsCheck.Fluent;
using LowLatency.Core.Events;
using LowLatency.Core.Portfolio.Accounts;
using LowLatency.Core.Risk;
using LowLatency.Core.Values;
using LowLatency.Gateways.Sim;
using LowLatency.Tests.Core.Pipeline;
using LowLatency.Tests.Gateways.Sim.Accounting;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Properties;

/// <summary>
/// Risk and the simulated venue each count an account with shares for themselves. Whatever risk admits by the same rules, on a
/// market that stands still until the order arrives, the venue admits; a venue that is stricter is found out.
/// </summary>
public sealed class AccountAgreementTests
{
    private const long Minute = 60_000_000_000;

    private static readonly int[] Days = [2024_05_23, 2024_05_24, 2024_05_28, 2024_05_29, 2024_05_30, 2024_05_31];

    private static Arbitrary<int[]> Steps => PropertyCheck.Commands(Gen.Choose(0, int.MaxValue), minimum: 100, maximum: 200);

    [Theory]
    [InlineData(AccountKind.Cash, false)]
    [InlineData(AccountKind.Cash, true)]
    [InlineData(AccountKind.Margin, false)]
    public void What_risk_admits_the_venue_admits(AccountKind kind, bool usesUnsettled)
    {
        long admitted = 0;
        long denied = 0;
        PropertyCheck.Holds(
            Steps,
            steps =>
            {
                Outcome outcome = Play(steps, kind, usesUnsettled, cashAtVenue: 1_000_000);
                admitted += outcome.Filled;
                denied += outcome.Denied;
                return outcome.Refused == 0;
            },
            runs: 60);
        Assert.True(admitted > 500 && denied > 100, $"{admitted} fills, {denied} denied: too little happened to mean anything");
    }

    [Theory]
    [InlineData(AccountKind.Cash, false)]
    [InlineData(AccountKind.Cash, true)]
    [InlineData(AccountKind.Margin, false)]
    public void A_venue_that_counts_less_money_is_found(AccountKind kind, bool usesUnsettled) => PropertyCheck.Finds(
        Steps, steps => Play(steps, kind, usesUnsettled, cashAtVenue: 600_000).Refused == 0, runs: 100);

    private static Outcome Play(int[] steps, AccountKind kind, bool usesUnsettled, long cashAtVenue)
    {
        AccountSettings account = ShareBookGoldenTests.Account(kind, usesUnsettled);
        const long cash = 3_000_000_000_000;
        RiskSettings wide = RigSettings.Wide();
        Rig rig = new(new RigSettings
        {
            Kind = InstrumentKind.Equity,
            Instruments = 2,
            Start = ShareBookGoldenTests.At(Days[0]),
            Cash = cash,
            Risk = wide with { Account = account, FeePpm = 1_000, MaxRepeats = 255, RejectBackoff = 1 },
        });
        SimulatedVenue venue = new(new SimulatedVenueSettings
        {
            EntryLatency = 1,
            ResponseLatency = 1,
            Instruments = 2,
            TakerFeePpm = 1_000,
            MakerFeePpm = 1_000,
            Account = account,
        });
        Driver driver = new(rig, venue);
        driver.Begin(cash / 1_000_000 * cashAtVenue);
        int day = 0;
        foreach (int step in steps)
        {
            int instrument = 1 + (step % 2);
            int amount = (step / 8 % 61) - 30;
            switch (step / 2 % 4)
            {
                case 0:
                    driver.Target(1 + (step / 512 % 2), amount * 10, instrument, 0);
                    break;
                case 1:
                    driver.Target(1 + (step / 512 % 2), amount * 10, instrument, 10_000 + (step / 1_024 % 41) - 20);
                    break;
                case 2:
                    long mid = 10_000 + (step / 1_024 % 101) - 50;
                    driver.Move(rig.Now + Minute);
                    driver.Publish(new Quote { BidPrice = mid - 1, BidQuantity = 500, AskPrice = mid + 1, AskQuantity = 500 }, instrument);
                    break;
                default:
                    if (step / 512 % 8 == 0 && day + 1 < Days.Length)
                    {
                        driver.Move(ShareBookGoldenTests.At(Days[++day]));
                        driver.Publish(new Quote { BidPrice = 9_999, BidQuantity = 500, AskPrice = 10_001, AskQuantity = 500 }, 1);
                        driver.Publish(new Quote { BidPrice = 9_999, BidQuantity = 500, AskPrice = 10_001, AskQuantity = 500 }, 2);
                    }

                    break;
            }

            driver.Settle();
        }

        return driver.Outcome;
    }

    private sealed class Outcome
    {
        internal long Refused { get; set; }

        internal long Filled { get; set; }

        internal long Denied { get; set; }
    }

    // A pipeline and a venue in step: inputs to both, commands to the venue, reports back.
    private sealed class Driver(Rig rig, SimulatedVenue venue)
    {
        private long _sequence;

        internal Outcome Outcome { get; } = new();

        internal void Begin(long cashAtVenue)
        {
            rig.Begin();
            for (int i = 1; i <= 2; i++)
            {
                Show(
                    new InstrumentDefined
                    {
                        Symbol = Symbol24.Of("SYM" + i),
                        Currency = Currency8.Of("USD"),
                        Tick = 1,
                        Lot = 1,
                        MinQuantity = 1,
                        MaxQuantity = 1_000_000,
                        Multiplier = 1,
                        DefinitionVersion = 1,
                        InstrumentKind = InstrumentKind.Equity,
                        PriceExponent = 2,
                    },
                    i);
                Show(new Quote { BidPrice = 9_999, BidQuantity = 100, AskPrice = 10_001, AskQuantity = 100 }, i);
            }

            Show(new CashMoved { Currency = Currency8.Of("USD"), Amount = cashAtVenue }, 0);
        }

        internal void Move(long at) => rig.Now = Math.Max(rig.Now, at);

        internal void Target(int strategy, long target, int instrument, long limit)
        {
            rig.Now++;
            rig.Target(strategy, target, instrument, limit);
            Submit();
        }

        internal void Publish<T>(in T payload, int instrument)
            where T : unmanaged, IPayload
        {
            rig.Publish(payload, instrument);
            Show(payload, instrument);
            Submit();
        }

        internal void Settle()
        {
            Event report = default;
            for (int i = 0; i < 1_000 && venue.NextDue != long.MaxValue && venue.Poll(venue.NextDue, ref report); i++)
            {
                Move(report.ReceivedAt);
                int instrument = report.Instrument.Value;
                switch (report.Kind)
                {
                    case EventKind.CommandOutcome:
                        Publish(report.CommandOutcome, instrument);
                        break;
                    case EventKind.OrderReport:
                        Outcome.Refused += report.OrderReport.Reason == ReportReason.InsufficientFunds ? 1 : 0;
                        Publish(report.OrderReport, instrument);
                        break;
                    case EventKind.Execution:
                        Outcome.Filled++;
                        Publish(report.Execution, instrument);
                        break;
                }
            }
        }

        private void Submit()
        {
            foreach (Verdict verdict in rig.Verdicts)
            {
                Outcome.Denied += verdict.Reason is RiskReason.BuyingPower or RiskReason.Unsettled or RiskReason.Funds ? 1 : 0;
            }

            foreach (Command command in rig.Commands)
            {
                venue.Submit(command, _sequence, rig.Now);
            }
        }

        private void Show<T>(in T payload, int instrument)
            where T : unmanaged, IPayload
        {
            Event e = new()
            {
                Sequence = _sequence++,
                ReceivedAt = rig.Now,
                Instrument = new InstrumentId((ushort)instrument),
                Source = EventSource.Generator,
                Flags = EventFlags.Whole,
            };
            e.Set(payload);
            venue.OnEvent(e);
        }
    }
}
