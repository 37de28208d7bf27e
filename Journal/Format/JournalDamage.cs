using System;
using System.Globalization;

namespace LowLatency.Journal.Format;

/// <summary>Where a journal is damaged, and how.</summary>
/// <param name="Segment">The file.</param>
/// <param name="Offset">Bytes from its start: of the record, the page, or the first missing byte.</param>
/// <param name="Record">Number of the record; -1 when it is not about one.</param>
/// <param name="Reason">What is wrong, for a person.</param>
public sealed record JournalDamage(string Segment, long Offset, long Record, string Reason)
{
    /// <inheritdoc/>
    public override string ToString() => Record < 0
        ? string.Create(CultureInfo.InvariantCulture, $"{Segment} at offset {Offset}: {Reason}")
        : string.Create(CultureInfo.InvariantCulture, $"{Segment} at offset {Offset}, record {Record}: {Reason}");
}

/// <summary>
/// A read met damage. It is thrown, not returned: a reader that merely ended there would pass a shortened history on as
/// the whole one.
/// </summary>
public sealed class JournalDamagedException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="damage">Where and how.</param>
    public JournalDamagedException(JournalDamage damage)
        : base("the journal is damaged: " + damage)
    {
        Damage = damage;
    }

    /// <summary>Creates the exception with a message.</summary>
    /// <param name="message">What happened.</param>
    public JournalDamagedException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a message and its cause.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">The cause.</param>
    public JournalDamagedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Creates the exception.</summary>
    public JournalDamagedException()
    {
    }

    /// <summary>Where and how.</summary>
    public JournalDamage? Damage { get; }
}
