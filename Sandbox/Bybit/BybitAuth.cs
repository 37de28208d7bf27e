using System;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using LowLatency.Sandbox.Trading;
using LowLatency.Sandbox.Web;

namespace LowLatency.Sandbox.Bybit;

/// <summary>Checks keys, times and signatures as the venue does.</summary>
internal sealed class BybitAuth(Exchange exchange)
{
    private const long WindowUsual = 5_000;
    private const long WindowMax = 60_000;
    private const long Ahead = 1_000;

    /// <summary>The account of a signed request.</summary>
    internal BybitError Check(RestRequest request, out TradingAccount? account)
    {
        account = null;
        string? key = request.Header("X-BAPI-API-KEY");
        string? sign = request.Header("X-BAPI-SIGN");
        string? stamp = request.Header("X-BAPI-TIMESTAMP");
        if (string.IsNullOrEmpty(key) || string.IsNullOrEmpty(sign) || string.IsNullOrEmpty(stamp))
        {
            return BybitError.Params($"empty value: apiTimestamp[{stamp}] apiKey[{key}] apiSignature[{sign}]");
        }

        string window = request.Header("X-BAPI-RECV-WINDOW") ?? string.Empty;
        BybitError error = CheckKey(key, request.From, out TradingAccount? found);
        if (error.IsOk)
        {
            error = CheckTime(stamp, window);
        }

        if (!error.IsOk)
        {
            return error;
        }

        bool isGet = request.Method == "GET";
        byte[] head = Encoding.UTF8.GetBytes(stamp + key + window);
        byte[] payload = isGet ? Encoding.UTF8.GetBytes(request.Query) : request.Body;
        if (!IsSigned(found!.Owner.Secret, [.. head, .. payload], sign))
        {
            return BybitError.SignInvalid with { Message = BybitError.SignInvalid.Message + $" origin_string[{stamp}{key}{window}{Encoding.UTF8.GetString(payload)}]" };
        }

        account = found;
        return BybitError.Ok;
    }

    /// <summary>The account of the authentication of a stream.</summary>
    internal BybitError CheckStream(string key, string expires, string sign, IPAddress? from, out TradingAccount? account)
    {
        account = null;
        BybitError error = CheckKey(key, from, out TradingAccount? found);
        if (!error.IsOk)
        {
            return error;
        }

        if (!TryNumber(expires, out long at) || at <= exchange.NowMs)
        {
            return BybitError.Params("Params Error: expires has passed");
        }

        if (!IsSigned(found!.Owner.Secret, Encoding.ASCII.GetBytes("GET/realtime" + expires), sign))
        {
            return BybitError.SignInvalid;
        }

        account = found;
        return BybitError.Ok;
    }

    /// <summary>The time of a request: not older than its window, less than a second ahead.</summary>
    internal BybitError CheckTime(string stamp, string window)
    {
        long allowed = WindowUsual;
        if (!TryNumber(stamp, out long at) || (window.Length != 0 && !TryNumber(window, out allowed)))
        {
            return BybitError.Params("Params Error: timestamp or recv_window is no number");
        }

        allowed = Math.Min(allowed, WindowMax);
        long server = exchange.NowMs;
        return at >= server - allowed && at < server + Ahead ? BybitError.Ok : BybitError.Window(at, server, allowed);
    }

    private static bool TryNumber(string text, out long number) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    private static bool IsSigned(string secret, byte[] text, string sign)
    {
        byte[] hash = HMACSHA256.HashData(Encoding.ASCII.GetBytes(secret), text);
        return CryptographicOperations.FixedTimeEquals(
            Encoding.ASCII.GetBytes(Convert.ToHexStringLower(hash)), Encoding.UTF8.GetBytes(sign));
    }

    private BybitError CheckKey(string key, IPAddress? from, out TradingAccount? account)
    {
        if (!exchange.Bybit.TryGetValue(key, out account))
        {
            return BybitError.KeyInvalid;
        }

        SandboxAccount owner = account.Owner;
        if (owner.ExpiresAt != 0 && exchange.NowMs >= owner.ExpiresAt)
        {
            return BybitError.KeyExpired;
        }

        if (owner.BoundTo.Count == 0 || from is null)
        {
            return BybitError.Ok;
        }

        string address = (from.IsIPv4MappedToIPv6 ? from.MapToIPv4() : from).ToString();
        foreach (string allowed in owner.BoundTo)
        {
            if (allowed == address)
            {
                return BybitError.Ok;
            }
        }

        return BybitError.WrongAddress;
    }
}
