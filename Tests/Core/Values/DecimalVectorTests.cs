using System;
using System.Text;
using LowLatency.Core.Determinism;
using LowLatency.Core.Values;
using Xunit;

namespace LowLatency.Tests.Core.Values;

public sealed class DecimalVectorTests
{
    private const string Alphabet = "0123456789..-e\"";

    [Fact]
    public void What_it_decides_is_what_digit_by_digit_parsing_says_and_it_decides_what_machines_write()
    {
        Assert.SkipUnless(DecimalVector.IsSupported, "this processor has no such instructions");
        Xoshiro256 dice = new(20_260_101);
        long decided = 0;
        long valid = 0;
        byte[] message = new byte[64];
        for (int i = 0; i < 400_000; i++)
        {
            string text = i % 2 == 0 ? Number(ref dice) : Noise(ref dice);
            int exponent = (int)dice.NextBelow(DecimalText.ExponentMax + 1);
            for (int b = 0; b < message.Length; b++)
            {
                message[b] = (byte)dice.NextBelow(256);
            }

            int start = (int)dice.NextBelow(20);
            Encoding.ASCII.GetBytes(text, message.AsSpan(start));
            bool isNumber = DecimalText.TryParse(Encoding.ASCII.GetBytes(text), exponent, out long expected);
            if (DecimalVector.TryParse(in message[start], text.Length, exponent, out long units))
            {
                Assert.True(isNumber, text + " is no number");
                Assert.True(expected == units, $"{text} by 10^-{exponent}: {units} instead of {expected}");
                decided++;
            }

            valid += isNumber && text.Length is > 0 and <= DecimalVector.Width && text[0] != '-' ? 1 : 0;
            Assert.Equal(isNumber, DecimalText.TryParse(message, start, text.Length, exponent, out long within));
            Assert.Equal(expected, within);
        }

        // Undecided though valid: more decimals than the unit has, zeros all of them.
        Assert.True(decided > valid * 9 / 10 && decided > 100_000, $"{decided} of {valid} were decided at once");
    }

    [Fact]
    public void Text_at_the_end_of_the_message_is_read_without_what_lies_behind_it()
    {
        byte[] message = Encoding.ASCII.GetBytes("{\"p\":65000.15");
        Assert.True(DecimalText.TryParse(message, 5, 8, 2, out long units));
        Assert.Equal(6_500_015, units);
        Assert.False(DecimalText.TryParse(message, 5, 0, 2, out _));
    }

    private static string Number(ref Xoshiro256 dice)
    {
        StringBuilder text = new();
        int whole = 1 + (int)dice.NextBelow(9);
        int decimals = (int)dice.NextBelow(8);
        for (int i = 0; i < whole; i++)
        {
            text.Append((char)('0' + dice.NextBelow(10)));
        }

        for (int i = 0; i < decimals; i++)
        {
            text.Append(i == 0 ? "." : string.Empty).Append((char)('0' + dice.NextBelow(10)));
        }

        return text.ToString();
    }

    private static string Noise(ref Xoshiro256 dice)
    {
        char[] text = new char[dice.NextBelow(20)];
        for (int i = 0; i < text.Length; i++)
        {
            text[i] = Alphabet[(int)dice.NextBelow(Alphabet.Length)];
        }

        return new string(text);
    }
}
