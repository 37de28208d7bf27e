using System.Collections.Generic;
using System.Collections.Immutable;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Engine.Configuration.Resources;
using LowLatency.Gateways.Sim;
using LowLatency.Gateways.Sim.Accounting;

namespace LowLatency.Engine.Configuration;

/// <summary>Turns the valid settings of the simulated venue into a record, and that into what the venue takes.</summary>
internal static class VenueBuilder
{
    private const long Minute = 60_000_000_000;

    internal static VenueConfiguration Venue(GroupSetting root)
    {
        GroupSetting group = root.Group("venue");
        VenueConfiguration venue = new(
            group.Number("entryLatencyUs") * ConfigurationBuilder.Microsecond,
            group.Number("responseLatencyUs") * ConfigurationBuilder.Microsecond,
            (int)group.Number("makerFeePpm"),
            (int)group.Number("takerFeePpm"))
        {
            Entry = Latency(group.Find("entryLatency") as GroupSetting),
            Response = Latency(group.Find("responseLatency") as GroupSetting),
            Incidents = Incidents(group),
        };
        if (group.Find("money") is GroupSetting money)
        {
            ResourceSetting file = money.Get<ResourceSetting>("rules");
            venue = venue with
            {
                Money = Money(money),
                MoneyFile = new ResourceUse("money rules", file.File, file.Hash),
                Margin = money.Text("margin") switch
                {
                    "none" => MarginMode.None,
                    "cross" => MarginMode.Cross,
                    "isolated" => MarginMode.Isolated,
                    string other => throw Undeclared(other),
                },
                MarginCall = money.Text("marginCall") switch
                {
                    "none" => MarginCallRule.None,
                    "sell-out" => MarginCallRule.SellOut,
                    string other => throw Undeclared(other),
                },
                EnforcesAccount = money.Text("account") switch
                {
                    "unchecked" => false,
                    "enforced" => true,
                    string other => throw Undeclared(other),
                },
            };
        }

        if (group.Find("matching") is GroupSetting matching)
        {
            venue = Matching(venue, matching);
        }

        if (group.Find("hours") is GroupSetting hours)
        {
            venue = venue with
            {
                ExtendedBefore = hours.Number("extendedBeforeMinutes") * Minute,
                ExtendedAfter = hours.Number("extendedAfterMinutes") * Minute,
                AuctionGrace = hours.Number("auctionGraceMs") * ConfigurationBuilder.Millisecond,
                GoodTillCancelAge = hours.Number("goodTillCancelMs") * ConfigurationBuilder.Millisecond,
            };
        }

        return group.Find("rateLimit") is GroupSetting rate
            ? venue with
            {
                RateLimit = (int)rate.Number("commands"),
                RateWindow = rate.Number("windowMs") * ConfigurationBuilder.Millisecond,
            }
            : venue;
    }

    /// <summary>The dated rules about money of a group <c>money</c>.</summary>
    internal static MoneyRules Money(GroupSetting money)
    {
        MoneyRules? rules = Resources.MoneyFile.Read(money.Get<ResourceSetting>("rules").Content.AsSpan(), out string problem);
        Ensure.That(rules is not null, problem);
        return rules;
    }

    /// <summary>What the venue takes.</summary>
    internal static SimulatedVenueSettings Settings(EngineConfiguration configuration)
    {
        VenueConfiguration venue = configuration.Venue;
        List<VenueCalendar> calendars = [];
        foreach (CalendarConfiguration calendar in configuration.Calendars)
        {
            foreach (string symbol in calendar.Instruments)
            {
                calendars.Add(new VenueCalendar(Symbol24.Of(symbol), calendar.Calendar));
            }
        }

        return new SimulatedVenueSettings
        {
            EntryLatency = venue.EntryLatency,
            ResponseLatency = venue.ResponseLatency,
            EntryAddition = venue.Entry.Addition,
            ResponseAddition = venue.Response.Addition,
            Seed = configuration.Seed,
            MakerFeePpm = venue.MakerFeePpm,
            TakerFeePpm = venue.TakerFeePpm,
            Money = venue.Money,
            Margin = venue.Margin,
            Account = venue.EnforcesAccount ? configuration.Risk.Account : null,
            MarginCall = venue.MarginCall,
            Impact = venue.Impact,
            ImpactPpm = venue.ImpactPpm,
            Queue = venue.Queue,
            QueueExponentThousandths = venue.QueueExponentThousandths,
            BarPath = venue.BarPath,
            Fills = venue.Fills,
            SelfTrade = venue.SelfTrade,
            Amend = venue.Amend,
            Trigger = venue.Trigger,
            RateLimit = venue.RateLimit,
            RateWindow = venue.RateWindow,
            Incidents = [.. venue.Incidents],
            Calendars = [.. calendars],
            ExtendedBefore = venue.ExtendedBefore,
            ExtendedAfter = venue.ExtendedAfter,
            AuctionGrace = venue.AuctionGrace,
            GoodTillCancelAge = venue.GoodTillCancelAge,
        };
    }

    private static VenueConfiguration Matching(VenueConfiguration venue, GroupSetting group) => venue with
    {
        Queue = group.Text("queue") switch
        {
            "risk-averse" => QueueModel.RiskAverse,
            "power" => QueueModel.Power,
            "power-of-whole" => QueueModel.PowerOfWhole,
            "power-of-front" => QueueModel.PowerOfFront,
            "log" => QueueModel.Log,
            "log-of-whole" => QueueModel.LogOfWhole,
            string other => throw Undeclared(other),
        },
        QueueExponentThousandths = (int)group.Number("queueExponentThousandths"),
        BarPath = group.Text("barPath") switch
        {
            "stop-first" => BarPath.StopFirst,
            "adaptive" => BarPath.Adaptive,
            "open-high-low-close" => BarPath.OpenHighLowClose,
            "open-low-high-close" => BarPath.OpenLowHighClose,
            string other => throw Undeclared(other),
        },
        Fills = group.Text("fills") switch
        {
            "as-shown" => FillRule.AsShown,
            "lean" => FillRule.Lean,
            string other => throw Undeclared(other),
        },
        SelfTrade = group.Text("selfTrade") switch
        {
            "none" => SelfTradePrevention.None,
            "cancel-taker" => SelfTradePrevention.CancelTaker,
            "cancel-maker" => SelfTradePrevention.CancelMaker,
            "cancel-both" => SelfTradePrevention.CancelBoth,
            string other => throw Undeclared(other),
        },
        Amend = group.Text("amend") switch
        {
            "less-keeps-place" => AmendRule.LessKeepsPlace,
            "always-queues-anew" => AmendRule.AlwaysQueuesAnew,
            string other => throw Undeclared(other),
        },
        Trigger = group.Text("trigger") switch
        {
            "last" => TriggerPriceSource.Last,
            "touch" => TriggerPriceSource.Touch,
            string other => throw Undeclared(other),
        },
        Impact = group.Text("impact") switch
        {
            "none" => MarketImpact.None,
            "linear" => MarketImpact.Linear,
            "square-root" => MarketImpact.SquareRoot,
            string other => throw Undeclared(other),
        },
        ImpactPpm = (int)group.Number("impactPpm"),
    };

    private static LatencyConfiguration Latency(GroupSetting? group)
    {
        if (group?.Find("uniform") is GroupSetting uniform)
        {
            return new LatencyConfiguration(new LatencyAddition
            {
                Kind = LatencyKind.Uniform,
                Spread = uniform.Number("spreadUs") * ConfigurationBuilder.Microsecond,
            });
        }

        if (group?.Find("lognormal") is GroupSetting lognormal)
        {
            return new LatencyConfiguration(new LatencyAddition
            {
                Kind = LatencyKind.Lognormal,
                Median = lognormal.Number("medianUs") * ConfigurationBuilder.Microsecond,
                SigmaThousandths = (int)lognormal.Number("sigmaThousandths"),
                Most = lognormal.Number("mostUs") * ConfigurationBuilder.Microsecond,
            });
        }

        if (group?.Find("recorded") is not GroupSetting recorded)
        {
            return new LatencyConfiguration(LatencyAddition.Nothing);
        }

        ResourceSetting file = recorded.Get<ResourceSetting>("file");
        LatencySeries? series = LatencyFile.Read(file.Content.AsSpan(), out string problem);
        Ensure.That(series is not null, problem);
        return new LatencyConfiguration(new LatencyAddition { Kind = LatencyKind.Recorded, Series = series })
        {
            File = file.File,
            Sha256 = file.Hash,
        };
    }

    private static ImmutableArray<VenueIncident> Incidents(GroupSetting group)
    {
        ImmutableArray<VenueIncident>.Builder incidents = ImmutableArray.CreateBuilder<VenueIncident>();
        foreach (Setting setting in group.Find("incidents") is ListSetting list ? list.Elements : [])
        {
            GroupSetting incident = (GroupSetting)setting;
            long from = incident.Number("fromUnixMs") * ConfigurationBuilder.Millisecond;
            incidents.Add(new VenueIncident(
                from,
                from + (incident.Number("forMs") * ConfigurationBuilder.Millisecond),
                incident.Text("kind") switch
                {
                    "reject" => IncidentKind.Reject,
                    "delay" => IncidentKind.Delay,
                    "disconnect" => IncidentKind.Disconnect,
                    "unknown" => IncidentKind.Unknown,
                    "lost" => IncidentKind.Lost,
                    string other => throw Undeclared(other),
                }));
        }

        return incidents.ToImmutable();
    }

    private static BrokenInvariantException Undeclared(string word) =>
        new("the configuration reads a word that is not declared: " + word);
}
