using System;
using System.Globalization;
using System.Text.Json;
using LowLatency.Sandbox.Trading;

namespace LowLatency.Sandbox.Bybit;

/// <summary>What a key and its account are: rights, addresses, end, modes.</summary>
internal sealed class BybitKeyView(Exchange exchange)
{
    internal void WriteInfo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("marginMode", "REGULAR_MARGIN");
        writer.WriteString("updatedTime", BybitJson.Ms(exchange.StartedAt));
        writer.WriteNumber("unifiedMarginStatus", 5);
        writer.WriteString("dcpStatus", "OFF");
        writer.WriteNumber("timeWindow", 10);
        writer.WriteNumber("smpGroup", 0);
        writer.WriteBoolean("isMasterTrader", false);
        writer.WriteString("spotHedgingStatus", "OFF");
        writer.WriteEndObject();
    }

    internal static void WriteDcp(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteStartArray("dcpInfos");
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    internal void WriteKey(Utf8JsonWriter writer, TradingAccount account)
    {
        SandboxAccount owner = account.Owner;
        writer.WriteStartObject();
        writer.WriteString("id", "1");
        writer.WriteString("note", "sandbox");
        writer.WriteString("apiKey", owner.Key);
        writer.WriteNumber("readOnly", owner.IsReadOnly ? 1 : 0);
        writer.WriteString("secret", string.Empty);
        writer.WriteStartObject("permissions");
        Write("ContractTrade", "Order", "Position");
        Write("Spot", "SpotTrade");
        if (owner.MayWithdraw)
        {
            Write("Wallet", "AccountTransfer", "Withdraw");
        }
        else
        {
            Write("Wallet");
        }

        Write("Options");
        Write("Derivatives", "DerivativesTrade");
        Write("CopyTrading");
        Write("BlockTrade");
        Write("Exchange");
        Write("NFT");
        Write("Affiliate");
        writer.WriteEndObject();
        writer.WriteStartArray("ips");
        foreach (string address in owner.BoundTo.Count == 0 ? ["*"] : owner.BoundTo)
        {
            writer.WriteStringValue(address);
        }

        writer.WriteEndArray();
        long ends = owner.ExpiresAt == 0 ? exchange.NowMs + (90L * 86_400_000) : owner.ExpiresAt;
        writer.WriteNumber("type", 1);
        writer.WriteNumber("deadlineDay", Math.Max(0, (ends - exchange.NowMs) / 86_400_000));
        writer.WriteString("expiredAt", Date(ends));
        writer.WriteString("createdAt", Date(exchange.StartedAt / 1_000_000));
        writer.WriteNumber("unified", 0);
        writer.WriteNumber("uta", 1);
        writer.WriteNumber("userID", UserOf(owner));
        writer.WriteNumber("inviterID", 0);
        writer.WriteString("vipLevel", "No VIP");
        writer.WriteString("mktMakerLevel", "0");
        writer.WriteNumber("affiliateID", 0);
        writer.WriteString("rsaPublicKey", string.Empty);
        writer.WriteBoolean("isMaster", true);
        writer.WriteString("parentUid", "0");
        writer.WriteString("kycLevel", "LEVEL_DEFAULT");
        writer.WriteString("kycRegion", string.Empty);
        writer.WriteEndObject();

        void Write(string name, params ReadOnlySpan<string> rights)
        {
            writer.WriteStartArray(name);
            foreach (string right in rights)
            {
                writer.WriteStringValue(right);
            }

            writer.WriteEndArray();
        }
    }

    // The place of the account in the options: 1000001 is the first.
    private int UserOf(SandboxAccount owner)
    {
        int place = 0;
        while (exchange.Options.Accounts[place] != owner)
        {
            place++;
        }

        return 1_000_001 + place;
    }

    private static string Date(long ms) =>
        DateTimeOffset.FromUnixTimeMilliseconds(ms).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
}
