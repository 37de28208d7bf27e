using LowLatency.Core.Events;
using LowLatency.Core.Values;

namespace LowLatency.Journal.Inspection;

/// <summary>What the journal itself says of its instruments: learned from the definitions as they pass.</summary>
public sealed class InstrumentNames
{
    private readonly InstrumentDefined[] _defined = new InstrumentDefined[Limits.Instruments + 1];

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
        definition = instrument.Value <= Limits.Instruments ? _defined[instrument.Value] : default;
        return definition.InstrumentKind != InstrumentKind.None;
    }

    /// <summary>Finds an instrument by the venue's name of it.</summary>
    /// <param name="symbol">The name.</param>
    /// <returns>The instrument, or none.</returns>
    public InstrumentId Find(string symbol)
    {
        for (ushort i = 1; i <= Limits.Instruments; i++)
        {
            if (_defined[i].InstrumentKind != InstrumentKind.None && _defined[i].Symbol.ToString() == symbol)
            {
                return new InstrumentId(i);
            }
        }

        return InstrumentId.None;
    }
}
