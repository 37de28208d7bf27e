using System.Collections.Generic;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Sandbox.Market;

namespace LowLatency.Sandbox.Trading;

/// <summary>The instruments, by number and by name.</summary>
internal sealed class Listing
{
    private readonly ListedInstrument?[] _byId = new ListedInstrument?[Limits.Instruments + 1];
    private readonly List<ListedInstrument> _all = [];

    internal IReadOnlyList<ListedInstrument> All => _all;

    internal ListedInstrument this[InstrumentId id]
    {
        get
        {
            ListedInstrument? instrument = _byId[id.Value];
            Ensure.That(instrument is not null, "an event of an instrument that was never defined");
            return instrument!;
        }
    }

    /// <summary>The instrument of an event; null when it was never defined or is of a kind that no venue here trades.</summary>
    internal ListedInstrument? Of(in Event published)
    {
        int number = published.Instrument.Value;
        if (number >= _byId.Length)
        {
            return null;
        }

        if (published.Kind == EventKind.InstrumentDefined
            && published.InstrumentDefined.InstrumentKind is InstrumentKind.Linear or InstrumentKind.Spot or InstrumentKind.Equity)
        {
            if (_byId[number] is { } known && known.Kind == published.InstrumentDefined.InstrumentKind)
            {
                known.Define(published.InstrumentDefined);
            }
            else
            {
                ListedInstrument listed = new(published.Instrument, published.InstrumentDefined);
                _ = _all.RemoveAll(other => other.Id == listed.Id);
                _byId[number] = listed;
                _all.Add(listed);
            }
        }

        return _byId[number];
    }

    /// <summary>An instrument of a category by its name.</summary>
    internal ListedInstrument? Find(string category, string symbol)
    {
        foreach (ListedInstrument instrument in _all)
        {
            if (instrument.Category == category && instrument.Symbol == symbol)
            {
                return instrument;
            }
        }

        return null;
    }

    /// <summary>An instrument of Alpaca by its name, with or without the slash of a pair.</summary>
    internal ListedInstrument? FindAlpaca(string symbol)
    {
        foreach (ListedInstrument instrument in _all)
        {
            if (instrument.IsAlpaca && (instrument.Symbol == symbol || instrument.Symbol.Replace("/", string.Empty, System.StringComparison.Ordinal) == symbol))
            {
                return instrument;
            }
        }

        return null;
    }
}
