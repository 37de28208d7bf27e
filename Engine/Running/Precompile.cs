using System;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using LowLatency.Core.Events;
using LowLatency.Gateways;
using LowLatency.Journal;

namespace LowLatency.Engine.Running;

/// <summary>
/// Compiles, before a run, every method of the assemblies that the hot thread runs. A warm-up meets what is usual; what
/// happens once in a million events would be compiled when it happens.
/// </summary>
internal static class Precompile
{
    private const BindingFlags Declared = BindingFlags.DeclaredOnly
        | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static;

    /// <summary>Compiles them; open generic methods are left to the warm-up.</summary>
    [UnconditionalSuppressMessage(
        "Trimming", "IL2026", Justification = "What was trimmed away is never called and need not be compiled.")]
    [UnconditionalSuppressMessage(
        "Trimming", "IL2075", Justification = "What was trimmed away is never called and need not be compiled.")]
    internal static void Run()
    {
        foreach (Assembly assembly in (ReadOnlySpan<Assembly>)
            [typeof(Event).Assembly, typeof(IVenue).Assembly, typeof(JournalWriter).Assembly, typeof(Precompile).Assembly])
        {
            foreach (Type type in assembly.GetTypes())
            {
                if (!type.ContainsGenericParameters)
                {
                    Compile(type.GetMethods(Declared));
                    Compile(type.GetConstructors(Declared));
                }
            }
        }
    }

    private static void Compile(ReadOnlySpan<MethodBase> methods)
    {
        foreach (MethodBase method in methods)
        {
            if (!method.IsAbstract && !method.ContainsGenericParameters)
            {
                RuntimeHelpers.PrepareMethod(method.MethodHandle);
            }
        }
    }
}
