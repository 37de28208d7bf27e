using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Text.Json;
using LowLatency.Bench.Canonical;
using LowLatency.Core.Events;
using LowLatency.Journal;
using LowLatency.Journal.Format;
using LowLatency.Journal.Native;

namespace LowLatency.Bench.Durable;

/// <summary>
/// The same workload by other ways to keep records: 128 bytes each, durable in batches. A program that is not installed is
/// reported as absent.
/// </summary>
internal sealed class Peers(string folder, TimeSpan each)
{
    private const string Checked = "power cut; chained CRC and number of each record, SHA-256 of each segment";
    private const string Unchecked = "power cut; a torn or rotten record is not noticed";

    private readonly List<Peer> _peers = [];

    /// <summary>Measures all of them at some batch sizes.</summary>
    internal List<Peer> Measure(ReadOnlySpan<int> batches)
    {
        foreach (int batch in batches)
        {
            Ours(batch);
            Plain(batch);
            Stream(batch);
            Fio(batch);
            SqliteWal(batch);
            RocksDb(batch);
        }

        return _peers;
    }

    private void Add(string name, int batch, long commits, double seconds, string promise) => _peers.Add(new Peer(
        name,
        batch,
        Math.Round(commits * (double)batch / seconds),
        Math.Round(seconds * 1e6 / commits, 1),
        promise));

    private void Absent(string name, int batch, string why) => _peers.Add(new Peer(name, batch, 0, 0, "absent: " + why));

    private string New(string name)
    {
        string path = Path.Combine(folder, name);
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }

        Directory.CreateDirectory(path);
        return path;
    }

    private void Timed(string name, int batch, string promise, Action commit)
    {
        long commits = 0;
        double seconds = 0;
        HotThread.Run(() =>
        {
            commit();
            long start = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(start) < each)
            {
                commit();
                commits++;
            }

            seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        });
        Add(name, batch, commits, seconds, promise);
    }

    private void Ours(int batch)
    {
        JournalWriter writer = Rigs.Journal(
            Path.Combine(New("ours"), "journal"), Rigs.Options(Durability.Flushed, 1 << 19) with { BatchMax = 1 << 14 });
        while (writer.Pump() > 0)
        {
        }

        using (LowLatency.Journal.SyncThread sync = new(writer))
        {
            Event e = Rigs.Record();
            Timed("this journal, flushed", batch, Checked, () =>
            {
                Rigs.Append(writer, ref e, batch);
                while (writer.DurableSequence < e.Sequence)
                {
                    if (writer.Failure is { } failure)
                    {
                        throw new IOException(failure.ToString());
                    }
                }
            });
        }

        Rigs.Check(writer.Close());
    }

    private void Plain(int batch)
    {
        const long Length = 1L << 26;
        byte[] bytes = new byte[batch * Event.Size];
        using IStorageFile file = Rigs.Plain(Path.Combine(New("plain"), "file"), Length);
        long at = 0;
        Timed("plain file, pwrite and fdatasync", batch, Unchecked, () =>
        {
            Rigs.Check(file.WriteFully(at, bytes));
            Rigs.Check(file.Sync());
            at = (at + (2 * bytes.Length)) > Length ? 0 : at + bytes.Length;
        });
    }

    private void SqliteWal(int batch)
    {
        const string Name = "SQLite, WAL, synchronous=FULL";
        if (!Sqlite.IsPresent)
        {
            Absent(Name, batch, "libsqlite3.so.0");
            return;
        }

        using Sqlite database = new(Path.Combine(New("sqlite"), "db"));
        byte[] record = new byte[Event.Size];
        long sequence = 0;
        Timed(Name, batch, "power cut; transactions, an index, SQL; chained checksum in the WAL, none in the database", () =>
            database.Commit(ref sequence, batch, record));
    }

    /// <summary>As most would write it. The call succeeds even when the disk refuses, so what it promises is less.</summary>
    private void Stream(int batch)
    {
        const long Length = 1L << 26;
        byte[] bytes = new byte[batch * Event.Size];
        using FileStream file = new(Path.Combine(New("stream"), "file"), FileMode.CreateNew, FileAccess.Write);
        Timed("FileStream, Write and Flush(true)", batch, "power cut, unless the disk reports an error, which is not told", () =>
        {
            file.Write(bytes);
            file.Flush(flushToDisk: true);
            if (file.Position > Length)
            {
                file.Position = 0;
            }
        });
    }

    private void Fio(int batch)
    {
        string name = "fio, psync, fdatasync=1";
        string path = New("fio");
        string? output = Run(
            "fio",
            "--name=j", "--directory=" + path, "--rw=write", "--ioengine=psync", "--overwrite=1", "--size=64M",
            "--bs=" + (batch * Event.Size).ToString(CultureInfo.InvariantCulture), "--fdatasync=1", "--time_based",
            "--runtime=" + Math.Max(1, (int)each.TotalSeconds).ToString(CultureInfo.InvariantCulture),
            "--output-format=json");
        if (output is null)
        {
            Absent(name, batch, "fio");
            return;
        }

        using JsonDocument document = JsonDocument.Parse(output[output.IndexOf('{', StringComparison.Ordinal)..]);
        JsonElement write = document.RootElement.GetProperty("jobs")[0].GetProperty("write");
        Add(
            name,
            batch,
            write.GetProperty("total_ios").GetInt64(),
            write.GetProperty("runtime").GetDouble() / 1000,
            Unchecked);
    }

    private void RocksDb(int batch)
    {
        const string Name = "RocksDB, db_bench fillseq, sync=1";
        const string Promise = "power cut; CRC of each WAL record; sorted, readable by key";

        // As many as the journal made in the time: db_bench counts operations, not seconds.
        double rate = _peers.FindLast(peer => peer.Batch == batch)?.RecordsPerSecond ?? 0;
        long records = Math.Max(batch * 100L, (long)(Math.Min(rate, 300_000) * each.TotalSeconds));
        string? output = Run(
            "db_bench",
            "--benchmarks=fillseq", "--db=" + New("rocks"), "--sync=1", "--key_size=16", "--value_size=112",
            "--compression_type=none", "--batch_size=" + batch.ToString(CultureInfo.InvariantCulture),
            "--num=" + records.ToString(CultureInfo.InvariantCulture));
        if (output is null)
        {
            Absent(Name, batch, "db_bench");
            return;
        }

        foreach (string line in output.Split('\n'))
        {
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            int at = Array.IndexOf(words, "ops/sec");
            at = at < 0 ? Array.FindIndex(words, word => word.StartsWith("ops/sec", StringComparison.Ordinal)) : at;
            if (words.Length > 0 && words[0] == "fillseq" && at > 0)
            {
                double perSecond = double.Parse(words[at - 1], CultureInfo.InvariantCulture);
                _peers.Add(new Peer(
                    Name, batch, Math.Round(perSecond), Math.Round(batch * 1e6 / perSecond, 1), Promise));
                return;
            }
        }

        Absent(Name, batch, "its output was not understood");
    }

    /// <summary>Output of a program; null when it is not installed or fails.</summary>
    private static string? Run(string program, params string[] arguments)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        try
        {
            using Process? process = Process.Start(start);
            if (process is null)
            {
                return null;
            }

            process.ErrorDataReceived += (_, _) => { };
            process.BeginErrorReadLine();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? output : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
