using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Signals;
using LowLatency.Core.Values;

namespace LowLatency.Tests.Core.Pipeline;

/// <summary>A strategy that wants anything, from its own seeded dice: every kind of signal, often changed.</summary>
internal sealed class Wanderer(ulong seed) : Strategy
{
    private Xoshiro256 _dice = new(seed);

    public override void OnBook(StrategyContext context, InstrumentMarket instrument) => Want(context, instrument);

    public override void OnTrade(StrategyContext context, InstrumentMarket instrument, in Trade trade) =>
        Want(context, instrument);

    public override void OnFill(StrategyContext context, InstrumentMarket instrument, long quantity, long price) =>
        Want(context, instrument);

    public override void Visit(StateVisitor visitor) => _dice.Visit(visitor);

    private void Want(StrategyContext context, InstrumentMarket instrument)
    {
        InstrumentId id = instrument.Definition.Id;
        if (_dice.NextBelow(6) != 0 || !instrument.TryReferencePrice(out long price))
        {
            return;
        }

        long size = _dice.NextBelow(121) - 60;
        switch (_dice.NextBelow(6))
        {
            case 0:
                context.SetFlat(id);
                break;
            case 1 or 2:
                context.SetQuotes(
                    id, price - 1 - _dice.NextBelow(5), _dice.NextBelow(40), price + 1 + _dice.NextBelow(5), _dice.NextBelow(40));
                break;
            case 3:
                context.SetTarget(id, size, (int)_dice.NextBelow(1_000_001), _dice.NextBelow(2) * 300_000_000);
                break;
            default:
                context.SetTargetWithLimit(id, size, price + _dice.NextBelow(11) - 5, horizon: _dice.NextBelow(2) * 500_000_000);
                break;
        }
    }
}
