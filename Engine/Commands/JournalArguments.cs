using System;
using System.CommandLine;
using System.Globalization;
using System.IO;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Journal;
using LowLatency.Journal.Inspection;
using LowLatency.Journal.Native;
using Command = System.CommandLine.Command;

namespace LowLatency.Engine.Commands;

/// <summary>Which events: the options that inspect, tail and export share.</summary>
internal sealed class JournalArguments
{
    private readonly Argument<DirectoryInfo> _folder = Folder();
    private readonly Option<long> _from = new("--from")
    {
        Description = "First sequence.",
        DefaultValueFactory = _ => 0,
    };

    private readonly Option<long> _to = new("--to")
    {
        Description = "Last sequence.",
        DefaultValueFactory = _ => long.MaxValue,
    };

    private readonly Option<string?> _fromTime = new("--from-time")
    {
        Description = "Earliest received time: 2024-08-08T23:54:15.030314667Z (UTC) or nanoseconds since 1970.",
    };

    private readonly Option<string?> _toTime = new("--to-time") { Description = "Latest received time." };

    private readonly Option<string?> _kind = new("--kind") { Description = "One kind of event, by name, e.g. Trade." };

    private readonly Option<string?> _instrument = new("--instrument")
    {
        Description = "One instrument, by number or symbol.",
    };

    private readonly Option<string?> _source = new("--source")
    {
        Description = "One source, by name, e.g. SimulatedVenue.",
    };

    internal static Argument<DirectoryInfo> Folder(string name = "journal") =>
        new(name) { Description = "Journal directory." };

    /// <summary>Adds the options to a command.</summary>
    internal void AddTo(Command command, bool range)
    {
        command.Add(_folder);
        if (range)
        {
            command.Add(_from);
            command.Add(_to);
            command.Add(_fromTime);
            command.Add(_toTime);
        }

        command.Add(_kind);
        command.Add(_instrument);
        command.Add(_source);
    }

    /// <summary>The journal directory; refused when it holds none.</summary>
    internal string Journal(ParseResult parsed)
    {
        return Existing(parsed.GetValue(_folder)!);
    }

    /// <summary>What was asked for.</summary>
    internal InspectionFilter Filter(ParseResult parsed, bool range)
    {
        InspectionFilter filter = new()
        {
            Kind = Named<EventKind>("--kind", parsed.GetValue(_kind)),
            Source = Named<EventSource>("--source", parsed.GetValue(_source)),
        };
        if (range)
        {
            filter = filter with
            {
                From = parsed.GetValue(_from),
                To = parsed.GetValue(_to),
                FromTime = Time("--from-time", parsed.GetValue(_fromTime)) ?? long.MinValue,
                ToTime = Time("--to-time", parsed.GetValue(_toTime)) ?? long.MaxValue,
            };
            Ordered("--from", filter.From, "--to", filter.To);
            Ordered("--from-time", filter.FromTime, "--to-time", filter.ToTime);
            if (filter.From < 0)
            {
                throw new CommandFailure(ExitCode.Usage, $"--from {filter.From}: allowed are numbers from 0");
            }
        }

        InstrumentNumber(parsed.GetValue(_instrument), out InstrumentId number, out string? symbol);
        return symbol is null
            ? filter with { Instrument = number }
            : filter with { Instrument = InstrumentOf(Journal(parsed), symbol) };
    }

    /// <summary>A directory that holds a journal, or a refusal that says what is missing.</summary>
    internal static string Existing(DirectoryInfo folder)
    {
        if (!folder.Exists)
        {
            throw new InvalidDataException($"{folder.FullName}: there is no such directory");
        }

        return JournalFiles.Any(new PosixStorage(), folder.FullName)
            ? folder.FullName
            : throw new InvalidDataException(
                $"{folder.FullName}: there is no journal (no journal-*.seg or .arc file)");
    }

    private static void Ordered(string first, long from, string second, long to)
    {
        if (from > to)
        {
            throw new CommandFailure(ExitCode.Usage, $"{first} {from} is after {second} {to}: the range is empty");
        }
    }

    private static long? Time(string option, string? text)
    {
        if (text is null)
        {
            return null;
        }

        return EventTime.TryParse(text, out long time)
            ? time
            : throw new CommandFailure(ExitCode.Usage, $"{option} {text}: allowed are {EventTime.Allowed}");
    }

    private static T Named<T>(string option, string? name)
        where T : struct, Enum
    {
        if (name is null)
        {
            return default;
        }

        return Enum.TryParse(name, ignoreCase: true, out T value)
            && Enum.IsDefined(value)
            && !char.IsAsciiDigit(name[0])
            && !value.Equals(default(T))
            ? value
            : throw new CommandFailure(
                ExitCode.Usage, $"{option} {name}: allowed are {string.Join(", ", Enum.GetNames<T>()[1..])}");
    }

    private static void InstrumentNumber(string? text, out InstrumentId number, out string? symbol)
    {
        number = InstrumentId.None;
        symbol = null;
        if (text is null)
        {
            return;
        }

        if (!int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value))
        {
            symbol = text;
            return;
        }

        number = value is >= 1 and <= Limits.Instruments
            ? new InstrumentId((ushort)value)
            : throw new CommandFailure(
                ExitCode.Usage, $"--instrument {value}: allowed are 1 to {Limits.Instruments}, or a symbol");
    }

    private static InstrumentId InstrumentOf(string directory, string symbol)
    {
        InstrumentNames names = new(new PosixStorage(), directory, long.MaxValue);
        InstrumentId found = names.Find(symbol);
        return found != InstrumentId.None
            ? found
            : throw new CommandFailure(
                ExitCode.Usage, $"--instrument {symbol}: the journal has {string.Join(", ", names.Symbols())}");
    }
}
