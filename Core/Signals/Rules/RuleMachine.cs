using System;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Signals.Indicators;

namespace LowLatency.Core.Signals.Rules;

/// <summary>What a program is told at an evaluation, beside its bars; a value is not ready while its flag is false.</summary>
public struct RuleInputs
{
    /// <summary>True when bid and ask are known.</summary>
    public bool HasMarket;

    /// <summary>Best bid, price units.</summary>
    public long Bid;

    /// <summary>Best ask, price units.</summary>
    public long Ask;

    /// <summary>The strategy's own position, quantity units, signed.</summary>
    public long Position;

    /// <summary>Mean price of its own fills into that position, price units; 0 without a position.</summary>
    public double Entry;

    /// <summary>What the rules last wanted: 0 flat, 1 long, -1 short.</summary>
    public int Stance;

    /// <summary>Bars of the rules since the stance was taken.</summary>
    public long BarsHeld;
}

/// <summary>
/// What a program remembers of one instrument: its indicators, as much of the past as it looks back to, and its runs and
/// crosses. Memory is taken at construction; an evaluation allocates nothing and takes the same steps on every bar.
/// </summary>
/// <remarks>
/// A value is a number and whether it is ready. What is made of anything that is not ready is not ready: arithmetic,
/// comparisons, <c>and</c>, <c>or</c> and <c>not</c> alike.
/// </remarks>
public sealed class RuleMachine : IStateful
{
    private readonly RuleProgram _program;
    private readonly double _priceUnits;
    private readonly double _quantityUnits;
    private readonly Indicator[] _indicators;
    private readonly int[] _offsets;
    private readonly double[] _past;
    private readonly bool[] _pastReady;
    private readonly int[] _newest;
    private readonly int[] _counts;
    private readonly Cross[] _crosses;
    private readonly Run[] _runs;
    private readonly long[] _lastStart;
    private readonly long[] _bars;
    private readonly double[] _fields;
    private readonly double[] _stack;
    private readonly bool[] _stackReady;

    /// <summary>Creates a machine that has seen nothing.</summary>
    /// <param name="program">The program.</param>
    /// <param name="priceUnits">Price units of 1.0.</param>
    /// <param name="quantityUnits">Quantity units of 1.0.</param>
    public RuleMachine(RuleProgram program, double priceUnits, double quantityUnits)
    {
        _program = program;
        _priceUnits = priceUnits;
        _quantityUnits = quantityUnits;
        _indicators = new Indicator[program.Indicators.Length];
        for (int i = 0; i < _indicators.Length; i++)
        {
            DeclaredIndicator declared = program.Indicators[i];
            _indicators[i] = RuleTypes.Create(
                declared.Schema, declared.Parameters, declared.Source < 0 ? null : _indicators[declared.Source]);
        }

        _offsets = new int[program.Series.Length + 1];
        for (int i = 0; i < program.Series.Length; i++)
        {
            _offsets[i + 1] = _offsets[i] + program.Series[i].LookBack + 1;
        }

        _past = new double[_offsets[^1]];
        _pastReady = new bool[_offsets[^1]];
        _newest = new int[program.Series.Length];
        _counts = new int[program.Series.Length];
        _crosses = new Cross[program.Crosses];
        _runs = new Run[program.Runs];
        _lastStart = new long[program.Timeframes.Length];
        _bars = new long[program.Timeframes.Length];
        _fields = new double[RuleScope.Fields.Length];
        _stack = new double[program.StackMax];
        _stackReady = new bool[program.StackMax];
    }

    /// <summary>What it runs.</summary>
    public RuleProgram Program => _program;

    /// <summary>True when every timeframe has had the bars that the program needs.</summary>
    public bool IsWarm
    {
        get
        {
            for (int i = 0; i < _bars.Length; i++)
            {
                if (_bars[i] < _program.WarmUps[i])
                {
                    return false;
                }
            }

            return true;
        }
    }

    /// <summary>Takes a closed bar of one of the program's timeframes; one that is not later than the last is ignored.</summary>
    /// <param name="timeframe">Position of the timeframe in the program.</param>
    /// <param name="bar">The bar.</param>
    /// <returns>True when it was taken.</returns>
    public bool OnBar(int timeframe, in Bar bar)
    {
        long last = _lastStart[timeframe];
        if (_bars[timeframe] > 0 && bar.StartTime <= last)
        {
            return false;
        }

        if (timeframe == 0
            && _program.ClearAfterGapBars > 0
            && _bars[0] > 0
            && ((bar.StartTime - last) / bar.Timeframe) - 1 >= _program.ClearAfterGapBars)
        {
            Clear();
        }

        _lastStart[timeframe] = bar.StartTime;
        _bars[timeframe]++;
        for (int i = 0; i < _indicators.Length; i++)
        {
            if (_program.Indicators[i].Timeframe == timeframe && _indicators[i] is BarIndicator indicator)
            {
                indicator.Update(bar);
            }
        }

        _fields[0] = bar.Open;
        _fields[1] = bar.High;
        _fields[2] = bar.Low;
        _fields[3] = bar.Close;
        _fields[4] = bar.Volume;
        for (int i = 0; i < _program.Series.Length; i++)
        {
            RuleSeries series = _program.Series[i];
            if (series.Timeframe != timeframe)
            {
                continue;
            }

            if (series.Kind == SeriesKind.Field)
            {
                Push(i, true, _fields[series.Index]);
            }
            else if (series.Kind == SeriesKind.Output && _indicators[series.Index] is BarIndicator indicator)
            {
                bool ready = indicator.IsOutputReady(series.Output);
                Push(i, ready, ready ? indicator.Output(series.Output) : 0.0);
            }
        }

        return true;
    }

    /// <summary>Looks at the market after a change of the book or the quote.</summary>
    /// <param name="instrument">Whose market.</param>
    public void OnMarket(InstrumentMarket instrument)
    {
        for (int i = 0; i < _indicators.Length; i++)
        {
            if (_indicators[i] is BookIndicator indicator)
            {
                indicator.Update(instrument);
            }
        }
    }

    /// <summary>
    /// Evaluates everything once, after the bar of the rules' timeframe: named expressions in their order, then the
    /// parts of both sides, so that what remembers advances on every bar, asked for or not.
    /// </summary>
    /// <param name="inputs">What is known beside the bars.</param>
    /// <param name="results">Gets the parts of the long side, then those of the short one; 12 values.</param>
    public void Evaluate(in RuleInputs inputs, Span<RuleValue> results)
    {
        Sample(inputs);
        for (int i = 0; i < _program.Lets.Length; i++)
        {
            RuleValue value = Execute(_program.Lets[i]);
            Push(_program.LetSeries[i], value.IsReady, value.Value);
        }

        for (int i = 0; i < _program.Sides.Length; i++)
        {
            results[i] = _program.Sides[i].Exists ? Execute(_program.Sides[i]) : default;
        }
    }

    /// <summary>Back to the state before the first bar.</summary>
    public void Clear()
    {
        foreach (Indicator indicator in _indicators)
        {
            indicator.Clear();
        }

        _past.AsSpan().Clear();
        _pastReady.AsSpan().Clear();
        _newest.AsSpan().Clear();
        _counts.AsSpan().Clear();
        _crosses.AsSpan().Clear();
        _runs.AsSpan().Clear();
        _lastStart.AsSpan().Clear();
        _bars.AsSpan().Clear();
    }

    /// <inheritdoc/>
    public void Visit(StateVisitor visitor)
    {
        foreach (Indicator indicator in _indicators)
        {
            indicator.Visit(visitor);
        }

        visitor.Visit<double>(_past);
        visitor.Visit<bool>(_pastReady);
        visitor.Visit<int>(_newest);
        visitor.Visit<int>(_counts);
        visitor.Visit<Cross>(_crosses);
        visitor.Visit<Run>(_runs);
        visitor.Visit<long>(_lastStart);
        visitor.Visit<long>(_bars);
    }

    private void Push(int series, bool ready, double value)
    {
        int size = _offsets[series + 1] - _offsets[series];
        int next = _counts[series] == 0 || _newest[series] + 1 == size ? 0 : _newest[series] + 1;
        _newest[series] = next;
        _counts[series] = Math.Min(size, _counts[series] + 1);
        _past[_offsets[series] + next] = _program.Series[series].Scale switch
        {
            SeriesScale.Price => value / _priceUnits,
            SeriesScale.Quantity => value / _quantityUnits,
            _ => value,
        };
        _pastReady[_offsets[series] + next] = ready;
    }

    /// <summary>Takes the values that are as they are at an evaluation.</summary>
    private void Sample(in RuleInputs inputs)
    {
        for (int i = 0; i < _program.Series.Length; i++)
        {
            RuleSeries series = _program.Series[i];
            switch (series.Kind)
            {
                case SeriesKind.Market:
                    Push(i, inputs.HasMarket, series.Index switch
                    {
                        0 => inputs.Bid,
                        1 => inputs.Ask,
                        2 => ((double)inputs.Bid + inputs.Ask) / 2.0,
                        _ => (double)inputs.Ask - inputs.Bid,
                    });
                    break;
                case SeriesKind.Own:
                    Push(i, IsOwnReady(series.Index, inputs), series.Index switch
                    {
                        0 => inputs.Position,
                        1 => inputs.Entry,
                        2 => inputs.Stance < 0 ? 2.0 : inputs.Stance,
                        _ => inputs.BarsHeld,
                    });
                    break;
                case SeriesKind.Output when _indicators[series.Index] is BookIndicator indicator:
                    bool ready = inputs.HasMarket && indicator.IsOutputReady(series.Output);
                    Push(i, ready, ready ? indicator.Output(series.Output) : 0.0);
                    break;
            }
        }
    }

    private static bool IsOwnReady(int own, in RuleInputs inputs) => own switch
    {
        1 => inputs.Position != 0 && inputs.Entry > 0.0,
        3 => inputs.Stance != 0,
        _ => true,
    };

    private RuleValue Execute(RuleSpan span)
    {
        int top = -1;
        for (int i = span.Start; i < span.End; i++)
        {
            ref readonly RuleStep step = ref _program.Steps[i];
            switch (step.Op)
            {
                case RuleOp.Number:
                    top++;
                    _stack[top] = step.Number;
                    _stackReady[top] = true;
                    break;
                case RuleOp.Name:
                    top++;
                    _stackReady[top] = TryPast(step.Slot, step.Count, out _stack[top]);
                    break;
                case RuleOp.Negate:
                    _stack[top] = -_stack[top];
                    break;
                case RuleOp.Abs:
                    _stack[top] = Math.Abs(_stack[top]);
                    break;
                case RuleOp.Not:
                    _stack[top] = _stack[top] == 0.0 ? 1.0 : 0.0;
                    break;
                case RuleOp.For:
                    _stackReady[top] = For(
                        ref _runs[step.Slot], step.Count, _stackReady[top], _stack[top] != 0.0, out _stack[top]);
                    break;
                case RuleOp.Within:
                    _stackReady[top] = Within(
                        ref _runs[step.Slot], step.Count, _stackReady[top], _stack[top] != 0.0, out _stack[top]);
                    break;
                case RuleOp.Between:
                    top -= 2;
                    _stackReady[top] &= _stackReady[top + 1] & _stackReady[top + 2];
                    _stack[top] = _stack[top] >= _stack[top + 1] && _stack[top] <= _stack[top + 2] ? 1.0 : 0.0;
                    break;
                case RuleOp.CrossesAbove or RuleOp.CrossesBelow:
                    top--;
                    bool both = _stackReady[top] & _stackReady[top + 1];
                    _stackReady[top] = Crossing(
                        ref _crosses[step.Slot], step.Op, both, _stack[top], _stack[top + 1], out _stack[top]);
                    break;
                default:
                    top--;
                    _stack[top] = Pair(step.Op, _stack[top], _stack[top + 1]);
                    _stackReady[top] &= _stackReady[top + 1] & double.IsFinite(_stack[top]);
                    break;
            }
        }

        Ensure.That(top == 0, "an evaluation leaves one value");
        return _stackReady[0] ? new RuleValue(true, _stack[0]) : default;
    }

    private bool TryPast(int series, int back, out double value)
    {
        value = 0.0;
        if (back >= _counts[series])
        {
            return false;
        }

        int slot = _newest[series] - back;
        int index = _offsets[series] + (slot < 0 ? slot + _offsets[series + 1] - _offsets[series] : slot);
        value = _pastReady[index] ? _past[index] : 0.0;
        return _pastReady[index];
    }

    private static double Pair(RuleOp op, double left, double right)
    {
        switch (op)
        {
            case RuleOp.Add:
                return left + right;
            case RuleOp.Subtract:
                return left - right;
            case RuleOp.Multiply:
                return left * right;
            case RuleOp.Divide:
                return left / right;
            case RuleOp.Min:
                return Math.Min(left, right);
            case RuleOp.Max:
                return Math.Max(left, right);
            case RuleOp.Less:
                return left < right ? 1.0 : 0.0;
            case RuleOp.AtMost:
                return left <= right ? 1.0 : 0.0;
            case RuleOp.Greater:
                return left > right ? 1.0 : 0.0;
            case RuleOp.AtLeast:
                return left >= right ? 1.0 : 0.0;
            case RuleOp.Equal:
                return left == right ? 1.0 : 0.0;
            case RuleOp.NotEqual:
                return left != right ? 1.0 : 0.0;
            case RuleOp.And:
                return left != 0.0 && right != 0.0 ? 1.0 : 0.0;
            case RuleOp.Or:
                return left != 0.0 || right != 0.0 ? 1.0 : 0.0;
            default:
                Ensure.Break("a step that an evaluation does not know");
                return 0.0;
        }
    }

    private static bool Crossing(ref Cross cross, RuleOp op, bool ready, double left, double right, out double result)
    {
        bool was = cross.Ready != 0;
        result = was && ready && (op == RuleOp.CrossesAbove
            ? cross.Left <= cross.Right && left > right
            : cross.Left >= cross.Right && left < right) ? 1.0 : 0.0;
        cross = ready ? new Cross { Ready = 1, Left = left, Right = right } : default;
        return was && ready;
    }

    private static bool For(ref Run run, int bars, bool ready, bool holds, out double result)
    {
        run.Ready = ready ? Math.Min(bars, run.Ready + 1) : 0;
        run.Count = ready && holds ? Math.Min(bars, run.Count + 1) : 0;
        result = run.Count >= bars ? 1.0 : 0.0;
        return run.Ready >= bars;
    }

    private static bool Within(ref Run run, int bars, bool ready, bool holds, out double result)
    {
        run.Ready = ready ? Math.Min(bars, run.Ready + 1) : 0;
        run.Count = ready && holds ? 0 : Math.Min(bars, run.Count + 1);
        result = run.Count < bars ? 1.0 : 0.0;
        return run.Ready >= bars;
    }

    /// <summary>Both sides of a cross on the bar before; all zero when they were not ready.</summary>
    private struct Cross
    {
        public long Ready;
        public double Left;
        public double Right;
    }

    /// <summary>Ready values in a row; and true ones in a row (for), or values since the last true one (within).</summary>
    private struct Run
    {
        public int Ready;
        public int Count;
    }
}

/// <summary>A number, or none yet; conditions are 0 or 1.</summary>
/// <param name="IsReady">False when it is not ready; its number is then 0 and means nothing.</param>
/// <param name="Value">The number.</param>
public readonly record struct RuleValue(bool IsReady, double Value)
{
    /// <summary>True when a condition is ready and true: the only way to fire.</summary>
    public bool Fires => IsReady && Value != 0.0;
}
