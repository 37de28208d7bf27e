using System;
using System.Collections.Generic;
using LowLatency.Core.Determinism;
using LowLatency.Core.Orders;
using Xunit;

namespace LowLatency.Tests.Core.Orders;

public sealed class OrderStateMachineTests
{
    [Fact]
    public void Every_cell_of_the_table_does_what_the_rules_say()
    {
        List<string> wrong = [];
        int visited = 0;
        foreach ((OrderState state, OrderInput input, string expected) in OrderRules.Cells())
        {
            visited++;
            string actual = Cell(state, input);
            if (actual != expected)
            {
                wrong.Add($"{state} + {input}: expected {expected}, actual {actual}");
            }
        }

        Assert.Empty(wrong);
        Assert.Equal(OrderStateMachine.States * OrderStateMachine.Inputs, visited);
        Assert.Equal(OrderStateMachine.States, Enum.GetValues<OrderState>().Length);
        Assert.Equal(OrderStateMachine.Inputs, Enum.GetValues<OrderInput>().Length);
    }

    [Fact]
    public void A_wrong_rule_is_seen()
    {
        // The comparison above can fail: a rule that lets a cancelled order live again differs from the table.
        Assert.NotEqual("Working", Cell(OrderState.Cancelled, OrderInput.Accepted));
    }

    [Theory]
    [InlineData(OrderState.PendingNew)]
    [InlineData(OrderState.Working)]
    [InlineData(OrderState.PendingAmend)]
    [InlineData(OrderState.PendingCancel)]
    [InlineData(OrderState.Unknown)]
    public void A_cancel_can_be_asked_for_in_every_live_state_and_ends_it(OrderState state)
    {
        Assert.True(OrderStateMachine.TryNext(state, OrderInput.AskCancel, out OrderState asked));
        Assert.Equal(OrderState.PendingCancel, asked);
        Assert.True(OrderStateMachine.TryNext(asked, OrderInput.Cancelled, out OrderState ended));
        Assert.True(OrderStateMachine.IsTerminal(ended));
    }

    [Theory]
    [InlineData(OrderState.Filled)]
    [InlineData(OrderState.Cancelled)]
    [InlineData(OrderState.Rejected)]
    [InlineData(OrderState.Expired)]
    public void An_ended_order_never_lives_again(OrderState state)
    {
        Assert.True(OrderStateMachine.IsTerminal(state));
        foreach (OrderInput input in Enum.GetValues<OrderInput>())
        {
            string cell = Cell(state, input);
            Assert.True(cell is "ignored" or "halt" || cell == state.ToString(), $"{state} + {input} gives {cell}");
        }
    }

    [Fact]
    public void Every_live_state_can_become_unknown_and_only_the_venue_ends_it()
    {
        foreach (OrderState state in (ReadOnlySpan<OrderState>)
            [OrderState.PendingNew, OrderState.Working, OrderState.PendingAmend, OrderState.PendingCancel])
        {
            Assert.Equal("Unknown", Cell(state, OrderInput.OutcomeUnknown));
            Assert.Equal("Unknown", Cell(state, OrderInput.EpochStarted));
        }

        // Nothing that the gateway says by itself ends an unknown order.
        foreach (OrderInput input in (ReadOnlySpan<OrderInput>)
            [OrderInput.Sent, OrderInput.NewNotSent, OrderInput.AmendNotSent, OrderInput.CancelNotSent, OrderInput.EpochStarted])
        {
            Assert.Equal("Unknown", Cell(OrderState.Unknown, input));
        }
    }

    private static string Cell(OrderState state, OrderInput input)
    {
        try
        {
            return OrderStateMachine.TryNext(state, input, out OrderState next) ? next.ToString() : "ignored";
        }
        catch (BrokenInvariantException)
        {
            return "halt";
        }
    }
}
