using System.Collections.Generic;
using System.Runtime.InteropServices;
using LowLatency.Core.Events;
using LowLatency.Journal.Import;
using Xunit;

namespace LowLatency.Tests.Journal.Import;

/// <summary>Runs whole imports and keeps what came out.</summary>
internal static class Imported
{
    internal static List<Event> All(out ImportSummary summary, params ImportFile[] files)
    {
        using ImportSource source = ImportSource.Open(files);
        List<Event> events = All(source);
        summary = source.Summary;
        Assert.Equal(source.Progress.BytesTotal, source.Progress.BytesRead);
        Assert.Equal(events.Count, source.Progress.Events);
        return events;
    }

    internal static List<Event> All(IEventSource source)
    {
        List<Event> events = [];
        Event next = default;
        while (source.Read(ref next) == ReadResult.Event)
        {
            events.Add(next);
        }

        Assert.Equal(ReadResult.End, source.Read(ref next));
        return events;
    }

    internal static List<Event> OfKind(List<Event> events, EventKind kind) => events.FindAll(e => e.Kind == kind);

    internal static byte[] Bytes(List<Event> events) =>
        MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(events)).ToArray();

    internal static ImportException Refusal(params ImportFile[] files) => Assert.Throws<ImportException>(() =>
    {
        using ImportSource source = ImportSource.Open(files);
        All(source);
    });
}
