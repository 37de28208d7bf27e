using System.Collections.Generic;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using BenchmarkDotNet.Attributes;

namespace LowLatency.Bench;

/// <summary>
/// A book message of twelve levels by System.Text.Json, the way most would read it: into classes, prices as text that still
/// has to become numbers. Beside <see cref="ImportBenchmarks"/>, which makes checked events of the same line, files included.
/// </summary>
[MemoryDiagnoser]
public class JsonBenchmarks
{
    private readonly byte[] _line = Encoding.UTF8.GetBytes(ImportBenchmarks.Line(2));

    /// <summary>Into classes, by reflection.</summary>
    [Benchmark]
    public decimal Classes() => Sum(JsonSerializer.Deserialize<JsonBook>(_line)!);

    /// <summary>Into classes, by generated code.</summary>
    [Benchmark]
    public decimal GeneratedClasses() => Sum(JsonSerializer.Deserialize(_line, JsonBooks.Default.JsonBook)!);

    private static decimal Sum(JsonBook book)
    {
        decimal sum = 0;
        foreach (string[] level in book.Data.Bids)
        {
            sum += decimal.Parse(level[0], System.Globalization.CultureInfo.InvariantCulture);
        }

        foreach (string[] level in book.Data.Asks)
        {
            sum += decimal.Parse(level[0], System.Globalization.CultureInfo.InvariantCulture);
        }

        return sum;
    }
}

/// <summary>A message as a class.</summary>
internal sealed class JsonBook
{
    [JsonPropertyName("type")]
    public string Type { get; set; } = string.Empty;

    [JsonPropertyName("ts")]
    public long Time { get; set; }

    [JsonPropertyName("data")]
    public JsonLevels Data { get; set; } = new();
}

/// <summary>Its levels.</summary>
internal sealed class JsonLevels
{
    [JsonPropertyName("b")]
    public List<string[]> Bids { get; set; } = [];

    [JsonPropertyName("a")]
    public List<string[]> Asks { get; set; } = [];

    [JsonPropertyName("u")]
    public long Update { get; set; }
}

[JsonSerializable(typeof(JsonBook))]
internal sealed partial class JsonBooks : JsonSerializerContext;
