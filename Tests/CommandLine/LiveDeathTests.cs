using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Reflection.Emit;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading;
using System.Threading.Tasks;
using LowLatency.Core.Determinism;
using LowLatency.Engine.Commands;
using LowLatency.Engine.Live;
using LowLatency.Tests.Engine.Strategies;
using Xunit;

namespace LowLatency.Tests.CommandLine;

/// <summary>
/// Live runs that die or hang, as processes: a watchdog beside them takes their orders away in its time and touches nothing while
/// they live; an error of their own is told of, and nothing of theirs is left.
/// </summary>
[Collection("LiveSockets")]
public sealed class LiveDeathTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task A_watchdog_takes_the_orders_of_a_killed_engine_away_and_keeps_the_next_one_from_trading()
    {
        await using LiveRig rig = await LiveRig.StartAsync();
        using EngineProcess engine = rig.Start();
        rig.WaitFor(engine, LiveRig.IsLive);
        using EngineProcess watchdog = Watchdog(rig);
        Until(() => watchdog.Output.Contains("Guarding", StringComparison.Ordinal), watchdog);

        // The negative control: for twice its time nothing is touched while the engine lives.
        long since = Stopwatch.GetTimestamp();
        int lines = engine.CommandLines;
        Until(() => Stopwatch.GetElapsedTime(since) > TimeSpan.FromSeconds(4) && engine.CommandLines > lines, watchdog);
        Assert.DoesNotContain("Tripped", watchdog.Output, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(rig.Run, RunMemory.KillName)));

        rig.WaitFor(engine, status => status.GetProperty("orders").GetProperty("here").GetInt32() > 0);
        engine.KillNow();
        Until(() => watchdog.Output.Contains("proven", StringComparison.Ordinal), watchdog);
        AccountThere left = rig.Read();
        Assert.Equal(0, left.Orders);
        Assert.Contains("Tripped", watchdog.Output, StringComparison.Ordinal);
        Assert.Equal(["Guarding", "LeaseStopped", "OrdersTakenAway"], Alarms(rig, WatchdogCommand.LogName));

        using (EngineProcess again = rig.Start())
        {
            rig.WaitFor(again, now => now.GetProperty("killed").GetBoolean() && LiveRig.IsLive(now));
            again.Terminate();
            Finished finished = again.Wait();
            Assert.Equal(0, finished.ExitCode);
            AccountThere there = rig.Read();
            Assert.Equal(0, there.Orders);
            Assert.Equal(left.Positions, there.Positions);
        }

        watchdog.Terminate();
        Assert.Equal(0, watchdog.Wait().ExitCode);
        rig.AssertReplays();
    }

    [Fact]
    public async Task An_engine_that_hangs_is_dead_and_sends_nothing_when_it_wakes()
    {
        await using LiveRig rig = await LiveRig.StartAsync();
        using EngineProcess engine = rig.Start();
        using EngineProcess? watchdog = Guarded(rig, engine);
        rig.WaitFor(engine, status => status.GetProperty("orders").GetProperty("here").GetInt32() > 0);
        engine.Freeze();
        Until(() => watchdog.Output.Contains("proven", StringComparison.Ordinal), watchdog);
        Assert.Equal(0, rig.Read().Orders);
        int there = (await rig.CountsThereAsync()).GetProperty("bybitOrders").GetInt32();
        engine.Thaw();
        rig.WaitFor(engine, status => status.GetProperty("killProven").GetBoolean());
        Assert.Equal(there, (await rig.CountsThereAsync()).GetProperty("bybitOrders").GetInt32());
        Assert.Equal(0, rig.Read().Orders);
        engine.Terminate();
        Assert.Equal(0, engine.Wait().ExitCode);
        watchdog.Terminate();
        Assert.Equal(0, watchdog.Wait().ExitCode);
    }

    [Fact]
    public async Task A_run_that_ends_as_it_should_is_left_alone()
    {
        await using LiveRig rig = await LiveRig.StartAsync(root => root["live"]!["onStop"] = "leave");
        using EngineProcess engine = rig.Start();
        using EngineProcess watchdog = Guarded(rig, engine);
        rig.WaitFor(engine, status => status.GetProperty("orders").GetProperty("here").GetInt32() > 0);
        engine.Terminate();
        Finished finished = engine.Wait();
        Assert.True(finished.ExitCode == 0, finished.Output + finished.Error);
        Until(() => watchdog.Output.TrimEnd().EndsWith("Waiting", StringComparison.Ordinal), watchdog);
        long since = Stopwatch.GetTimestamp();
        Until(() => Stopwatch.GetElapsedTime(since) > TimeSpan.FromSeconds(4), watchdog);
        Assert.DoesNotContain("Tripped", watchdog.Output, StringComparison.Ordinal);
        watchdog.Terminate();
        Assert.Equal(0, watchdog.Wait().ExitCode);
    }

    [Fact]
    public async Task A_watchdog_without_a_key_of_its_own_or_of_another_account_guards_nothing()
    {
        await using LiveRig rig = await LiveRig.StartAsync();
        Directory.CreateDirectory(rig.Run);
        Finished same = LiveRig.Once("watchdog", rig.Run, "-c", rig.Configuration, "--key-variables", "LOWLATENCY_");
        Assert.Equal(2, same.ExitCode);
        Assert.Contains("a key of its own", same.Error, StringComparison.Ordinal);
        Finished none = LiveRig.Once("watchdog", rig.Run, "-c", rig.Configuration);
        Assert.Equal(2, none.ExitCode);
        Assert.Contains("LOWLATENCY_WATCHDOG_BYBIT_KEY", none.Error, StringComparison.Ordinal);
        Finished other = EngineProcess.Run(Keys("sandbox-key-2", "sandbox-secret-2"), "watchdog", rig.Run, "-c", rig.Configuration);
        Assert.Equal(2, other.ExitCode);
        Assert.Contains("live.accounts allows 1000001", other.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_error_that_ends_a_run_is_told_and_leaves_no_order_or_says_that_it_may(bool isRefused)
    {
        string hook = string.Empty;
        string heard = string.Empty;
        await using LiveRig rig = await LiveRig.StartAsync(
            root =>
            {
                string folder = Directory.CreateTempSubdirectory("lowlatency-death-").FullName;
                heard = Path.Combine(folder, "heard");
                hook = Hook(folder, heard);
                string file = Examples.Save(folder, "throws.dll", SampleAssembly.Of(
                    Throwing(out Action<TypeBuilder> fields, out Action<ILGenerator> visit), before: fields, visit: visit, name: "Throws"));
                root["strategies"]!.AsArray().Add(new JsonObject
                {
                    ["name"] = "throws",
                    ["type"] = SampleAssembly.Type,
                    ["assembly"] = new JsonObject { ["file"] = file, ["sha256"] = Examples.HashOf(file) },
                    ["instruments"] = new JsonArray("BTCUSDT"),
                    ["parameters"] = new JsonObject(),
                });
                root["live"]!["access"]!["alertCommand"] = hook;
            },
            new LowLatency.Sandbox.SandboxOptions
            {
                RateFactor = 20,
                Faults = isRefused
                    ?
                    [
                        new LowLatency.Sandbox.Faults.FaultRule
                        {
                            Kind = LowLatency.Sandbox.Faults.FaultKind.Error,
                            Channel = LowLatency.Sandbox.Faults.SandboxChannel.BybitRest,
                            Match = "/v5/order/realtime",
                            Count = 0,
                            AfterMs = 6_000,
                        },
                    ]
                    : [],
            });
        try
        {
            using EngineProcess engine = rig.Start();
            Finished finished = engine.Wait();
            Assert.True(finished.ExitCode == (isRefused ? ExitCode.OrdersMayWork : ExitCode.Halted), finished.Output + finished.Error);
            string[] told = [.. File.ReadLines(heard).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("alarm").GetString()!)];
            Assert.Contains("Died", told);
            Assert.Contains(isRefused ? "OrdersMayWork" : "OrdersTakenAway", told);
            if (!isRefused)
            {
                Assert.Equal(0, rig.Read().Orders);
            }
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(hook)!, recursive: true);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_start_that_fails_is_told_of_and_takes_away_what_its_own_journal_has_left_and_nothing_else(bool isOwn)
    {
        string folder = Directory.CreateTempSubdirectory("lowlatency-death-").FullName;
        string heard = Path.Combine(folder, "heard");
        await using LiveRig rig = await LiveRig.StartAsync(root => root["live"]!["access"]!["alertCommand"] = Hook(folder, heard));
        try
        {
            using (EngineProcess engine = rig.Start())
            {
                rig.WaitFor(engine, status => status.GetProperty("orders").GetProperty("there").GetInt32() > 0
                    || (LiveRig.IsLive(status) && status.GetProperty("orders").GetProperty("here").GetInt32() > 1));
                engine.KillNow();
            }

            File.Delete(heard);
            // A socket has no room for such a path.
            string tooLong = Path.Combine(rig.Folder, new string('x', LiveControl.PathMax));
            if (isOwn)
            {
                Directory.Move(rig.Run, tooLong);
            }

            Finished failed = LiveRig.Once("run", "--live", "-c", rig.Configuration, "-o", tooLong, "--warm-up", "0");
            Assert.True(failed.ExitCode == ExitCode.Storage, failed.Output + failed.Error);
            Assert.Contains("choose a shorter --out", failed.Error, StringComparison.Ordinal);
            string[] told = [.. File.ReadLines(heard).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("alarm").GetString()!)];
            Assert.Contains("Died", told);
            Assert.Equal(isOwn, told.Contains("OrdersTakenAway"));
            Assert.DoesNotContain("OrdersMayWork", told);
            if (isOwn)
            {
                Assert.Equal(0, rig.Read().Orders);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>A strategy that divides by zero at its hundredth tick.</summary>
    private static Action<ILGenerator> Throwing(out Action<TypeBuilder> fields, out Action<ILGenerator> visit)
    {
        const int last = 100;
        FieldBuilder? ticks = null;
        fields = type => ticks = type.DefineField("_ticks", typeof(int), FieldAttributes.Private);
        visit = code =>
        {
            code.Emit(OpCodes.Ldarg_1);
            code.Emit(OpCodes.Ldarg_0);
            code.Emit(OpCodes.Ldflda, ticks!);
            code.Emit(OpCodes.Callvirt, typeof(StateVisitor).GetMethod("Visit", [typeof(int).MakeByRefType()])!);
        };
        return code =>
        {
            code.Emit(OpCodes.Ldarg_0);
            code.Emit(OpCodes.Ldarg_0);
            code.Emit(OpCodes.Ldfld, ticks!);
            code.Emit(OpCodes.Ldc_I4_1);
            code.Emit(OpCodes.Add);
            code.Emit(OpCodes.Stfld, ticks!);
            code.Emit(OpCodes.Ldc_I4_1);
            code.Emit(OpCodes.Ldarg_0);
            code.Emit(OpCodes.Ldfld, ticks!);
            code.Emit(OpCodes.Ldc_I4, last);
            code.Emit(OpCodes.Sub);
            code.Emit(OpCodes.Div);
            code.Emit(OpCodes.Pop);
        };
    }

    private static string Hook(string folder, string heard)
    {
        string program = Path.Combine(folder, "hook.sh");
        File.WriteAllText(program, $"#!/bin/sh\ncat >> {heard}\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }

        return program;
    }

    private static EngineProcess Guarded(LiveRig rig, EngineProcess engine)
    {
        rig.WaitFor(engine, LiveRig.IsLive);
        EngineProcess watchdog = Watchdog(rig);
        Until(() => watchdog.Output.Contains("Guarding", StringComparison.Ordinal), watchdog);
        return watchdog;
    }

    private static EngineProcess Watchdog(LiveRig rig) => EngineProcess.Start(
        Keys(LiveRig.Key, LiveRig.Secret), "watchdog", rig.Run, "-c", rig.Configuration, "--after-ms", "2000");

    private static Dictionary<string, string> Keys(string key, string secret) => new()
    {
        ["LOWLATENCY_WATCHDOG_BYBIT_KEY"] = key,
        ["LOWLATENCY_WATCHDOG_BYBIT_SECRET"] = secret,
    };

    private static string[] Alarms(LiveRig rig, string log) => [.. File.ReadLines(Path.Combine(rig.Run, log))
        .Select(line => JsonDocument.Parse(line).RootElement.GetProperty("what").GetString()!)
        .Where(what => Enum.TryParse<LiveAlarm>(what, out _))];

    private static void Until(Func<bool> condition, EngineProcess process)
    {
        long start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.False(process.HasExited, "the watchdog has ended: " + process.Output);
            Assert.True(Stopwatch.GetElapsedTime(start) < _patience, "it does not come: " + process.Output);
            Thread.Yield();
        }
    }
}
