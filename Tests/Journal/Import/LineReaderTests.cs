using System;
using System.Collections.Generic;
using System.IO;
using System.Security.Cryptography;
using System.Text;
using LowLatency.Journal.Import;
using Xunit;

namespace LowLatency.Tests.Journal.Import;

/// <summary>Files as a whole: wrapped in each way, cut, changed, wrong, missing.</summary>
public sealed class LineReaderTests : IDisposable
{
    private static readonly string[] Lines = MakeLines();

    private readonly Fixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void Plain_gzip_and_zip_give_the_same_events_and_their_own_hash()
    {
        byte[]? first = null;
        string[] paths = [_fixture.Plain("a", Lines), _fixture.Gzip("b", Lines), _fixture.Zip("c", Lines)];
        foreach (string path in paths)
        {
            byte[] events = Imported.Bytes(Imported.All(out ImportSummary summary, new ImportFile(path)));
            Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path))), summary.Files[0].Sha256);
            Assert.Equal(new FileInfo(path).Length, summary.Files[0].Bytes);
            Assert.Equal(Lines.Length, summary.Files[0].Lines);
            first ??= events;
            Assert.Equal(first, events);
        }
    }

    [Fact]
    public void Carriage_returns_and_a_missing_last_line_feed_are_harmless_where_a_line_proves_itself_whole()
    {
        string path = _fixture.Bytes("crlf", Encoding.ASCII.GetBytes(string.Join("\r\n", Lines)));
        Assert.Equal(
            Imported.Bytes(Imported.All(out _, new ImportFile(_fixture.Plain("lf", Lines)))),
            Imported.Bytes(Imported.All(out _, new ImportFile(path))));
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(0.5)]
    [InlineData(0.9)]
    [InlineData(-9)]
    [InlineData(-8)]
    [InlineData(-4)]
    [InlineData(-1)]
    public void A_cut_gzip_is_refused(double part)
    {
        byte[] whole = File.ReadAllBytes(_fixture.Gzip("whole", Lines));
        int length = part < 0 ? whole.Length + (int)part : (int)(whole.Length * part);
        string path = _fixture.Bytes("cut", whole[..length]);
        ImportException refusal = Imported.Refusal(Binance(path));
        Assert.Equal(path, refusal.File);
        Assert.NotEqual(string.Empty, refusal.Allowed);
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(0.5)]
    [InlineData(0.99)]
    public void A_cut_zip_is_refused(double part)
    {
        byte[] whole = File.ReadAllBytes(_fixture.Zip("whole", Lines));
        Assert.Equal(
            "file", Imported.Refusal(Binance(_fixture.Bytes("cut", whole[..(int)(whole.Length * part)]))).Field);
    }

    [Fact]
    public void A_changed_byte_anywhere_in_a_compressed_file_is_noticed()
    {
        // Only bytes of the compressed text: names and times of the wrapping mean nothing here.
        foreach (bool gzip in new[] { true, false })
        {
            byte[] whole = File.ReadAllBytes(gzip ? _fixture.Gzip("whole", Lines) : _fixture.Zip("whole", Lines));
            for (int at = 60; at < whole.Length - 200; at += whole.Length / 23)
            {
                byte[] changed = (byte[])whole.Clone();
                changed[at] ^= 0x10;
                Imported.Refusal(Binance(_fixture.Bytes("changed", changed)));
            }
        }
    }

    [Fact]
    public void A_zip_must_hold_exactly_one_file()
    {
        byte[] text = Fixture.Text(Lines);
        Assert.Equal("zip archive of 0 files", Imported.Refusal(Binance(_fixture.ZipOf("none"))).Value);
        Assert.Equal(
            "zip archive of 2 files", Imported.Refusal(Binance(_fixture.ZipOf("two", ("a", text), ("b", text)))).Value);
    }

    [Fact]
    public void A_missing_or_empty_file_is_refused()
    {
        Assert.Equal("file", Imported.Refusal(new ImportFile(_fixture.Path("missing"))).Field);
        Assert.Equal("file", Imported.Refusal(Binance(_fixture.Path("missing"))).Field);
        Assert.Equal("file", Imported.Refusal(new ImportFile(_fixture.Bytes("empty", []))).Field);
        Assert.Equal("file", Imported.Refusal(Binance(_fixture.Bytes("tiny", [0x1f, 0x8b, 8]))).Field);
        Assert.NotEqual(string.Empty, Imported.Refusal(Binance(_fixture.Bytes("empty", []))).Allowed);
    }

    [Fact]
    public void An_empty_line_and_an_endless_line_are_refused()
    {
        Assert.Equal(2, Imported.Refusal(Binance(_fixture.Plain("gap", Lines[0], string.Empty, Lines[1]))).Line);
        string endless = _fixture.Gzip("endless", Lines[0], new string('x', (8 << 20) + 1));
        ImportException refusal = Imported.Refusal(Binance(endless));
        Assert.Equal(2, refusal.Line);
        Assert.Contains("at most", refusal.Allowed, StringComparison.Ordinal);
    }

    private static ImportFile Binance(string path) => new(path, ImportFormat.Binance);

    private static string[] MakeLines()
    {
        List<string> lines = [];
        for (int i = 0; i < 500; i++)
        {
            lines.Add(
                BinanceLines.Quote(
                    i, 1000 + (i * 37 % 91), $"{100 + (i % 7)}.{i % 10}0", "1.000", "110.00", $"{i}.000"));
        }

        return [.. lines];
    }
}
