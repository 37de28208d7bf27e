using System;
using LowLatency.Gateways.Wire;

namespace LowLatency.Gateways.Bybit;

/// <summary>What is wrong with a key.</summary>
[Flags]
public enum BybitKeyFaults : ushort
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>It can only read.</summary>
    ReadOnly = 1,

    /// <summary>It can withdraw: never used for trading.</summary>
    CanWithdraw = 2,

    /// <summary>It cannot trade what the instruments need.</summary>
    CannotTrade = 4,

    /// <summary>It ends within seven days.</summary>
    ExpiresSoon = 8,

    /// <summary>It may be used from any address, and so ends by itself after ninety days.</summary>
    NotBound = 16,

    /// <summary>It can move money between accounts.</summary>
    CanTransfer = 32,
}

/// <summary>What the venue says of a key: to be compared with what the configuration expects, before anything is sent.</summary>
/// <param name="User">The account's number: the identity that live trading is allowed for.</param>
/// <param name="ExpiresAt">Nanoseconds since 1970 UTC; 0 when it does not end.</param>
/// <param name="Faults">What is wrong with it.</param>
public readonly record struct BybitKey(long User, long ExpiresAt, BybitKeyFaults Faults)
{
    /// <summary>Nanoseconds before its end from which on a key is told to end soon.</summary>
    public const long SoonWithin = 7L * 86_400 * 1_000_000_000;

    private const BybitKeyFaults Fatal =
        BybitKeyFaults.ReadOnly | BybitKeyFaults.CanWithdraw | BybitKeyFaults.CannotTrade;

    private static readonly FieldNames Envelope = new("retCode result time", "retMsg retExtInfo");
    private static readonly FieldNames ResultNames = new(
        "readOnly permissions ips userID expiredAt",
        "id note apiKey type deadlineDay createdAt unified uta inviterID vipLevel mktMakerLevel affiliateID rsaPublicKey "
        + "isMaster parentUid kycLevel kycRegion secret");

    private static readonly FieldNames PermissionNames = new(
        "ContractTrade Spot Wallet",
        "Options Derivatives CopyTrading BlockTrade Exchange NFT Affiliate Earn FiatP2P FiatBybitPay FiatBitPay BybitPay");

    /// <summary>True when nothing may be sent with it.</summary>
    public bool IsRefused => (Faults & Fatal) != 0;

    /// <summary>Reads the answer of /v5/user/query-api.</summary>
    /// <param name="body">The body.</param>
    /// <param name="linear">Linear instruments are traded.</param>
    /// <param name="spot">Spot instruments are traded.</param>
    /// <param name="now">Nanoseconds since 1970 UTC.</param>
    /// <param name="key">The key.</param>
    /// <returns>False when it is not understood, or is an error: nothing is known of the key.</returns>
    public static bool TryRead(ReadOnlySpan<byte> body, bool linear, bool spot, long now, out BybitKey key)
    {
        key = default;
        WireFields envelope = new(body);
        JsonCursor cursor = new(body);
        WireFields result = new(body);
        WireFields permissions = new(body);
        if (!cursor.Read() || !envelope.Capture(ref cursor, Envelope) || cursor.Read() || cursor.IsFault
            || !envelope.TryWhole(0, out long code) || code != BybitCodes.Ok
            || !envelope.Open(1, ResultNames, ref result) || !result.Open(1, PermissionNames, ref permissions)
            || !result.TryWhole(0, out long readOnly) || !result.TryWhole(3, out long user) || user <= 0)
        {
            return false;
        }

        long expires = 0;
        if (!result.IsAbsent(4) && !WireTime.TryParse(result.Text(4), out expires))
        {
            return false;
        }

        BybitKeyFaults faults = readOnly == 0 ? BybitKeyFaults.None : BybitKeyFaults.ReadOnly;
        bool trades = (!linear || (Has(permissions, 0, "Order"u8) && Has(permissions, 0, "Position"u8)))
            && (!spot || Has(permissions, 1, "SpotTrade"u8));
        faults |= trades ? 0 : BybitKeyFaults.CannotTrade;
        faults |= Has(permissions, 2, "Withdraw"u8) ? BybitKeyFaults.CanWithdraw : 0;
        faults |= Has(permissions, 2, "AccountTransfer"u8) || Has(permissions, 2, "SubMemberTransfer"u8)
            ? BybitKeyFaults.CanTransfer
            : 0;
        faults |= Has(result, 2, "*"u8) ? BybitKeyFaults.NotBound : 0;
        faults |= expires != 0 && expires - now < SoonWithin ? BybitKeyFaults.ExpiresSoon : 0;
        key = new BybitKey(user, expires, faults);
        return true;
    }

    private static bool Has(in WireFields fields, int field, ReadOnlySpan<byte> text)
    {
        if (!fields.OpenArray(field, out JsonCursor list))
        {
            return false;
        }

        while (list.Read() && list.Token == JsonToken.Text)
        {
            if (list.Bytes.SequenceEqual(text))
            {
                return true;
            }
        }

        return false;
    }
}
