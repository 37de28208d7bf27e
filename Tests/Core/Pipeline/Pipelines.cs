using System;
using System.Runtime.CompilerServices;
using LowLatency.Core.Arbitration;
using LowLatency.Core.Events;
using LowLatency.Core.Pipeline;
using LowLatency.Core.Risk;
using LowLatency.Core.Signals;
using LowLatency.Core.Signals.Strategies;
using LowLatency.Core.Values;

namespace LowLatency.Tests.Core.Pipeline;

/// <summary>Pipelines that meet a random market, and what they decided as text of its bytes.</summary>
internal static class Pipelines
{
    internal static PipelineSettings Settings(
        int instruments,
        ArbitrationPolicy policy = ArbitrationPolicy.Net,
        RiskSettings? risk = null,
        bool wanderers = false,
        ExecutionStyles? styles = null,
        ulong seed = 0)
    {
        Symbol24[] symbols = new Symbol24[instruments];
        for (int i = 0; i < instruments; i++)
        {
            symbols[i] = Symbol24.Of("SYM" + (i + 1));
        }

        Strategy[] ideas = styles is not null
            ?
            [
                new StyledWanderer((3 * seed) + 1, styles, protects: true),
                new StyledWanderer((3 * seed) + 2, styles, protects: false),
                new StyledWanderer((3 * seed) + 3, styles, protects: false),
            ]
            : wanderers
            ? [new Wanderer(1), new Wanderer(2), new Wanderer(3)]
            :
            [
                new EmaCross(Of(EmaCross.Schema).With("timeframeMs", 200).With("fastBars", 2).With("slowBars", 5).With("quantity", 20 * Rig.Piece)),
                new Imbalance(Of(Imbalance.Schema).With("enterPpm", 300_000).With("exitPpm", 50_000).With("quantity", 15 * Rig.Piece)),
                new MarketMaker(Of(MarketMaker.Schema).With("quantity", 6 * Rig.Piece).With("maxInventory", 30 * Rig.Piece)),
                new Wanderer(7),
            ];
        StrategyBinding[] bindings = new StrategyBinding[ideas.Length];
        StrategyRule[] rules = new StrategyRule[ideas.Length];
        for (int i = 0; i < ideas.Length; i++)
        {
            bindings[i] = new StrategyBinding(new StrategyId((ushort)(i + 1)), symbols, ideas[i]);
            rules[i] = new StrategyRule(1 + (i / 2), 1 + i, i % 2 * 100_000_000);
        }

        return new PipelineSettings
        {
            Strategies = bindings,
            Arbitration = new ArbitrationSettings(policy, rules, normaliseWeights: true),
            Risk = risk ?? RigSettings.Wide() with { RetryInterval = 100_000_000, RejectBackoff = 150_000_000 },
            Execution = styles ?? ExecutionStyles.BuiltIn,
            Timeframes = [200_000_000],
            BarGrace = 0,
        };
    }

    /// <summary>What is below the counts; what lies beyond them is nobody's.</summary>
    internal static string Text(in Decision d)
    {
        Span<byte> counts = [d.SignalCount, d.SuppressionCount, d.IntentCount, d.VerdictCount, d.CommandCount, d.Waiting];
        return string.Join(
            '|',
            Convert.ToHexString(counts),
            Hex(((ReadOnlySpan<Signal>)d.Signals)[..d.SignalCount]),
            Hex(((ReadOnlySpan<Suppression>)d.Suppressions)[..d.SuppressionCount]),
            Hex(((ReadOnlySpan<Intent>)d.Intents)[..d.IntentCount]),
            Hex(((ReadOnlySpan<Verdict>)d.Verdicts)[..d.VerdictCount]),
            Hex(((ReadOnlySpan<Command>)d.Commands)[..d.CommandCount]));
    }

    /// <summary>A decision whose memory holds garbage.</summary>
    internal static Decision Garbage()
    {
        Decision garbage = default;
        Unsafe.InitBlock(ref Unsafe.As<Decision, byte>(ref garbage), 0xCC, (uint)Unsafe.SizeOf<Decision>());
        return garbage;
    }

    private static StrategyParameters Of(ParameterSchema schema) => StrategyParameters.Defaults(schema);

    private static string Hex<T>(ReadOnlySpan<T> entries)
        where T : unmanaged => Convert.ToHexString(System.Runtime.InteropServices.MemoryMarshal.AsBytes(entries));
}
