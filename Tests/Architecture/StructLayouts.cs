using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;

namespace LowLatency.Tests.Architecture;

/// <summary>A field as the runtime lays it out.</summary>
internal sealed record FieldLayout(int Offset, int Bytes, string Name, string Type);

/// <summary>Asks the runtime where fields lie: by the address of the field, not by what an attribute says.</summary>
internal static class StructLayouts
{
    private const BindingFlags Fields = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    internal static int SizeOf(Type type) =>
        (int)typeof(Unsafe).GetMethod(nameof(Unsafe.SizeOf))!.MakeGenericMethod(type).Invoke(null, null)!;

    internal static bool HasReferences(Type type) =>
        (bool)typeof(RuntimeHelpers).GetMethod(nameof(RuntimeHelpers.IsReferenceOrContainsReferences))!
            .MakeGenericMethod(type).Invoke(null, null)!;

    internal static IEnumerable<FieldLayout> Of(Type type) => type.GetFields(Fields)
        .Select(field => new FieldLayout(Offset(field), SizeOf(field.FieldType), field.Name, NameOf(field.FieldType)))
        .OrderBy(field => field.Offset).ThenBy(field => field.Name, StringComparer.Ordinal);

    /// <summary>Offsets of bytes that belong to no field.</summary>
    internal static int[] Padding(Type type)
    {
        BitArray covered = new(SizeOf(type));
        Cover(type, 0, covered);
        return [.. Enumerable.Range(0, covered.Length).Where(offset => !covered[offset])];
    }

    private static void Cover(Type type, int start, BitArray covered)
    {
        FieldInfo[] fields = type.GetFields(Fields);
        if (type.IsPrimitive || type.IsEnum || fields.Length == 0)
        {
            for (int i = 0; i < SizeOf(type); i++)
            {
                covered[start + i] = true;
            }

            return;
        }

        int repeat = type.GetCustomAttribute<InlineArrayAttribute>()?.Length ?? 1;
        foreach (FieldInfo field in fields)
        {
            for (int i = 0; i < repeat; i++)
            {
                Cover(field.FieldType, start + Offset(field) + (i * SizeOf(field.FieldType)), covered);
            }
        }
    }

    private static int Offset(FieldInfo field)
    {
        DynamicMethod method = new("OffsetOf", typeof(int), [], field.DeclaringType!.Module, skipVisibility: true);
        ILGenerator code = method.GetILGenerator();
        LocalBuilder instance = code.DeclareLocal(field.DeclaringType);
        code.Emit(OpCodes.Ldloca, instance);
        code.Emit(OpCodes.Ldflda, field);
        code.Emit(OpCodes.Conv_U);
        code.Emit(OpCodes.Ldloca, instance);
        code.Emit(OpCodes.Conv_U);
        code.Emit(OpCodes.Sub);
        code.Emit(OpCodes.Conv_I4);
        code.Emit(OpCodes.Ret);
        return method.CreateDelegate<Func<int>>()();
    }

    private static string NameOf(Type type) => Type.GetTypeCode(type) switch
    {
        _ when type.IsEnum => type.Name,
        TypeCode.Byte => "byte",
        TypeCode.UInt16 => "ushort",
        TypeCode.Int32 => "int",
        TypeCode.UInt32 => "uint",
        TypeCode.Int64 => "long",
        TypeCode.UInt64 => "ulong",
        _ => type.Name,
    };
}
