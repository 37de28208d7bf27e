using System;
using LowLatency.Core.Events;
using LowLatency.Engine.Running;
using LowLatency.Journal;

namespace LowLatency.Engine.Checks;

/// <summary>The market of a data set or of a run, from its first event each time that one is made.</summary>
internal sealed class RecordedMarket : IEventSource, IDisposable
{
    private readonly JournalReader _reader;
    private readonly SessionInputs _inputs;

    internal RecordedMarket(string directory)
    {
        _reader = RecordedRun.Open(directory);
        _inputs = new SessionInputs(_reader, KeepInputs.MarketOnly);
    }

    /// <inheritdoc/>
    public ReadResult Read(ref Event next) => _inputs.Read(ref next);

    public void Dispose() => _reader.Dispose();
}
