using System;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Engine.Running;
using LowLatency.Journal;
using LowLatency.Journal.Native;

namespace LowLatency.Engine.Reality;

/// <summary>What was journaled, event by event, with the commands that each event caused. Read from the start each time.</summary>
internal interface IRealityTape : IDisposable
{
    /// <summary>What the last event made the order stage say.</summary>
    ReadOnlySpan<Command> Commands { get; }

    /// <summary>Reads the next event.</summary>
    /// <param name="e">The event, when there is one.</param>
    /// <returns>False after the last one.</returns>
    bool Read(ref Event e);
}

/// <summary>The tape of a journal directory: events from the journal, commands from its audit log.</summary>
internal sealed class JournalTape : IRealityTape
{
    private readonly JournalReader _journal;
    private readonly AuditReader _audit;
    private readonly AuditGroup _group = new();
    private readonly Command[] _commands = new Command[Limits.CommandsPerEvent];
    private int _count;
    private bool _hasGroup;

    internal JournalTape(string directory)
    {
        _journal = RecordedRun.Open(directory);
        _audit = new AuditReader(new PosixStorage(), directory);
        Advance();
    }

    /// <inheritdoc/>
    public ReadOnlySpan<Command> Commands => _commands.AsSpan(0, _count);

    /// <inheritdoc/>
    public bool Read(ref Event e)
    {
        _count = 0;
        if (_journal.Read(ref e) != ReadResult.Event)
        {
            return false;
        }

        while (_hasGroup && _group.Sequence <= e.Sequence)
        {
            // A decision that a crash cut was never sent.
            if (_group.Sequence == e.Sequence && !_group.IsCheckpoint && _group.IsComplete)
            {
                _count = _group.Decision.CommandCount;
                for (int i = 0; i < _count; i++)
                {
                    _commands[i] = _group.Decision.Commands[i];
                }
            }

            Advance();
        }

        return true;
    }

    public void Dispose()
    {
        _journal.Dispose();
        _audit.Dispose();
    }

    private void Advance() => _hasGroup = _audit.Read(_group) == ReadResult.Event;
}
