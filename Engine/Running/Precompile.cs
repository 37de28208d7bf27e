using System;
using System.Collections.Generic;
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

    /// <summary>
    /// Compiles them, and generic methods for each struct that they are made for; what is generic otherwise is left to the
    /// warm-up.
    /// </summary>
    [UnconditionalSuppressMessage(
        "Trimming", "IL2026", Justification = "What was trimmed away is never called and need not be compiled.")]
    [UnconditionalSuppressMessage(
        "Trimming", "IL2075", Justification = "What was trimmed away is never called and need not be compiled.")]
    internal static void Run()
    {
        List<Type> types = [];
        foreach (Assembly assembly in (ReadOnlySpan<Assembly>)
            [typeof(Event).Assembly, typeof(IVenue).Assembly, typeof(JournalWriter).Assembly, typeof(Precompile).Assembly])
        {
            foreach (Type type in assembly.GetTypes())
            {
                if (!type.ContainsGenericParameters)
                {
                    types.Add(type);
                }
            }
        }

        foreach (Type type in types)
        {
            Compile(type.GetMethods(Declared), types);
            Compile(type.GetConstructors(Declared), types);
        }
    }

    private static void Compile(ReadOnlySpan<MethodBase> methods, List<Type> types)
    {
        foreach (MethodBase method in methods)
        {
            if (method.IsGenericMethodDefinition)
            {
                CompileForStructs((MethodInfo)method, types);
            }
            else if (!method.IsAbstract && !method.ContainsGenericParameters && IsCode(method))
            {
                RuntimeHelpers.PrepareMethod(method.MethodHandle);
            }
        }
    }

    // What the runtime makes itself has none: the methods of delegates.
    private static bool IsCode(MethodBase method) =>
        (method.MethodImplementationFlags & MethodImplAttributes.CodeTypeMask) == MethodImplAttributes.IL;

    /// <summary>A struct as type argument has code of its own, which a rare path would else wait for.</summary>
    [UnconditionalSuppressMessage(
        "Trimming", "IL2060", Justification = "What was trimmed away is never called and need not be compiled.")]
    [UnconditionalSuppressMessage(
        "AOT", "IL3050", Justification = "Compiled ahead of time, nothing is left to compile.")]
    private static void CompileForStructs(MethodInfo method, List<Type> types)
    {
        if (method.IsAbstract || method.GetGenericArguments() is not [var parameter]
            || parameter.GetGenericParameterConstraints() is not { Length: > 0 } constraints)
        {
            return;
        }

        foreach (Type type in types)
        {
            if (type.IsValueType && !type.IsByRefLike && Array.TrueForAll(constraints, c => c.IsAssignableFrom(type))
                && Array.Exists(constraints, c => c.IsInterface))
            {
                RuntimeHelpers.PrepareMethod(method.MakeGenericMethod(type).MethodHandle, [type.TypeHandle]);
            }
        }
    }
}
