using System.Globalization;
using System.Text;

namespace LowLatency.Engine.Configuration;

/// <summary>
/// Text of strangers on a terminal: what would move the cursor, colour it or turn the direction of writing is shown as its
/// code instead.
/// </summary>
internal static class PrintableText
{
    /// <summary>Makes a text harmless; line breaks stay.</summary>
    /// <param name="text">Any text.</param>
    /// <returns>The same, with each control or format character as a backslash, a u and its number.</returns>
    internal static string Of(string text)
    {
        StringBuilder shown = new(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            bool isHarmful = rune.Value != '\n' && Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control
                or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator;
            if (isHarmful)
            {
                shown.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}");
            }
            else
            {
                shown.Append(rune.ToString());
            }
        }

        return shown.ToString();
    }
}
