using System.IO;
using System.Text;
using BenchmarkDotNet.Attributes;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Journal.Import;

namespace LowLatency.Bench;

/// <summary>
/// Order-book messages of twelve levels from text to events, file reading and chaining included: nanoseconds per line.
/// </summary>
public class ImportBenchmarks
{
    private const int Lines = 20_000;
    private const int LevelsOfSide = 6;
    private const long Start = 1_733_011_200_000;

    private string _folder = string.Empty;
    private string _path = string.Empty;

    [GlobalSetup]
    public void Write()
    {
        _folder = Directory.CreateTempSubdirectory("lowlatency-bench-").FullName;
        _path = Path.Combine(_folder, "x_ob500.data");
        StringBuilder text = new();
        for (int line = 1; line <= Lines; line++)
        {
            text.Append(Line(line)).Append('\n');
        }

        File.WriteAllText(_path, text.ToString());
    }

    [GlobalCleanup]
    public void Remove() => Directory.Delete(_folder, recursive: true);

    [Benchmark(OperationsPerInvoke = Lines)]
    public long BybitDeltas()
    {
        using ImportSource source = ImportSource.Open([new ImportFile(_path, ImportFormat.Bybit)]);
        Event e = default;
        long events = 0;
        while (source.Read(ref e) == ReadResult.Event)
        {
            events++;
        }

        return events;
    }

    /// <summary>A message; the first is a snapshot.</summary>
    internal static string Line(int line)
    {
        Xoshiro256 dice = new((ulong)line);
        StringBuilder text = new();
        string type = line == 1 ? "snapshot" : "delta";
        text.Append("{\"topic\":\"orderbook.500.XRPUSDT\",\"type\":\"").Append(type).Append("\",\"ts\":")
            .Append(Start + line).Append(",\"data\":{\"s\":\"XRPUSDT\",\"b\":[");
        Levels(text, 19_000, ref dice);
        text.Append("],\"a\":[");
        Levels(text, 19_900, ref dice);
        return text.Append("],\"u\":").Append(line + 6).Append(",\"seq\":5}}").ToString();
    }

    private static void Levels(StringBuilder text, long from, ref Xoshiro256 dice)
    {
        for (int i = 0; i < LevelsOfSide; i++)
        {
            // Prices of a message differ; the sides never cross.
            long price = from - 10_000 + (i * 100) + (long)(dice.NextDouble() * 100);
            text.Append(i == 0 ? string.Empty : ",").Append("[\"1.").Append(price).Append("\",\"")
                .Append((long)(dice.NextDouble() * 10_000)).Append("\"]");
        }
    }
}
