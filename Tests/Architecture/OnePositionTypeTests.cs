using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using LowLatency.Core.Portfolio;
using Xunit;

namespace LowLatency.Tests.Architecture;

/// <summary>
/// A position is one type in every mode. A second one would be a type that keeps a quantity and what it cost: whatever it is called,
/// it is found unless it is one of those that are named here with what they are instead.
/// </summary>
public sealed class OnePositionTypeTests
{
    // A strategy's own open trade and its copies, the form in which snapshots and results write positions down, and what
    // venues say of theirs: an event, compared and never traded on; and an order of the local exchange with its mean price.
    private static readonly string[] Known =
    [
        "LowLatency.Core.Portfolio.Position", "LowLatency.Core.Portfolio.RoundTrip", "LowLatency.Core.Signals.OpenTrade",
        "LowLatency.Journal.Snapshots.PortableTrade",
        "LowLatency.Journal.Snapshots.PortablePosition", "LowLatency.Core.Events.PositionReport",
        "LowLatency.Sandbox.Trading.SandboxOrder",
    ];

    [Fact]
    public void No_shipped_type_but_the_named_ones_keeps_a_quantity_and_its_cost()
    {
        string[] found = [.. Assemblies.Shipped.SelectMany(project => Positions(Assembly.Load("LowLatency." + project)))];
        Assert.Contains(typeof(Position).FullName, found);
        Assert.Empty(found.Except(Known));
        Assert.Empty(Known.Except(found));
    }

    [Fact]
    public void A_second_one_is_found() =>
        Assert.Contains(Positions(typeof(OnePositionTypeTests).Assembly), name => name.EndsWith("Holding", StringComparison.Ordinal));

    /// <summary>The only type whose name ends in Position and that folds executions is the one in Core.</summary>
    [Fact]
    public void Executions_are_folded_into_one_type() => Assert.Equal(
        [typeof(Position).FullName],
        Assemblies.Shipped.SelectMany(project => Assembly.Load("LowLatency." + project).GetTypes())
            .Where(type => type.GetMethod("Apply") is { } apply
                && apply.GetParameters().Select(parameter => parameter.Name).SequenceEqual(["instrument", "change", "price", "fee"]))
            .Select(type => type.FullName));

    private static IEnumerable<string> Positions(Assembly assembly) => assembly.GetTypes()
        .Where(type => !type.Name.Contains('<', StringComparison.Ordinal)
            && Has(type, "Quantity") && (Has(type, "Cost") || Has(type, "AveragePrice") || Has(type, "EntryPrice")))
        .Select(type => type.FullName!);

    private static bool Has(Type type, string name)
    {
        const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.DeclaredOnly;
        return type.GetField(name, All) is not null || type.GetProperty(name, All) is not null;
    }

    /// <summary>What a second simulation would bring with it.</summary>
    private sealed record Holding(long Quantity, long EntryPrice);
}
