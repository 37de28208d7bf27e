using System;
using System.Globalization;
using System.Text;
using LowLatency.Core.Values;

namespace LowLatency.Sandbox.Market;

/// <summary>Whole numbers of units as the decimal text of the wire, and back.</summary>
internal static class Units
{
    /// <summary>Text of a number of units, with all decimals of the unit.</summary>
    internal static string Text(long units, int exponent)
    {
        Span<byte> text = stackalloc byte[DecimalText.LengthMax];
        return Encoding.ASCII.GetString(text[..DecimalText.Format(units, exponent, text)]);
    }

    /// <summary>The decimal number that units stand for.</summary>
    internal static decimal Value(long units, int exponent) => (decimal)units / Instrument.PowerOf10(exponent);

    /// <summary>Text of a decimal without needless zeros.</summary>
    internal static string Text(decimal value)
    {
        string text = value.ToString(CultureInfo.InvariantCulture);
        return text.Contains('.', StringComparison.Ordinal) ? text.TrimEnd('0').TrimEnd('.') : text;
    }

    /// <summary>Text of an amount of money, 8 decimals at most, cut.</summary>
    internal static string Money(decimal value) => Text(decimal.Round(value, 8, MidpointRounding.ToZero));

    /// <summary>Reads decimal text exactly.</summary>
    internal static bool TryParse(string? text, int exponent, out long units)
    {
        units = 0;
        Span<byte> ascii = stackalloc byte[64];
        return text is { Length: > 0 and <= 64 } && Encoding.UTF8.TryGetBytes(text, ascii, out int length)
            && DecimalText.TryParse(ascii[..length], exponent, out units);
    }

    /// <summary>Reads decimal text: digits and a point, nothing else.</summary>
    internal static bool TryParse(string? text, out decimal value)
    {
        value = 0;
        return text is { Length: > 0 and <= 40 }
            && decimal.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);
    }
}
