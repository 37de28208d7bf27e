using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using LowLatency.Gateways;
using LowLatency.Gateways.Sim;
using LowLatency.Tests.Gateways.Sim;
using Xunit;

namespace LowLatency.Tests.Gateways;

/// <summary>The contract itself under test: it passes the good venue and fails each venue with a planted fault.</summary>
public sealed class VenueContractControlTests
{
    [Fact]
    public void The_contract_has_every_number_once_and_passes_a_venue_without_fault()
    {
        string[] numbers = [.. Cases().Select(c => NumberOf(c)).Order(StringComparer.Ordinal)];
        Assert.Equal(Enumerable.Range(1, 121).Select(n => $"VC{n:00}").Order(StringComparer.Ordinal), numbers);
        Assert.Empty(Failing(VenueFault.None));
    }

    [Theory]
    [InlineData(VenueFault.UsesLiquidityTwice, "VC40 VC45")]
    [InlineData(VenueFault.SkipsTheQueue, "VC46 VC47 VC50")]
    [InlineData(VenueFault.TradesThroughHalts, "VC26 VC55 VC56")]
    [InlineData(VenueFault.FillsTwice, "VC04 VC09 VC65")]
    [InlineData(VenueFault.FeesOneUnitLess, "VC59 VC60 VC61")]
    [InlineData(VenueFault.WorseThanTheLimit, "VC04 VC06 VC48")]
    [InlineData(VenueFault.AddsOnReduceOnly, "VC14 VC15 VC16")]
    [InlineData(VenueFault.TakesOnPostOnly, "VC12 VC39 VC73")]
    [InlineData(VenueFault.TalksAfterTheEnd, "VC07 VC30 VC65")]
    [InlineData(VenueFault.ForgetsLastCancel, "VC28 VC30 VC32")]
    [InlineData(VenueFault.SeesTheFuture, "VC32 VC58")]
    [InlineData(VenueFault.WakesAtOnce, "VC75 VC80 VC111 VC112")]
    [InlineData(VenueFault.WakesOnTheOtherSide, "VC75 VC77 VC111 VC115")]
    [InlineData(VenueFault.TrailsAtTwiceTheOffset, "VC78 VC113")]
    [InlineData(VenueFault.ForgetsTheLimitOfAStop, "VC76 VC77 VC116")]
    [InlineData(VenueFault.DaysNeverEnd, "VC85 VC86 VC89")]
    [InlineData(VenueFault.EverythingEndsWithTheDay, "VC64 VC85")]
    [InlineData(VenueFault.TakesPartOfFillOrKill, "VC45 VC98")]
    [InlineData(VenueFault.LetsImmediateOrdersRest, "VC88")]
    [InlineData(VenueFault.TradesAuctionsAtOnce, "VC90 VC91 VC119")]
    [InlineData(VenueFault.ClosesAtTheOpen, "VC91 VC119")]
    [InlineData(VenueFault.ForgetsExtendedHours, "VC89 VC120")]
    [InlineData(VenueFault.TakesMoneyForAQuantity, "VC92 VC93")]
    [InlineData(VenueFault.ForgetsNewTriggers, "VC80")]
    [InlineData(VenueFault.SaysUnknownIsSent, "VC105 VC106")]
    public void The_contract_fails_a_venue_with_a_fault(VenueFault fault, string noticedBy)
    {
        List<string> failing = Failing(fault);
        foreach (string number in noticedBy.Split(' '))
        {
            Assert.Contains(number, failing);
        }
    }

    // A venue that leaves out one of the things that it was told to do.
    [Theory]
    [InlineData("SelfTrade", "VC95 VC96 VC97 VC98 VC99")]
    [InlineData("Amend", "VC100")]
    [InlineData("RateLimit", "VC101")]
    [InlineData("Incidents", "VC102 VC103 VC104 VC105 VC106")]
    [InlineData("EntryAddition", "VC107 VC108")]
    [InlineData("ResponseAddition", "VC107")]
    [InlineData("Queue", "VC109")]
    [InlineData("QueueExponentThousandths", "VC109")]
    [InlineData("BarPath", "VC113 VC115")]
    [InlineData("Trigger", "VC83")]
    [InlineData("Calendars", "VC85 VC87 VC88 VC89 VC90 VC91 VC119 VC120")]
    [InlineData("ExtendedBefore", "VC89")]
    [InlineData("ExtendedAfter", "VC89")]
    [InlineData("AuctionGrace", "VC91")]
    [InlineData("GoodTillCancelAge", "VC121")]
    public void The_contract_fails_a_venue_that_does_not_do_what_it_was_told(string setting, string noticedBy)
    {
        List<string> failing = Failing(VenueFault.None, setting);
        Assert.Equal(noticedBy.Split(' ', StringSplitOptions.RemoveEmptyEntries), noticedBy.Split(' ').Where(failing.Contains));
    }

    private static IEnumerable<MethodInfo> Cases() =>
        typeof(VenueContract).GetMethods().Where(m => m.GetCustomAttribute<FactAttribute>() is not null);

    private static string NumberOf(MethodInfo method) => method.Name[..method.Name.IndexOf('_', StringComparison.Ordinal)];

    private static List<string> Failing(VenueFault fault, string forgets = "")
    {
        List<string> failing = [];
        foreach (MethodInfo method in Cases())
        {
            InlineDataAttribute[] rows = [.. method.GetCustomAttributes<InlineDataAttribute>()];
            object?[][] arguments = rows.Length == 0 ? [[]] : [.. rows.Select(r => r.Data)];
            if (arguments.Any(a => Fails(method, a, fault, forgets)))
            {
                failing.Add(NumberOf(method));
            }
        }

        return failing;
    }

    private static bool Fails(MethodInfo method, object?[] arguments, VenueFault fault, string forgets)
    {
        Contract contract = new(fault, forgets);
        ParameterInfo[] parameters = method.GetParameters();
        object?[] converted = [.. arguments.Select((a, i) => parameters[i].ParameterType.IsEnum
            ? a
            : Convert.ChangeType(a, parameters[i].ParameterType, System.Globalization.CultureInfo.InvariantCulture))];
        try
        {
            method.Invoke(contract, converted);
            return false;
        }
        catch (TargetInvocationException)
        {
            return true;
        }
    }

    private sealed class Contract(VenueFault fault, string forgets) : VenueContract
    {
        private protected override IVenue Create(VenueTerms terms)
        {
            SimulatedVenueSettings settings = SimulatedVenueContractTests.Settings(terms);
            if (forgets.Length != 0)
            {
                PropertyInfo forgotten = typeof(SimulatedVenueSettings).GetProperty(forgets)!;
                settings = settings with { MakerFeePpm = settings.MakerFeePpm };
                forgotten.SetValue(settings, forgotten.GetValue(new SimulatedVenueSettings()));
            }

            return new FaultyVenue(new SimulatedVenue(settings), fault);
        }
    }
}
