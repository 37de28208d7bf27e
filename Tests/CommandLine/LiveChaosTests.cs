using System;
using System.Linq;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using LowLatency.Sandbox;
using LowLatency.Sandbox.Faults;
using Xunit;

namespace LowLatency.Tests.CommandLine;

/// <summary>
/// The shipped program while the network and the machine do to it what they can: answers are lost and late, messages come twice, late
/// and in another order, connections end, the process stands still. It is judged by what the exchange has and by its own journal.
/// </summary>
public sealed class LiveChaosTests
{
    private const int Percent = 10_000;

    [Fact]
    public async Task Under_faults_on_every_way_and_pauses_of_the_process_both_sides_agree_in_the_end()
    {
        SandboxOptions options = new()
        {
            RateFactor = 20,
            Faults =
            [
                Chance(FaultKind.Drop, SandboxChannel.BybitTrade, 5),
                Chance(FaultKind.LoseRequest, SandboxChannel.BybitTrade, 5),
                Chance(FaultKind.Error, SandboxChannel.BybitTrade, 3),
                Chance(FaultKind.Delay, SandboxChannel.BybitTrade, 3) with { Ms = 300 },
                Chance(FaultKind.Cut, SandboxChannel.BybitTrade, 1) with { Bytes = 5 },
                Chance(FaultKind.Duplicate, SandboxChannel.BybitPrivate, 10),
                Chance(FaultKind.Reorder, SandboxChannel.BybitPrivate, 10),
                Chance(FaultKind.Delay, SandboxChannel.BybitPrivate, 3) with { Ms = 300 },
                Chance(FaultKind.Garble, SandboxChannel.BybitPrivate, 1),
                Chance(FaultKind.Error, SandboxChannel.BybitRest, 5) with { Match = "GET" },
                Chance(FaultKind.Duplicate, SandboxChannel.BybitPublic, 1),
                Chance(FaultKind.Drop, SandboxChannel.BybitPublic, 1),
                new FaultRule { Kind = FaultKind.Cut, Channel = SandboxChannel.BybitPrivate, Nth = 40, Every = 200, Count = 2, Bytes = 9 },
            ],
        };
        await using LiveRig rig = await LiveRig.StartAsync(null, options);
        long told;
        using (EngineProcess process = rig.Start())
        {
            JsonElement status = rig.WaitFor(process, LiveRig.Has("executions", 5));
            using ManualResetEventSlim nobody = new(false);
            foreach (int milliseconds in (ReadOnlySpan<int>)[300, 1_500, 5_500])
            {
                process.Freeze();
                nobody.Wait(milliseconds, TestContext.Current.CancellationToken);
                process.Thaw();
                long executions = status.GetProperty("executions").GetInt64();
                status = rig.WaitFor(process, LiveRig.Has("executions", executions + 3));
            }

            told = ((string[])["AccountStreamLost", "OutcomeUnknown", "Quarantined", "ReadBackFailed", "OrderRejected"])
                .Sum(alarm => status.GetProperty("alarms").TryGetProperty(alarm, out JsonElement times) ? times.GetInt64() : 0);
            process.Terminate();
            Finished finished = process.Wait();
            Assert.True(finished.ExitCode == 0, finished.Output + finished.Error);
            Assert.Contains("stopped  Clean", finished.Output, StringComparison.Ordinal);
        }

        Assert.True(told > 0, "nothing went wrong that anybody had to be told of");
        rig.AssertEqualOnBothSides(out int traded, wasCut: true);
        Assert.True(traded >= 3, $"{traded} executions prove little");
        rig.AssertReplays();
        (int asked, int there) = rig.OrdersOf(await rig.CountsThereAsync());
        Assert.InRange(there, 1, asked);
    }

    // For a while, so that what is left in doubt can be proven afterwards; the end itself has to get through.
    private static FaultRule Chance(FaultKind kind, SandboxChannel channel, int percent) =>
        new() { Kind = kind, Channel = channel, Count = 0, ChancePpm = percent * Percent, AfterMs = 3_000, UntilMs = 25_000 };
}
