using System;
using System.Buffers;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Json;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Journal.Audit;
using LowLatency.Journal.Format;
using LowLatency.Journal.Native;

namespace LowLatency.Journal.Inspection;

/// <summary>Shows what the stages decided, event by event, also of a run that goes on. It goes straight to the range.</summary>
public sealed class AuditInspector : IDisposable
{
    private readonly AuditReader? _reader;
    private readonly InspectionFilter _filter;
    private readonly InstrumentNames _names;
    private readonly ArrayBufferWriter<byte> _buffer = new();

    /// <summary>Opens the audit log of a directory.</summary>
    /// <param name="storage">The storage.</param>
    /// <param name="directory">The directory.</param>
    /// <param name="filter">
    /// Which events: by sequence, time, instrument. With an instrument, a decision is shown when an entry speaks of it.
    /// </param>
    /// <exception cref="JournalDamagedException">It cannot be read.</exception>
    public AuditInspector(IStorage storage, string directory, InspectionFilter filter)
    {
        long from = filter.Begin(storage, directory);
        long to = filter.ToTime == long.MaxValue
            ? filter.To
            : Math.Min(filter.To, RecordSearch.EventAt(storage, directory, filter.ToTime + 1) - 1);
        _filter = filter with { From = from, To = to };

        // Prices are told in the units that held at the range's begin; a definition inside a range is rare.
        _names = new InstrumentNames(storage, directory, to == long.MaxValue ? to : to + 1);
        long record = RecordSearch.AuditOf(storage, directory, from);
        _reader = record >= RecordSearch.End(storage, directory, StreamKind.Audit)
            ? null
            : new AuditReader(storage, directory, record, follow: true);
    }

    /// <summary>The next decision or checkpoint of the range.</summary>
    /// <param name="group">It.</param>
    /// <returns>False at the end; of a log that is being written there may be more later.</returns>
    public bool Next(AuditGroup group)
    {
        while (_reader is not null && _reader.Read(group) == ReadResult.Event && group.Sequence <= _filter.To)
        {
            if (_filter.Instrument == InstrumentId.None || Concerns(group, _filter.Instrument))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The lines of a decision, for a person.</summary>
    /// <param name="group">The decision.</param>
    /// <returns>One line for each entry.</returns>
    public IEnumerable<string> Human(AuditGroup group)
    {
        foreach ((string section, int entry, List<FieldText> fields) in Entries(group))
        {
            StringBuilder line = new();
            _ = line.Append(CultureInfo.InvariantCulture, $"{group.Sequence,10} {section}[{entry}]");
            foreach (FieldText field in fields)
            {
                _ = line.Append(CultureInfo.InvariantCulture, $" {field.Name}={field.Text}");
            }

            yield return line.ToString();
        }

        if (!group.IsComplete)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{group.Sequence,10} (the rest is not there yet)");
        }
    }

    /// <summary>A decision as one line of JSON.</summary>
    /// <param name="group">The decision.</param>
    /// <returns>The line, without line break.</returns>
    public string Json(AuditGroup group)
    {
        _buffer.ResetWrittenCount();
        using (Utf8JsonWriter json = new(_buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("event", group.Sequence);
            json.WriteBoolean("complete", group.IsComplete);
            json.WriteNumber("waiting", group.Decision.Waiting);
            json.WriteStartArray("entries");
            foreach ((string section, int entry, List<FieldText> fields) in Entries(group))
            {
                json.WriteStartObject();
                json.WriteString("section", section);
                json.WriteNumber("entry", entry);
                foreach (FieldText field in fields)
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
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(_buffer.WrittenSpan);
    }

    /// <inheritdoc/>
    public void Dispose() => _reader?.Dispose();

    private static bool Concerns(AuditGroup group, InstrumentId instrument)
    {
        ref Decision decision = ref group.Decision;
        bool found = false;
        for (int i = 0; i < decision.SignalCount; i++)
        {
            found |= decision.Signals[i].Instrument == instrument;
        }

        for (int i = 0; i < decision.SuppressionCount; i++)
        {
            found |= decision.Suppressions[i].Instrument == instrument;
        }

        for (int i = 0; i < decision.IntentCount; i++)
        {
            found |= decision.Intents[i].Instrument == instrument;
        }

        for (int i = 0; i < decision.CommandCount; i++)
        {
            found |= decision.Commands[i].Instrument == instrument;
        }

        return found;
    }

    private List<(string Section, int Entry, List<FieldText> Fields)> Entries(AuditGroup group)
    {
        List<(string, int, List<FieldText>)> entries = [];
        if (group.IsCheckpoint)
        {
            AuditCheckpoint checkpoint = group.Checkpoint;
            entries.Add(("checkpoint", 0, Fields(checkpoint, InstrumentId.None)));
            return entries;
        }

        ref Decision decision = ref group.Decision;
        for (int i = 0; i < decision.SignalCount; i++)
        {
            entries.Add(("signal", i, Fields(decision.Signals[i], decision.Signals[i].Instrument)));
        }

        for (int i = 0; i < decision.SuppressionCount; i++)
        {
            entries.Add(("suppression", i, Fields(decision.Suppressions[i], decision.Suppressions[i].Instrument)));
        }

        for (int i = 0; i < decision.IntentCount; i++)
        {
            entries.Add(("intent", i, Fields(decision.Intents[i], decision.Intents[i].Instrument)));
        }

        for (int i = 0; i < decision.VerdictCount; i++)
        {
            // The verdict of an intent speaks of the intent's instrument.
            InstrumentId instrument = i < decision.IntentCount ? decision.Intents[i].Instrument : InstrumentId.None;
            entries.Add(("verdict", i, Fields(decision.Verdicts[i], instrument)));
        }

        for (int i = 0; i < decision.CommandCount; i++)
        {
            entries.Add(("command", i, Fields(decision.Commands[i], decision.Commands[i].Instrument)));
        }

        return entries;
    }

    private List<FieldText> Fields<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicFields)] T>(
        in T entry, InstrumentId instrument)
        where T : unmanaged
    {
        Event context = default;
        context.Instrument = instrument;
        return PayloadFields.OfEntry(context, entry, _names);
    }
}
