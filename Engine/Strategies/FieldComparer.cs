using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Reflection;
using LowLatency.Core.Signals;

namespace LowLatency.Engine.Strategies;

/// <summary>Compares the fields of two strategies, deep: a field that differs after a restore was forgotten in Visit.</summary>
internal sealed class FieldComparer
{
    private const BindingFlags Declared =
        BindingFlags.DeclaredOnly | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    private readonly HashSet<object> _seen = new(ReferenceEqualityComparer.Instance);
    private readonly Action<string> _differs;

    private FieldComparer(Action<string> differs) => _differs = differs;

    /// <summary>Names every field that differs.</summary>
    /// <param name="left">A strategy.</param>
    /// <param name="right">Another of the same type.</param>
    /// <param name="name">What the paths begin with.</param>
    /// <param name="differs">Is told each path; elements of one array count once.</param>
    internal static void Compare(Strategy left, Strategy right, string name, Action<string> differs) =>
        new FieldComparer(differs).Fields(left, right, name);

    [UnconditionalSuppressMessage(
        "Trimming", "IL2075", Justification = "A field that was trimmed away is never read, so it cannot make a difference.")]
    private void Fields(object left, object right, string path)
    {
        for (Type? type = left.GetType(); type is not null && type != typeof(Strategy) && type != typeof(object); type = type.BaseType)
        {
            foreach (FieldInfo field in type.GetFields(Declared))
            {
                if (field.IsDefined(typeof(DerivedAttribute), inherit: false))
                {
                    continue;
                }

                Value(field.GetValue(left), field.GetValue(right), path + "." + field.Name);
            }
        }
    }

    private void Value(object? left, object? right, string path)
    {
        if (ReferenceEquals(left, right))
        {
            return;
        }

        if (left is null || right is null || left.GetType() != right.GetType())
        {
            _differs(path);
            return;
        }

        Type type = left.GetType();
        if (type.IsPrimitive || type.IsEnum || left is string or decimal or Int128 or UInt128)
        {
            if (!left.Equals(right))
            {
                _differs(path);
            }

            return;
        }

        if (!type.IsValueType && !_seen.Add(left))
        {
            return;
        }

        if (left is Array array)
        {
            Elements(array, (Array)right, path);
        }
        else
        {
            Fields(left, right, path);
        }
    }

    private void Elements(Array left, Array right, string path)
    {
        if (left.Length != right.Length || left.Rank != 1)
        {
            _differs(path);
            return;
        }

        for (int i = 0; i < left.Length; i++)
        {
            Value(left.GetValue(i), right.GetValue(i), path + "[" + i.ToString(CultureInfo.InvariantCulture) + "]");
        }
    }
}
