using System;
using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using LowLatency.Core.Events;

namespace LowLatency.Journal.Inspection;

/// <summary>
/// Events as text: every payload field with its name; prices, quantities and money as exact decimals once the
/// instrument's definition has passed, else as whole units under a name that says so.
/// </summary>
/// <param name="names">The instruments seen so far; whoever reads the events shows them to it.</param>
public sealed class EventFormatter(InstrumentNames names)
{
    private readonly ArrayBufferWriter<byte> _buffer = new();

    /// <summary>One line of JSON, without line break.</summary>
    /// <param name="e">The event.</param>
    /// <returns>The line.</returns>
    public string Json(in Event e)
    {
        _buffer.ResetWrittenCount();
        using (Utf8JsonWriter json = new(_buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("sequence", e.Sequence);
            json.WriteNumber("receivedAt", e.ReceivedAt);
            json.WriteNumber("venueTime", e.VenueTime);
            json.WriteNumber("instrument", e.Instrument.Value);
            if (names.TryGet(e.Instrument, out InstrumentDefined definition))
            {
                json.WriteString("symbol", definition.Symbol.ToString());
            }

            json.WriteString("kind", e.Kind.ToString());
            json.WriteNumber("version", e.Version);
            json.WriteString("source", e.Source.ToString());
            json.WriteString("flags", e.Flags.ToString());
            json.WriteStartObject("payload");
            foreach (FieldText field in PayloadFields.Of(e, names))
            {
                if (field.IsLiteral)
                {
                    json.WritePropertyName(field.Name);
                    json.WriteRawValue(field.Text);
                }
                else
                {
                    json.WriteString(field.Name, field.Text);
                }
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(_buffer.WrittenSpan);
    }

    /// <summary>One line for a person.</summary>
    /// <param name="e">The event.</param>
    /// <returns>The line.</returns>
    public string Human(in Event e)
    {
        StringBuilder line = new();
        _ = line.Append(CultureInfo.InvariantCulture, $"{e.Sequence,10} {Time(e.ReceivedAt)} {e.Kind}");
        if (names.TryGet(e.Instrument, out InstrumentDefined definition))
        {
            _ = line.Append(' ').Append(definition.Symbol.ToString());
        }
        else if (e.Instrument.Value != 0)
        {
            _ = line.Append(CultureInfo.InvariantCulture, $" #{e.Instrument.Value}");
        }

        _ = line.Append(CultureInfo.InvariantCulture, $" {e.Source} [{e.Flags}]");
        foreach (FieldText field in PayloadFields.Of(e, names))
        {
            _ = line.Append(CultureInfo.InvariantCulture, $" {field.Name}={field.Text}");
        }

        return line.ToString();
    }

    /// <summary>Nanoseconds since 1970 UTC in ISO 8601 with nine decimals.</summary>
    /// <param name="nanoseconds">The time.</param>
    /// <returns>The text.</returns>
    public static string Time(long nanoseconds)
    {
        long second = Math.DivRem(nanoseconds, 1_000_000_000, out long rest);
        if (rest < 0)
        {
            second--;
            rest += 1_000_000_000;
        }

        DateTime whole = DateTime.UnixEpoch.AddTicks(second * TimeSpan.TicksPerSecond);
        return string.Create(CultureInfo.InvariantCulture, $"{whole:yyyy-MM-ddTHH:mm:ss}.{rest:D9}Z");
    }
}
