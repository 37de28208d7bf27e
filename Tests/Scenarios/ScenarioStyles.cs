using System;
using System.Collections.Generic;
using LowLatency.Core.Events;
using LowLatency.Core.Signals;
using LowLatency.Tests.Core.Pipeline;

namespace LowLatency.Tests.Scenarios;

/// <summary>
/// The styles of a scenario: <c>set style patient Peg repegs 2 window 1000ms</c>, and who works in which:
/// <c>set work S1 patient</c>, <c>set work SYM1 patient</c>, <c>set work everything patient</c>.
/// </summary>
internal sealed class ScenarioStyles
{
    private readonly List<ExecutionStyle> _declared = [];
    private readonly string[] _strategies = ["", ""];
    private readonly List<InstrumentStyle> _instruments = [];
    private string _general = string.Empty;

    internal ExecutionStyles Build() => new([.. _declared], _general, _strategies, [.. _instruments]);

    internal void Set(
        string[] words, Func<string, long> number, Func<string, long> milliseconds, Func<string, ScenarioException> bad)
    {
        switch (words)
        {
            case ["work", "everything", var style]:
                _general = style;
                break;
            case ["work", ['S', '1' or '2'] who, var style]:
                _strategies[who[1] - '1'] = style;
                break;
            case ["work", var symbol, var style]:
                _instruments.Add(new InstrumentStyle(Symbol24.Of(symbol), style));
                break;
            case ["style", var name, var kind, .. var numbers] when Enum.TryParse(kind, out StyleKind what):
                ExecutionStyle made = new(name, what);
                for (int i = 0; i + 1 < numbers.Length; i += 2)
                {
                    made = With(made, numbers[i], numbers[i + 1]);
                }

                _declared.Add(made);
                break;
            default:
                throw bad($"cannot be read: {string.Join(' ', words)}");
        }

        ExecutionStyle With(ExecutionStyle style, string key, string value) => key switch
        {
            "display" => style with { DisplayE9 = number(value) * Rig.Piece },
            "distance" => style with { DistanceTicks = (int)number(value) },
            "repegs" => style with { Repegs = (int)number(value) },
            "window" => style with { RepegWindow = milliseconds(value) },
            "repegs-in-all" => style with { RepegsInAll = (int)number(value) },
            "away" => style with { AwayTicks = (int)number(value) },
            "jitter-ppm" => style with { JitterPpm = (int)number(value) },
            "slices" => style with { Slices = (int)number(value) },
            "over" => style with { Duration = milliseconds(value) },
            "share-ppm" => style with { SharePpm = (int)number(value) },
            "clip" => style with { ClipE9 = number(value) * Rig.Piece },
            "timeout" => style with
            {
                Timeout = milliseconds(value),
                TimeoutMin = milliseconds(value),
                TimeoutMax = milliseconds(value),
            },
            "timeout-min" => style with { TimeoutMin = milliseconds(value) },
            "timeout-max" => style with { TimeoutMax = milliseconds(value) },
            "volatility-ppm" => style with { VolatilityPpm = (int)number(value) },
            _ => throw bad($"unknown number of a style: {key}"),
        };
    }
}
