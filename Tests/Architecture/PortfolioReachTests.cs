using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using LowLatency.Core.Portfolio;
using Xunit;

namespace LowLatency.Tests.Architecture;

/// <summary>
/// What the portfolio keeps can be changed by whoever decides and by nobody else: nothing outside of Core mentions a member
/// that changes it, nothing of it hands out memory that could be written, and Core calls nobody back.
/// </summary>
public sealed class PortfolioReachTests
{
    private const string Ledger = "LowLatency.Core.Portfolio.PortfolioLedger::";

    private static readonly string[] Changing =
    [
        "Apply", "Move", "Book", "Cross", "Define", "BeginEvent", "Mark", "Visit", "Adopt", "Split", "CloseOut", "Leave",
        "TryCount", "Adjust", "AdjustCash", "Entitle",
    ];

    // Adoption fills a fresh ledger before its first event, and folds what the other build crossed; the market's currency is
    // looked up by its index.
    private static readonly string[] MayChange = ["LowLatency.Engine.Running.Adoption", "LowLatency.Engine.Running.AdoptionFold"];

    [Fact]
    public void Nothing_outside_of_core_changes_the_portfolio()
    {
        List<Mention> found = [];
        foreach (string project in Assemblies.Shipped.Where(project => project != "Core"))
        {
            found.AddRange(Changes(MetadataScan.Of(Assemblies.Path(project))));
        }

        Assert.DoesNotContain(found, mention => !MayChange.Contains(mention.FullType));
        Assert.NotEmpty(found);
    }

    /// <summary>The tests change a ledger by hand, and the scan sees it.</summary>
    [Fact]
    public void A_change_from_outside_is_found() =>
        Assert.Contains(Changes(Assemblies.TestsMentions), mention => mention.Type == "RiskBench");

    [Fact]
    public void Every_member_that_changes_it_is_on_the_list() => Assert.Empty(
        typeof(PortfolioLedger).GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
            .Where(method => !method.IsSpecialName && !Changing.Contains(method.Name) && !Reads.Contains(method.Name))
            .Select(method => method.Name));

    /// <summary>Positions leave as copies or read only: no member gives a reference, an array or a span that can be written.</summary>
    [Theory]
    [InlineData(typeof(PortfolioLedger), true)]
    [InlineData(typeof(RoundTrips), true)]
    [InlineData(typeof(Leaking), false)]
    public void No_memory_of_it_is_handed_out(Type type, bool keeps) => Assert.Equal(
        keeps,
        !type.GetMembers(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly).Any(member => Leaks(member)));

    /// <summary>Core is called and never calls: it has no event, and no delegate of a stranger is kept.</summary>
    [Fact]
    public void Core_keeps_no_callback()
    {
        Type[] types = typeof(PortfolioLedger).Assembly.GetTypes();
        Assert.DoesNotContain(types, type => type.GetEvents(All).Length != 0);
        Assert.DoesNotContain(types, KeepsDelegate);
        Assert.True(KeepsDelegate(typeof(Calling)));
    }

    private const BindingFlags All =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly string[] Reads =
    [
        "IsHeld", "Position", "Unrealised", "Part", "Booked", "Currency", "Cash", "CurrencyOf", "TryEquity", "VenuePosition",
        "VirtualPosition", "VirtualCashFlow", "FilledNow", "Trade", "Record", "IndexOf", "IsCloseOut",
    ];

    private static IEnumerable<Mention> Changes(IEnumerable<Mention> mentions) => mentions.Where(mention =>
        mention.Used.StartsWith(Ledger, StringComparison.Ordinal) && Changing.Contains(mention.Used[Ledger.Length..]));

    private static bool Leaks(MemberInfo member) => member switch
    {
        MethodInfo method => IsWritable(method.ReturnParameter, method.ReturnType),
        PropertyInfo property => property.PropertyType.IsArray || property.CanWrite,
        FieldInfo field => !field.IsLiteral,
        _ => false,
    };

    private static bool IsWritable(ParameterInfo returned, Type type) =>
        type.IsArray
        || (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Span<>))
        || (type.IsByRef && !returned.GetRequiredCustomModifiers().Any(modifier => modifier.Name == "InAttribute"));

    // What the compiler makes of a lambda without captures is kept in a type of its own and calls nobody outside.
    private static bool KeepsDelegate(Type type) =>
        !type.Name.Contains('<', StringComparison.Ordinal)
        && !type.IsSubclassOf(typeof(Delegate))
        && type.GetFields(All).Any(field => field.FieldType.IsSubclassOf(typeof(Delegate)) && !field.Name.Contains('<', StringComparison.Ordinal));

    private sealed class Leaking
    {
        private readonly Position[] _positions = new Position[1];

        public ref Position At(int index) => ref _positions[index];
    }

    private sealed class Calling
    {
        private readonly Action _call = () => { };

        internal void Call() => _call();
    }
}
