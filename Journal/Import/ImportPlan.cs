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

        if (options.HasLeanOptions && format != ImportFormat.Lean)
        {
            throw new ImportException(
                file.Path, 0, "from, to, prices, dividends", "given", "none: only LEAN files have these options");
        }

        LeanPath? place = null;
        LeanSidePath? side = null;
        TardisHeader header = default;
        InstrumentFinding finding = format switch
        {
            ImportFormat.Binance => BinanceReader.Find(file.Path, options),
            ImportFormat.Bybit => BybitReader.Find(file.Path, options),
            ImportFormat.Tardis => TardisReader.Find(file.Path, options, out header),
            _ when LeanSidePath.TryParse(file.Path, out side) => LeanSideFile.Find(file.Path, options, side),
            _ => LeanReader.Find(file.Path, options, out place),
        };
        int index = IndexFor(finding, file, null);
        InstrumentId id = IdOf(index);
        PlannedInstrument instrument = Instruments[index];
        string stream = side is not null ? side.Kind.ToString()
            : place is not null ? $"{place.Resolution} {place.Kind}" + (place.IsSeries ? string.Empty : $" {place.Date:yyyyMMdd}")
            : string.Empty;
        RequireFirst(file.Path, index, stream);
        PlannedFile planned = new(file, format, finding.NotBefore, (lines, summary) => format switch
        {
            ImportFormat.Binance => new BinanceReader(lines, summary, id, instrument.Definition),
            ImportFormat.Bybit => new BybitReader(lines, summary, id, instrument.Definition),
            ImportFormat.Tardis => new TardisReader(lines, summary, header, finding, id, instrument.Definition),
            _ when side is not null => LeanSideFile.Open(lines, summary, side, options, id),
            _ => new LeanReader(lines, summary, place!, options, id, instrument.Definition),
        })
        {
            Instrument = index,
            Stream = stream,
            Side = side?.Kind,
        };
        Files.Add(planned);
    }

    /// <summary>A second file of the same days would count everything twice.</summary>
    private void RequireFirst(string path, int instrument, string stream)
    {
        foreach (PlannedFile other in Files)
        {
            if (stream.Length > 0 && other.Instrument == instrument && other.Stream == stream)
            {
                throw new ImportException(
                    path,
                    0,
                    "file",
                    $"{stream} of {Instruments[instrument].Finding.Symbol}",
                    $"one file of it; it overlaps {other.Path}");
            }
        }
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
            file, ImportFormat.Csv, notBefore, (lines, summary) => new CsvReader(lines, summary, rows)));
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
            ImportFile file, ImportFormat format, long notBefore, Func<LineReader, FileSummary, ImportReader> open)
        {
            string path = file.Path;
            Path = path;
            AllowGaps = file.AllowGaps;
            Format = format;
            NotBefore = notBefore;
            Summary = new FileSummary(path, format, new FileInfo(path).Length);
            _open = open;
        }

        internal string Path { get; }

        internal ImportFormat Format { get; }

        internal long NotBefore { get; }

        internal FileSummary Summary { get; }

        /// <summary>Whether it may lack what it should hold.</summary>
        internal bool AllowGaps { get; }

        /// <summary>Index of its instrument; -1 when it has several.</summary>
        internal int Instrument { get; init; } = -1;

        /// <summary>What of the instrument it holds and when, where the path says it; else empty.</summary>
        internal string Stream { get; init; } = string.Empty;

        /// <summary>What it is when it accompanies market data; null when it is market data.</summary>
        internal LeanSideKind? Side { get; init; }

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
            if (other.Market != Finding.Market)
            {
                throw new ImportException(
                    otherFile.Path, 0, "market", other.Market, $"{Finding.Market}, where {other.Symbol} of {file.Path} trades");
            }

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
