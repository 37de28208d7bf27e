using System;
using System.Collections.Generic;
using System.Linq;
using LowLatency.Gateways;
using Xunit;

namespace LowLatency.Tests.Architecture;

/// <summary>
/// Who speaks to the outside: a command leaves by a venue alone, bytes by the transport, words by the command line. Read from the
/// compiled assemblies.
/// </summary>
public sealed class OutsideTests
{
    private const string Submit = "LowLatency.Gateways.IVenue::Submit";

    // The gate of the topology, those that stand between it and a venue, and a run over recorded events, whose venue is simulated.
    private static readonly string[] HandsOver =
    [
        "LowLatency.Engine.Live.LiveGate", "LowLatency.Engine.Running.CommandPrinter",
        "LowLatency.Engine.Running.GatewayHandler`1", "LowLatency.Engine.Strategies.EventTape",
    ];

    // The server of the sandbox, and who asks whether it is one; alerts; the socket at which a run is asked and killed; requests and
    // connections of venues.
    private static readonly string[] HasSockets =
    [
        "LowLatency.Engine.Commands.SandboxCommand", "LowLatency.Engine.Live.AlertSender", "LowLatency.Engine.Live.LiveControl",
        "LowLatency.Engine.Live.SandboxProof", "LowLatency.Engine.Network.HttpRestClient", "LowLatency.Engine.Network.SocketConnection",
    ];

    // Tables that commands print.
    private static readonly string[] Tables =
    [
        "LowLatency.Engine.Latency.LatencyTable", "LowLatency.Engine.Reality.RealityTables",
        "LowLatency.Engine.Results.PerformanceTable", "LowLatency.Engine.Results.ResultTable",
    ];

    private static IReadOnlyList<Mention> Mentions { get; } =
        [.. Assemblies.Shipped.SelectMany(project => MetadataScan.Of(Assemblies.Path(project)))];

    [Fact]
    public void A_command_is_handed_over_by_the_listed_alone() =>
        Assert.Equal(HandsOver, TypesThat(Mentions, mention => mention.Used == Submit));

    [Fact]
    public void Sockets_are_opened_by_the_listed_alone() => Assert.Equal(
        HasSockets, TypesThat(Mentions, mention => !mention.Namespace.StartsWith("LowLatency.Sandbox", StringComparison.Ordinal) && IsNetwork(mention)));

    [Fact]
    public void The_console_is_the_command_lines() => Assert.Equal(
        Tables, TypesThat(Mentions, mention => mention.Namespace != "LowLatency.Engine.Commands" && IsConsole(mention)));

    [Fact]
    public void Each_of_them_would_be_found()
    {
        Assert.Contains("LowLatency.Tests.Gateways.VenueHarness", TypesThat(Assemblies.TestsMentions, mention => mention.Used == Submit));
        Assert.Contains("LowLatency.Tests.Engine.Network.HttpRestClientTests", TypesThat(Assemblies.TestsMentions, IsNetwork));
        Assert.Contains("LowLatency.Tests.Suites.SuiteCommand", TypesThat(Assemblies.TestsMentions, IsConsole));
        Assert.True(typeof(IVenue).GetMethod("Submit") is not null, "the name of what is looked for has changed");
    }

    private static bool IsNetwork(Mention mention) =>
        mention.Used.StartsWith("System.Net.", StringComparison.Ordinal) && !mention.Used.StartsWith("System.Net.WebUtility", StringComparison.Ordinal);

    private static bool IsConsole(Mention mention) =>
        mention.Used.StartsWith("System.Console::", StringComparison.Ordinal) || mention.Used.StartsWith("Spectre.Console.AnsiConsole", StringComparison.Ordinal);

    private static string[] TypesThat(IEnumerable<Mention> mentions, Func<Mention, bool> condition) =>
        [.. mentions.Where(condition).Select(mention => mention.FullType).Distinct().Order(StringComparer.Ordinal)];
}
