using System;
using System.Linq;
using LowLatency.Gateways.Bybit;
using Xunit;

namespace LowLatency.Tests.Gateways.Bybit;

/// <summary>Snapshot, restart, repetition and gap of a numbered book.</summary>
public sealed class BookSequenceTests
{
    // s a snapshot, d a difference, the number behind it; below what each means: Reset, Apply, Gap, rePeat, Discard.
    [Theory]
    [InlineData("s5 d6 d7", "RAA")]
    [InlineData("d6 s5 d6", "DRA")]
    [InlineData("s5 d7 d8 s9 d10", "RGDRA")]
    [InlineData("s5 d6 d6", "RAG")]
    [InlineData("s5 d6 d5", "RAG")]
    [InlineData("s5 d6 s3 d4", "RARA")]
    [InlineData("s5 d1 d2 d3", "RRAA")]
    [InlineData("s1 d2 s1 d2", "RARA")]
    [InlineData("s1 s1", "RR")]
    [InlineData("s5 s5 s5 s6", "RPPR")]
    [InlineData("s5 d6 s6 d7", "RAPA")]
    [InlineData("s5 d7 s5", "RGR")]
    [InlineData("d1 d2", "RA")]
    [InlineData("s9223372036854775806 d9223372036854775807 d2", "RAG")]
    public void Updates_mean(string updates, string meaning)
    {
        BookSequence sequence = default;
        Assert.Equal(meaning, Steps(updates, (update, snapshot) => sequence.Next(update, snapshot)));
    }

    [Fact]
    public void After_a_lost_connection_nothing_counts_until_a_snapshot()
    {
        BookSequence sequence = default;
        sequence.Next(5, snapshot: true);
        sequence.Forget();
        Assert.Equal(BookStep.Discard, sequence.Next(6, snapshot: false));
        Assert.Equal(BookStep.Reset, sequence.Next(5, snapshot: true));
    }

    // Rules that somebody could write instead: each is told apart by a row above.
    [Theory]
    [InlineData("the label decides, not the number 1")]
    [InlineData("a gap is patched")]
    [InlineData("a repetition is a gap")]
    [InlineData("numbers only have to grow")]
    [InlineData("differences count without a snapshot")]
    public void Another_rule_is_found(string rule)
    {
        long last = 0;
        BookStep Wrong(long update, bool snapshot)
        {
            BookSequence right = default;
            if (last != 0)
            {
                right.Next(last, snapshot: true);
            }

            BookStep step = right.Next(update, snapshot);
            step = rule switch
            {
                "the label decides, not the number 1" when !snapshot && update == 1 => last == 0 ? BookStep.Discard : BookStep.Gap,
                "a gap is patched" when step == BookStep.Gap => BookStep.Apply,
                "a repetition is a gap" when step == BookStep.Repeat => BookStep.Gap,
                "numbers only have to grow" when step == BookStep.Gap && update > last => BookStep.Apply,
                "differences count without a snapshot" when step == BookStep.Discard => BookStep.Apply,
                _ => step,
            };
            last = step is BookStep.Gap or BookStep.Discard ? 0 : update;
            return step;
        }

        (string, string)[] rows = [("d6 s5 d6", "DRA"), ("s5 d7 d8 s9 d10", "RGDRA"), ("s5 d1 d2 d3", "RRAA"), ("s5 s5 s5 s6", "RPPR")];
        Assert.Contains(rows, row =>
        {
            last = 0;
            return Steps(row.Item1, Wrong) != row.Item2;
        });
    }

    private static string Steps(string updates, Func<long, bool, BookStep> next) => string.Concat(updates.Split(' ').Select(
        update => next(long.Parse(update[1..], System.Globalization.CultureInfo.InvariantCulture), update[0] == 's') switch
        {
            BookStep.Apply => 'A',
            BookStep.Reset => 'R',
            BookStep.Repeat => 'P',
            BookStep.Gap => 'G',
            _ => 'D',
        }));
}
