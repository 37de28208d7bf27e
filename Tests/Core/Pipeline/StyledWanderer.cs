using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Signals;
using LowLatency.Core.Values;

namespace LowLatency.Tests.Core.Pipeline;

/// <summary>A strategy that now and then wants another position, in any style, with or without limit.</summary>
/// <param name="seed">Says everything.</param>
/// <param name="styles">The styles that it may name.</param>
/// <param name="protects">
/// True for wishes with a stop and a target now and then. Of several strategies on one instrument one may: two that hold
/// opposite positions and are taken out both have nothing to trade that would make them flat.
/// </param>
internal sealed class StyledWanderer(ulong seed, ExecutionStyles styles, bool protects) : Strategy
{
    private Xoshiro256 _dice = new(seed);

    public override void OnBook(StrategyContext context, InstrumentMarket instrument) => Want(context, instrument);

    public override void OnTrade(StrategyContext context, InstrumentMarket instrument, in Trade trade) =>
        Want(context, instrument);

    public override void Visit(StateVisitor visitor) => _dice.Visit(visitor);

    private void Want(StrategyContext context, InstrumentMarket instrument)
    {
        InstrumentId id = instrument.Definition.Id;
        if (_dice.NextBelow(40) != 0 || !instrument.TryReferencePrice(out long price))
        {
            return;
        }

        long target = _dice.NextBelow(121) - 60;
        StyleId style = new((byte)_dice.NextBelow(styles.Count + 1));
        int side = target < 0 ? -1 : 1;
        Bracket bracket = _dice.NextBelow(4) switch
        {
            _ when !protects => default,
            0 => new Bracket(price - (side * 40), price + (side * 60)),
            1 => new Bracket(StopBps: 30, TakeBps: 50),
            _ => default,
        };
        switch (_dice.NextBelow(8))
        {
            case 0:
                context.SetFlat(id);
                break;
            case 1 or 2 or 3:
                context.SetTargetWithLimit(id, target, price + _dice.NextBelow(11) - 5, style: style, bracket: bracket);
                break;
            default:
                context.SetTarget(id, target, style: style, bracket: bracket);
                break;
        }
    }
}
