using System.Collections.Generic;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Journal.Native;

namespace LowLatency.Journal.Inspection;

/// <summary>
/// What the journal itself says of its instruments: learned from the definitions as they pass, and, where reading begins
/// in the middle, looked for before that place when an instrument is first asked for.
/// </summary>
public sealed class InstrumentNames
{
    private readonly InstrumentDefined[] _defined = new InstrumentDefined[Limits.Instruments + 1];
    private DefinitionSearch? _earlier;

    /// <summary>Names of a reading that begins at the journal's start.</summary>
    public InstrumentNames()
    {
    }

    /// <summary>Names of a reading that begins in the middle.</summary>
    /// <param name="storage">The storage.</param>
    /// <param name="directory">The journal directory.</param>
    /// <param name="before">The sequence from which on events are shown to <see cref="Observe"/>.</param>
    public InstrumentNames(IStorage storage, string directory, long before) =>
        _earlier = new DefinitionSearch(storage, directory, before, this);

    /// <summary>Looks at an event; only a definition matters.</summary>
    /// <param name="e">The event.</param>
    public void Observe(in Event e)
    {
        if (e.Kind == EventKind.InstrumentDefined && e.Instrument.Value is >= 1 and <= Limits.Instruments)
        {
            _defined[e.Instrument.Value] = e.InstrumentDefined;
        }
    }

    /// <summary>The last definition of an instrument.</summary>
    /// <param name="instrument">The instrument.</param>
    /// <param name="definition">Its definition.</param>
    /// <returns>False when none has passed.</returns>
    public bool TryGet(InstrumentId instrument, out InstrumentDefined definition)
    {
        if (instrument.Value is >= 1 and <= Limits.Instruments
            && !IsDefined(instrument.Value)
            && _earlier is not null
            && !_earlier.Until(() => IsDefined(instrument.Value)))
        {
            _earlier = null;
        }

        definition = instrument.Value <= Limits.Instruments ? _defined[instrument.Value] : default;
        return definition.InstrumentKind != InstrumentKind.None;
    }

    /// <summary>Finds an instrument by the venue's name of it.</summary>
    /// <param name="symbol">The name.</param>
    /// <returns>The instrument, or none.</returns>
    public InstrumentId Find(string symbol)
    {
        InstrumentId found = FindKnown(symbol);
        if (found == InstrumentId.None && _earlier is not null)
        {
            if (!_earlier.Until(() => FindKnown(symbol) != InstrumentId.None))
            {
                _earlier = null;
            }

            found = FindKnown(symbol);
        }

        return found;
    }

    /// <summary>The symbols that are known by now; after an unsuccessful <see cref="Find"/>, all.</summary>
    /// <returns>By number.</returns>
    public IReadOnlyList<string> Symbols()
    {
        List<string> symbols = [];
        for (ushort i = 1; i <= Limits.Instruments; i++)
        {
            if (IsDefined(i))
            {
                symbols.Add(_defined[i].Symbol.ToString());
            }
        }

        return symbols;
    }

    /// <summary>Takes a definition that lies before what is known: it counts only where nothing is.</summary>
    internal void ObserveEarlier(in Event e)
    {
        if (e.Instrument.Value is >= 1 and <= Limits.Instruments && !IsDefined(e.Instrument.Value))
        {
            _defined[e.Instrument.Value] = e.InstrumentDefined;
        }
    }

    private InstrumentId FindKnown(string symbol)
    {
        for (ushort i = 1; i <= Limits.Instruments; i++)
        {
            if (IsDefined(i) && _defined[i].Symbol.ToString() == symbol)
            {
                return new InstrumentId(i);
            }
        }

        return InstrumentId.None;
    }

    private bool IsDefined(ushort instrument) => _defined[instrument].InstrumentKind != InstrumentKind.None;
}
