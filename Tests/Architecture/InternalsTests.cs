using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using System.Runtime.CompilerServices;
using Xunit;

namespace LowLatency.Tests.Architecture;

/// <summary>What an assembly keeps to itself stays there: internals are open to tests alone, and nobody goes around.</summary>
public sealed class InternalsTests
{
    private static readonly string[] Around =
    [
        "System.Reflection.FieldInfo::GetValue", "System.Reflection.FieldInfo::SetValue", "System.Reflection.FieldInfo::GetValueDirect",
        "System.Reflection.FieldInfo::SetValueDirect", "System.Reflection.PropertyInfo::GetValue", "System.Reflection.PropertyInfo::SetValue",
        "System.Reflection.MethodBase::Invoke", "System.Reflection.MethodInfo::CreateDelegate", "System.Reflection.ConstructorInfo::Invoke",
        "System.Type::InvokeMember", "System.Runtime.CompilerServices.UnsafeAccessorAttribute",
    ];

    // Fields of the stored structs are compared and printed by name, constants too; the check of a strategy looks for state that it
    // forgets; a strategy of a loaded assembly is made by its public constructor.
    private static readonly string[] MayGoAround =
    [
        "LowLatency.Journal.Audit.FieldTable`1", "LowLatency.Journal.AuditComparer", "LowLatency.Journal.Inspection.PayloadFields",
        "LowLatency.Engine.Strategies.FieldComparer", "LowLatency.Engine.Strategies.StrategyAssembly",
    ];

    [Theory]
    [InlineData("Core")]
    [InlineData("Journal", "LowLatency.Tests")]
    [InlineData("Gateways", "LowLatency.Tests")]
    [InlineData("Sandbox", "LowLatency.Tests")]
    [InlineData("Engine", "LowLatency.Tests", "LowLatency.Bench")]
    public void Internals_are_open_to_tests_and_measurements_alone(string project, params string[] friends) =>
        Assert.Equal(friends, Assembly.Load("LowLatency." + project)
            .GetCustomAttributes<InternalsVisibleToAttribute>().Select(open => open.AssemblyName));

    [Fact]
    public void Nobody_reaches_members_by_reflection_but_the_listed()
    {
        string[] found = [.. Assemblies.Shipped.SelectMany(project => ReachersOf(MetadataScan.Of(Assemblies.Path(project)))).Distinct()];
        Assert.Equal(MayGoAround.Order(StringComparer.Ordinal), found.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_way_around_is_found() =>
        Assert.Contains("LowLatency.Tests.Architecture.LayoutTests", ReachersOf(Assemblies.TestsMentions));

    /// <summary>What a type shows is not written from outside: no public field of a class can be assigned.</summary>
    [Fact]
    public void No_class_has_a_public_field_that_can_be_assigned()
    {
        Assert.Empty(Assemblies.Shipped.SelectMany(project => Assignable(Assembly.Load("LowLatency." + project))));
        Assert.Contains(Assignable(typeof(InternalsTests).Assembly), name => name.EndsWith("Open.Count", StringComparison.Ordinal));
    }

    private static IEnumerable<string> ReachersOf(IEnumerable<Mention> mentions) =>
        mentions.Where(mention => Around.Contains(mention.Used)).Select(mention => mention.FullType);

    private static IEnumerable<string> Assignable(Assembly assembly) => assembly.GetTypes()
        .Where(type => type.IsClass && !type.Name.Contains('<', StringComparison.Ordinal))
        .SelectMany(type => type.GetFields(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly))
        .Where(field => !field.IsInitOnly)
        .Select(field => $"{field.DeclaringType!.FullName}.{field.Name}".Replace('+', '.'));

    private sealed class Open
    {
        public int Count = 1;

        public override string ToString() => Count.ToString(System.Globalization.CultureInfo.InvariantCulture);
    }
}
