using System;
using LowLatency.Engine.Commands;
using Xunit;

namespace LowLatency.Tests.Engine.Commands;

public sealed class CommandFailureTests
{
    [Fact]
    public void An_amount_beyond_what_is_counted_halts_with_its_bound_on_one_line()
    {
        long most = long.MaxValue;
        Assert.Equal(ExitCode.Halted, CommandFailure.Guard(() => (int)checked(most + most)));
        OverflowException failure = Assert.Throws<OverflowException>(() => checked(most + most));
        string said = CommandFailure.Describe(failure);
        Assert.Contains("92,233,720,368", said, StringComparison.Ordinal);
        Assert.Contains("An_amount_beyond", said, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', said);
    }
}
