namespace LowLatency.Tests.Journal.Import;

/// <summary>Lines of a capture of the futures of BTCUSDT, as the recorder wrote them.</summary>
internal static class BinanceLines
{
    internal const long Start = 1_723_161_255_000_000_000;

    internal static string Depth(long at, long first, long last, long? previous, string bids, string asks)
    {
        string chain = previous is null ? string.Empty : $",\"pu\":{previous}";
        string fields = $"\"U\":{first},\"u\":{last}{chain},\"b\":[{bids}],\"a\":[{asks}]";
        return Stream(at, "depth@0ms", "depthUpdate", fields);
    }

    internal static string Snapshot(long at, long update, string bids, string asks) =>
        $"{Start + at} {{\"lastUpdateId\":{update},\"E\":1723161256501,\"T\":1723161256493,"
        + $"\"bids\":[{bids}],\"asks\":[{asks}]}}";

    internal static string Trade(long at, string price, string quantity, bool maker) => Stream(
        at,
        "trade",
        "trade",
        $"\"t\":5266583935,\"p\":\"{price}\",\"q\":\"{quantity}\",\"X\":\"MARKET\",\"m\":{(maker ? "true" : "false")}");

    internal static string Quote(
        long at, long update, string bid, string bidQuantity, string ask, string askQuantity) => Stream(
        at,
        "bookTicker",
        "bookTicker",
        $"\"u\":{update},\"b\":\"{bid}\",\"B\":\"{bidQuantity}\",\"a\":\"{ask}\",\"A\":\"{askQuantity}\"");

    /// <summary>A level as the venue writes it.</summary>
    internal static string Level(string price, string quantity) => $"[\"{price}\",\"{quantity}\"]";

    private static string Stream(long at, string stream, string type, string fields) =>
        $"{Start + at} {{\"stream\":\"btcusdt@{stream}\",\"data\":{{\"e\":\"{type}\",\"E\":1723161256323,"
        + $"\"T\":1723161256322,\"s\":\"BTCUSDT\",{fields}}}}}";
}
