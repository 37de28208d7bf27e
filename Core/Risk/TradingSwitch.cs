using System;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;

namespace LowLatency.Core.Risk;

/// <summary>
/// What the engine may do now: the most careful of the holds on it. Each hold has its owner, and nobody else ends it: the
/// operator's word, doubt (which an operator ends too), the tripped breakers, the kill latch, a state that was taken over and
/// waits for its acceptance, and the run itself while it reads the account or stops.
/// </summary>
internal sealed class TradingSwitch : IStateful
{
    private int _word;
    private int _doubt = (int)TradingState.Active;
    private int _floor = (int)TradingState.Active;
    private int _breaker;
    private bool _killed;
    private bool _held;
    private bool _awaits;

    internal TradingSwitch(TradingState initial) => _word = (int)initial;

    /// <summary>What may be done.</summary>
    internal TradingState State => _killed || _held || _awaits ? TradingState.Halted : Standing;

    /// <summary>The state under the latches: the operator's word, doubt and the breakers, the most careful of them.</summary>
    internal TradingState Standing => (TradingState)Math.Max(Said, _floor);

    /// <summary>True while a state that was taken over waits for a person to accept it.</summary>
    internal bool IsHeld => _held;

    /// <summary>True while the kill switch is latched.</summary>
    internal bool IsKilled => _killed;

    /// <summary>True while the run holds itself: it reads the account, or stops.</summary>
    internal bool Awaits => _awaits;

    /// <summary>The bound that a refusal by the state shows: active, or minus the number of the breaker that holds it.</summary>
    internal long Bound => _floor > Said ? -_breaker : (long)TradingState.Active;

    private int Said => Math.Max(_word, _doubt);

    /// <summary>Folds an operator's command.</summary>
    /// <param name="verb">The command.</param>
    internal void Obey(OperatorVerb verb)
    {
        switch (verb)
        {
            case OperatorVerb.Kill:
                _killed = true;
                _word = (int)TradingState.Halted;
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
            case OperatorVerb.Await:
                _awaits = true;
                break;
            case OperatorVerb.Proceed:
                _awaits = false;
                break;
            case OperatorVerb.Reduce when !_killed:
                _word = Math.Max(_word, (int)TradingState.Reducing);
                break;
            case OperatorVerb.ReduceFromHalt when !_killed:
                _word = (int)TradingState.Reducing;
                _doubt = (int)TradingState.Active;
                break;
            case OperatorVerb.Halt when !_killed:
                _word = (int)TradingState.Halted;
                break;
            case OperatorVerb.Activate when !_killed:
                _word = (int)TradingState.Active;
                _doubt = (int)TradingState.Active;
                break;
        }
    }

    /// <summary>Something does not add up: goes to a state that is at least as careful.</summary>
    /// <param name="state">Reducing or halted.</param>
    /// <returns>True when that changed something.</returns>
    internal bool Degrade(TradingState state)
    {
        bool worse = (int)state > Said;
        _doubt = Math.Max(_doubt, (int)state);
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
        visitor.Visit(ref _word);
        visitor.Visit(ref _doubt);
        visitor.Visit(ref _floor);
        visitor.Visit(ref _breaker);
        visitor.Visit(ref _killed);
        visitor.Visit(ref _held);
        visitor.Visit(ref _awaits);
    }
}
