using System;
using System.Text;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using static LowLatency.Journal.Import.BybitMessage;

namespace LowLatency.Journal.Import;

/// <summary>
/// Bybit's archive of order-book messages. Each update number is the one before plus one; update 1 is a restart of the
/// venue's service and replaces the book. The archive has no local time: the venue's send time stands for it.
/// </summary>
internal sealed class BybitReader : ImportReader
{
    private readonly LevelPacker _packer = new(LevelsMax);
    private readonly BybitMessage _message;
    private readonly InstrumentId _instrument;
    private readonly byte[] _symbol;
    private bool _inSync;
    private long _last;

    internal BybitReader(
        LineReader lines, FileSummary summary, InstrumentId instrument, in InstrumentDefined definition)
        : base(lines, summary)
    {
        _instrument = instrument;
        _symbol = Encoding.ASCII.GetBytes(definition.Symbol.ToString());
        _message = new BybitMessage(_packer)
        {
            PriceExponent = definition.PriceExponent,
            QuantityExponent = definition.QuantityExponent,
        };
    }

    /// <summary>Looks at the first lines: symbol and decimals. The archive does not tell spot from perpetual.</summary>
    internal static InstrumentFinding Find(string path, InstrumentOptions options)
    {
        using LineReader lines = new(path);
        DecimalsProbe probe = new();
        BybitMessage message = new(new LevelPacker(LevelsMax)) { Probe = probe };
        string? symbol = options.Symbol;
        long notBefore = 0;
        try
        {
            while (lines.Line < options.ProbeLines && lines.TryRead(out ReadOnlySpan<byte> line))
            {
                message.Parse(line);
                notBefore = notBefore == 0 ? Fields.FromMilliseconds("ts", message.Time) : notBefore;
                symbol ??= message.Has(Field.Symbol) ? Encoding.ASCII.GetString(line[message.Symbol]) : null;
            }
        }
        catch (FieldException e)
        {
            throw e.At(path, lines.Line);
        }
        catch (System.Text.Json.JsonException e)
        {
            throw NotJson(path, lines.Line, e);
        }

        if (symbol is null || options.Kind == InstrumentKind.Equity)
        {
            throw new ImportException(
                path,
                0,
                symbol is null ? "symbol" : "kind",
                symbol is null ? $"not found in {lines.Line} lines" : "equity",
                "order-book messages of kind linear or spot");
        }

        InstrumentKind kind = options.Kind == InstrumentKind.None ? InstrumentKind.Linear : options.Kind;
        return new InstrumentFinding(EventSource.Bybit, symbol, kind, probe.Price, probe.Quantity, notBefore);
    }

    private protected override void OnLine(ReadOnlySpan<byte> line)
    {
        _message.Parse(line);
        _message.Require(Field.Topic);
        ReadOnlySpan<byte> topic = line[_message.Topic];
        if (!topic.StartsWith("orderbook."u8))
        {
            int dot = topic.IndexOf((byte)'.');
            Summary.Ignore(Encoding.Latin1.GetString(dot < 0 ? topic : topic[..dot]));
            return;
        }

        _message.Require(Needed);
        if (!line[_message.Symbol].SequenceEqual(_symbol))
        {
            throw new FieldException(
                "s", line[_message.Symbol], $"{Encoding.ASCII.GetString(_symbol)}: an archive is of one symbol");
        }

        ReadOnlySpan<byte> type = line[_message.Type];
        bool isSnapshot = type.SequenceEqual("snapshot"u8);
        if (!isSnapshot && !type.SequenceEqual("delta"u8))
        {
            throw new FieldException("type", type, "snapshot or delta");
        }

        long sentAt = Fields.FromMilliseconds("ts", _message.Time);
        if (sentAt == 0)
        {
            throw new FieldException("ts", "0", "more than zero");
        }

        long venueTime = _message.Has(Field.MatchTime) ? Fields.FromMilliseconds("cts", _message.MatchTime) : sentAt;
        OnBook(Header(sentAt, venueTime, _instrument, EventSource.Bybit), isSnapshot || _message.Update == 1);
    }

    private protected override bool TryTakeGroup(ref Event next) => _packer.TryTake(ref next);

    private void OnBook(in Event header, bool replaces)
    {
        if (replaces)
        {
            Summary.Apply("snapshot");
            _packer.Complete(header, _message.Update, 0, snapshot: true);
            _inSync = true;
            _last = _message.Update;
        }
        else if (!_inSync)
        {
            Summary.Discard("delta without a snapshot");
        }
        else if (_message.Update != _last + 1)
        {
            Summary.Discard("delta that does not follow");
            _inSync = false;
            PutGap(header);
        }
        else
        {
            Summary.Apply("delta");
            _packer.Complete(header, _message.Update, _last, snapshot: false);
            _last = _message.Update;
        }
    }
}
