using System;
using LowLatency.Core.Events;
using Xunit;

namespace LowLatency.Tests.Core.Events;

/// <summary>Older versions are brought to the present one in one place; what is newer is refused by its name.</summary>
public sealed class EventUpgradeTests
{
    [Fact]
    public void Every_kind_has_a_present_version_and_every_older_one_is_upgraded()
    {
        foreach (EventKind kind in Enum.GetValues<EventKind>())
        {
            byte present = EventUpgrade.PresentVersion(kind);
            Assert.Equal(kind == EventKind.None, present == 0);
            for (byte version = 1; version <= present; version++)
            {
                Event e = new() { Kind = kind, Version = version };
                Assert.True(EventUpgrade.TryUpgrade(ref e), $"{kind} {version}");
                Assert.Equal(present, e.Version);
            }
        }
    }

    [Fact]
    public void The_first_version_of_a_runs_start_went_on_from_itself()
    {
        Event e = default;
        e.Set(new EpochStarted { Epoch = 3, Seed = 9, Begin = EpochBegin.Adopted });
        e.Version = 1;
        Assert.True(EventUpgrade.TryUpgrade(ref e));
        Assert.Equal(EpochBegin.Continued, e.EpochStarted.Begin);
        Assert.Equal((3, 9UL), (e.EpochStarted.Epoch, e.EpochStarted.Seed));
    }

    [Theory]
    [InlineData(OperatorVerb.Reduce, OperatorVerb.ReduceFromHalt)]
    [InlineData(OperatorVerb.Halt, OperatorVerb.Halt)]
    public void Reduce_of_the_first_version_of_an_operators_command_also_led_out_of_a_halt(OperatorVerb said, OperatorVerb means)
    {
        Event e = default;
        e.Set(new OperatorCommand { Verb = said });
        e.Version = 1;
        Assert.True(EventUpgrade.TryUpgrade(ref e));
        Assert.Equal(means, e.Operator.Verb);
        e.Set(new OperatorCommand { Verb = said });
        Assert.True(EventUpgrade.TryUpgrade(ref e));
        Assert.Equal(said, e.Operator.Verb);
    }

    [Theory]
    [InlineData(EventKind.Trade, 9, "event 5 is Trade of version 9; this build knows versions 1 to 1")]
    [InlineData(EventKind.EpochStarted, 0, "event 5 is EpochStarted of version 0; this build knows versions 1 to 2")]
    [InlineData((EventKind)200, 1, "event 5 is of kind 200, which this build does not know: a newer one wrote it")]
    [InlineData(EventKind.None, 0, "event 5 is of kind 0, which this build does not know: a newer one wrote it")]
    public void What_is_not_known_is_refused_by_name(EventKind kind, byte version, string message)
    {
        Event e = new() { Sequence = 5, Kind = kind, Version = version };
        Assert.False(EventUpgrade.TryUpgrade(ref e));
        Assert.Equal(message, EventUpgrade.Describe(e));
    }
}
