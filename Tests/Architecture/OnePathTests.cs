using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Text.RegularExpressions;
using LowLatency.Core.Events;
using LowLatency.Gateways;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Architecture;

/// <summary>
/// Whatever the mode, an order goes one way: one type of intent, one risk stage that rules on it, one type of command, and one method
/// by which a venue gets it. Only the order stage makes commands; risk stage and order stage are made by the pipeline alone.
/// </summary>
public sealed class OnePathTests
{
    // What makes commands: the order stage with its parts. The gateway makes one for itself, to find or cancel what nobody answered;
    // the sweep of an account makes cancels, for a run that has died; the local exchange stands for the venue's side.
    private static readonly string[] MayMakeCommands =
    [
        "Core/Orders/GuardOrders.cs", "Core/Orders/OrderStage.cs", "Core/Orders/Reconciling/StrayWatch.cs",
        "Engine/Live/AccountSweep.cs", "Gateways/Alpaca/AlpacaVenue.cs", "Gateways/Live/CommandDesk.cs",
        "Sandbox/Trading/TradingAccount.cs",
    ];

    // Who hands a command to a venue: the two drivers of a pipeline, those that stand in front of a venue, the comparison with what
    // was recorded, the sweep, and the local exchange.
    private static readonly string[] MaySubmit =
    [
        "Engine/Live/AccountSweep.cs", "Engine/Live/LiveAccounts.cs", "Engine/Live/LiveGate.cs", "Engine/Reality/RealityPass.cs",
        "Engine/Running/CommandPrinter.cs", "Engine/Running/Handlers.cs",
        "Engine/Running/MutedRun.cs", "Engine/Strategies/EventTape.cs", "Gateways/Live/LiveVenue.cs", "Sandbox/Trading/TradingAccount.cs",
    ];

    private static readonly string[] MayMakeStages = ["Core/Pipeline/DecisionPipeline.cs"];

    public static TheoryData<string, string[], string> Paths => new()
    {
        { @"new Command\b(?!\[|\s*\()|\bCommand \w+ = new\(\)", MayMakeCommands, "Command leg = new() { Verb = CommandVerb.New };" },
        { @"\.Submit\(", MaySubmit, "venue.Submit(command, 1, 2);" },
        { @"new (RiskStage|OrderStage|OrderRuling)\(", [.. MayMakeStages, "Core/Risk/RiskStage.cs"], "RiskStage mine = new RiskStage(settings);" },
    };

    [Theory]
    [MemberData(nameof(Paths))]
    public void Only_the_named_places_do_it(string pattern, string[] places, string planted)
    {
        string[] found = [.. Shipped().Where(file => Matches(File.ReadAllText(file), pattern)).Select(Relative).Order(StringComparer.Ordinal)];
        Assert.Equal(places.Order(StringComparer.Ordinal), found);
        Assert.True(Matches(planted, pattern), "another path would not be found");
    }

    [Fact]
    public void There_is_one_type_of_intent_of_command_and_of_what_takes_commands()
    {
        Type[] shipped = [.. Assemblies.Shipped.SelectMany(project => Assembly.Load("LowLatency." + project).GetTypes())];
        Assert.Equal([typeof(Intent)], shipped.Where(type => Has(type, typeof(IntentKind))));

        // An answer names the verb that it answers, and a request that waits in the gateway the one that it is for.
        Assert.Equal(
            [typeof(Command)],
            shipped.Where(type => Has(type, typeof(CommandVerb)) && Has(type, typeof(OrderType))));
        MethodInfo[] takers = [.. shipped.Where(type => type.IsInterface)
            .SelectMany(type => type.GetMethods())
            .Where(method => method.GetParameters().Any(p => p.ParameterType == typeof(Command).MakeByRefType()))
            .Where(method => method.DeclaringType!.IsPublic)];
        Assert.Equal([typeof(IVenue).GetMethod(nameof(IVenue.Submit))!], takers);
        Assert.True(Has(typeof(Leg), typeof(CommandVerb)) && Has(typeof(Leg), typeof(OrderType)), "a second type would not be found");
    }

    private static bool Has(Type type, Type field) =>
        type.GetFields(BindingFlags.Instance | BindingFlags.Public).Any(f => f.FieldType == field);

    private static bool Matches(string text, string pattern) => text.Split('\n')
        .Any(line => !line.TrimStart().StartsWith("//", StringComparison.Ordinal)
            && !line.Contains("Command command = new(\"", StringComparison.Ordinal)
            && Regex.IsMatch(line, pattern));

    private static IEnumerable<string> Shipped() => ((string[])["Core", "Journal", "Gateways", "Sandbox", "Engine"])
        .SelectMany(project => Directory.EnumerateFiles(Path.Combine(Repository.Root, project), "*.cs", SearchOption.AllDirectories))
        .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal));

    private static string Relative(string file) => Path.GetRelativePath(Repository.Root, file).Replace('\\', '/');

    private struct Leg()
    {
        public CommandVerb Verb = CommandVerb.New;
        public OrderType Type = OrderType.Limit;
    }
}
