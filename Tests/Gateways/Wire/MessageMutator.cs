using System;
using System.Collections.Generic;
using System.Text;
using LowLatency.Core.Determinism;

namespace LowLatency.Tests.Gateways.Wire;

/// <summary>Damages messages: as a line does it, as a venue does it that changes its mind, and as somebody does it on purpose.</summary>
internal static class MessageMutator
{
    internal static readonly string[] Names =
    [
        "none", "number", "text", "rename", "cut out", "insert", "flip", "repeat", "truncate", "nest", "drop quotes", "swap",
    ];

    private static readonly string[] Numbers =
    [
        "0", "-1", "-0", "00", "1e5", "1E-3", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "1.0",
        "0.1", "0.000000001", "0.0000000000000000001", "99999999999999999999999", "1.", ".5", "+1", "NaN", "1e400", "1e-400",
        "1786000000000", "4294967296", "", "5.50000000000000000000", "2", "1e999999999999",
    ];

    private static readonly string[] Words =
    [
        "", "Buy", "Sell", "buy", "BTCUSDT", "AAPL", "snapshot", "delta", "Filled", "Trade", "Funding", "true", "null", "linear",
        "spot", "quoteCoin", "LL1-3-rs-2", "LL1-3-rs-2.7", "20f43950-d8dd-5b31-9112-a178eb6023af", "2026-08-06T15:01:45Z",
        "2026-02-30T15:01:45Z", "9999-12-31T23:59:60.999999999Z", "t", "c", "fill", "x", "EC_NoError", "USDT", "a b",
    ];

    /// <summary>Makes one mutation.</summary>
    /// <param name="message">The message.</param>
    /// <param name="dice">Decides.</param>
    /// <param name="what">Which it was.</param>
    /// <returns>The damaged message.</returns>
    internal static byte[] Mutate(byte[] message, ref Xoshiro256 dice, out string what)
    {
        // Most bytes that are changed make it no message any more; what still is one tells more.
        int kind = (int)dice.NextBelow(dice.NextBelow(3) == 0 ? (uint)Names.Length : 4);
        what = Names[kind];
        List<byte> bytes = [.. message];
        if (bytes.Count == 0)
        {
            return message;
        }

        int at = (int)dice.NextBelow((uint)bytes.Count);
        switch (kind)
        {
            case 1:
                Replace(bytes, Run(bytes, at, IsOfNumber), Numbers[dice.NextBelow((uint)Numbers.Length)]);
                break;
            case 2:
                Replace(bytes, Run(bytes, at, IsOfWord), Words[dice.NextBelow((uint)Words.Length)]);
                break;
            case 3:
                Replace(bytes, Run(bytes, at, IsOfWord), ((char)('a' + dice.NextBelow(26))).ToString());
                break;
            case 4:
                bytes.RemoveRange(at, Math.Min(bytes.Count - at, 1 + (int)dice.NextBelow(12)));
                break;
            case 5:
                bytes.Insert(at, (byte)dice.NextBelow(256));
                break;
            case 6:
                bytes[at] ^= (byte)(1 << (int)dice.NextBelow(8));
                break;
            case 7:
                bytes.InsertRange(at, bytes.GetRange(at, Math.Min(bytes.Count - at, 1 + (int)dice.NextBelow(60))));
                break;
            case 8:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
            case 9:
                int depth = 1 + (int)dice.NextBelow(60);
                Replace(bytes, Run(bytes, at, IsOfNumber), new string('[', depth) + new string(']', depth));
                break;
            case 10:
                bytes.RemoveAll(b => b == (byte)'"' && bytes.Count % 7 != 0);
                break;
            case 11:
                int other = (int)dice.NextBelow((uint)bytes.Count);
                (bytes[at], bytes[other]) = (bytes[other], bytes[at]);
                break;
        }

        return [.. bytes];
    }

    /// <summary>True when both parsers see the same characters: ASCII without escapes.</summary>
    internal static bool IsPlain(ReadOnlySpan<byte> message) =>
        !message.ContainsAnyExceptInRange((byte)' ', (byte)'~') && !message.Contains((byte)'\\');

    private static bool IsOfNumber(byte b) => b is (>= (byte)'0' and <= (byte)'9') or (byte)'.' or (byte)'-' or (byte)'+';

    private static bool IsOfWord(byte b) =>
        b is not ((byte)'"' or (byte)',' or (byte)':' or (byte)'{' or (byte)'}' or (byte)'[' or (byte)']');

    // The run of bytes of a kind at or behind a place.
    private static (int Start, int Length) Run(List<byte> bytes, int at, Predicate<byte> isOf)
    {
        while (at < bytes.Count && !isOf(bytes[at]))
        {
            at++;
        }

        int start = at;
        while (start > 0 && isOf(bytes[start - 1]))
        {
            start--;
        }

        int end = at;
        while (end < bytes.Count && isOf(bytes[end]))
        {
            end++;
        }

        return (start, end - start);
    }

    private static void Replace(List<byte> bytes, (int Start, int Length) run, string text)
    {
        bytes.RemoveRange(run.Start, run.Length);
        bytes.InsertRange(run.Start, Encoding.ASCII.GetBytes(text));
    }
}
