using System;
using System.Text;

namespace LowLatency.Journal.Import;

/// <summary>Recorded data that cannot be imported as it is. Nothing is skipped: the import ends here.</summary>
public sealed class ImportException : Exception
{
    private const int ValueLengthMax = 80;

    /// <summary>Creates the exception.</summary>
    /// <param name="file">Path of the input.</param>
    /// <param name="line">1-based line of the uncompressed text; 0 when the file as a whole is meant.</param>
    /// <param name="field">The field, or empty when the whole line or file is meant.</param>
    /// <param name="value">What was found.</param>
    /// <param name="allowed">What is allowed there.</param>
    /// <param name="innerException">The cause, when there is one.</param>
    public ImportException(
        string file, long line, string field, string value, string allowed, Exception? innerException = null)
        : base(Text(file, line, field, value, allowed), innerException)
    {
        File = file;
        Line = line;
        Field = field;
        Value = value;
        Allowed = allowed;
    }

    /// <summary>Path of the input.</summary>
    public string File { get; }

    /// <summary>1-based line of the uncompressed text; 0 when the file as a whole is meant.</summary>
    public long Line { get; }

    /// <summary>The field; empty when the whole line or file is meant.</summary>
    public string Field { get; }

    /// <summary>What was found.</summary>
    public string Value { get; }

    /// <summary>What is allowed there.</summary>
    public string Allowed { get; }

    private static string Text(string file, long line, string field, string value, string allowed)
    {
        StringBuilder text = new(file);
        if (line > 0)
        {
            text.Append(", line ").Append(line);
        }

        if (field.Length > 0)
        {
            text.Append(", field ").Append(field);
        }

        string shown = value.Length > ValueLengthMax ? string.Concat(value.AsSpan(0, ValueLengthMax), "...") : value;
        return text.Append(": '").Append(shown).Append("' (allowed: ").Append(allowed).Append(')').ToString();
    }
}
