using BenchmarkDotNet.Attributes;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Signals;
using LowLatency.Core.Signals.Indicators;
using LowLatency.Core.Signals.Rules;
using LowLatency.Core.Signals.Structures;

namespace LowLatency.Bench;

/// <summary>
/// Cost of one closed bar: for all indicators of bars with their defaults, for the structures, and for a rule program
/// with five indicators and four conditions.
/// </summary>
[MemoryDiagnoser]
public class IndicatorBenchmarks
{
    private const int Count = 16_384;

    private const string Program =
        """
        { "timeframeMs": 60000,
          "indicators": { "f": { "type": "ema", "period": 8 }, "s": { "type": "sma", "period": 50 },
            "r": { "type": "rsi" }, "a": { "type": "atr" }, "w": { "type": "swing" } },
          "let": { "up": "f > s and close > w.low" },
          "long": { "enter": "up and close crosses_above f and r between 40..70", "exit": "not up for 2 bars",
            "size": "min(1, 3000 / close)", "stop": "close - 3 * a" } }
        """;

    private readonly Bar[] _bars = new Bar[Count];
    private BarIndicator[] _indicators = [];
    private BarIndicator[] _structures = [];
    private RuleMachine? _machine;
    private long _start;

    [GlobalSetup]
    public void Fill()
    {
        Xoshiro256 dice = new(1);
        long price = 600_000;
        for (int i = 0; i < Count; i++)
        {
            long open = price;
            price += dice.NextBelow(401) - 200;
            _bars[i] = new Bar
            {
                Timeframe = 60_000_000_000,
                Open = open,
                High = System.Math.Max(open, price) + dice.NextBelow(100),
                Low = System.Math.Min(open, price) - dice.NextBelow(100),
                Close = price,
                Volume = dice.NextBelow(1_000),
            };
        }

        System.Collections.Generic.List<BarIndicator> indicators = [];
        for (int i = 0; i < IndicatorCatalogue.Count; i++)
        {
            if (IndicatorCatalogue.Create(StrategyParameters.Defaults(IndicatorCatalogue.SchemaAt(i).Parameters)) is BarIndicator made)
            {
                indicators.Add(made);
            }
        }

        _indicators = [.. indicators];
        Swing swing = new(3, 3);
        Fibonacci leg = new(swing);
        _structures =
            [swing, leg, new Zones(swing, 14, 0.5), new DerivedZone(leg, 0.5, 0.618), new AnchoredVwap(swing, AnchorKind.Either)];
        _machine = new RuleMachine(RuleProgram.Read(Program).Program!, 100.0, 1_000.0);
    }

    /// <summary>One bar into each of the sixteen indicators of bars.</summary>
    [Benchmark(OperationsPerInvoke = Count)]
    public bool AllIndicators() => Feed(_indicators);

    /// <summary>One bar into a swing, its leg, zones, bands and anchored average.</summary>
    [Benchmark(OperationsPerInvoke = Count)]
    public bool AllStructures() => Feed(_structures);

    /// <summary>One bar into a rule program, indicators included.</summary>
    [Benchmark(OperationsPerInvoke = Count)]
    public bool RuleProgramOnBar()
    {
        RuleMachine machine = _machine!;
        System.Span<RuleValue> results = stackalloc RuleValue[12];
        RuleInputs inputs = default;
        for (int i = 0; i < Count; i++)
        {
            _start += 60_000_000_000;
            Bar bar = _bars[i];
            bar.StartTime = _start;
            machine.OnBar(0, bar);
            machine.Evaluate(inputs, results);
        }

        return results[0].Fires;
    }

    private bool Feed(BarIndicator[] indicators)
    {
        for (int i = 0; i < Count; i++)
        {
            _start += 60_000_000_000;
            Bar bar = _bars[i];
            bar.StartTime = _start;
            foreach (BarIndicator indicator in indicators)
            {
                indicator.Update(bar);
            }
        }

        return indicators[0].IsReady;
    }
}
