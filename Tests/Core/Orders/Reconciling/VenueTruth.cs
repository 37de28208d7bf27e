using System.Collections.Generic;
using System.Linq;
using LowLatency.Core.Events;
using LowLatency.Core.Orders;
using LowLatency.Core.Values;
using LowLatency.Tests.Core.Pipeline;

namespace LowLatency.Tests.Core.Orders.Reconciling;

/// <summary>An order at the venue.</summary>
internal sealed record TrueOrder(
    OrderId Id, VenueId Venue, int Instrument, Side Side, long Price, long Quantity, long Filled);

/// <summary>What the venue has: a plain model, written down beside the engine's.</summary>
internal sealed class VenueTruth
{
    internal List<TrueOrder> Orders { get; } = [];

    internal List<(Execution Fill, int Instrument, long VenueTime)> Executions { get; } = [];

    /// <summary>Quantity and cost by instrument.</summary>
    internal SortedDictionary<int, (long Quantity, long Cost)> Positions { get; } = [];

    internal long Cash { get; set; }

    internal int UnknownItems { get; set; }

    /// <summary>What the engine has, as if the venue had the same.</summary>
    internal static VenueTruth Of(Rig rig)
    {
        VenueTruth truth = new() { Cash = rig.Pipeline.Portfolio.Cash(0) };
        for (int i = 1; i <= rig.Settings.Instruments; i++)
        {
            var held = rig.Pipeline.Portfolio.Position(new InstrumentId((ushort)i));
            truth.Positions[i] = (held.Quantity, held.Cost);
        }

        truth.Orders.AddRange(Live(rig));
        return truth;
    }

    /// <summary>The engine's orders that are alive and that the venue has told of.</summary>
    internal static IEnumerable<TrueOrder> Live(Rig rig)
    {
        for (int place = 0; place < OrderTable.Capacity; place++)
        {
            OrderRecord order = rig.Pipeline.Orders[place];
            if (order.VenueOrder != VenueId.None && !OrderStateMachine.IsTerminal(order.State))
            {
                yield return new TrueOrder(
                    order.Id, order.VenueOrder, order.Instrument.Value, order.Side, order.Price, order.Quantity, order.Filled);
            }
        }
    }

    /// <summary>True when another account has the same, foreign orders left out.</summary>
    internal bool IsAs(VenueTruth other) =>
        Cash == other.Cash
        && Positions.SequenceEqual(other.Positions)
        && Orders.Where(order => !order.Id.IsNone).ToHashSet().SetEquals(other.Orders.Where(order => !order.Id.IsNone));

    /// <summary>In what the engine differs; empty when it has what the venue has.</summary>
    internal List<string> DifferencesTo(Rig rig)
    {
        List<string> found = [];
        VenueTruth ours = Of(rig);
        if (ours.Cash != Cash)
        {
            found.Add($"cash {ours.Cash} here, {Cash} there");
        }

        foreach ((int instrument, (long quantity, long cost)) in Positions)
        {
            if (ours.Positions[instrument] != (quantity, cost))
            {
                found.Add($"position {instrument}: {ours.Positions[instrument]} here, {(quantity, cost)} there");
            }

            long parts = Enumerable.Range(0, rig.Settings.Rules.Length + 1).Sum(strategy => rig.Virtual(strategy, instrument));
            if (parts != ours.Positions[instrument].Quantity)
            {
                found.Add($"position {instrument}: the parts sum to {parts}, not to {ours.Positions[instrument].Quantity}");
            }
        }

        found.AddRange(ours.Orders.Except(Orders).Where(IsQuiet).Select(order => $"here alone: {order}"));
        found.AddRange(Orders.Except(ours.Orders).Where(IsQuiet).Select(order => $"there alone: {order}"));
        return found;

        // What we have just asked to change becomes what the venue says when it has answered.
        bool IsQuiet(TrueOrder order) => !order.Id.IsNone
            && (!rig.Pipeline.Orders.TryFind(order.Id, out int place)
                || rig.Pipeline.Orders[place].State != OrderState.PendingAmend);
    }
}
