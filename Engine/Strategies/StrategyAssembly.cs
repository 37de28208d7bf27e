using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.IO;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;
using System.Security.Cryptography;
using LowLatency.Core.Determinism;
using LowLatency.Core.Signals;

namespace LowLatency.Engine.Strategies;

/// <summary>An assembly of strategies is not used; the message says why.</summary>
internal sealed class StrategyRefusedException(string message) : Exception(message);

/// <summary>
/// A loaded assembly of strategies: exactly the bytes that were hashed and scanned, its methods compiled, its types known.
/// </summary>
internal sealed class StrategyAssembly
{
    /// <summary>An assembly of strategies larger than this is something else: 16 MiB.</summary>
    internal const int BytesMax = 1 << 24;

    private const BindingFlags Declared = BindingFlags.DeclaredOnly
        | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static;

    private readonly Dictionary<string, ConstructorInfo> _constructors;

    private StrategyAssembly(
        string file, string sha256, ImmutableArray<byte> image, string name, Dictionary<string, ConstructorInfo> constructors,
        ImmutableArray<ParameterSchema> schemas)
    {
        File = file;
        Sha256 = sha256;
        Image = image;
        Name = name;
        _constructors = constructors;
        Schemas = schemas;
    }

    /// <summary>Where it was read from.</summary>
    internal string File { get; }

    /// <summary>SHA-256 of its bytes, lower-case hexadecimal.</summary>
    internal string Sha256 { get; }

    /// <summary>Its bytes.</summary>
    internal ImmutableArray<byte> Image { get; }

    /// <summary>Its own name and version.</summary>
    internal string Name { get; }

    /// <summary>Its strategy types, in the order of their names.</summary>
    internal ImmutableArray<ParameterSchema> Schemas { get; }

    /// <summary>Reads, checks and loads an assembly.</summary>
    /// <param name="path">The file.</param>
    /// <param name="sha256">The hash that it must have.</param>
    /// <exception cref="StrategyRefusedException">It is absent, other code than pinned, or does what a strategy may not.</exception>
    internal static StrategyAssembly Load(string path, string sha256)
    {
        ImmutableArray<byte> image = Read(path);
        string actual = HashOf(image);
        if (!string.Equals(actual, sha256, StringComparison.Ordinal))
        {
            throw new StrategyRefusedException($"{path} has SHA-256 {actual}, the configuration pins {sha256}");
        }

        if (FindingsOf(path, image) is { Count: > 0 } findings)
        {
            throw new StrategyRefusedException(
                $"{path} does what a strategy may not:" + Environment.NewLine + "    "
                + string.Join(Environment.NewLine + "    ", findings));
        }

        return Bind(path, actual, image);
    }

    /// <summary>What a file does that a strategy may not.</summary>
    internal static IReadOnlyList<ScanFinding> FindingsOf(string path, ImmutableArray<byte> image)
    {
        try
        {
            return AssemblyScan.Of(image);
        }
        catch (BadImageFormatException damaged)
        {
            throw new StrategyRefusedException($"{path} is no readable assembly: {damaged.Message}");
        }
    }

    internal static string HashOf(ImmutableArray<byte> image) => Convert.ToHexStringLower(SHA256.HashData(image.AsSpan()));

    /// <summary>Reads a file of strategies.</summary>
    internal static ImmutableArray<byte> Read(string path)
    {
        FileInfo file = new(path);
        if (!file.Exists)
        {
            throw new StrategyRefusedException($"{path}: there is no such file");
        }

        if (file.Length > BytesMax)
        {
            throw new StrategyRefusedException($"{path} has {file.Length} bytes; at most {BytesMax} are allowed");
        }

        try
        {
            return [.. System.IO.File.ReadAllBytes(path)];
        }
        catch (UnauthorizedAccessException)
        {
            throw new StrategyRefusedException($"{path} cannot be read: permission denied");
        }
    }

    /// <summary>Makes a strategy of one of its types.</summary>
    internal Strategy Create(StrategyParameters parameters)
    {
        try
        {
            return (Strategy)_constructors[parameters.Schema.Type].Invoke([parameters]);
        }
        catch (TargetInvocationException failed) when (failed.InnerException is { } inner)
        {
            throw new BrokenInvariantException(
                $"the constructor of strategy type {parameters.Schema.Type} of {File} failed: {inner.Message}", inner);
        }
    }

    [UnconditionalSuppressMessage(
        "Trimming", "IL2026", Justification = "A loaded assembly is never trimmed, and what of Core it misses refuses it.")]
    [UnconditionalSuppressMessage(
        "Trimming", "IL2075", Justification = "A loaded assembly is never trimmed.")]
    private static StrategyAssembly Bind(string path, string sha256, ImmutableArray<byte> image)
    {
        if (!RuntimeFeature.IsDynamicCodeSupported)
        {
            throw new StrategyRefusedException($"{path}: this build of the engine cannot load code; use a built-in strategy");
        }

        try
        {
            using MemoryStream stream = new([.. image], writable: false);
            Assembly assembly = new Context(path).LoadFromStream(stream);
            Dictionary<string, ConstructorInfo> constructors = new(StringComparer.Ordinal);
            SortedDictionary<string, ParameterSchema> schemas = new(StringComparer.Ordinal);
            foreach (Type type in assembly.GetTypes())
            {
                Compile(type);
                if (!type.IsAbstract && type.IsSubclassOf(typeof(Strategy)))
                {
                    ParameterSchema schema = SchemaOf(path, type);
                    if (!schemas.TryAdd(schema.Type, schema))
                    {
                        throw new StrategyRefusedException($"{path} names two strategies \"{schema.Type}\"");
                    }

                    constructors.Add(schema.Type, type.GetConstructor([typeof(StrategyParameters)])!);
                }
            }

            return schemas.Count == 0
                ? throw new StrategyRefusedException($"{path} holds no strategy: no class that derives from {typeof(Strategy).FullName}")
                : new StrategyAssembly(
                    path, sha256, image, assembly.FullName ?? path, constructors, [.. schemas.Values]);
        }
        catch (Exception failed) when (failed is ReflectionTypeLoadException or TypeLoadException or MissingMemberException
            or FileLoadException or FileNotFoundException or BadImageFormatException or InvalidProgramException)
        {
            throw new StrategyRefusedException(
                $"{path} does not fit this engine (was it built against another {ScanRules.Core}?): {failed.Message}");
        }
    }

    /// <summary>Compiles a type's methods now: what is missing in the contract is missing here and not in the market.</summary>
    [UnconditionalSuppressMessage(
        "Trimming", "IL2070", Justification = "A loaded assembly is never trimmed.")]
    private static void Compile(Type type)
    {
        if (type.ContainsGenericParameters)
        {
            return;
        }

        foreach (MethodBase method in (MethodBase[])[.. type.GetMethods(Declared), .. type.GetConstructors(Declared)])
        {
            if (!method.IsAbstract && !method.ContainsGenericParameters)
            {
                RuntimeHelpers.PrepareMethod(method.MethodHandle);
            }
        }
    }

    [UnconditionalSuppressMessage(
        "Trimming", "IL2070", Justification = "A loaded assembly is never trimmed.")]
    private static ParameterSchema SchemaOf(string path, Type type)
    {
        if (!type.IsPublic || type.GetConstructor([typeof(StrategyParameters)]) is null)
        {
            throw new StrategyRefusedException(
                $"{path}: strategy {type.FullName} must be public with a public constructor that takes StrategyParameters alone");
        }

        PropertyInfo? property = type.GetProperty("Schema", BindingFlags.Public | BindingFlags.Static);
        try
        {
            return property?.GetValue(null) as ParameterSchema
                ?? throw new StrategyRefusedException(
                    $"{path}: strategy {type.FullName} needs a public static property Schema of type ParameterSchema");
        }
        catch (TargetInvocationException failed)
        {
            throw new StrategyRefusedException(
                $"{path}: the Schema of strategy {type.FullName} is wrong: "
                + (failed.InnerException?.InnerException ?? failed.InnerException ?? failed).Message);
        }
    }

    /// <summary>Every assembly has its own context: two files may use one name. Core is the engine's own.</summary>
    private sealed class Context(string path) : AssemblyLoadContext(path)
    {
        protected override Assembly? Load(AssemblyName assemblyName) =>
            string.Equals(assemblyName.Name, ScanRules.Core, StringComparison.Ordinal) ? typeof(Strategy).Assembly : null;
    }
}
