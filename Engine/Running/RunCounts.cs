using System;
using System.Collections.Generic;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Portfolio;

namespace LowLatency.Engine.Running;

/// <summary>
/// What a run did, counted as it goes; written by the audit consumer only, read when the run has settled. Arrays are
/// indexed by the enum's number.
/// </summary>
internal sealed class RunCounts : IStateful
{
    internal long[] Events { get; } = new long[256];

    internal long[] Signals { get; } = new long[8];

    internal long[] Suppressions { get; } = new long[32];

    internal long[] Rulings { get; } = new long[4];

    internal long[] RiskReasons { get; } = new long[64];

    internal long[] Commands { get; } = new long[4];

    /// <summary>Money units paid in, by currency.</summary>
    internal Dictionary<string, long> CashMoved { get; } = new(StringComparer.Ordinal);

    private long _total;
    private long _intents;
    private long _firstAt;
    private long _lastAt;
    private long _messages;
    private bool _isSynthetic;

    internal long Total => _total;

    internal long Intents => _intents;

    internal long FirstAt => _firstAt;

    internal long LastAt => _lastAt;

    /// <summary>True when any event came from the market generator: the result must say so.</summary>
    internal bool IsSynthetic => _isSynthetic;

    /// <summary>Groups that ended: messages as venues sent them, and single events.</summary>
    internal long Messages => _messages;

    /// <inheritdoc/>
    public void Visit(StateVisitor visitor)
    {
        visitor.Visit<long>(Events);
        visitor.Visit<long>(Signals);
        visitor.Visit<long>(Suppressions);
        visitor.Visit<long>(Rulings);
        visitor.Visit<long>(RiskReasons);
        visitor.Visit<long>(Commands);
        visitor.Visit(ref _total);
        visitor.Visit(ref _intents);
        visitor.Visit(ref _firstAt);
        visitor.Visit(ref _lastAt);
        visitor.Visit(ref _messages);
        visitor.Visit(ref _isSynthetic);

        int count = CashMoved.Count;
        visitor.Visit(ref count);
        Ensure.That(count is >= 0 and <= PortfolioLedger.Currencies, "restored count of currencies out of range");
        Currency8[] currencies = new Currency8[count];
        long[] amounts = new long[count];
        int i = 0;
        foreach ((string currency, long amount) in CashMoved)
        {
            if (i < count)
            {
                currencies[i] = Currency8.Of(currency);
                amounts[i++] = amount;
            }
        }

        visitor.Visit<Currency8>(currencies);
        visitor.Visit<long>(amounts);
        CashMoved.Clear();
        for (i = 0; i < count; i++)
        {
            CashMoved[currencies[i].ToString()] = amounts[i];
        }
    }

    internal void Add(in Event e, in Decision decision)
    {
        Events[(int)e.Kind]++;
        _total++;
        if (_firstAt == 0)
        {
            _firstAt = e.ReceivedAt;
        }

        _lastAt = e.ReceivedAt;
        _isSynthetic |= (e.Flags & EventFlags.Synthetic) != 0;
        if (e.EndsGroup)
        {
            _messages++;
        }

        if (e.Kind == EventKind.CashMoved)
        {
            string currency = e.CashMoved.Currency.ToString();
            CashMoved[currency] = CashMoved.GetValueOrDefault(currency) + e.CashMoved.Amount;
        }

        if (decision.IsEmpty)
        {
            return;
        }

        for (int i = 0; i < decision.SignalCount; i++)
        {
            Signals[(int)decision.Signals[i].Kind]++;
        }

        for (int i = 0; i < decision.SuppressionCount; i++)
        {
            Suppressions[(int)decision.Suppressions[i].Reason]++;
        }

        for (int i = 0; i < decision.VerdictCount; i++)
        {
            _intents++;
            Rulings[(int)decision.Verdicts[i].Ruling]++;
            RiskReasons[(int)decision.Verdicts[i].Reason]++;
        }

        for (int i = 0; i < decision.CommandCount; i++)
        {
            Commands[(int)decision.Commands[i].Verb]++;
        }
    }
}
