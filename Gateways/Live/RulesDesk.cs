using System;
using LowLatency.Core.Events;
using LowLatency.Gateways.Wire;

namespace LowLatency.Gateways.Live;

/// <summary>Asks for the rules of the instruments one after the other, and again every hour; publishes what is new.</summary>
internal sealed class RulesDesk(InstrumentTable instruments, EventOutbox outbox, int count)
{
    /// <summary>Nanoseconds between two rounds.</summary>
    internal const long Interval = 3_600_000_000_000;

    /// <summary>Nanoseconds after which a question is asked again.</summary>
    internal const long AskAgain = 5_000_000_000;

    private readonly TradingStatus[] _statuses = new TradingStatus[count];
    private long _askAt = long.MinValue;
    private int _read;

    /// <summary>True when the rules of every instrument are known.</summary>
    internal bool IsComplete => _read >= count;

    /// <summary>Which instrument is to be asked for now.</summary>
    /// <param name="now">Nanoseconds since 1970 UTC.</param>
    /// <returns>-1 for none.</returns>
    internal int Next(long now) => count > 0 && now >= _askAt ? _read % count : -1;

    /// <summary>It was asked for.</summary>
    internal void OnAsked(long now) => _askAt = now + AskAgain;

    /// <summary>Rules came: they are published when they are new or have changed, at once known to the decoders.</summary>
    /// <param name="index">Which instrument was asked for.</param>
    /// <param name="batch">The answer.</param>
    /// <param name="now">Nanoseconds since 1970 UTC.</param>
    internal void OnRules(int index, EventBatch batch, long now)
    {
        bool defined = false;
        foreach (ref readonly Event e in batch.Events)
        {
            if (e.Kind == EventKind.InstrumentDefined)
            {
                defined = true;
                Define(e);
            }
            else if (e.Kind == EventKind.TradingStatus && e.TradingStatus.Status != _statuses[index])
            {
                _statuses[index] = e.TradingStatus.Status;
                outbox.Add(e);
            }
        }

        if (defined)
        {
            _read = Math.Min(_read + 1, int.MaxValue - 1);
            _askAt = _read % count == 0 ? now + Interval : now;
        }
    }

    private void Define(in Event e)
    {
        InstrumentDefined rules = e.InstrumentDefined;
        bool isKnown = instruments.TryFind(e.Instrument, out int place);
        rules.DefinitionVersion = isKnown ? instruments.RulesAt(place).DefinitionVersion : rules.DefinitionVersion;
        if (isKnown && InstrumentTable.AreEqual(rules, instruments.RulesAt(place)))
        {
            return;
        }

        rules.DefinitionVersion += (ushort)(isKnown ? 1 : 0);
        Event definition = e;
        definition.Set(rules);
        instruments.Define(e.Instrument, rules);
        outbox.Add(definition);
    }
}
