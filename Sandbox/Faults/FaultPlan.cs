using System;
using System.Collections.Generic;
using System.Text;
using LowLatency.Core.Determinism;

namespace LowLatency.Sandbox.Faults;

/// <summary>The faults that are armed. One thread asks it, in the order of the messages: the same order gives the same faults.</summary>
internal sealed class FaultPlan
{
    /// <summary>Rules that may be armed at one time.</summary>
    internal const int RulesMax = 256;

    private readonly List<Armed> _rules = [];
    private Xoshiro256 _dice;

    internal FaultPlan(ulong seed) => _dice = new Xoshiro256(seed ^ 0xFA17);

    internal IReadOnlyList<Armed> Rules => _rules;

    /// <summary>Arms a rule. False when there are too many.</summary>
    internal bool TryArm(FaultRule rule, long now)
    {
        if (_rules.Count == RulesMax)
        {
            return false;
        }

        _rules.Add(new Armed(rule, now));
        return true;
    }

    internal void Clear() => _rules.Clear();

    /// <summary>What becomes of a request; null for nothing. At a REST channel the faults of its answer are meant too.</summary>
    internal FaultRule? OfRequest(SandboxChannel channel, ReadOnlySpan<byte> text, long now) =>
        Find(channel, text, now, requests: true);

    /// <summary>What becomes of a message of a stream; null for nothing.</summary>
    internal FaultRule? OfMessage(SandboxChannel channel, ReadOnlySpan<byte> text, long now) =>
        _rules.Count == 0 ? null : Find(channel, text, now, requests: false);

    /// <summary>Another message of the same length: one to three bytes are different printable ones.</summary>
    internal byte[] Garbled(ReadOnlySpan<byte> message)
    {
        byte[] other = message.ToArray();
        for (long left = Math.Min(other.Length, 1 + _dice.NextBelow(3)); left > 0; left--)
        {
            ref byte at = ref other[_dice.NextBelow(other.Length)];
            byte was = at;
            do
            {
                at = (byte)('!' + _dice.NextBelow('~' - '!' + 1));
            }
            while (at == was);
        }

        return other;
    }

    private FaultRule? Find(SandboxChannel channel, ReadOnlySpan<byte> text, long now, bool requests)
    {
        FaultRule? found = null;
        foreach (Armed armed in _rules)
        {
            FaultRule rule = armed.Rule;
            bool isOfThis = rule.Channel == channel && (FaultRule.IsRest(channel) || rule.IsOfRequests == requests);
            if (isOfThis && armed.IsHit(text, now) && found is null
                && (rule.ChancePpm == 1_000_000 || _dice.NextBelow(1_000_000) < rule.ChancePpm))
            {
                armed.Fired++;
                found = rule;
            }
        }

        return found;
    }

    /// <summary>A rule, and how often it was met.</summary>
    internal sealed class Armed(FaultRule rule, long since)
    {
        private const long Millisecond = 1_000_000;

        private readonly byte[] _match = Encoding.UTF8.GetBytes(rule.Match);

        internal FaultRule Rule { get; } = rule;

        internal long Seen { get; private set; }

        internal long Fired { get; set; }

        internal bool IsHit(ReadOnlySpan<byte> text, long now)
        {
            long age = (now - since) / Millisecond;
            if (age < Rule.AfterMs || (Rule.UntilMs != 0 && age >= Rule.UntilMs)
                || (_match.Length != 0 && text.IndexOf(_match) < 0))
            {
                return false;
            }

            Seen++;
            return Seen >= Rule.Nth && (Seen - Rule.Nth) % Rule.Every == 0 && (Rule.Count == 0 || Fired < Rule.Count);
        }
    }
}
