using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Journal.Import;
using Xunit;

namespace LowLatency.Tests.Journal.Import;

/// <summary>Damaged text files: each is imported or refused by name; nothing else happens, and nothing hangs.</summary>
public sealed class ImportFuzzTests : IDisposable
{
    private const int Rounds = 400;

    private readonly Fixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Theory]
    [InlineData("equity/usa/minute/x/20131007_quote.zip", "34200000,2,3,1,2,5,2,3,1,2,5|34260000,2,3,1,2,5,,,,,|34320000,12,13,11,12,5,2,3,1,2,5")]
    [InlineData("equity/usa/tick/x/20131007_quote.zip", "34200000,2,5,0,0,P,1,0|34200001,0,0,3,1,Q,20,0|34200001,2,5,3,1,,800,1")]
    [InlineData("equity/usa/second/x/20131007_trade.zip", "34200000,2,3,1,2,5|34201000,2,3,1,2,0|34205000,22,33,11,22,55")]
    [InlineData("crypto/coinbase/minute/btcusd/20131007_quote.zip", "0,2.5,3,1,2,5.25,2,3,1,2,5|60000,2,3,1,2,5.12345678901234,2,3,1,2,5")]
    [InlineData("equity/usa/factor_files/x.csv", "19980102,0.8,0.142857,1|20050101,0.85,1,12.5|20501231,1,1,0")]
    [InlineData("equity/usa/map_files/x.csv", "19980102,a,N|20050101,b,N|20100101,c")]
    [InlineData("cryptofuture/bybit/margin_interest/btcusdt.csv", "20221213 00:00:00,-0.0001|20221213 08:00:00,0.0003|20221213 16:00:00,0.0")]
    [InlineData("t.csv", "exchange,symbol,timestamp,local_timestamp,id,side,price,amount|binance,BTCUSDT,1598918403000001,1598918403000002,1,buy,1.5,1|binance,BTCUSDT,1598918403000003,1598918403000004,x,sell,2,1")]
    [InlineData("q.csv", "exchange,symbol,timestamp,local_timestamp,ask_amount,ask_price,bid_price,bid_amount|binance,BTCUSDT,1598918403000001,1598918403000002,1,2,1,1|binance,BTCUSDT,1598918403000003,1598918403000004,1,2,,")]
    [InlineData("l.csv", "exchange,symbol,timestamp,local_timestamp,is_snapshot,side,price,amount|binance,BTCUSDT,1598918403000001,1598918403000002,true,ask,1.5,1|binance,BTCUSDT,1598918403000003,1598918403000004,false,bid,1,0")]
    [InlineData("s.csv", "exchange,symbol,timestamp,local_timestamp,asks[0].price,asks[0].amount,bids[0].price,bids[0].amount|binance,BTCUSDT,1598918403000001,1598918403000002,2,1,1,1|binance,BTCUSDT,1598918403000003,1598918403000004,2,1,,")]
    public void A_damaged_file_is_imported_or_refused_by_name(string relative, string text)
    {
        string[] good = text.Split('|');
        Assert.Null(Outcome(Write(relative, Encoding.Latin1.GetBytes(string.Join('\n', good))), out bool isWhole));
        Assert.True(isWhole);
        int refused = 0, taken = 0;
        for (ulong seed = 1; seed <= Rounds; seed++)
        {
            byte[] damaged = Damage(good, new Xoshiro256(seed));
            string path = Write(relative, damaged);
            string? wrong = Outcome(path, out bool isTaken);
            Assert.True(wrong is null, $"seed {seed}: {wrong}\n{Encoding.Latin1.GetString(damaged)}");
            refused += isTaken ? 0 : 1;
            taken += isTaken ? 1 : 0;
        }

        Assert.True(refused > Rounds / 10 && taken > 5, $"{refused} refused, {taken} taken");
    }

    [Fact]
    public void What_is_neither_imported_nor_refused_by_name_would_be_seen()
    {
        Assert.NotNull(Outcome(() => throw new InvalidOperationException("planted"), "x", out _));
        Assert.NotNull(Outcome(() => throw new ImportException("y", 1, "field", "value", "allowed"), "x", out _));
        Assert.NotNull(Outcome(() => throw new ImportException("x", 1, "field", "value", string.Empty), "x", out _));
        Assert.NotNull(Outcome(() => [new Event { ReceivedAt = 2 }, new Event { ReceivedAt = 1 }], "x", out _));
    }

    private static string? Outcome(string path, out bool isTaken) =>
        Outcome(() => Imported.All(out _, new ImportFile(path, ImportFormat.Detect, new InstrumentOptions { ProbeLines = 1 })), path, out isTaken);

    private static string? Outcome(Func<List<Event>> import, string path, out bool isTaken)
    {
        isTaken = false;
        try
        {
            long last = 0;
            foreach (Event e in import())
            {
                if (e.ReceivedAt < last)
                {
                    return "the received time runs backwards";
                }

                last = e.ReceivedAt;
            }

            isTaken = true;
            return null;
        }
        catch (ImportException refusal)
        {
            return refusal.File != path ? $"refused in {refusal.File}" : refusal.Allowed.Length == 0 ? "nothing allowed" : null;
        }
        catch (Exception e)
        {
            return e.ToString();
        }
    }

    private static byte[] Damage(string[] good, Xoshiro256 random)
    {
        const string alphabet = "0123456789,,,..--eE xX\"\0\u00ff:\r";
        List<string> lines = [.. good];
        int wounds = 1 + (int)random.NextBelow(3);
        for (int i = 0; i < wounds; i++)
        {
            int at = (int)random.NextBelow(lines.Count);
            string line = lines[at];
            int position = (int)random.NextBelow(line.Length + 1);
            char character = alphabet[(int)random.NextBelow(alphabet.Length)];
            switch (random.NextBelow(8))
            {
                case 0:
                    lines.Insert(at, line);
                    break;
                case 1 when lines.Count > 1:
                    lines.RemoveAt(at);
                    break;
                case 2:
                    (lines[at], lines[0]) = (lines[0], lines[at]);
                    break;
                case 3:
                    lines[at] = line[..position];
                    break;
                case 4:
                    lines[at] = line.Insert(position, character.ToString());
                    break;
                case 5:
                    lines[at] = line.Insert(position, new string('9', 25));
                    break;
                case 6 when position < line.Length:
                    lines[at] = line.Remove(position, 1);
                    break;
                default:
                    lines[at] = position < line.Length ? line.Remove(position, 1).Insert(position, character.ToString()) : line + character;
                    break;
            }
        }

        return Encoding.Latin1.GetBytes(string.Join('\n', lines));
    }

    private string Write(string relative, byte[] content) => Path.GetExtension(relative) == ".zip"
        ? _fixture.ZipOf(relative, ("data.csv", content))
        : _fixture.Bytes(relative, content);
}
