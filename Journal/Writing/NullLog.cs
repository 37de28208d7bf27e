using System.Threading;
using LowLatency.Core.Events;
using LowLatency.Journal.Format;
using LowLatency.Journal.Native;

namespace LowLatency.Journal.Writing;

/// <summary>No file: research only. It counts.</summary>
internal sealed class NullLog(IStorage storage, string directory, StreamKind kind, JournalOptions options, long first)
    : RecordLog(storage, directory, kind, options, first)
{
    private long _acknowledged = first - 1;

    public override long Acknowledged => Volatile.Read(ref _acknowledged);

    public override int Room => int.MaxValue;

    public override void Append(ref readonly Event record)
    {
        BreakIfFailed();
        Volatile.Write(ref _acknowledged, Next);
        Next++;
    }

    protected override long SealedBefore => 0;

    protected override int PumpOnce() => 0;

    protected override void CloseSegments()
    {
    }
}
