using System;

namespace LowLatency.Engine.Strategies;

/// <summary>
/// What the code of a loaded strategy may mention. It is a list of what is allowed: what is not on it is refused, so that a
/// member that nobody thought of is refused too. The list of reasons only makes the refusal easier to understand.
/// </summary>
internal static class ScanRules
{
    internal const string Core = "LowLatency.Core";

    private const string CorePrefix = Core + ".";
    private const string NotListed = "is not on the list of what a strategy may use";

    /// <summary>Assemblies that a strategy may reference: the contract, and the parts of the framework that hold its types.</summary>
    private static readonly string[] _references =
    [
        Core, "System.Collections", "System.Memory", "System.Private.CoreLib", "System.Runtime", "System.Runtime.Extensions",
        "System.Runtime.InteropServices",
    ];

    /// <summary>Parts of the contract; every other namespace of Core is the engine's own.</summary>
    private static readonly string[] _contract =
    [
        "Determinism.", "Events.", "Market.", "Signals.", "Values.",
    ];

    /// <summary>Types of which every member may be used that is not refused by name.</summary>
    private static readonly string[] _types =
    [
        "System.ArgumentException", "System.ArgumentOutOfRangeException", "System.Array", "System.Attribute", "System.Boolean",
        "System.Byte", "System.Char", "System.Collections.Generic.List`1", "System.Enum", "System.FlagsAttribute", "System.Exception",
        "System.IEquatable`1", "System.Index", "System.Int128", "System.Int16", "System.Int32", "System.Int64", "System.IntPtr",
        "System.InvalidOperationException", "System.MemoryExtensions", "System.Nullable`1", "System.Object", "System.ObsoleteAttribute",
        "System.ParamArrayAttribute", "System.Range", "System.ReadOnlySpan`1", "System.SByte", "System.Span`1", "System.String",
        "System.UInt128", "System.UInt16", "System.UInt32", "System.UInt64", "System.ValueType", "System.Void",
        "System.Numerics.BitOperations", "System.Runtime.CompilerServices.IsExternalInit",
        "System.Runtime.CompilerServices.RuntimeHelpers", "System.Runtime.CompilerServices.SwitchExpressionException",
        "System.Runtime.InteropServices.InAttribute",
    ];

    /// <summary>Members of types that are allowed in part: arithmetic that gives the same bits everywhere.</summary>
    private static readonly (string Type, string[] Members)[] _members =
    [
        ("System.Math",
        [
            "Abs", "BigMul", "Ceiling", "Clamp", "CopySign", "DivRem", "Floor", "Max", "Min", "Round", "Sign", "Sqrt", "Truncate",
        ]),
        ("System.Double", ["IsFinite", "IsInfinity", "IsNaN", "IsNegative", "IsNegativeInfinity", "IsPositiveInfinity", "CompareTo"]),
        ("System.Single", ["IsFinite", "IsInfinity", "IsNaN", "IsNegative", "IsNegativeInfinity", "IsPositiveInfinity", "CompareTo"]),
        ("System.BitConverter", ["DoubleToInt64Bits", "Int64BitsToDouble", "DoubleToUInt64Bits", "UInt64BitsToDouble"]),
        ("System.ValueTuple`2", [".ctor", "Item1", "Item2"]),
        ("System.ValueTuple`3", [".ctor", "Item1", "Item2", "Item3"]),
        ("System.ValueTuple`4", [".ctor", "Item1", "Item2", "Item3", "Item4"]),
        ("System.Type", []),
        ("System.RuntimeTypeHandle", []),
        ("System.RuntimeFieldHandle", []),
    ];

    /// <summary>Members that are refused although their type is allowed.</summary>
    private static readonly (string Member, string Why)[] _refused =
    [
        ("::GetHashCode", "hash codes differ from process to process"),
        ("::ToString", "text follows the culture of the machine and allocates"),
        ("::Parse", "text follows the culture of the machine"),
        ("::TryParse", "text follows the culture of the machine"),
        ("::TryFormat", "text follows the culture of the machine"),
        ("::GetType", "a strategy does not reflect"),
        ("::MemberwiseClone", "a strategy does not copy objects behind their back"),
        ("::Finalize", "when a finaliser runs is up to the collector"),
        ("System.String::Compare", "text follows the culture of the machine"),
        ("System.String::CompareTo", "text follows the culture of the machine"),
        ("System.String::Format", "text follows the culture of the machine"),
        ("System.String::ToLower", "text follows the culture of the machine"),
        ("System.String::ToUpper", "text follows the culture of the machine"),
        ("System.String::StartsWith", "text follows the culture of the machine"),
        ("System.String::EndsWith", "text follows the culture of the machine"),
        ("System.String::IndexOf", "text follows the culture of the machine"),
        ("System.Array::Sort", "equal elements may change places"),
        ("System.MemoryExtensions::Sort", "equal elements may change places"),
        ("System.Collections.Generic.List`1::Sort", "equal elements may change places"),
        ("System.Enum::", "it reflects and allocates"),
    ];

    /// <summary>Helpers that the compiler calls for array literals; the rest of the type is not allowed.</summary>
    private static readonly string[] _compilerHelpers = ["InitializeArray", "CreateSpan"];

    /// <summary>Helpers that the compiler writes into an assembly for collection expressions and inline arrays.</summary>
    private static readonly string[] _writtenHelpers =
    [
        "InlineArrayAsReadOnlySpan", "InlineArrayAsSpan", "InlineArrayElementRef", "InlineArrayElementRefReadOnly",
        "InlineArrayFirstElementRef", "InlineArrayFirstElementRefReadOnly",
    ];

    /// <summary>What a strategy may ask of the market: it reads, the engine writes.</summary>
    private static readonly string[] _marketQueries = ["LevelAt", "QuantityAt", "QuantityUpTo", "Bars"];

    private static readonly (string Prefix, string Why)[] _reasons =
    [
        ("System.DateTime", "it reads a clock; the only now is context.Now"),
        ("System.TimeProvider", "it reads a clock; the only now is context.Now"),
        ("System.TimeZoneInfo", "time zones differ from machine to machine"),
        ("System.Diagnostics.Stopwatch", "it reads a clock; the only now is context.Now"),
        ("System.Diagnostics.", "a strategy does not look at its process"),
        ("System.Random", "chance comes from Xoshiro256, seeded by a parameter and kept in a field that is visited"),
        ("System.Guid", "chance comes from Xoshiro256, seeded by a parameter and kept in a field that is visited"),
        ("System.Security.Cryptography.", "chance comes from Xoshiro256, seeded by a parameter and kept in a field that is visited"),
        ("System.Threading.", "a strategy is called on one thread and starts nothing"),
        ("System.Timers.", "a strategy is called on one thread and starts nothing"),
        ("System.IO.", "a strategy does no input and no output"),
        ("System.Net.", "a strategy does no input and no output"),
        ("System.Console", "a strategy does no input and no output"),
        ("System.Environment", "the environment differs from machine to machine"),
        ("System.AppContext", "the environment differs from machine to machine"),
        ("System.AppDomain", "the environment differs from machine to machine"),
        ("System.Collections.Generic.Dictionary`2", "the order of a hash table is no order; index an array"),
        ("System.Collections.Generic.HashSet`1", "the order of a hash table is no order; index an array"),
        ("System.Collections.Hashtable", "the order of a hash table is no order; index an array"),
        ("System.Collections.Concurrent.", "a strategy is called on one thread and starts nothing"),
        ("System.HashCode", "hash codes differ from process to process"),
        ("System.MathF", "it differs between platforms; use DeterministicMath"),
        ("System.Math::", "it differs between platforms; use DeterministicMath"),
        ("System.Double::", "it differs between platforms, or follows the culture; use DeterministicMath"),
        ("System.Single::", "it differs between platforms, or follows the culture; use DeterministicMath"),
        ("System.Numerics.Vector", "vectors add up in an order that differs between machines"),
        ("System.Runtime.Intrinsics.", "intrinsics differ between machines"),
        ("System.Numerics.Tensors.", "vectors add up in an order that differs between machines"),
        ("System.Globalization.", "the culture differs from machine to machine"),
        ("System.Runtime.CompilerServices.Unsafe", "it is not memory safe"),
        ("System.Runtime.InteropServices.", "it is not memory safe"),
        ("System.Reflection.", "a strategy does not reflect and makes no code"),
        ("System.Activator", "a strategy does not reflect and makes no code"),
        ("System.Type", "a strategy does not reflect and makes no code"),
        ("System.Linq.", "it allocates and hides loops; write the loop"),
        ("System.GC", "what the collector does is no input"),
        ("System.WeakReference", "what the collector does is no input"),
        ("System.Text.", "text follows the culture of the machine and allocates"),
    ];

    /// <summary>Whether an assembly may be referenced.</summary>
    internal static bool MayReference(string assembly) => Array.IndexOf(_references, assembly) >= 0;

    /// <summary>Why a type may not be mentioned; null when it may.</summary>
    /// <param name="type">Full name; nested types as their outermost one.</param>
    internal static string? RefusalOf(string type)
    {
        if (type.StartsWith(CorePrefix, StringComparison.Ordinal))
        {
            return RefusalOfContract(type, member: string.Empty);
        }

        return IsListed(type) || IsPartial(type) || IsCompilerAttribute(type) ? null : ReasonOf(type);
    }

    /// <summary>Why a member may not be used; null when it may.</summary>
    /// <param name="type">Full name of the type, nested ones as their outermost one.</param>
    /// <param name="member">Name of the field or method.</param>
    internal static string? RefusalOf(string type, string member)
    {
        if (type.StartsWith(CorePrefix, StringComparison.Ordinal))
        {
            return RefusalOfContract(type, member);
        }

        string whole = type + "::" + member;
        foreach ((string refused, string why) in _refused)
        {
            bool applies = refused.StartsWith("::", StringComparison.Ordinal)
                ? whole.EndsWith(refused, StringComparison.Ordinal)
                : refused.EndsWith("::", StringComparison.Ordinal)
                    ? whole.StartsWith(refused, StringComparison.Ordinal)
                    : whole == refused;
            if (applies)
            {
                return why;
            }
        }

        if (type == "System.Runtime.CompilerServices.RuntimeHelpers")
        {
            return Array.IndexOf(_compilerHelpers, member) >= 0 ? null : NotListed;
        }

        foreach ((string partial, string[] members) in _members)
        {
            if (partial == type)
            {
                return Array.IndexOf(members, member) >= 0 ? null : ReasonOf(whole);
            }
        }

        return IsListed(type) || IsCompilerAttribute(type) ? null : ReasonOf(whole);
    }

    /// <summary>What the body of a member that the compiler wrote for a record may use besides: it is never called.</summary>
    internal static bool IsRecordHelper(string type) => type is "System.Text.StringBuilder"
        or "System.Collections.Generic.EqualityComparer`1" or "System.Runtime.CompilerServices.RuntimeHelpers" or "System.Type"
        or "System.RuntimeTypeHandle";

    /// <summary>True for a body that the compiler wrote: a name that no source text can have.</summary>
    internal static bool IsWrittenHelper(string type, string method) =>
        type == "<PrivateImplementationDetails>" && Array.IndexOf(_writtenHelpers, method) >= 0;

    /// <summary>What such a body is made of.</summary>
    internal static bool IsOfWrittenHelper(string type, string member) => (type, member) is
        ("System.Runtime.CompilerServices.Unsafe", "As" or "AsRef" or "Add")
        or ("System.Runtime.InteropServices.MemoryMarshal", "CreateReadOnlySpan" or "CreateSpan");

    /// <summary>A member of a type of our own that nobody may call, whoever wrote it.</summary>
    internal static string? RefusalOfOwn(string member) => member is "GetHashCode" or "ToString" or "PrintMembers"
        ? "hash codes and texts are no input of a decision"
        : null;

    private static string? RefusalOfContract(string type, string member)
    {
        string rest = type[CorePrefix.Length..];
        if (!Array.Exists(_contract, part => rest.StartsWith(part, StringComparison.Ordinal)))
        {
            return "it belongs to the engine, not to a strategy's contract";
        }

        if (rest is "Signals.SignalStage" or "Signals.StrategyBinding" or "Signals.IPositions")
        {
            return "it belongs to the engine, not to a strategy's contract";
        }

        if (member.Length == 0)
        {
            return null;
        }

        if (rest.StartsWith("Market.", StringComparison.Ordinal))
        {
            bool reads = member.StartsWith("get_", StringComparison.Ordinal)
                || member.StartsWith("Try", StringComparison.Ordinal)
                || Array.IndexOf(_marketQueries, member) >= 0;
            return reads ? null : "a strategy reads the market and never writes it";
        }

        return (rest, member) switch
        {
            ("Signals.StrategyContext", "Visit") => "the context is the engine's to save",
            ("Signals.StrategyContext", ".ctor") => "the context is the engine's to make",
            ("Determinism.StateVisitor", ".ctor") => "a visitor of its own could write what it may only read",
            (_, "GetHashCode" or "ToString") => "hash codes and texts are no input of a decision",
            _ => null,
        };
    }

    private static bool IsListed(string type) => Array.IndexOf(_types, type) >= 0
        || type.StartsWith("System.Runtime.CompilerServices.InlineArray", StringComparison.Ordinal);

    private static bool IsPartial(string type)
    {
        foreach ((string partial, string[] _) in _members)
        {
            if (partial == type)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// Attributes do nothing by themselves; those that change how code is compiled or bound are not on the list.
    /// </summary>
    private static bool IsCompilerAttribute(string type) =>
        type.EndsWith("Attribute", StringComparison.Ordinal)
        && (type.StartsWith("System.Diagnostics.CodeAnalysis.", StringComparison.Ordinal)
            || type.StartsWith("System.Reflection.Assembly", StringComparison.Ordinal)
            || type.StartsWith("System.Runtime.CompilerServices.", StringComparison.Ordinal)
            || type is "System.Diagnostics.DebuggableAttribute" or "System.Runtime.Versioning.TargetFrameworkAttribute"
                or "System.Diagnostics.DebuggerBrowsableAttribute" or "System.Diagnostics.DebuggerHiddenAttribute"
                or "System.Diagnostics.DebuggerStepThroughAttribute" or "System.CLSCompliantAttribute"
                or "System.Runtime.InteropServices.StructLayoutAttribute" or "System.AttributeUsageAttribute")
        && type is not ("System.Runtime.CompilerServices.SkipLocalsInitAttribute"
            or "System.Runtime.CompilerServices.ModuleInitializerAttribute"
            or "System.Runtime.CompilerServices.UnsafeAccessorAttribute"
            or "System.Runtime.CompilerServices.IgnoresAccessChecksToAttribute"
            or "System.Runtime.CompilerServices.InternalsVisibleToAttribute"
            or "System.Runtime.CompilerServices.DisableRuntimeMarshallingAttribute");

    private static string ReasonOf(string used)
    {
        foreach ((string prefix, string why) in _reasons)
        {
            if (used.StartsWith(prefix, StringComparison.Ordinal))
            {
                return why;
            }
        }

        return NotListed;
    }
}
