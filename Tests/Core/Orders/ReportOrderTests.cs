using System;
using System.Collections.Generic;
using System.Linq;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Orders;
using LowLatency.Core.Values;
using LowLatency.Tests.Core.Pipeline;
using Xunit;

namespace LowLatency.Tests.Core.Orders;

/// <summary>Reports of one order in any order and repeated: position and end are the same.</summary>
public sealed class ReportOrderTests
{
    // What the venue did, the position that follows, and the state in which the order ends.
    public static TheoryData<string, long, OrderState> Histories => new()
    {
        { "sent accepted fill4 fill3 cancelled", 7, OrderState.Cancelled },
        { "sent accepted fill4 fill6", 10, OrderState.Filled },
        { "sent accepted fill1 fill2 fill7", 10, OrderState.Filled },
        { "sent rejected", 0, OrderState.Rejected },
        { "sent fill2 expired", 2, OrderState.Expired },
        { "unknown accepted fill4 fill6", 10, OrderState.Filled },
        { "unknown accepted fill5 cancelled", 5, OrderState.Cancelled },
        { "unknown rejected", 0, OrderState.Rejected },
    };

    [Theory]
    [MemberData(nameof(Histories))]
    public void Any_permutation_ends_alike(string history, long position, OrderState end)
    {
        string[] reports = history.Split(' ');
        foreach (string[] permutation in Permutations(reports))
        {
            Check(permutation, position, end);
        }
    }

    [Theory]
    [MemberData(nameof(Histories))]
    public void Repeated_reports_in_random_order_end_alike(string history, long position, OrderState end)
    {
        Xoshiro256 dice = new(4_711);
        for (int round = 0; round < 25; round++)
        {
            List<string> reports = [.. history.Split(' '), .. history.Split(' ').Where(_ => dice.NextBelow(2) == 0)];
            for (int i = reports.Count - 1; i > 0; i--)
            {
                int j = (int)dice.NextBelow(i + 1);
                (reports[i], reports[j]) = (reports[j], reports[i]);
            }

            Check(reports, position, end);
        }
    }

    [Fact]
    public void A_fill_counted_twice_would_be_seen()
    {
        Rig rig = Play(["sent", "accepted", "fill4", "fill3", "cancelled"], out OrderId order);
        rig.Fill(order, Side.Buy, 4, 9_900, 999);
        Assert.NotEqual(7, rig.Position());
    }

    private static void Check(IReadOnlyList<string> reports, long position, OrderState end)
    {
        Rig rig = Play(reports, out OrderId order);
        Assert.True(rig.Pipeline.Orders.TryFind(order, out int place));
        string said = string.Join(' ', reports);
        Assert.True(rig.Position() == position, $"{said}: position {rig.Position()}");
        Assert.True(rig.Pipeline.Orders[place].State == end, $"{said}: {rig.Pipeline.Orders[place].State}");
        Assert.Equal(0, rig.Pipeline.OrderStage.Overfills);
    }

    private static Rig Play(IReadOnlyList<string> reports, out OrderId order)
    {
        Rig rig = new Rig().Begin();
        rig.Target(1, 10, limit: 9_900);
        order = rig.Live(Side.Buy);
        foreach (string report in reports)
        {
            switch (report)
            {
                case "sent":
                    rig.Outcome(order, CommandVerb.New, Outcome.Sent);
                    break;
                case "unknown":
                    rig.Outcome(order, CommandVerb.New, Outcome.Unknown);
                    break;
                case ['f', 'i', 'l', 'l', .. var quantity]:
                    long units = long.Parse(quantity, System.Globalization.CultureInfo.InvariantCulture);
                    rig.Fill(order, Side.Buy, units, 9_900, (ulong)units);
                    break;
                default:
                    rig.Report(order, Enum.Parse<OrderStatus>(report, ignoreCase: true), quantity: 10, price: 9_900);
                    break;
            }
        }

        return rig;
    }

    private static IEnumerable<string[]> Permutations(string[] items)
    {
        if (items.Length <= 1)
        {
            yield return items;
            yield break;
        }

        for (int i = 0; i < items.Length; i++)
        {
            foreach (string[] rest in Permutations([.. items[..i], .. items[(i + 1)..]]))
            {
                yield return [items[i], .. rest];
            }
        }
    }
}
