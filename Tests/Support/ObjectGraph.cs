using System;
using System.Collections;
using System.Collections.Generic;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace LowLatency.Tests.Support;

/// <summary>
/// Compares two objects field by field by reflection, private ones and arrays included: what a component itself says of
/// its state is not asked.
/// </summary>
internal static class ObjectGraph
{
    private const BindingFlags Fields =
        BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private static readonly MethodInfo _bytes = typeof(ObjectGraph).GetMethod(
        nameof(SameBytes), BindingFlags.Static | BindingFlags.NonPublic)!;

    /// <summary>The paths of all fields in which two objects of one type differ.</summary>
    internal static List<string> Differences(object a, object b)
    {
        List<string> found = [];
        Compare(a, b, a.GetType().Name, new HashSet<object>(ReferenceEqualityComparer.Instance), found);
        return found;
    }

    private static void Compare(object? a, object? b, string path, HashSet<object> seen, List<string> found)
    {
        if (a is null || b is null || a.GetType() != b.GetType())
        {
            if (a is not null || b is not null)
            {
                found.Add(path);
            }

            return;
        }

        Type type = a.GetType();
        if (a is Delegate or Pointer or Type || (!type.IsValueType && !seen.Add(a)))
        {
            return;
        }

        if (a is string)
        {
            Note(a.Equals(b), path, found);
        }
        else if (Element(type) is { } plain && !HoldsReferences(plain))
        {
            Note((bool)_bytes.MakeGenericMethod(plain).Invoke(null, [a, b])!, path, found);
        }
        else if (!IsPair(type) && (type.Namespace?.StartsWith("System", StringComparison.Ordinal) != false || type.IsArray))
        {
            if (a is IEnumerable ours && b is IEnumerable theirs)
            {
                CompareItems(ours, theirs, path, seen, found);
            }
        }
        else
        {
            for (Type? declaring = type; declaring is not null && declaring != typeof(object); declaring = declaring.BaseType)
            {
                foreach (FieldInfo field in declaring.GetFields(Fields))
                {
                    Compare(field.GetValue(a), field.GetValue(b), path + "." + field.Name, seen, found);
                }
            }
        }
    }

    /// <summary>An entry of a dictionary: compared by its two fields, as our own types are.</summary>
    private static bool IsPair(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(KeyValuePair<,>);

    private static void CompareItems(
        IEnumerable ours, IEnumerable theirs, string path, HashSet<object> seen, List<string> found)
    {
        IEnumerator other = theirs.GetEnumerator();
        int index = 0;
        foreach (object? item in ours)
        {
            if (!other.MoveNext())
            {
                found.Add(path + ".Length");
                return;
            }

            Compare(item, other.Current, $"{path}[{index++}]", seen, found);
        }

        Note(!other.MoveNext(), path + ".Length", found);
    }

    private static void Note(bool isSame, string path, List<string> found)
    {
        if (!isSame)
        {
            found.Add(path);
        }
    }

    /// <summary>The element type of an array, the type itself of a value; null for anything else.</summary>
    private static Type? Element(Type type) =>
        type.IsSZArray ? type.GetElementType() : type.IsValueType ? type : null;

    private static bool HoldsReferences(Type type)
    {
        if (!type.IsValueType)
        {
            return true;
        }

        if (type.IsPrimitive || type.IsEnum || type.IsPointer)
        {
            return false;
        }

        foreach (FieldInfo field in type.GetFields(Fields))
        {
            if (field.FieldType != type && HoldsReferences(field.FieldType))
            {
                return true;
            }
        }

        return false;
    }

    private static bool SameBytes<T>(object a, object b)
        where T : struct
    {
        T[] ours = a as T[] ?? [(T)a];
        T[] theirs = b as T[] ?? [(T)b];
        return !RuntimeHelpers.IsReferenceOrContainsReferences<T>()
            && Raw<T>(ours).SequenceEqual(Raw<T>(theirs));
    }

    private static ReadOnlySpan<byte> Raw<T>(T[] values)
        where T : struct => MemoryMarshal.AsBytes(new ReadOnlySpan<T>(values));
}
