using System;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using LowLatency.Core.Events;
using LowLatency.Gateways;
using LowLatency.Journal;

namespace LowLatency.Engine.Running;

/// <summary>
/// Compiles every method that a run may reach before it starts: a path that is first taken after hours (a table that
/// wraps, a gap in the market) must not wait for the JIT then. Warm-up makes the common paths fast; this makes the rare
/// ones ready.
/// </summary>
internal static class Precompile
{
    /// <summary>Compiles the methods of the engine's assemblies that are neither abstract nor generic.</summary>
    /// <returns>Methods prepared.</returns>
    [UnconditionalSuppressMessage(
        "Trimming", "IL2026", Justification = "A method that was trimmed away cannot be reached and need not be ready.")]
    [UnconditionalSuppressMessage(
        "Trimming", "IL2075", Justification = "A method that was trimmed away cannot be reached and need not be ready.")]
    internal static int Run()
    {
        const BindingFlags all = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance
            | BindingFlags.Static | BindingFlags.DeclaredOnly;
        int prepared = 0;
        foreach (Type marker in (Type[])[typeof(Event), typeof(JournalWriter), typeof(IVenue), typeof(Precompile)])
        {
            foreach (Type type in marker.Assembly.GetTypes())
            {
                if (type.ContainsGenericParameters || type.IsInterface)
                {
                    continue;
                }

                foreach (MethodInfo method in type.GetMethods(all))
                {
                    if (!method.IsAbstract && !method.ContainsGenericParameters)
                    {
                        RuntimeHelpers.PrepareMethod(method.MethodHandle);
                        prepared++;
                    }
                }
            }
        }

        return prepared;
    }
}
