using System;
using System.Collections.Immutable;
using System.IO;
using System.Reflection;
using System.Reflection.Emit;
using LowLatency.Core.Determinism;
using LowLatency.Core.Signals;

namespace LowLatency.Tests.Engine.Strategies;

/// <summary>
/// Makes an assembly with one strategy, whose OnTick does what a test wants: small, exact, and without a compiler.
/// </summary>
internal static class SampleAssembly
{
    internal const string Type = "sample";

    /// <summary>The bytes of an assembly.</summary>
    /// <param name="onTick">Writes the body of OnTick; the return is added.</param>
    /// <param name="shape">Changes the type besides, or null.</param>
    /// <param name="type">The name of the strategy type.</param>
    /// <param name="before">Adds members that the bodies use, or null.</param>
    /// <param name="visit">Writes the body of Visit, or null.</param>
    /// <param name="name">The assembly's name: one of its own where a test asks what is loaded.</param>
    internal static ImmutableArray<byte> Of(
        Action<ILGenerator>? onTick = null,
        Action<TypeBuilder>? shape = null,
        string type = Type,
        Action<TypeBuilder>? before = null,
        Action<ILGenerator>? visit = null,
        string name = "Sample")
    {
        PersistedAssemblyBuilder assembly = new(new AssemblyName(name), typeof(object).Assembly);
        ModuleBuilder module = assembly.DefineDynamicModule(name);
        TypeBuilder strategy = module.DefineType(
            "Samples.Sample", TypeAttributes.Public | TypeAttributes.Sealed | TypeAttributes.Class, typeof(Strategy));
        before?.Invoke(strategy);
        Constructor(strategy);
        Schema(strategy, type);
        Override(strategy, "Visit", [typeof(StateVisitor)], visit);
        Override(strategy, "OnTick", [typeof(StrategyContext)], onTick);
        shape?.Invoke(strategy);
        strategy.CreateType();
        using MemoryStream stream = new();
        assembly.Save(stream);
        return [.. stream.ToArray()];
    }

    /// <summary>A call of a method, its arguments zero and its result thrown away.</summary>
    internal static Action<ILGenerator> Calling(MethodBase method) => code =>
    {
        if (method is MethodInfo { IsStatic: false })
        {
            LocalBuilder self = code.DeclareLocal(method.DeclaringType!);
            code.Emit(method.DeclaringType!.IsValueType ? OpCodes.Ldloca : OpCodes.Ldloc, self);
        }

        foreach (ParameterInfo parameter in method.GetParameters())
        {
            code.Emit(OpCodes.Ldloc, code.DeclareLocal(parameter.ParameterType));
        }

        if (method is ConstructorInfo constructor)
        {
            code.Emit(OpCodes.Newobj, constructor);
            code.Emit(OpCodes.Pop);
            return;
        }

        MethodInfo called = (MethodInfo)method;
        code.Emit(called.IsStatic || called.DeclaringType!.IsValueType ? OpCodes.Call : OpCodes.Callvirt, called);
        if (called.ReturnType != typeof(void))
        {
            code.Emit(OpCodes.Pop);
        }
    };

    private static void Constructor(TypeBuilder strategy)
    {
        ConstructorInfo parent = typeof(Strategy).GetConstructor(BindingFlags.NonPublic | BindingFlags.Instance, [])!;
        ILGenerator code = strategy
            .DefineConstructor(MethodAttributes.Public, CallingConventions.HasThis, [typeof(StrategyParameters)])
            .GetILGenerator();
        code.Emit(OpCodes.Ldarg_0);
        code.Emit(OpCodes.Call, parent);
        code.Emit(OpCodes.Ret);
    }

    /// <summary>A schema without parameters, made anew at each question.</summary>
    private static void Schema(TypeBuilder strategy, string type)
    {
        MethodBuilder getter = strategy.DefineMethod(
            "get_Schema",
            MethodAttributes.Public | MethodAttributes.Static | MethodAttributes.SpecialName | MethodAttributes.HideBySig,
            typeof(ParameterSchema),
            []);
        ILGenerator code = getter.GetILGenerator();
        LocalBuilder none = code.DeclareLocal(typeof(ReadOnlySpan<ParameterDefinition>));
        LocalBuilder orders = code.DeclareLocal(typeof(ReadOnlySpan<ParameterOrder>));
        code.Emit(OpCodes.Ldstr, type);
        code.Emit(OpCodes.Ldstr, "A sample.");
        code.Emit(OpCodes.Ldloc, none);
        code.Emit(OpCodes.Ldloc, orders);
        code.Emit(OpCodes.Newobj, typeof(ParameterSchema).GetConstructors()[0]);
        code.Emit(OpCodes.Ret);
        PropertyBuilder property = strategy.DefineProperty(
            "Schema", PropertyAttributes.None, typeof(ParameterSchema), null);
        property.SetGetMethod(getter);
    }

    private static void Override(TypeBuilder strategy, string name, Type[] parameters, Action<ILGenerator>? body)
    {
        MethodBuilder method = strategy.DefineMethod(
            name,
            MethodAttributes.Public | MethodAttributes.Virtual | MethodAttributes.HideBySig,
            typeof(void),
            parameters);
        ILGenerator code = method.GetILGenerator();
        body?.Invoke(code);
        code.Emit(OpCodes.Ret);
    }
}
