using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using LowLatency.Core.Events;
using LowLatency.Core.Orders.Reconciling;
using LowLatency.Core.Risk;
using LowLatency.Core.Values;
using LowLatency.Tests.Core.Pipeline;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Core.Orders.Reconciling;

/// <summary>Fourteen kinds of difference in three modes: what each leads to, and that the engine is then what it should be.</summary>
public sealed class ReconciliationMatrixTests
{
    private const long Cent = Rig.MoneyPerCent;

    /// <summary>Strict, warn, auto_sync: H halts, A alarms, S becomes what the venue says, C is cancelled at the venue.</summary>
    private static readonly (DifferenceKind Kind, string Actions)[] Expected =
    [
        (DifferenceKind.OrderMissingHere, "HAC"),
        (DifferenceKind.OrderMissingThere, "HAS"),
        (DifferenceKind.OrderState, "HAC"),
        (DifferenceKind.OrderPrice, "HAS"),
        (DifferenceKind.OrderQuantity, "HAS"),
        (DifferenceKind.OrderFilled, "HAC"),
        (DifferenceKind.OrderSide, "HHH"),
        (DifferenceKind.ForeignOrder, "HAA"),
        (DifferenceKind.DuplicateOrder, "HAC"),
        (DifferenceKind.PositionQuantity, "HAS"),
        (DifferenceKind.PositionSide, "HAS"),
        (DifferenceKind.PositionPrice, "HAS"),
        (DifferenceKind.Balance, "HAS"),
        (DifferenceKind.Instrument, "HAA"),
    ];

    public static TheoryData<DifferenceKind, ReconcileMode> Cells
    {
        get
        {
            TheoryData<DifferenceKind, ReconcileMode> cells = [];
            foreach ((DifferenceKind kind, _) in Expected)
            {
                foreach (ReconcileMode mode in Enum.GetValues<ReconcileMode>().Where(mode => mode != ReconcileMode.None))
                {
                    cells.Add(kind, mode);
                }
            }

            return cells;
        }
    }

    [Fact]
    public void The_table_has_every_kind_and_the_document_says_the_same()
    {
        Assert.Equal(
            Enum.GetValues<DifferenceKind>().Where(kind => kind != DifferenceKind.None).Order(),
            Expected.Select(row => row.Kind));
        Assert.Equal(14 * 3, Cells.Count);
        string[] told = [.. File.ReadAllText(Path.Combine(Repository.Root, "docs", "reconciliation.md")).Split('\n')
            .SkipWhile(line => line != "<!-- reactions -->").TakeWhile(line => line != "<!-- /reactions -->")
            .Where(line => line.StartsWith("| ", StringComparison.Ordinal) && char.IsAsciiDigit(line[2]))
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
            .Select(cells => $"{cells[1]} {cells[2].Trim('`')} {Letter(cells[4])}{Letter(cells[5])}{Letter(cells[6])}")];
        Assert.Equal(Expected.Select(row => $"{(int)row.Kind} {row.Kind} {row.Actions}"), told);

        static char Letter(string word) => word.Split(' ', ':')[0] switch
        {
            "halt" => 'H',
            "alarm" => 'A',
            "adopt" => 'S',
            "cancel" => 'C',
            _ => '?',
        };
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public void A_difference_leads_to_what_the_table_says(DifferenceKind kind, ReconcileMode mode)
    {
        char expected = Expected.Single(row => row.Kind == kind).Actions[(int)mode - 1];
        AccountRig rig = AccountRig.Matched(AccountRig.Settings(mode));
        TrueOrder resting = rig.Rest(1, 10, 9_900);
        rig.Fill(rig.Rest(1, 5, 9_990, 2), 5);
        TrueOrder ended = kind == DifferenceKind.OrderState ? Ended(rig) : resting;
        VenueTruth before = VenueTruth.Of(rig.Rig);
        VenueTruth truth = VenueTruth.Of(rig.Rig);
        (int instrument, VenueId order) = Disturb(kind, truth, rig, resting, ended);
        rig.Told();

        List<Command> commands = rig.Read(truth);
        Adjustment told = Assert.Single(rig.Told());
        Assert.Equal((kind, expected), (told.Difference, LetterOf(told.Action)));
        switch (expected)
        {
            case 'H':
                Assert.Equal(TradingState.Halted, rig.Rig.Pipeline.Risk.State);
                Assert.Empty(before.DifferencesTo(rig.Rig));
                break;
            case 'A':
                Assert.Equal(TradingState.Active, rig.Rig.Pipeline.Risk.State);
                Assert.Empty(before.DifferencesTo(rig.Rig));
                Assert.Equal((RiskReason.Unmatched, (long)kind), (rig.WhyShut(Math.Max(1, instrument), out long seen), seen));
                int other = instrument == 1 ? 2 : 1;
                Assert.Equal(instrument == 0 ? RiskReason.Unmatched : RiskReason.None, rig.WhyShut(other, out _));

                // It stays until a reading finds it gone.
                rig.Read(truth);
                Assert.Equal(RiskReason.Unmatched, rig.WhyShut(Math.Max(1, instrument), out _));
                rig.Read(before);
                Assert.Equal(RiskReason.None, rig.WhyShut(Math.Max(1, instrument), out _));
                break;
            case 'S':
                Assert.Equal(TradingState.Active, rig.Rig.Pipeline.Risk.State);
                Assert.Empty(truth.DifferencesTo(rig.Rig));
                Assert.NotEmpty(before.DifferencesTo(rig.Rig));

                // What was adopted counts as equal only when another reading has found it so.
                Assert.Equal(RiskReason.Unread, rig.WhyShut(Math.Max(1, instrument), out _));
                rig.Read(truth);
                Assert.Empty(rig.Told());
                Assert.Equal(RiskReason.None, rig.WhyShut(Math.Max(1, instrument), out _));
                break;
            default:
                Assert.Empty(before.DifferencesTo(rig.Rig));
                Command cancel = Assert.Single(commands, command => command.VenueOrder == order);
                Assert.Equal(CommandVerb.Cancel, cancel.Verb);
                Assert.Equal(1, rig.Reconciler.Strays);
                TrueOrder cancelled = truth.Orders.Single(known => known.Venue == order);
                rig.Rig.Publish(AccountRig.ReportOf(cancelled, OrderStatus.Cancelled), cancelled.Instrument);
                Assert.Equal(0, rig.Reconciler.Strays);
                truth.Orders.Remove(cancelled);
                rig.Read(truth);
                Assert.Empty(rig.Told());
                Assert.Equal(RiskReason.None, rig.WhyShut(instrument, out _));
                break;
        }
    }

    [Theory]
    [InlineData(ForeignOrders.Adopt, AdjustmentAction.Adopt)]
    [InlineData(ForeignOrders.Cancel, AdjustmentAction.Cancel)]
    public void A_policy_for_foreign_orders_counts_in_every_mode(ForeignOrders policy, AdjustmentAction action)
    {
        foreach (ReconcileMode mode in Enum.GetValues<ReconcileMode>().Where(mode => mode != ReconcileMode.None))
        {
            Assert.Equal(action, Reactions.Of(DifferenceKind.ForeignOrder, mode, policy));
        }
    }

    /// <summary>Makes the venue differ in one thing; says of which instrument, and which order would be cancelled.</summary>
    private static (int Instrument, VenueId Order) Disturb(
        DifferenceKind kind, VenueTruth truth, AccountRig rig, TrueOrder resting, TrueOrder ended)
    {
        int place = truth.Orders.IndexOf(resting);
        VenueId fresh = rig.NextVenueId();
        switch (kind)
        {
            case DifferenceKind.OrderMissingHere:
                truth.Orders.Add(new TrueOrder(OrderId.Of(1, 3, 5), fresh, 1, Side.Buy, 9_800, 7, 0));
                return (1, fresh);
            case DifferenceKind.OrderMissingThere:
                truth.Orders.RemoveAt(place);
                return (1, resting.Venue);
            case DifferenceKind.OrderState:
                truth.Orders.Add(ended);
                return (2, ended.Venue);
            case DifferenceKind.OrderPrice:
                truth.Orders[place] = resting with { Price = 9_901 };
                return (1, resting.Venue);
            case DifferenceKind.OrderQuantity:
                truth.Orders[place] = resting with { Quantity = 12 };
                return (1, resting.Venue);
            case DifferenceKind.OrderFilled:
                truth.Orders[place] = resting with { Filled = 3 };
                return (1, resting.Venue);
            case DifferenceKind.OrderSide:
                truth.Orders[place] = resting with { Side = Side.Sell };
                return (1, resting.Venue);
            case DifferenceKind.ForeignOrder:
                truth.Orders.Add(new TrueOrder(OrderId.None, fresh, 1, Side.Sell, 10_100, 4, 0));
                return (1, fresh);
            case DifferenceKind.DuplicateOrder:
                truth.Orders.Add(resting with { Venue = fresh });
                return (1, fresh);
            case DifferenceKind.PositionQuantity:
                truth.Positions[2] = (7, 7 * 9_990 * Cent);
                return (2, VenueId.None);
            case DifferenceKind.PositionSide:
                truth.Positions[2] = (-5, -5 * 9_990 * Cent);
                return (2, VenueId.None);
            case DifferenceKind.PositionPrice:
                truth.Positions[2] = (5, 5 * 9_980 * Cent);
                return (2, VenueId.None);
            case DifferenceKind.Balance:
                truth.Cash++;
                return (0, VenueId.None);
            default:
                truth.UnknownItems = 2;
                return (0, VenueId.None);
        }
    }

    private static TrueOrder Ended(AccountRig rig)
    {
        TrueOrder order = rig.Rest(1, 3, 9_950, 2);
        rig.Rig.Target(1, rig.Rig.Virtual(1, 2), 2);
        rig.Rig.Publish(AccountRig.ReportOf(order, OrderStatus.Cancelled), 2);
        return order;
    }

    private static char LetterOf(AdjustmentAction action) => action switch
    {
        AdjustmentAction.Halt => 'H',
        AdjustmentAction.Alarm => 'A',
        AdjustmentAction.Adopt => 'S',
        AdjustmentAction.Cancel => 'C',
        _ => '?',
    };
}
