using System;
using System.Text;

namespace LowLatency.Journal.Import;

/// <summary>What the rows of a Tardis file are.</summary>
internal enum TardisRows
{
    /// <summary>Prints.</summary>
    Trades,

    /// <summary>Best bids and asks.</summary>
    Quotes,

    /// <summary>Changes of single levels, and snapshots level by level.</summary>
    Levels,

    /// <summary>The best levels of both sides, all in one row.</summary>
    Snapshots,
}

/// <summary>The first line of a Tardis file: it names the columns, and they say what the rows are.</summary>
/// <param name="Rows">What the rows are.</param>
/// <param name="Depth">Levels a side of a snapshot row; 0 for other rows.</param>
internal readonly record struct TardisHeader(TardisRows Rows, int Depth)
{
    internal const string Allowed =
        "the column names of trades, quotes, incremental_book_L2 or book_snapshot_N as Tardis writes them";

    // Tardis has 5 and 25; the form says the rest.
    private const int DepthMax = 1000;

    /// <summary>What the first line of each file begins with.</summary>
    internal static ReadOnlySpan<byte> Start => "exchange,symbol,timestamp,local_timestamp,"u8;

    /// <summary>Reads the first line.</summary>
    internal static TardisHeader Parse(ReadOnlySpan<byte> line)
    {
        if (!line.StartsWith(Start))
        {
            throw new FieldException("header", line, Allowed);
        }

        ReadOnlySpan<byte> columns = line[Start.Length..];
        if (columns.SequenceEqual("id,side,price,amount"u8))
        {
            return new TardisHeader(TardisRows.Trades, 0);
        }

        if (columns.SequenceEqual("ask_amount,ask_price,bid_price,bid_amount"u8))
        {
            return new TardisHeader(TardisRows.Quotes, 0);
        }

        if (columns.SequenceEqual("is_snapshot,side,price,amount"u8))
        {
            return new TardisHeader(TardisRows.Levels, 0);
        }

        int depth = 0;
        while (depth < DepthMax)
        {
            byte[] level = Encoding.ASCII.GetBytes(
                FormattableString.Invariant(
                    $"asks[{depth}].price,asks[{depth}].amount,bids[{depth}].price,bids[{depth}].amount"));
            if (!columns.StartsWith(level))
            {
                break;
            }

            depth++;
            columns = columns[level.Length..];
            if (columns.Length == 0)
            {
                return new TardisHeader(TardisRows.Snapshots, depth);
            }

            if (columns[0] != (byte)',')
            {
                break;
            }

            columns = columns[1..];
        }

        throw new FieldException("header", line, Allowed);
    }
}
