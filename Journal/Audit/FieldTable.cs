using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;

namespace LowLatency.Journal.Audit;

/// <summary>The public fields of a record's struct, in the order of their declaration. Off the hot path: it boxes.</summary>
/// <typeparam name="T">The struct.</typeparam>
internal static class FieldTable<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicFields)] T>
    where T : unmanaged
{
    private static readonly FieldInfo[] Known = Read();

    /// <summary>The fields.</summary>
    public static IReadOnlyList<FieldInfo> Fields => Known;

    /// <summary>The first field in which two values differ.</summary>
    /// <returns>Null when all fields are equal.</returns>
    public static FieldInfo? FirstDifference(in T left, in T right)
    {
        object boxedLeft = left;
        object boxedRight = right;
        foreach (FieldInfo field in Known)
        {
            if (!Equals(field.GetValue(boxedLeft), field.GetValue(boxedRight)))
            {
                return field;
            }
        }

        return null;
    }

    private static FieldInfo[] Read()
    {
        FieldInfo[] fields = typeof(T).GetFields(BindingFlags.Public | BindingFlags.Instance);
        Array.Sort(fields, static (a, b) => a.MetadataToken.CompareTo(b.MetadataToken));
        return fields;
    }
}
