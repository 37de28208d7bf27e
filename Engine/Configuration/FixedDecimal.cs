using System;
using LowLatency.Core.Values;

namespace LowLatency.Engine.Configuration;

/// <summary>The one spelling of a decimal in a resolved configuration.</summary>
internal static class FixedDecimal
{
    /// <summary>Decimal text without trailing zeros.</summary>
    internal static string Format(long units, int exponent)
    {
        string text = DecimalText.ToText(units, exponent);
        return text.Contains('.', StringComparison.Ordinal) ? text.TrimEnd('0').TrimEnd('.') : text;
    }
}
