using System;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Values;

namespace LowLatency.Core.Risk;

/// <summary>
/// Whether anything may add to what is held: only while the venue's account has been read and matched since the run began,
/// since its stream was lost, and not too long ago. Told by the reconciler, asked by the checks.
/// </summary>
public sealed class AccountGate : IStateful
{
    private readonly ReconcileSettings _settings;
    private readonly Account[] _accounts;
    private readonly int[] _accountOf = new int[Limits.Instruments + 1];
    private readonly int[] _difference = new int[Limits.Instruments + 1];

    // Bit i - 1: instrument i has not been compared since there was a doubt.
    private ulong _unread;

    /// <summary>Creates a gate that is shut.</summary>
    /// <param name="settings">When it opens.</param>
    internal AccountGate(ReconcileSettings settings)
    {
        Ensure.That(settings.Venues.Length is >= 1 and <= ReconcileSettings.VenuesMax, "one to four venues are reconciled");
        Ensure.That(settings.Interval > 0 && settings.Overdue > settings.Interval, "a reading is overdue after its interval");
        _settings = settings;
        _accounts = new Account[settings.Venues.Length];
        Array.Fill(_accountOf, settings.Venues.Length == 1 ? 0 : -1);
        Array.Fill(_accounts, new Account { IsUnread = 1 });
        _unread = ulong.MaxValue;
    }

    /// <summary>What it was made with.</summary>
    internal ReconcileSettings Settings => _settings;

    /// <summary>True once every account has been read and matched: the equity that is known is the venue's.</summary>
    public bool IsSeeded
    {
        get
        {
            bool seeded = true;
            foreach (ref readonly Account account in _accounts.AsSpan())
            {
                seeded &= account.HasMatched != 0;
            }

            return seeded;
        }
    }

    /// <summary>The account of a venue.</summary>
    /// <param name="venue">The source of its events.</param>
    /// <returns>Its index, or -1.</returns>
    internal int IndexOf(EventSource venue) => Array.IndexOf(_settings.Venues, venue);

    /// <summary>The account in which an instrument is held.</summary>
    /// <param name="instrument">A valid instrument.</param>
    /// <returns>Its index, or -1: nothing may add.</returns>
    internal int AccountOf(InstrumentId instrument) => _accountOf[instrument.Value];

    /// <summary>An instrument is defined: with several venues it is held where it is defined.</summary>
    internal void Define(InstrumentId instrument, EventSource source)
    {
        if (_accounts.Length > 1)
        {
            _accountOf[instrument.Value] = IndexOf(source);
        }
    }

    /// <summary>True when an order of an instrument may add.</summary>
    /// <param name="instrument">The instrument.</param>
    /// <param name="now">ReceivedAt of the event.</param>
    /// <param name="reason">Why not.</param>
    /// <param name="observed">What was seen.</param>
    /// <param name="limit">What it was held against.</param>
    /// <returns>Whether it is open.</returns>
    public bool IsOpen(InstrumentId instrument, long now, out RiskReason reason, out long observed, out long limit)
    {
        reason = RiskReason.Unread;
        observed = 0;
        limit = 1;
        int index = _accountOf[instrument.Value];
        if (index < 0 || _accounts[index].IsUnread != 0 || (_unread & Bit(instrument)) != 0)
        {
            return false;
        }

        ref readonly Account account = ref _accounts[index];
        int kind = account.Difference != 0 ? account.Difference : _difference[instrument.Value];
        if (kind != 0)
        {
            reason = RiskReason.Unmatched;
            observed = kind;
            limit = 0;
            return false;
        }

        if (now - account.ReadAt > _settings.Overdue)
        {
            reason = RiskReason.ReadOverdue;
            observed = now - account.ReadAt;
            limit = _settings.Overdue;
            return false;
        }

        if (account.UnknownSince != 0 && now - account.UnknownSince > _settings.UnknownAfter)
        {
            reason = RiskReason.UnknownOutcome;
            observed = now - account.UnknownSince;
            limit = _settings.UnknownAfter;
            return false;
        }

        reason = RiskReason.None;
        return true;
    }

    /// <summary>True when an account was compared since there was a doubt.</summary>
    internal bool IsRead(int account) => _accounts[account].IsUnread == 0;

    /// <summary>The difference of an account itself that stands.</summary>
    internal DifferenceKind DifferenceOf(int account) => (DifferenceKind)_accounts[account].Difference;

    /// <summary>True when an instrument was compared since there was a doubt.</summary>
    internal bool IsRead(InstrumentId instrument) => (_unread & Bit(instrument)) == 0;

    /// <summary>A digest of what would be answered, to notice that it has changed.</summary>
    /// <param name="highest">The highest instrument.</param>
    /// <param name="now">ReceivedAt of the event.</param>
    /// <returns>Bit i - 1: instrument i may be added to.</returns>
    internal ulong OpenOf(int highest, long now)
    {
        ulong open = 0;
        for (ushort i = 1; i <= highest; i++)
        {
            InstrumentId id = new(i);
            open |= IsOpen(id, now, out _, out _, out _) ? Bit(id) : 0;
        }

        return open;
    }

    /// <summary>Nothing is known of an account any more: everything has to be read and compared again.</summary>
    internal void Doubt(int account)
    {
        _accounts[account].IsUnread = 1;
        for (int i = 1; i <= Limits.Instruments; i++)
        {
            if (_accountOf[i] == account)
            {
                _unread |= Bit(new InstrumentId((ushort)i));
            }
        }
    }

    /// <summary>An account was read whole.</summary>
    /// <param name="account">Which.</param>
    /// <param name="now">ReceivedAt of the end of the reading.</param>
    /// <param name="isJudged">False when something of the account itself has to be read again.</param>
    /// <param name="difference">A difference of the account itself; 0 for none.</param>
    internal void Read(int account, long now, bool isJudged, DifferenceKind difference)
    {
        ref Account it = ref _accounts[account];
        it.ReadAt = now;
        it.Difference = (int)difference;
        it.IsUnread = isJudged ? 0 : 1;
    }

    /// <summary>What a reading found of an instrument.</summary>
    /// <param name="instrument">The instrument.</param>
    /// <param name="isJudged">False when it has to be read again before anything may add.</param>
    /// <param name="difference">What differs and stays so; none when all is equal.</param>
    internal void Judge(InstrumentId instrument, bool isJudged, DifferenceKind difference)
    {
        _difference[instrument.Value] = (int)difference;
        _unread = isJudged ? _unread & ~Bit(instrument) : _unread | Bit(instrument);
    }

    /// <summary>All of an account was found equal.</summary>
    internal void Match(int account) => _accounts[account].HasMatched = 1;

    /// <summary>When the order of an account that has been unknown the longest became so; 0 when none is.</summary>
    internal void SetUnknown(int account, long since) => _accounts[account].UnknownSince = since;

    /// <inheritdoc/>
    public void Visit(StateVisitor visitor)
    {
        visitor.Visit<Account>(_accounts);
        visitor.Visit<int>(_accountOf);
        visitor.Visit<int>(_difference);
        visitor.Visit(ref _unread);
    }

    private static ulong Bit(InstrumentId instrument) => 1UL << (instrument.Value - 1);

    private struct Account
    {
        internal long ReadAt;
        internal long UnknownSince;
        internal int IsUnread;
        internal int Difference;
        internal int HasMatched;
        internal int Reserved;
    }
}
