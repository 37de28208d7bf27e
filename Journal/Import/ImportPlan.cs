using System;
using System.Collections.Generic;
using System.IO;
using System.Runtime.InteropServices;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Values;

namespace LowLatency.Journal.Import;

/// <summary>Which instruments there are in the files of an import, and how each file is to be read.</summary>
internal sealed class ImportPlan
{
    private readonly ushort _firstInstrument;

    private ImportPlan(ushort firstInstrument) => _firstInstrument = firstInstrument;

    internal List<PlannedFile> Files { get; } = [];

    internal List<PlannedInstrument> Instruments { get; } = [];

    internal static ImportPlan Make(IReadOnlyList<ImportFile> files, ushort firstInstrument)
    {
        Ensure.That(files.Count > 0, "an import has at least one file");
        Ensure.That(firstInstrument >= 1, "instruments are numbered from 1");
        ImportPlan plan = new(firstInstrument);
        foreach (ImportFile file in files)
        {
            plan.Add(file);
        }

        foreach (PlannedInstrument instrument in plan.Instruments)
        {
            instrument.Define();
        }

        return plan;
    }

    internal InstrumentId IdOf(int index) => new((ushort)(_firstInstrument + index));

    internal int IndexOf(InstrumentId id) => id.Value - _firstInstrument;

    private void Add(ImportFile file)
    {
        string fullPath = Path.GetFullPath(file.Path);
        foreach (PlannedFile other in Files)
        {
            if (string.Equals(fullPath, Path.GetFullPath(other.Path), StringComparison.Ordinal))
            {
                throw new ImportException(file.Path, 0, "file", "named twice", "each file once");
            }
        }

        ImportFormat format = file.Format == ImportFormat.Detect ? ImportFormats.Detect(file.Path) : file.Format;
        InstrumentOptions options = file.Instrument ?? new InstrumentOptions();
        if (format == ImportFormat.Csv)
        {
            AddCsv(file);
            return;
        }

        LeanPath? place = null;
        InstrumentFinding finding = format switch
        {
            ImportFormat.Binance => BinanceReader.Find(file.Path, options),
            ImportFormat.Bybit => BybitReader.Find(file.Path, options),
            _ => LeanReader.Find(file.Path, options, out place),
        };
        int index = IndexFor(finding, file, null);
        InstrumentId id = IdOf(index);
        PlannedInstrument instrument = Instruments[index];
        Files.Add(new PlannedFile(file.Path, format, finding.NotBefore, (lines, summary) => format switch
        {
            ImportFormat.Binance => new BinanceReader(lines, summary, id, instrument.Definition),
            ImportFormat.Bybit => new BybitReader(lines, summary, id, instrument.Definition),
            _ => new LeanReader(lines, summary, place!, id, instrument.Definition),
        }));
    }

    private void AddCsv(ImportFile file)
    {
        if (file.Instrument is not null)
        {
            throw new ImportException(file.Path, 0, "instrument", "an option", "none: the file itself defines them");
        }

        List<CsvInstrument> rows = CsvReader.Find(file.Path, out long notBefore);
        foreach (CsvInstrument row in rows)
        {
            InstrumentFinding finding = new(
                EventSource.Csv,
                row.Definition.Symbol.ToString(),
                row.Definition.InstrumentKind,
                row.PriceExponent,
                row.QuantityExponent,
                notBefore);
            row.Id = IdOf(IndexFor(finding, file, row.Definition));
        }

        Files.Add(new PlannedFile(
            file.Path, ImportFormat.Csv, notBefore, (lines, summary) => new CsvReader(lines, summary, rows)));
    }

    private int IndexFor(InstrumentFinding finding, ImportFile file, InstrumentDefined? definition)
    {
        for (int i = 0; i < Instruments.Count; i++)
        {
            if (Instruments[i].Finding.IsSameInstrument(finding))
            {
                Instruments[i].Join(finding, file, definition);
                return i;
            }
        }

        int numbers = _firstInstrument + Instruments.Count;
        if (numbers > Limits.Instruments)
        {
            throw new ImportException(
                file.Path, 0, "symbol", finding.Symbol, $"at most {Limits.Instruments} instruments in one journal");
        }

        Instruments.Add(new PlannedInstrument(finding, file, definition));
        return Instruments.Count - 1;
    }

    /// <summary>A file and how to open it.</summary>
    internal sealed class PlannedFile
    {
        private readonly Func<LineReader, FileSummary, ImportReader> _open;

        internal PlannedFile(
            string path, ImportFormat format, long notBefore, Func<LineReader, FileSummary, ImportReader> open)
        {
            Path = path;
            Format = format;
            NotBefore = notBefore;
            Summary = new FileSummary(path, format, new FileInfo(path).Length);
            _open = open;
        }

        internal string Path { get; }

        internal ImportFormat Format { get; }

        internal long NotBefore { get; }

        internal FileSummary Summary { get; }

        internal ImportReader Open()
        {
            LineReader lines = new(Path);
            Summary.Sha256 = LineReader.Sha256(Path);
            return _open(lines, Summary);
        }
    }

    /// <summary>An instrument and what all its files say about it.</summary>
    internal sealed class PlannedInstrument(InstrumentFinding finding, ImportFile file, InstrumentDefined? definition)
    {
        internal InstrumentFinding Finding { get; private set; } = finding;

        internal InstrumentDefined Definition { get; private set; } = definition ?? default;

        internal void Join(InstrumentFinding other, ImportFile otherFile, InstrumentDefined? otherDefinition)
        {
            if (otherFile.Instrument != file.Instrument)
            {
                throw new ImportException(
                    otherFile.Path, 0, "instrument", "other options", $"those of {file.Path}, the same instrument");
            }

            if (definition is { } mine && otherDefinition is { } theirs && !AreEqual(mine, theirs))
            {
                throw new ImportException(
                    otherFile.Path, 0, "instrument", other.Symbol, $"the definition in {file.Path}");
            }

            Finding = Finding with
            {
                PriceDecimals = Math.Max(Finding.PriceDecimals, other.PriceDecimals),
                QuantityDecimals = Math.Max(Finding.QuantityDecimals, other.QuantityDecimals),
            };
        }

        internal void Define()
        {
            if (definition is null)
            {
                Definition = InstrumentDefault.Define(Finding, file.Instrument ?? new InstrumentOptions(), file.Path);
            }
        }

        private static bool AreEqual(InstrumentDefined one, InstrumentDefined other) =>
            MemoryMarshal.AsBytes(new ReadOnlySpan<InstrumentDefined>(in one))
                .SequenceEqual(MemoryMarshal.AsBytes(new ReadOnlySpan<InstrumentDefined>(in other)));
    }
}
