using System;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Portfolio;
using LowLatency.Core.Risk;
using LowLatency.Core.Values;

namespace LowLatency.Core.Orders.Reconciling;

/// <summary>
/// What a complete reading of an account leads to: differences that enough readings have found are queued with what is done about
/// them, and the gate is told what may be added to.
/// </summary>
internal sealed class ReadingOutcome(
    AccountGate gate,
    PortfolioLedger portfolio,
    MarketView market,
    Movements movements,
    AccountCompare compare,
    AdjustmentQueue queue) : IStateful
{
    /// <summary>Readings in a row in which something may move before nothing may be added to it.</summary>
    internal const int MovesMax = 3;

    private readonly ReconcileSettings _settings = gate.Settings;
    private readonly Differences[] _found = Array.ConvertAll(gate.Settings.Venues, _ => new Differences());
    private readonly Account[] _accounts = new Account[gate.Settings.Venues.Length];
    private readonly long[] _cash = new long[gate.Settings.Venues.Length * PortfolioLedger.Currencies];
    private readonly int[] _moved = new int[Limits.Instruments + 1];

    /// <summary>Differences that the last reading found.</summary>
    internal int FoundIn(int account) => _found[account].All.Length;

    /// <summary>What was found before does not confirm anything any more.</summary>
    internal void Forget(int account) => _found[account].Forget();

    /// <summary>Compares a complete reading, and says what is done about each difference that enough readings have found.</summary>
    /// <param name="account">Whose it is.</param>
    /// <param name="read">The reading.</param>
    /// <param name="e">The event that ended it.</param>
    /// <returns>True when another reading has to follow soon.</returns>
    internal bool Conclude(int account, ReadBackFold read, in Event e)
    {
        Differences found = _found[account];
        found.Begin();
        compare.Orders(account, read, found);
        ulong moved = compare.Positions(account, read, found);
        bool cashMoved = movements.Cash >= read.BeganWith(ReadBackSubject.Balances) || !TryLearnCash(account, read);
        if (!cashMoved)
        {
            Span<long> elsewhere = stackalloc long[PortfolioLedger.Currencies];
            Elsewhere(account, elsewhere);
            compare.Balances(read, elsewhere, found);
        }

        if (read.Unknown != 0)
        {
            found.Add(new Found
            {
                What = new Adjustment { Difference = DifferenceKind.Instrument, Theirs = read.Unknown },
            });
        }

        return Settle(account, e, moved, cashMoved);
    }

    private bool Settle(int account, in Event e, ulong moved, bool cashMoved)
    {
        Differences found = _found[account];
        Judgement whole = new() { Again = found.IsOver || cashMoved || moved != 0, IsShut = found.IsOver };
        Span<byte> standing = stackalloc byte[Limits.Instruments + 1];
        standing.Clear();
        ulong unread = 0;
        foreach (ref readonly Found difference in found.All)
        {
            AdjustmentAction action = ActionOn(difference);
            bool isProven = difference.Times > _settings.Confirmations;
            if (isProven)
            {
                queue.Add(difference, action, _settings.Venues[account], e.Sequence);
            }

            bool stands = isProven && action is AdjustmentAction.Alarm or AdjustmentAction.Halt;
            bool isAgreed = isProven
                && difference.What.Difference == DifferenceKind.ForeignOrder
                && action == AdjustmentAction.Adopt;
            whole.Again |= !stands && !isAgreed;
            if (difference.Instrument == InstrumentId.None)
            {
                whole.Kind = stands ? difference.What.Difference : whole.Kind;
                whole.IsShut |= !stands;
            }
            else if (stands)
            {
                standing[difference.Instrument.Value] = (byte)difference.What.Difference;
            }
            else if (!isAgreed)
            {
                unread |= 1UL << (difference.Instrument.Value - 1);
            }
        }

        JudgeInstruments(account, moved, unread, standing);
        JudgeAccount(account, e.ReceivedAt, cashMoved, whole);
        return whole.Again;
    }

    /// <summary>
    /// What moved while it was read keeps what was found of it before, a few times; then nothing may add until it rests.
    /// </summary>
    private void JudgeInstruments(int account, ulong moved, ulong unread, ReadOnlySpan<byte> standing)
    {
        for (ushort i = 1; i <= market.Highest; i++)
        {
            InstrumentId id = new(i);
            if (gate.AccountOf(id) != account)
            {
                continue;
            }

            ulong bit = 1UL << (i - 1);
            bool itMoved = (moved & bit) != 0;
            _moved[i] = itMoved ? _moved[i] + 1 : 0;
            if (!itMoved || (unread & bit) != 0 || standing[i] != 0)
            {
                gate.Judge(id, (unread & bit) == 0 && (!itMoved || gate.IsRead(id)), (DifferenceKind)standing[i]);
            }
            else if (_moved[i] > MovesMax)
            {
                gate.Judge(id, false, DifferenceKind.None);
            }
        }
    }

    private void JudgeAccount(int account, long now, bool cashMoved, Judgement whole)
    {
        ref Account it = ref _accounts[account];
        it.CashMoves = cashMoved ? it.CashMoves + 1 : 0;
        bool keeps = cashMoved && whole.Kind == DifferenceKind.None;
        bool isJudged = !whole.IsShut && (!cashMoved || (it.CashMoves <= MovesMax && gate.IsRead(account)));
        gate.Read(account, now, isJudged, keeps ? gate.DifferenceOf(account) : whole.Kind);
        if (isJudged && !cashMoved && whole.Kind == DifferenceKind.None)
        {
            gate.Match(account);
        }
    }

    private AdjustmentAction ActionOn(in Found found)
    {
        AdjustmentAction action = Reactions.Of(found.What.Difference, _settings.Mode, _settings.Foreign);
        return action == AdjustmentAction.Adopt && !IsWithinBounds(found) ? AdjustmentAction.Halt : action;
    }

    /// <summary>What is adopted by itself is bounded in value; what cannot be valued is beyond any bound.</summary>
    private bool IsWithinBounds(in Found found)
    {
        Int128 most = _settings.MaxAdjustment;
        switch (found.What.Difference)
        {
            case DifferenceKind.Balance:
            case DifferenceKind.PositionPrice:
                return Int128.Abs((Int128)found.What.Theirs - found.What.Ours) <= most;
            case DifferenceKind.PositionQuantity:
            case DifferenceKind.PositionSide:
                if (found.What.VenuePrice == AccountCompare.NoCost)
                {
                    return false;
                }

                return Int128.Abs((Int128)found.What.VenuePrice - portfolio.Position(found.Instrument).Cost) <= most;
            default:
                return true;
        }
    }

    private bool TryLearnCash(int account, ReadBackFold read)
    {
        for (int c = 0; c < portfolio.CurrencyCount; c++)
        {
            Currency8 currency = portfolio.Currency(c);
            _cash[(account * PortfolioLedger.Currencies) + c] = read.Cash(currency);
        }

        _accounts[account].KnowsCash = 1;
        bool all = true;
        foreach (ref readonly Account other in _accounts.AsSpan())
        {
            all &= other.KnowsCash != 0;
        }

        return all;
    }

    private void Elsewhere(int account, Span<long> cash)
    {
        cash.Clear();
        for (int other = 0; other < _accounts.Length; other++)
        {
            for (int c = 0; other != account && c < PortfolioLedger.Currencies; c++)
            {
                cash[c] += _cash[(other * PortfolioLedger.Currencies) + c];
            }
        }
    }

    /// <inheritdoc/>
    public void Visit(StateVisitor visitor)
    {
        foreach (Differences found in _found)
        {
            found.Visit(visitor);
        }

        visitor.Visit<Account>(_accounts);
        visitor.Visit<long>(_cash);
        visitor.Visit<int>(_moved);
    }

    /// <summary>What a reading says of an account as a whole.</summary>
    private struct Judgement
    {
        internal DifferenceKind Kind;
        internal bool IsShut;
        internal bool Again;
    }

    private struct Account
    {
        internal int CashMoves;
        internal int KnowsCash;
    }
}
