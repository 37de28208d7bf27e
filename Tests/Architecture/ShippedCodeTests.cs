using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Architecture;

/// <summary>What no shipped assembly may do, or only in a place that is listed here; read from the compiled assemblies.</summary>
public sealed partial class ShippedCodeTests
{
    /// <summary>
    /// The places that may catch any exception, or with a condition. Those of the threads keep it as the reason of their
    /// end; the others let go of what they hold and throw on, or throw what cannot be read as a refusal.
    /// </summary>
    private static readonly string[] MayCatchAll =
    [
        "LowLatency.Core.Ring.ConsumerThread.Run",
        "LowLatency.Core.Ring.Consumer`2.Poll",
        "LowLatency.Engine.Commands.CommandFailure.Guard",
        "LowLatency.Engine.Commands.CommandFailure.GuardAsync",
        // Whatever ends a live run: its orders are taken away first, and it is thrown on.
        "LowLatency.Engine.Commands.LiveCommand.Guarded",
        "LowLatency.Engine.Commands.LiveCommand.Trade",
        // What ends asynchronously is let go of by the compiler's own catch, which throws on.
        "LowLatency.Engine.Commands.SandboxCommand.RunAsync",
        // A calendar or a model that is not what it should be is refused with what the parser says.
        "LowLatency.Engine.Configuration.Resources.MarketHoursDatabase.Rules",
        "LowLatency.Engine.Configuration.Resources.ModelFile.Read",
        "LowLatency.Engine.Configuration.Resources.ModelManifest.Read",
        // What killed a run may kill its last resort too, which then has proven nothing.
        "LowLatency.Engine.Live.LastResort.TrySweep",
        // A lost connection is an expected end, whichever way it is told; every request ends, whatever happens.
        "LowLatency.Engine.Network.HttpRestClient.RunAsync",
        "LowLatency.Engine.Network.SocketConnection.RunAsync",
        "LowLatency.Engine.Network.SocketConnection.SendAsync",
        "LowLatency.Engine.Running.EarlierCheck.Run",
        "LowLatency.Engine.Running.Follower.Run",
        "LowLatency.Engine.Running.JournalDirectory.Open",
        "LowLatency.Engine.Running.MarketThread.Run",
        "LowLatency.Engine.Running.SpaceWatch.Look",
        "LowLatency.Engine.Strategies.StrategyAssembly.Bind",
        "LowLatency.Engine.Strategies.StrategyAssembly.Create",
        "LowLatency.Engine.Sweeps.SweepRun.Work",
        "LowLatency.Journal.Format.RecordReader.Open",
        "LowLatency.Journal.Import.LineReader..ctor",
        "LowLatency.Journal.Import.LineReader.Fill",
        "LowLatency.Journal.SyncThread.Run",
        // A connection ends in any of several ways, by the other side, by a fault or by the end of the sandbox.
        "LowLatency.Sandbox.SandboxServer.StartAsync",
        "LowLatency.Sandbox.Trading.ExchangeThread.Run",
        "LowLatency.Sandbox.Web.SandboxApplication.ProcessRequestAsync",
        "LowLatency.Sandbox.Web.Session.NextAsync",
        "LowLatency.Sandbox.Web.Session.ReceiveAllAsync",
        "LowLatency.Sandbox.Web.Session.RunAsync",
        "LowLatency.Sandbox.Web.Session.SendAllAsync",
    ];

    /// <summary>
    /// The places that may catch and do nothing, because it is said elsewhere: how a request or connection ended follows in the
    /// finally block, and the reader of the configuration names what is no JSON.
    /// </summary>
    private static readonly string[] MayForget =
    [
        "LowLatency.Engine.Network.HttpRestClient.RunAsync",
        "LowLatency.Engine.Network.SocketConnection.RunAsync",
        "LowLatency.Engine.Strategies.StrategyLibrary.Named",
        "LowLatency.Sandbox.Web.Session.ReceiveAllAsync",
    ];

    private static readonly string[] Blocking =
    [
        "System.Threading.Thread::Sleep", "System.Threading.Tasks.Task::Wait", "System.Threading.Tasks.Task::WaitAll",
        "System.Threading.Tasks.Task::WaitAny", "System.Threading.Tasks.Task`1::get_Result",
        "System.Threading.Tasks.ValueTask`1::get_Result", "System.Runtime.CompilerServices.TaskAwaiter::GetResult",
        "System.Runtime.CompilerServices.TaskAwaiter`1::GetResult",
        "System.Runtime.CompilerServices.ValueTaskAwaiter::GetResult",
        "System.Runtime.CompilerServices.ValueTaskAwaiter`1::GetResult",
    ];

    private static readonly string[] ProcessWide =
    [
        "System.AppDomain::add_", "System.Runtime.Loader.AssemblyLoadContext::add_", "System.Console::add_CancelKeyPress",
        "System.Threading.Tasks.TaskScheduler::add_", "System.Runtime.InteropServices.PosixSignalRegistration::Create",
    ];

    private static readonly string[] Settings =
    [
        "System.Environment::GetEnvironmentVariable", "System.Environment::ExpandEnvironmentVariables", "System.AppContext::TryGetSwitch",
        "System.AppContext::GetData", "System.AppDomain::GetData", "System.Configuration.", "Microsoft.Extensions.Configuration.", "Microsoft.Win32.Registry",
    ];

    private static IReadOnlyList<Mention> Mentions { get; } =
        [.. Assemblies.Shipped.SelectMany(project => MetadataScan.Of(Assemblies.Path(project)))];

    [Fact]
    public void Nothing_sleeps_or_blocks_on_a_task() => Assert.Empty(Of(Mentions, Blocking));

    /// <summary>Time is waited out where that is what was asked for, by a fault; and a full pipe is looked at again.</summary>
    [Fact]
    public void Time_is_waited_out_in_the_listed_places_only() =>
        Assert.Equal(
            [
                "LowLatency.Engine.Network.SocketConnection", "LowLatency.Sandbox.Web.FaultStream",
                "LowLatency.Sandbox.Web.SandboxApplication", "LowLatency.Sandbox.Web.Session",
            ],
            Of(Mentions, ["System.Threading.Tasks.Task::Delay"]).Select(mention => mention.FullType)
                .Distinct().Order(StringComparer.Ordinal));

    [Fact]
    public void Core_and_journal_are_synchronous() =>
        Assert.Empty(Of(
            [.. Assemblies.CoreMentions, .. MetadataScan.Of(Assemblies.Path("Journal"))], ["System.Threading.Tasks."]));

    [Fact]
    public void Any_exception_is_caught_only_at_a_listed_boundary() =>
        Assert.Equal(MayCatchAll, CatchAll(Mentions).Select(mention => Written(mention.FullType + "." + mention.Where))
            .Distinct().Order(StringComparer.Ordinal));

    /// <summary>Nothing that is caught is forgotten but in the listed places.</summary>
    [Fact]
    public void A_handler_that_does_nothing_is_a_listed_one() =>
        Assert.Equal(MayForget, Forgetful(Mentions).Select(mention => Written(mention.FullType + "." + mention.Where))
            .Distinct().Order(StringComparer.Ordinal));

    [Fact]
    public void What_the_compiler_catches_for_an_asynchronous_method_is_not_meant() =>
        Assert.DoesNotContain(CatchAll(Assemblies.TestsMentions), mention => Written(mention.Where).EndsWith("CatchNothingLater", StringComparison.Ordinal));

    [Fact]
    public void Only_the_signals_to_stop_and_to_kill_and_the_last_resort_set_handlers_of_the_whole_process() =>
        Assert.Equal(
            ["LowLatency.Engine.Running.StopSignals", "LowLatency.Engine.Live.LastResort", "LowLatency.Engine.Live.LiveControl"],
            Of(Mentions, ProcessWide).Select(mention => mention.FullType).Distinct());

    [Fact]
    public void Nothing_reads_a_setting_from_the_environment() =>

        // A key is no setting: it must not stand in a file of settings.
        Assert.Equal(
            ["LowLatency.Engine.Network.CredentialSource"], Of(Mentions, Settings).Select(mention => mention.FullType).Distinct());

    [Fact]
    public void Nothing_unfinished_is_shipped()
    {
        Assert.Empty(Of(Mentions, ["System.NotImplementedException"]));
        int files = 0;
        foreach (string file in NamespaceTests.Sources())
        {
            if (Assemblies.Shipped.Contains(Path.GetRelativePath(Repository.Root, file).Split('/', '\\')[0]))
            {
                Assert.True(!ToDo().IsMatch(File.ReadAllText(file)), file + " has an open to-do");
                files++;
            }
        }

        Assert.True(files > 20);
        Assert.Matches(ToDo(), "x(); // TO" + "DO: y");
    }

    // Each scan is shown a method that does what it must find; a scan that finds nothing anywhere would prove nothing.
    [Theory]
    [InlineData("Sleep", nameof(Blocking))]
    [InlineData("TaskWait", nameof(Blocking))]
    [InlineData("TaskResult", nameof(Blocking))]
    [InlineData("TaskAwaiter", nameof(Blocking))]
    [InlineData("Hook", nameof(ProcessWide))]
    [InlineData("Variable", nameof(Settings))]
    [InlineData("Switch", nameof(Settings))]
    [InlineData("Unfinished", "System.NotImplementedException")]
    [InlineData("CatchAll", nameof(CatchAll))]
    [InlineData("CatchWhen", nameof(CatchAll))]
    [InlineData("CatchAllLater", nameof(CatchAll))]
    [InlineData("Forget", nameof(Forgetful))]
    [InlineData("ForgetLater", nameof(Forgetful))]
    public void A_method_that_breaks_a_rule_is_found(string method, string rule)
    {
        IEnumerable<Mention> found = rule switch
        {
            nameof(Blocking) => Of(Assemblies.TestsMentions, Blocking),
            nameof(ProcessWide) => Of(Assemblies.TestsMentions, ProcessWide),
            nameof(Settings) => Of(Assemblies.TestsMentions, Settings),
            nameof(CatchAll) => CatchAll(Assemblies.TestsMentions),
            nameof(Forgetful) => Forgetful(Assemblies.TestsMentions),
            _ => Of(Assemblies.TestsMentions, [rule]),
        };
        Assert.Contains(found, mention => mention.Type == "Callers" && Written(mention.Where) == method);
    }

    private static IEnumerable<Mention> Of(IEnumerable<Mention> mentions, string[] wanted) =>
        mentions.Where(mention => wanted.Any(name => mention.Used.StartsWith(name, StringComparison.Ordinal)));

    private static IEnumerable<Mention> CatchAll(IEnumerable<Mention> mentions) =>
        mentions.Where(mention => mention.Used is "catch:System.Exception" or "catch:System.Object" or "catch:when");

    private static IEnumerable<Mention> Forgetful(IEnumerable<Mention> mentions) => mentions.Where(mention => mention.Used == "catch:empty");

    private static string Written(string name) => Asynchronous().Replace(name, "$1");

    // What the compiler makes of an asynchronous method is named after it.
    [GeneratedRegex(@"<(\w+)>d__\d+\.MoveNext$")]
    private static partial Regex Asynchronous();

    [GeneratedRegex(@"\b(TODO|FIXME|HACK)\b")]
    private static partial Regex ToDo();
}
