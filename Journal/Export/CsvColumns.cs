using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using LowLatency.Core.Events;
using LowLatency.Journal.Inspection;

namespace LowLatency.Journal.Export;

/// <summary>
/// Events of one kind as a table. Prices and quantities are decimals of the instrument (column <c>units</c>: decimal) or,
/// where its definition is not known, whole units (raw); times are nanoseconds since 1970 UTC. The levels of a book take a
/// row each.
/// </summary>
internal sealed class CsvColumns
{
    private const string Header = "sequence,received_at_ns,venue_time_ns,instrument,symbol,version,source,flags,units";

    private readonly TextWriter _writer;
    private readonly InstrumentNames _names;
    private bool _hasHeader;

    /// <summary>Creates the table.</summary>
    /// <param name="writer">Where it goes.</param>
    /// <param name="names">The instruments.</param>
    public CsvColumns(TextWriter writer, InstrumentNames names)
    {
        _writer = writer;
        _names = names;
    }

    /// <summary>Rows written, without the header.</summary>
    public long Rows { get; private set; }

    /// <summary>Writes an event.</summary>
    /// <param name="e">The event; of one kind always.</param>
    public void Write(in Event e)
    {
        bool known = _names.TryGet(e.Instrument, out InstrumentDefined definition);
        string symbol = known ? definition.Symbol.ToString() : string.Empty;
        string units = known || e.Instrument.Value == 0 || e.Kind == EventKind.InstrumentDefined ? "decimal" : "raw";
        string begin = FormattableString.Invariant(
            $"{e.Sequence},{e.ReceivedAt},{e.VenueTime},{e.Instrument.Value},{Quote(symbol)},{e.Version},{e.Source},{Quote(e.Flags.ToString())},{units}");
        List<FieldText> fields = PayloadFields.Of(e, _names);
        if (e.Kind == EventKind.BookLevels)
        {
            Levels(begin, fields, e);
            return;
        }

        Head(fields);
        _writer.Write(begin);
        foreach (FieldText field in fields)
        {
            _writer.Write(',');
            _writer.Write(Quote(field.Text));
        }

        _writer.Write('\n');
        Rows++;
    }

    /// <summary>The name of a column: that of the field, with its unit where it has one of its own.</summary>
    /// <param name="field">The field in lower camel case.</param>
    /// <returns>Lower case, words joined by underscores.</returns>
    internal static string Column(string field)
    {
        StringBuilder name = new();
        string plain = field.EndsWith("Units", StringComparison.Ordinal) ? field[..^5] : field;
        foreach (char letter in plain)
        {
            _ = char.IsUpper(letter) ? name.Append('_').Append(char.ToLowerInvariant(letter)) : name.Append(letter);
        }

        bool time = plain is "startTime" or "timeframe" or "interval" or "horizon" or "until";
        return time ? name.Append("_ns").ToString() : name.ToString();
    }

    /// <summary>A cell, in quotes where a comma, a quote or a line break asks for it.</summary>
    internal static string Quote(string text) => text.AsSpan().ContainsAny(",\"\n\r")
        ? "\"" + text.Replace("\"", "\"\"", StringComparison.Ordinal) + "\""
        : text;

    private void Levels(string begin, List<FieldText> fields, in Event e)
    {
        BookLevels levels = e.BookLevels;
        if (!_hasHeader)
        {
            _writer.Write(Header + ",update_id,previous_update_id,level,side,price,quantity\n");
            _hasHeader = true;
        }

        for (int i = 0; i < levels.Count; i++)
        {
            string price = PayloadFields.Amount(e, Unit.Price, levels.PriceAt(i), _names);
            string quantity = PayloadFields.Amount(e, Unit.Quantity, levels.QuantityAt(i), _names);
            string side = levels.SideAt(i) == Core.Values.Side.Buy ? "bid" : "ask";
            _writer.Write(FormattableString.Invariant(
                $"{begin},{fields[0].Text},{fields[1].Text},{i},{side},{price},{quantity}\n"));
            Rows++;
        }
    }

    private void Head(List<FieldText> fields)
    {
        if (_hasHeader)
        {
            return;
        }

        _hasHeader = true;
        _writer.Write(Header);
        foreach (FieldText field in fields)
        {
            // A definition's own symbol beside that of the header.
            string column = Column(field.Name);
            _writer.Write("," + (column is "symbol" ? "defined_symbol" : column));
        }

        _writer.Write('\n');
    }
}
