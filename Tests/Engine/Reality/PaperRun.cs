using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json.Nodes;
using LowLatency.Core.Events;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Reality;
using LowLatency.Engine.Results;
using LowLatency.Tests.Determinism;
using LowLatency.Tests.Support;

namespace LowLatency.Tests.Engine.Reality;

/// <summary>A paper run on a generated market without gaps, as a journal and as a tape that can be changed.</summary>
public sealed class PaperRun : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public PaperRun()
    {
        Configuration = With(_ => { });
        Journal = Path.Combine(_folder.Path, "run");
        Result = GeneratedRuns.Direct(Configuration, Journal);
        using JournalTape tape = new(Journal);
        Event e = default;
        while (tape.Read(ref e))
        {
            Tape.Add((e, tape.Commands.ToArray()));
        }
    }

    internal EngineConfiguration Configuration { get; }

    internal string Journal { get; }

    internal RunResult Result { get; }

    internal List<(Event Event, Command[] Commands)> Tape { get; } = [];

    /// <summary>The configuration of the run with changes.</summary>
    internal static EngineConfiguration With(Action<JsonNode> change) => GeneratedRuns.Configuration(20_000, root =>
    {
        root["generator"]!["gapsPerMillion"] = 0;
        root["generator"]!["haltsPerMillion"] = 0;
        root["venue"] ??= new JsonObject();
        change(root);
    });

    /// <summary>The check of a changed tape.</summary>
    internal RealityReport Check(List<(Event Event, Command[] Commands)> tape, EngineConfiguration? given = null) =>
        RealityCheck.Of(() => new ListTape(tape), Configuration, given);

    /// <summary>The tape with every event changed or left out.</summary>
    internal List<(Event Event, Command[] Commands)> Changed(Func<Event, Event?> change) =>
        [.. Tape.Select(item => (Event: change(item.Event), item.Commands)).Where(item => item.Event is not null)
            .Select(item => (item.Event!.Value, item.Commands))];

    public void Dispose() => _folder.Dispose();

    private sealed class ListTape(List<(Event Event, Command[] Commands)> items) : IRealityTape
    {
        private int _next;

        public ReadOnlySpan<Command> Commands => items[_next - 1].Commands;

        public bool Read(ref Event e)
        {
            if (_next == items.Count)
            {
                return false;
            }

            e = items[_next++].Event;
            return true;
        }

        public void Dispose()
        {
        }
    }
}
