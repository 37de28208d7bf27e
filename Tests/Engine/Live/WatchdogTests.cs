using System;
using System.IO;
using System.Linq;
using System.Text.Json;
using LowLatency.Core.Values;
using LowLatency.Engine.Live;
using LowLatency.Gateways.Live;
using LowLatency.Tests.Gateways.Live;
using LowLatency.Tests.Support;
using Microsoft.Win32.SafeHandles;
using Xunit;

namespace LowLatency.Tests.Engine.Live;

/// <summary>In virtual time: when the lease stops, the switch is set and orders go; while it lives, nothing is touched.</summary>
public sealed class WatchdogTests : IDisposable
{
    private const long Second = VirtualClock.Second;
    private const long After = 3 * Second;

    private readonly TemporaryFolder _folder = new();
    private readonly VirtualClock _clock = new();
    private readonly Credentials _key = Credentials.Of("key", "secret");
    private readonly FakeBybit _venue;
    private readonly VirtualNet _net;
    private readonly LiveLog _log;
    private readonly AlertSender _alerts;
    private readonly SafeFileHandle _lease;
    private long _beat;

    public WatchdogTests()
    {
        _venue = new FakeBybit(_clock);
        _net = new VirtualNet(_clock, _venue);
        _log = new LiveLog(_folder.Path, [_key], "watchdog.log");
        _alerts = new AlertSender(LiveRunBench.Configure().Live!.Access, _log);
        _lease = File.OpenHandle(Path.Combine(_folder.Path, LeaseFile.Name), FileMode.Create, FileAccess.Write, FileShare.Read);
    }

    public void Dispose()
    {
        _lease.Dispose();
        _alerts.Dispose();
        _log.Dispose();
        _key.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Orders_are_taken_away_when_the_lease_stops_and_not_before(bool stops)
    {
        Watchdog watchdog = Make();
        Run(watchdog, 2 * Second, isAlive: true);
        _venue.Appear(Link(1), 60_000, 0.01m);
        Run(watchdog, 60 * Second, isAlive: true);
        Assert.Equal(GuardState.Guarding, watchdog.State);
        if (!stops)
        {
            Run(watchdog, 600 * Second, isAlive: true);
            Assert.True(_venue.Orders[Link(1)].IsOpen);
            Assert.False(IsKilled);
            Assert.Equal(["Guarding"], Alarms());
            Assert.DoesNotContain(_venue.Arrivals.Keys, arrival => arrival.Verb == "cancel");
            return;
        }

        Run(watchdog, After - Second, isAlive: false);
        Assert.True(_venue.Orders[Link(1)].IsOpen);
        Assert.False(IsKilled);

        // Two seconds more than its time: the switch is set, the cancel has arrived. Then the proof, once nothing can come any more.
        Run(watchdog, 3 * Second, isAlive: false);
        Assert.True(IsKilled);
        Assert.False(_venue.Orders[Link(1)].IsOpen);
        Run(watchdog, 10 * Second, isAlive: false);
        Assert.Equal((1, GuardState.Waiting), (watchdog.Taken, watchdog.State));
        Assert.Equal(["Guarding", "LeaseStopped", "OrdersTakenAway"], Alarms());

        // Latched: another watchdog does not do it again, and the switch stays.
        Watchdog next = Make();
        Run(next, 60 * Second, isAlive: false);
        Assert.Equal((0, GuardState.Waiting), (next.Taken, next.State));
        Assert.True(IsKilled);
        Assert.Equal(3, Alarms().Length);

        // The next run is guarded as the first one was.
        Run(next, 5 * Second, isAlive: true);
        Assert.Equal(GuardState.Guarding, next.State);
    }

    [Fact]
    public void What_is_not_proven_is_told_and_gone_on_with()
    {
        Watchdog watchdog = Make();
        Run(watchdog, 2 * Second, isAlive: true);
        _venue.Appear(Link(1), 60_000, 0.01m);
        _venue.FaultOf = (verb, _) => verb == "cancel" ? Fault.Refused : Fault.None;
        Run(watchdog, After + Watchdog.ProofMax + (2 * Second), isAlive: false);
        Assert.Equal(["Guarding", "LeaseStopped", "OrdersMayWork"], Alarms());

        // A run that wakes does not stop it.
        _venue.FaultOf = (_, _) => Fault.None;
        Run(watchdog, 30 * Second, isAlive: true);
        Assert.False(_venue.Orders[Link(1)].IsOpen);
        Assert.Contains("OrdersTakenAway", Alarms());
    }

    private static string Link(int number) => LiveRunBench.LinkOf(OrderId.Of(4, 100 + number, 0));

    private bool IsKilled => new RunMemory(_folder.Path).IsKilled;

    private Watchdog Make() => new(
        _folder.Path, After, LiveVenues.Sweep(LiveRunBench.Configure(), [_key], _net, SweepScope.Ours, _clock.Now), _alerts);

    private string[] Alarms() => [.. File.ReadLines(Path.Combine(_folder.Path, "watchdog.log"))
        .Select(line => JsonDocument.Parse(line).RootElement.GetProperty("what").GetString()!)];

    private void Run(Watchdog watchdog, long nanoseconds, bool isAlive)
    {
        for (long end = _clock.Now + nanoseconds; _clock.Now < end;)
        {
            _clock.Advance(20 * VirtualClock.Millisecond);
            if (isAlive)
            {
                LeaseFile.Write(_lease, new LeaseReading(1, 7, ++_beat, LeaseState.Running));
            }

            watchdog.Poll(_clock.Now);
        }
    }
}
