using System;
using System.Collections.Generic;
using System.Linq;
using Xunit;

namespace LowLatency.Tests.Architecture;

/// <summary>
/// Floating point stays behind its walls. The banned-symbol analyzer cannot ban <c>double</c>, so the compiled assembly is
/// read: signatures of fields, methods and locals, members called, and opcodes.
/// </summary>
public sealed class FloatWallTests
{
    private static readonly string[] FloatingTypes =
        ["System.Double", "System.Single", "System.Decimal", "System.Half"];

    /// <summary>Namespaces that may calculate with floating point. What leaves them is a whole number of a declared unit.</summary>
    private static readonly string[] OpenNamespaces =
        ["LowLatency.Core.Signals", "LowLatency.Core.Arbitration", "LowLatency.Core.Formats"];

    /// <summary>Single types outside: dice for models, the walk over state, and our own exp, log and pow.</summary>
    private static readonly string[] OpenTypes =
    [
        "LowLatency.Core.Determinism.DeterministicMath",
        "LowLatency.Core.Determinism.StateVisitor",
        "LowLatency.Core.Determinism.Xoshiro256",
    ];

    [Fact]
    public void Core_calculates_with_whole_numbers_outside_the_named_places() =>
        Assert.DoesNotContain(Floating(Assemblies.CoreMentions), mention => !IsOpen(mention));

    [Fact]
    public void The_scan_sees_the_places_that_are_open() =>
        Assert.Contains(Floating(Assemblies.CoreMentions), mention => mention.Type == "Xoshiro256");

    [Theory]
    [InlineData("FloatField", true)]
    [InlineData("DoubleSignature", true)]
    [InlineData("DoubleInferred", true)]
    [InlineData("DecimalLocal", true)]
    [InlineData("WholeNumbers", false)]
    public void A_type_with_floating_point_is_found(string type, bool found) =>
        Assert.Equal(found, Floating(Assemblies.TestsMentions).Any(mention =>
            mention.Namespace == "LowLatency.Tests.Architecture.Samples" && mention.Type == type && !IsOpen(mention)));

    private static IEnumerable<Mention> Floating(IEnumerable<Mention> mentions) => mentions.Where(mention =>
        mention.Used.StartsWith("opcode:", StringComparison.Ordinal)
        || FloatingTypes.Contains(mention.Used.Split("::")[0]));

    private static bool IsOpen(Mention mention) =>
        OpenTypes.Contains(mention.FullType)
        || OpenNamespaces.Any(open => mention.Namespace == open
            || mention.Namespace.StartsWith(open + ".", StringComparison.Ordinal));
}
