using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using LowLatency.Gateways;
using LowLatency.Tests.Gateways.Sim;
using Xunit;

namespace LowLatency.Tests.Gateways;

/// <summary>The contract itself under test: it passes the good venue and fails each venue with a planted fault.</summary>
public sealed class VenueContractControlTests
{
    [Fact]
    public void The_contract_has_every_number_once_and_passes_a_venue_without_fault()
    {
        string[] numbers = [.. Cases().Select(c => c.Name[..4]).Order(StringComparer.Ordinal)];
        Assert.Equal(Enumerable.Range(1, 74).Select(n => $"VC{n:00}"), numbers);
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
    public void The_contract_fails_a_venue_with_a_fault(VenueFault fault, string noticedBy)
    {
        List<string> failing = Failing(fault);
        foreach (string number in noticedBy.Split(' '))
        {
            Assert.Contains(number, failing);
        }
    }

    private static IEnumerable<MethodInfo> Cases() =>
        typeof(VenueContract).GetMethods().Where(m => m.GetCustomAttribute<FactAttribute>() is not null);

    private static List<string> Failing(VenueFault fault)
    {
        List<string> failing = [];
        foreach (MethodInfo method in Cases())
        {
            InlineDataAttribute[] rows = [.. method.GetCustomAttributes<InlineDataAttribute>()];
            object?[][] arguments = rows.Length == 0 ? [[]] : [.. rows.Select(r => r.Data)];
            if (arguments.Any(a => Fails(method, a, fault)))
            {
                failing.Add(method.Name[..4]);
            }
        }

        return failing;
    }

    private static bool Fails(MethodInfo method, object?[] arguments, VenueFault fault)
    {
        Contract contract = new(fault);
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

    private sealed class Contract(VenueFault fault) : VenueContract
    {
        private protected override IVenue Create(VenueTerms terms) =>
            new FaultyVenue(SimulatedVenueContractTests.Venue(terms), fault);
    }
}
