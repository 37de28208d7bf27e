using LowLatency.Engine.Live;
using Xunit;

namespace LowLatency.Tests.Engine.Live;

/// <summary>A run is dead when its lease has not changed for as long as the watchdog has been looking, and never before.</summary>
public sealed class LeaseGuardTests
{
    private const long After = 3_000;

    private long _now = 1_000_000;
    private long _beat;

    [Fact]
    public void A_lease_that_goes_on_changing_never_trips_and_one_that_stops_does_in_its_time()
    {
        LeaseGuard guard = new(After, null);
        for (int i = 0; i < 1_000; i++)
        {
            Look(guard, Alive(), 100);
            Assert.Equal(GuardState.Guarding, guard.State);
        }

        LeaseReading last = guard.Last!.Value;
        for (long silent = 100; silent <= After; silent += 100)
        {
            Look(guard, last, 100);
            Assert.Equal(GuardState.Guarding, guard.State);
        }

        Look(guard, last, 100);
        Assert.Equal(GuardState.Tripped, guard.State);

        // It stays so, whatever the lease does, until it was dealt with.
        Look(guard, Alive(), 100);
        Assert.Equal(GuardState.Tripped, guard.State);
        guard.Settle();
        Look(guard, guard.Last, 100);
        Assert.Equal(GuardState.Waiting, guard.State);
        Look(guard, Alive(), 100);
        Assert.Equal(GuardState.Guarding, guard.State);
    }

    [Fact]
    public void A_file_that_goes_away_or_cannot_be_read_is_no_sign_of_life()
    {
        LeaseGuard guard = new(After, null);
        Look(guard, Alive(), 100);
        for (int i = 0; i <= After / 100; i++)
        {
            Look(guard, null, 100);
        }

        Assert.Equal(GuardState.Tripped, guard.State);
    }

    [Fact]
    public void A_watchdog_that_slept_counts_anew()
    {
        LeaseGuard guard = new(After, null);
        Look(guard, Alive(), 100);
        Look(guard, guard.Last, 60_000);
        Assert.Equal(GuardState.Guarding, guard.State);
        Look(guard, Alive(), 100);
        Assert.Equal(GuardState.Guarding, guard.State);
    }

    [Fact]
    public void A_run_that_died_before_the_watchdog_began_is_dead_and_no_run_at_all_is_waited_for()
    {
        LeaseGuard guard = new(After, null);
        Look(guard, null, 100);
        Assert.Equal(GuardState.Waiting, guard.State);
        LeaseReading old = Alive();
        for (int i = 0; i <= (After / 100) + 1; i++)
        {
            Look(guard, old, 100);
        }

        Assert.Equal(GuardState.Tripped, guard.State);
        LeaseGuard next = new(After, old);
        for (int i = 0; i <= (After / 100) + 1; i++)
        {
            Look(next, old, 100);
        }

        Assert.Equal(GuardState.Waiting, next.State);
    }

    [Theory]
    [InlineData("Ended", "Waiting")]
    [InlineData("Unproven", "Tripped")]
    public void An_end_is_left_alone_when_it_was_proven_and_else_not(string end, string state)
    {
        LeaseGuard guard = new(After, null);
        Look(guard, Alive(), 100);
        Look(guard, Alive() with { State = System.Enum.Parse<LeaseState>(end) }, 100);
        for (int i = 0; i < 100; i++)
        {
            Look(guard, guard.Last, 100);
        }

        Assert.Equal(state, guard.State.ToString());
    }

    private LeaseReading Alive() => new(3, 77, ++_beat, LeaseState.Running);

    private void Look(LeaseGuard guard, LeaseReading? lease, long later)
    {
        _now += later;
        guard.Look(lease, _now);
    }
}
