using System;
using System.Text;
using System.Text.Json;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Values;

namespace LowLatency.Journal.Import;

/// <summary>
/// Reads one file line by line into events. A format says what a line means; this says where events wait, that received
/// times never run backwards, and that every refusal names file and line.
/// </summary>
internal abstract class ImportReader : IEventSource, IDisposable
{
    /// <summary>Levels of one message, both sides.</summary>
    internal const int LevelsMax = 1 << 16;

    private Event _single;
    private bool _hasSingle;
    private long _lastReceivedAt;
    private bool _ended;
    private ImportException? _refusal;

    private protected ImportReader(LineReader lines, FileSummary summary)
    {
        Lines = lines;
        Summary = summary;
    }

    internal FileSummary Summary { get; }

    internal long BytesRead => Lines.BytesRead;

    internal long BytesTotal => Lines.BytesTotal;

    /// <summary>
    /// Whether the file accompanies market data: only what lies within that data is taken, so who joins the files counts.
    /// </summary>
    private protected virtual bool IsCompanion => false;

    private protected LineReader Lines { get; }

    /// <inheritdoc/>
    public ReadResult Read(ref Event next)
    {
        // Who asks again after a refusal gets the refusal again, never the line after it.
        if (_refusal is not null)
        {
            throw _refusal;
        }

        try
        {
            if (!TryRead(ref next))
            {
                return ReadResult.End;
            }
        }
        catch (ImportException e)
        {
            _refusal = e;
            throw;
        }
        catch (FieldException e)
        {
            throw _refusal = e.At(Lines.Path, Lines.Line);
        }
        catch (JsonException e)
        {
            throw _refusal = NotJson(Lines.Path, Lines.Line, e);
        }

        if (!IsCompanion)
        {
            Summary.Count(next);
        }

        return ReadResult.Event;
    }

    /// <inheritdoc/>
    public void Dispose() => Lines.Dispose();

    /// <summary>Understands a line: puts its events where they are taken from, or counts why none.</summary>
    private protected abstract void OnLine(ReadOnlySpan<byte> line);

    /// <summary>Gives a group of events away, one at a time.</summary>
    /// <returns>False when no group waits.</returns>
    private protected virtual bool TryTakeGroup(ref Event next) => false;

    /// <summary>The file has ended.</summary>
    private protected virtual void OnEnd()
    {
    }

    /// <summary>An event's header; the received time is checked to run forwards.</summary>
    private protected Event Header(long receivedAt, long venueTime, InstrumentId instrument, EventSource source)
    {
        if (receivedAt < _lastReceivedAt)
        {
            throw new FieldException(
                "received-at", Number(receivedAt), $"not before the line above it, {Number(_lastReceivedAt)}");
        }

        _lastReceivedAt = receivedAt;
        return new Event
        {
            ReceivedAt = receivedAt,
            VenueTime = venueTime,
            Instrument = instrument,
            Source = source,
            Flags = EventFlags.Whole,
        };
    }

    private protected void Put<T>(Event header, in T payload)
        where T : unmanaged, IPayload
    {
        Ensure.That(!_hasSingle, "a line made two events that are not a group");
        header.Set(payload);
        _single = header;
        _hasSingle = true;
    }

    private protected void PutGap(in Event header)
    {
        Summary.Gaps++;
        Put(header, new StreamStateChanged { State = StreamState.Gap });
    }

    private protected static string Number(long value) =>
        value.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private protected static ImportException NotJson(string path, long line, JsonException cause) =>
        new(path, line, "json", cause.Message, "one well-formed JSON object", cause);

    private bool TryRead(ref Event next)
    {
        while (!TryTakeWaiting(ref next))
        {
            if (_ended)
            {
                return false;
            }

            if (Lines.TryRead(out ReadOnlySpan<byte> line))
            {
                Summary.Lines = Lines.Line;
                OnLine(line);
            }
            else
            {
                _ended = true;
                OnEnd();
            }
        }

        return true;
    }

    private bool TryTakeWaiting(ref Event next)
    {
        // Giving a group away may end in the discovery of a gap.
        if (!_hasSingle && TryTakeGroup(ref next))
        {
            return true;
        }

        if (_hasSingle)
        {
            next = _single;
            _hasSingle = false;
            return true;
        }

        return false;
    }
}

/// <summary>A field that is not as it must be; the reader adds file and line.</summary>
internal sealed class FieldException : Exception
{
    private readonly string _field;
    private readonly string _value;
    private readonly string _allowed;

    internal FieldException(string field, string value, string allowed)
        : base(field)
    {
        _field = field;
        _value = value;
        _allowed = allowed;
    }

    internal FieldException(string field, ReadOnlySpan<byte> value, string allowed)
        : this(field, Encoding.Latin1.GetString(value[..Math.Min(value.Length, 100)]), allowed)
    {
    }

    internal ImportException At(string file, long line) => new(file, line, _field, _value, _allowed, this);
}

/// <summary>Fields that several formats share.</summary>
internal static class Fields
{
    private const long NanosecondsPerMillisecond = 1_000_000;

    // 2262-04-11: the end of 64-bit nanoseconds. The lower bound tells nanoseconds from milliseconds.
    private const long MillisecondsMax = long.MaxValue / NanosecondsPerMillisecond;
    private const long NanosecondsMin = 31_536_000L * 1_000_000_000;

    internal static long Nanoseconds(string field, ReadOnlySpan<byte> text) =>
        DecimalText.TryParse(text, 0, out long value) && value >= NanosecondsMin
            ? value
            : throw new FieldException(field, text, "nanoseconds since 1970 UTC, 1971 or later");

    internal static long FromMilliseconds(string field, long milliseconds) =>
        milliseconds is >= 0 and <= MillisecondsMax
            ? milliseconds * NanosecondsPerMillisecond
            : throw new FieldException(
                field,
                milliseconds.ToString(System.Globalization.CultureInfo.InvariantCulture),
                $"milliseconds since 1970 UTC, at most {MillisecondsMax}");

    internal static long FromMicroseconds(string field, ReadOnlySpan<byte> text)
    {
        const long perMicrosecond = 1_000;
        return DecimalText.TryParse(text, 0, out long value) && text.IndexOf((byte)'.') < 0
            && value is >= NanosecondsMin / perMicrosecond and <= long.MaxValue / perMicrosecond
                ? value * perMicrosecond
                : throw new FieldException(field, text, "whole microseconds since 1970 UTC, 1971 to 2262");
    }

    internal static long Whole(string field, ReadOnlySpan<byte> text) =>
        DecimalText.TryParse(text, 0, out long value) && value >= 0 && text.IndexOf((byte)'.') < 0
            ? value
            : throw new FieldException(field, text, "a whole number from 0 to 2^63 - 1");

    /// <summary>A price or quantity that may be zero but not negative.</summary>
    internal static long Amount(string field, ReadOnlySpan<byte> text, int exponent) =>
        DecimalText.TryParse(text, exponent, out long value) && value >= 0 && text[0] != (byte)'-'
            ? value
            : throw new FieldException(
                field, text, $"a decimal that is not negative, with at most {exponent} decimals, in 64 bits");

    internal static long PositiveAmount(string field, ReadOnlySpan<byte> text, int exponent)
    {
        long value = Amount(field, text, exponent);
        return value > 0 ? value : throw new FieldException(field, text, "more than zero");
    }

    internal static long Price(string field, ReadOnlySpan<byte> text, int exponent) =>
        DecimalText.TryParse(text, exponent, out long value)
            ? value
            : throw new FieldException(field, text, $"a decimal with at most {exponent} decimals, in 64 bits");
}

/// <summary>The fields of a line of comma separated text, without quotes.</summary>
internal ref struct CommaFields(ReadOnlySpan<byte> line)
{
    private ReadOnlySpan<byte> _rest = line;
    private bool _more = true;

    internal readonly bool HasMore => _more;

    internal ReadOnlySpan<byte> Next(string field)
    {
        if (!_more)
        {
            throw new FieldException(field, "<missing>", "a field");
        }

        int comma = _rest.IndexOf((byte)',');
        _more = comma >= 0;
        ReadOnlySpan<byte> text = _more ? _rest[..comma] : _rest;
        _rest = _more ? _rest[(comma + 1)..] : default;
        return text;
    }

    internal readonly void End()
    {
        if (_more)
        {
            throw new FieldException("end of line", _rest, "no further field");
        }
    }
}
