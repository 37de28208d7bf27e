using LowLatency.Core.Determinism;
using LowLatency.Core.Events;

namespace LowLatency.Core.Risk;

/// <summary>
/// What the engine may do now: the operator's word, doubt, the kill latch and the tripped breakers, the most careful of
/// them. Only an operator leads back.
/// </summary>
internal sealed class TradingSwitch : IStateful
{
    private int _state;
    private int _floor = (int)TradingState.Active;
    private int _breaker;
    private bool _killed;
    private bool _held;

    internal TradingSwitch(TradingState initial) => _state = (int)initial;

    /// <summary>What may be done.</summary>
    internal TradingState State => _killed || _held ? TradingState.Halted : Standing;

    /// <summary>The state under the latches: the operator's word and the breakers, the more careful of them.</summary>
    internal TradingState Standing => _state > _floor ? (TradingState)_state : (TradingState)_floor;

    /// <summary>True while a state that was taken over waits for a person to accept it.</summary>
    internal bool IsHeld => _held;

    /// <summary>True while the kill switch is latched.</summary>
    internal bool IsKilled => _killed;

    /// <summary>The bound that a refusal by the state shows: active, or minus the number of the breaker that holds it.</summary>
    internal long Bound => _floor > _state ? -_breaker : (long)TradingState.Active;

    /// <summary>Folds an operator's command.</summary>
    /// <param name="verb">The command.</param>
    internal void Obey(OperatorVerb verb)
    {
        switch (verb)
        {
            case OperatorVerb.Kill:
                _killed = true;
                _state = (int)TradingState.Halted;
                break;
            case OperatorVerb.ReleaseKill:
                _killed = false;
                break;
            case OperatorVerb.Hold:
                _held = true;
                break;
            case OperatorVerb.Accept:
                _held = false;
                break;
            case OperatorVerb.Reduce when !_killed:
                _state = (int)TradingState.Reducing;
                break;
            case OperatorVerb.Halt when !_killed:
                _state = (int)TradingState.Halted;
                break;
            case OperatorVerb.Activate when !_killed:
                _state = (int)TradingState.Active;
                break;
        }
    }

    /// <summary>Something does not add up: goes to a state that is at least as careful.</summary>
    /// <param name="state">Reducing or halted.</param>
    /// <returns>True when that changed something.</returns>
    internal bool Degrade(TradingState state)
    {
        bool worse = (int)state > _state;
        _state = worse ? (int)state : _state;
        return worse;
    }

    /// <summary>What the tripped breakers allow.</summary>
    /// <param name="floor">Active when none is tripped.</param>
    /// <param name="breaker">The number of the one that asks for it; 0 for none.</param>
    internal void Hold(TradingState floor, int breaker)
    {
        _floor = (int)floor;
        _breaker = breaker;
    }

    /// <inheritdoc/>
    public void Visit(StateVisitor visitor)
    {
        visitor.Visit(ref _state);
        visitor.Visit(ref _floor);
        visitor.Visit(ref _breaker);
        visitor.Visit(ref _killed);
        visitor.Visit(ref _held);
    }
}
