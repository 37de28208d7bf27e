using System;
using System.IO;
using System.Runtime.InteropServices;

namespace LowLatency.Bench.Durable;

/// <summary>SQLite through its C library: an insert for each record, a transaction for each batch, WAL, synchronous=FULL.</summary>
internal sealed unsafe partial class Sqlite : IDisposable
{
    private const string Library = "libsqlite3.so.0";
    private const int Row = 100;
    private const int Done = 101;

    private readonly nint _database;
    private readonly nint _insert;

    internal Sqlite(string path)
    {
        Check(Open(path, out _database));
        Run("PRAGMA journal_mode=WAL");
        Run("PRAGMA synchronous=FULL");
        Run("CREATE TABLE events(sequence INTEGER PRIMARY KEY, record BLOB)");
        Check(Prepare(_database, "INSERT INTO events VALUES(?1, ?2)", -1, out _insert, 0));
    }

    internal static bool IsPresent
    {
        get
        {
            bool loaded = NativeLibrary.TryLoad(Library, out nint handle);
            if (loaded)
            {
                NativeLibrary.Free(handle);
            }

            return loaded;
        }
    }

    internal void Commit(ref long sequence, int batch, byte[] record)
    {
        Run("BEGIN");
        fixed (byte* bytes = record)
        {
            for (int i = 0; i < batch; i++)
            {
                Check(BindInteger(_insert, 1, sequence++));
                Check(BindBlob(_insert, 2, bytes, record.Length, 0));
                Check(Step(_insert));
                Check(Reset(_insert));
            }
        }

        Run("COMMIT");
    }

    public void Dispose()
    {
        _ = FinalizeStatement(_insert);
        _ = Close(_database);
    }

    private static void Check(int answer)
    {
        if (answer is not (0 or Row or Done))
        {
            throw new IOException("sqlite answers " + answer);
        }
    }

    private void Run(string statement) => Check(Execute(_database, statement, 0, 0, 0));

    [LibraryImport(Library, EntryPoint = "sqlite3_open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, out nint database);

    [LibraryImport(Library, EntryPoint = "sqlite3_exec", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Execute(nint database, string statement, nint callback, nint argument, nint message);

    [LibraryImport(Library, EntryPoint = "sqlite3_prepare_v2", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Prepare(nint database, string text, int bytes, out nint statement, nint tail);

    [LibraryImport(Library, EntryPoint = "sqlite3_bind_int64")]
    private static partial int BindInteger(nint statement, int index, long value);

    [LibraryImport(Library, EntryPoint = "sqlite3_bind_blob")]
    private static partial int BindBlob(nint statement, int index, byte* bytes, int count, nint destructor);

    [LibraryImport(Library, EntryPoint = "sqlite3_step")]
    private static partial int Step(nint statement);

    [LibraryImport(Library, EntryPoint = "sqlite3_reset")]
    private static partial int Reset(nint statement);

    [LibraryImport(Library, EntryPoint = "sqlite3_finalize")]
    private static partial int FinalizeStatement(nint statement);

    [LibraryImport(Library, EntryPoint = "sqlite3_close")]
    private static partial int Close(nint database);
}
