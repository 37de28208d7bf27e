using System.Runtime.InteropServices;

namespace LowLatency.Core.Events;

/// <summary>What a company or its exchange did to a share.</summary>
public enum CorporateActionKind : byte
{
    /// <summary>Never valid.</summary>
    None = 0,

    /// <summary>Old shares became another number of new ones.</summary>
    Split = 1,

    /// <summary>Cash is paid on each share held when the day begins.</summary>
    Dividend = 2,

    /// <summary>The share trades under another symbol; nothing else changed.</summary>
    Renamed = 3,

    /// <summary>The share does not trade any more.</summary>
    Delisted = 4,
}

/// <summary>What a corporate action that is told does to the account.</summary>
public enum CorporateActionEffect : byte
{
    /// <summary>Nothing: it is told, and that is all.</summary>
    Told = 0,

    /// <summary>Positions, prices, orders and cash follow it.</summary>
    InForce = 1,
}

/// <summary>
/// A share changed by a corporate action (64 bytes). It is in force from its venue time on, the midnight that begins the
/// ex-date: whoever held the share before that instant is meant. Where a split and a dividend share an instant, the
/// dividend is first and is paid on the old shares.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
public struct CorporateAction : IPayload
{
    /// <summary>The symbol from now on, of a renaming; else none.</summary>
    public Symbol24 NewSymbol;

    /// <summary>Of a split: this many new shares for <see cref="OldShares"/>; else 0.</summary>
    public long NewShares;

    /// <summary>Of a split: this many old shares become <see cref="NewShares"/>; else 0.</summary>
    public long OldShares;

    /// <summary>Of a dividend: 10^-9 of the currency on each share; else 0.</summary>
    public long CashPerShare;

    /// <summary>Last close before it, not adjusted, 10^-9 of the currency; 0 when not known.</summary>
    public long ReferencePrice;

    /// <summary>What was done.</summary>
    public CorporateActionKind Action;

    /// <summary>What it does to the account.</summary>
    public CorporateActionEffect Effect;

    /// <summary>Of a dividend: days of 24 hours after it is in force at which it is paid; 0 for at once, or where it is not told.</summary>
    public ushort PayAfterDays;

    /// <summary>Must be zero.</summary>
    public uint Reserved2;

    /// <summary>True for a split that acts.</summary>
    public readonly bool Splits => Action == CorporateActionKind.Split && Effect == CorporateActionEffect.InForce;

    /// <summary>True for a delisting that acts.</summary>
    public readonly bool Delists => Action == CorporateActionKind.Delisted && Effect == CorporateActionEffect.InForce;

    /// <inheritdoc/>
    public static EventKind Kind => EventKind.CorporateAction;

    /// <inheritdoc/>
    public static byte Version => 2;
}
