using System;
using System.Buffers;
using System.Collections.Generic;
using System.IO;
using System.Text.Json;
using System.Threading;
using LowLatency.Gateways.Live;

namespace LowLatency.Engine.Live;

/// <summary>Lines that are no alarm: what was done, for who looks later. All are notes.</summary>
internal enum LogNote
{
    /// <summary>The run entered a phase.</summary>
    Phase,

    /// <summary>An operator's word, or one of the run's own, became an event.</summary>
    Said,
}

/// <summary>
/// What a live run has to say, a JSON object a line, in two files of bounded size in its directory: the present one and the one
/// before. No line that holds a part of a key or a secret is ever written: it is replaced by one that says so. How soon a person must look is not for who writes a line: it is said by the
/// table of alarms. Each line carries the sequence of the last event before it.
/// </summary>
/// <remarks>Any thread may write. What cannot be written is counted: a full disk stops the journal, not the log.</remarks>
internal sealed class LiveLog(string directory, IReadOnlyList<Credentials> secrets, string name = LiveLog.FileName) : IDisposable
{
    /// <summary>Name of the file.</summary>
    internal const string FileName = "live.log";

    /// <summary>Bytes after which a new file begins.</summary>
    internal const long SizeMax = 4 << 20;

    /// <summary>Bytes of the longest line; what is longer is cut.</summary>
    internal const int LineMax = 4 << 10;

    private readonly Lock _turn = new();
    private Func<long>? _sequence;
    private readonly ArrayBufferWriter<byte> _line = new(LineMax);
    private FileStream? _file;

    /// <summary>Lines that were withheld because of what they held.</summary>
    internal long Withheld { get; private set; }

    /// <summary>Lines that could not be written.</summary>
    internal long Lost { get; private set; }

    /// <summary>From here on lines carry a sequence; before, -1.</summary>
    /// <param name="sequence">Sequence of the last event; any thread may ask.</param>
    internal void Follow(Func<long> sequence) => Volatile.Write(ref _sequence, sequence);

    /// <summary>Writes an alarm, as severe as the table says.</summary>
    /// <param name="alarm">What.</param>
    /// <param name="text">What happened.</param>
    internal void Tell(LiveAlarm alarm, string text) => Write(AlertTable.Rows[alarm].Severity, alarm.ToString(), text);

    /// <summary>Writes a note.</summary>
    /// <param name="what">What.</param>
    /// <param name="text">What happened.</param>
    internal void Note(LogNote what, string text) => Write(Severity.Note, what.ToString(), text);

    public void Dispose()
    {
        lock (_turn)
        {
            _file?.Dispose();
            _file = null;
        }
    }

    private bool HoldsSecret()
    {
        foreach (Credentials secret in secrets)
        {
            if (secret.AppearsIn(_line.WrittenSpan))
            {
                return true;
            }
        }

        return false;
    }

    private void Write(Severity severity, string what, string text)
    {
        lock (_turn)
        {
            Format(severity, what, text.Length > LineMax / 2 ? text[..(LineMax / 2)] + "..." : text);
            if (HoldsSecret())
            {
                Withheld++;
                Format(Severity.Critical, "withheld", "a line held a part of a key or a secret and was not written");
            }

            try
            {
                Put();
            }
            catch (IOException)
            {
                Lost++;
            }
            catch (UnauthorizedAccessException)
            {
                Lost++;
            }
        }
    }

    private void Format(Severity severity, string what, string text)
    {
        _line.ResetWrittenCount();
        using Utf8JsonWriter writer = new(_line);
        writer.WriteStartObject();
        writer.WriteString("at", DateTime.UtcNow);
        writer.WriteNumber("sequence", Volatile.Read(ref _sequence)?.Invoke() ?? -1);
        writer.WriteString("severity", severity switch
        {
            Severity.Note => "note",
            Severity.Warning => "warning",
            Severity.Critical => "critical",
        });
        writer.WriteString("what", what);
        writer.WriteString("text", text);
        writer.WriteEndObject();
        writer.Flush();
        _line.Write("\n"u8);
    }

    private void Put()
    {
        string path = Path.Combine(directory, name);
        _file ??= new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
        if (_file.Length + _line.WrittenCount > SizeMax)
        {
            _file.Dispose();
            _file = null;
            File.Move(path, path + ".1", overwrite: true);
            _file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
        }

        _file.Write(_line.WrittenSpan);
        _file.Flush();
    }
}
