using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Gateways.Wire;
using LowLatency.Tests.Support;

namespace LowLatency.Tests.Gateways.Bybit;

/// <summary>Messages of Bybit: our own, written from the venue's rules, and recorded ones where they are here.</summary>
internal static class BybitCorpus
{
    internal const ushort Instance = 1;

    /// <summary>Client order id of ours in the messages below.</summary>
    internal static readonly OrderId Order = OrderId.Of(3, 1_000, 2);

    internal static readonly (InstrumentId Id, InstrumentDefined Rules)[] Instruments =
    [
        (new InstrumentId(1), Rules("BTCUSDT", "USDT", InstrumentKind.Linear, 2, 3)),
        (new InstrumentId(2), Rules("ETHUSDT", "USDT", InstrumentKind.Linear, 5, 2)),
        (new InstrumentId(3), Rules("XRPUSDT", "USDT", InstrumentKind.Linear, 4, 0)),
        (new InstrumentId(4), Rules("ICPUSDT", "USDT", InstrumentKind.Linear, 3, 1)),
        (new InstrumentId(5), Rules("BTCUSDT", "USDT", InstrumentKind.Spot, 2, 6)),
    ];

    /// <summary>
    /// Public messages in an order in which every one of them is applied where it should be: linear and, at the end, spot.
    /// </summary>
    internal static readonly string[] Public =
    [
        """{"topic":"orderbook.50.BTCUSDT","type":"snapshot","ts":1786000000000,"data":{"s":"BTCUSDT","b":[["65000.10","1.500"],["65000.00","0.001"],["64999.90","20"]],"a":[["65000.20","2.25"],["65001","4294967.296"],["99999999.99","9000000000"]],"u":100,"seq":7961638724},"cts":1785999999999}""",
        """{"topic":"orderbook.50.BTCUSDT","type":"delta","ts":1786000000020,"data":{"s":"BTCUSDT","b":[["65000.10","0"],["64999.80","3"]],"a":[],"u":101,"seq":7961638725},"cts":1786000000019}""",
        """{"data":{"u":102,"a":[["65000.30","1"]],"b":[],"s":"BTCUSDT","seq":1},"cts":1786000000040,"type":"delta","topic":"orderbook.50.BTCUSDT","ts":1786000000041}""",
        """{"topic":"orderbook.50.BTCUSDT","ts":1786000000061,"type":"delta","data":{"s":"BTCUSDT","b":[],"a":[],"u":103,"seq":2}}""",
        """{"topic":"orderbook.50.BTCUSDT","type":"delta","ts":1786000000081,"data":{"s":"BTCUSDT","b":[["1","1"]],"a":[],"u":105,"seq":3},"cts":1786000000080}""",
        """{"topic":"orderbook.50.BTCUSDT","type":"delta","ts":1786000000101,"data":{"s":"BTCUSDT","b":[["1","1"]],"a":[],"u":106,"seq":4},"cts":1786000000100}""",
        """{"topic":"orderbook.50.BTCUSDT","type":"delta","ts":1786000000121,"data":{"s":"BTCUSDT","b":[["65000","1"]],"a":[["65001","1"]],"u":1,"seq":5},"cts":1786000000120}""",
        """{"topic":"orderbook.50.BTCUSDT","type":"delta","ts":1786000000141,"data":{"s":"BTCUSDT","b":[["65000","2"]],"a":[],"u":2,"seq":6},"cts":1786000000140}""",
        """{"topic":"orderbook.50.BTCUSDT","type":"snapshot","ts":1786000000161,"data":{"s":"BTCUSDT","b":[["64000","2"]],"a":[],"u":77,"seq":6},"cts":1786000000160}""",
        """{"topic":"orderbook.1000.ETHUSDT","type":"snapshot","ts":1786000000161,"data":{"s":"ETHUSDT","b":[["1.00001","2"],["1","3"],["0.99999","3"],["0.99998","3"],["0.99997","3"],["0.99996","3"],["0.99995","3"],["0.99994","3"],["0.99993","3"]],"a":[["1.00002","1"]],"u":9,"seq":6},"cts":1786000000160}""",
        """{"topic":"orderbook.1.XRPUSDT","ts":1786000000161,"type":"snapshot","data":{"s":"XRPUSDT","b":[["0.5001","1000"]],"a":[["0.5002","2000"]],"u":50,"seq":6},"cts":1786000000160}""",
        """{"topic":"orderbook.1.XRPUSDT","ts":1786000003161,"type":"snapshot","data":{"s":"XRPUSDT","b":[["0.5001","1000"]],"a":[["0.5002","2000"]],"u":50,"seq":6},"cts":1786000000160}""",
        """{"topic":"orderbook.1.XRPUSDT","ts":1786000003261,"type":"snapshot","data":{"s":"XRPUSDT","b":[],"a":[["0.5002","2000"]],"u":51,"seq":6},"cts":1786000003260}""",
        """{"topic":"orderbook.50.NOBODYUSDT","type":"snapshot","ts":1786000000161,"data":{"s":"NOBODYUSDT","b":[["x"]],"a":[],"u":9,"seq":6},"cts":1786000000160}""",
        """{"topic":"publicTrade.BTCUSDT","type":"snapshot","ts":1786000000200,"data":[{"T":1786000000199,"s":"BTCUSDT","S":"Buy","v":"0.001","p":"65000.15","L":"PlusTick","i":"20f43950-d8dd-5b31-9112-a178eb6023af","BT":false,"RPI":false,"seq":12},{"T":1786000000199,"s":"BTCUSDT","S":"Sell","v":"12","p":"64999","L":"MinusTick","i":"2100000000007764263","BT":true}]}""",
        """{"topic":"tickers.BTCUSDT","type":"delta","data":{"symbol":"BTCUSDT","markPrice":"1"},"cs":1,"ts":1786000000300}""",
        """{"topic":"tickers.BTCUSDT","type":"snapshot","data":{"symbol":"BTCUSDT","tickDirection":"PlusTick","lastPrice":"65000","markPrice":"65001.33","indexPrice":"65002.1234567891","openInterest":"68744.761","fundingRate":"-0.000212","nextFundingTime":"1786003200000","fundingIntervalHour":"8","bid1Price":"65000"},"cs":24987956059,"ts":1786000000400}""",
        """{"topic":"tickers.BTCUSDT","type":"delta","data":{"symbol":"BTCUSDT","lastPrice":"65000.5","bid1Price":"65000"},"cs":24987956060,"ts":1786000000500}""",
        """{"topic":"tickers.BTCUSDT","type":"delta","data":{"symbol":"BTCUSDT","markPrice":"65003.00","fundingRate":"0.0001"},"cs":24987956061,"ts":1786000000600}""",
        """{"topic":"kline.5.BTCUSDT","data":[{"start":1785999900000,"end":1786000199999,"interval":"5","open":"65000","close":"65010.5","high":"65011","low":"64990.01","volume":"2.081","turnover":"135290.12345","confirm":false,"timestamp":1786000100000}],"ts":1786000100000,"type":"snapshot"}""",
        """{"topic":"kline.5.BTCUSDT","data":[{"start":1785999900000,"end":1786000199999,"interval":"5","open":"65000","close":"65010.5","high":"65011","low":"64990.01","volume":"2.081","turnover":"135290.12345","confirm":true,"timestamp":1786000200000}],"ts":1786000200000,"type":"snapshot"}""",
        """{"topic":"kline.M.BTCUSDT","data":[{"start":1785542400000,"end":1788220799999,"interval":"M","open":"1","close":"1","high":"1","low":"1","volume":"1","turnover":"1","confirm":true,"timestamp":1788220800000}],"ts":1788220800000,"type":"snapshot"}""",
        """{"topic":"allLiquidation.ETHUSDT","type":"snapshot","ts":1786000000700,"data":[{"T":1786000000699,"s":"ETHUSDT","S":"Sell","v":"20000","p":"0.04499"},{"T":1786000000699,"s":"ETHUSDT","S":"Buy","v":"1.5","p":"0.04"}]}""",
        """{"topic":"priceLimit.BTCUSDT","data":{"symbol":"BTCUSDT","buyLmt":"71500.00","sellLmt":"58500.00"},"ts":1786000000800}""",
    ];

    /// <summary>Messages of the private connection.</summary>
    internal static readonly string[] Private =
    [
        """{"id":"a","topic":"order","creationTime":1786000001000,"data":[{"category":"linear","symbol":"BTCUSDT","orderId":"5cf98598-39a7-459e-97bf-76ca765ee020","orderLinkId":"LL1-3-rs-2","price":"65000.10","qty":"0.500","side":"Buy","orderStatus":"New","cumExecQty":"0","createdTime":"1786000000990","updatedTime":"1786000000990","cancelType":"UNKNOWN","rejectReason":"EC_NoError","positionIdx":0,"positionIdx":0,"leavesQty":"0.5","brandNewField":{"a":[1,2,{"b":null}]}}]}""",
        """{"id":"b","topic":"order.linear","creationTime":1786000001000,"data":[{"symbol":"BTCUSDT","orderId":"5cf98598-39a7-459e-97bf-76ca765ee020","orderLinkId":"LL1-3-rs-2","price":"65000.20","qty":"0.500","side":"Buy","orderStatus":"PartiallyFilled","cumExecQty":"0.100","createdTime":"1786000000990","updatedTime":"1786000001990","cancelType":"UNKNOWN","rejectReason":"EC_NoError"}]}""",
        """{"id":"c","topic":"order","creationTime":1786000001000,"data":[{"category":"linear","symbol":"BTCUSDT","orderId":"5cf98598-39a7-459e-97bf-76ca765ee020","orderLinkId":"LL1-3-rs-2","price":"65000.20","qty":"0.500","side":"Buy","orderStatus":"Filled","cumExecQty":"0.500","createdTime":"1786000000990","updatedTime":"1786000001990","cancelType":"UNKNOWN","rejectReason":"EC_NoError"},{"category":"linear","symbol":"BTCUSDT","orderId":"5cf98598-39a7-459e-97bf-76ca765ee020","orderLinkId":"LL1-3-rs-2","price":"65000.20","qty":"0.500","side":"Buy","orderStatus":"Filled","cumExecQty":"0.500","createdTime":"1786000000990","updatedTime":"1786000001990","cancelType":"CancelByUser","rejectReason":"EC_OrigClOrdIDDoesNotExist"}]}""",
        """{"id":"d","topic":"order","creationTime":1786000001000,"data":[{"category":"linear","symbol":"BTCUSDT","orderId":"5cf98598-39a7-459e-97bf-76ca765ee020","orderLinkId":"LL1-3-rs-2","price":"65000.20","qty":"0.500","side":"Buy","orderStatus":"Cancelled","cumExecQty":"0","createdTime":"1786000000990","updatedTime":"1786000001990","cancelType":"UNKNOWN","rejectReason":"EC_PostOnlyWillTakeLiquidity"}]}""",
        """{"id":"e","topic":"order","creationTime":1786000001000,"data":[{"category":"spot","symbol":"BTCUSDT","orderId":"1666800494330512128","orderLinkId":"","price":"","qty":"","side":"Sell","orderStatus":"PartiallyFilledCanceled","cumExecQty":"0.000048","createdTime":"","updatedTime":"","cancelType":"CancelByDCP","rejectReason":""}]}""",
        """{"id":"e","topic":"order","creationTime":1786000001000,"data":[{"category":"spot","symbol":"BTCUSDT","orderId":"1666800494330512128","orderLinkId":"","price":"","qty":"0.5","side":"Sell","orderStatus":"PartiallyFilledCanceled","cumExecQty":"0.000048","createdTime":"","updatedTime":"","cancelType":"CancelByDCP","rejectReason":""}]}""",
        """{"id":"f","topic":"order","creationTime":1786000001000,"data":[{"category":"linear","symbol":"BTCUSDT","orderId":"5cf98598-39a7-459e-97bf-76ca765ee021","orderLinkId":"LL2-3-rs-2","price":"65000.20","qty":"0.500","side":"Buy","orderStatus":"Rejected","cumExecQty":"0","createdTime":"1786000000990","updatedTime":"1786000001990","cancelType":"UNKNOWN","rejectReason":"EC_SomethingNew"}]}""",
        """{"id":"g","topic":"order","creationTime":1786000001000,"data":[{"category":"linear","symbol":"BTCUSDT","orderId":"5cf98598-39a7-459e-97bf-76ca765ee021","orderLinkId":"","price":"1","qty":"1","side":"Buy","orderStatus":"Teleported","cumExecQty":"0"}]}""",
        """{"id":"h","topic":"execution","creationTime":1786000002000,"data":[{"category":"linear","symbol":"XRPUSDT","execFee":"0.005061","execId":"7e2ae69c-4edf-5800-a352-893d52b446aa","execPrice":"0.3374","execQty":"25","execType":"Trade","execValue":"8.435","isMaker":false,"feeRate":"0.0006","leavesQty":"75","orderId":"f6e324ff-99c2-4e89-9739-3086e47f9381","orderLinkId":"LL1-3-rs-2","orderPrice":"0.3207","orderQty":"100","side":"Sell","execTime":"1786000001443","seq":4688002127}]}""",
        """{"id":"i","topic":"execution","creationTime":1786000002000,"data":[{"category":"spot","symbol":"BTCUSDT","execFee":"0.0000005","feeCurrency":"BTC","execId":"2100000000007764263","execPrice":"65000.01","execQty":"0.0005","execType":"Trade","isMaker":true,"leavesQty":"0","orderQty":"0.0005","orderId":"1666800494330512128","orderLinkId":"LL1-3-rs-2","side":"Buy","execTime":"1786000001443"},{"category":"spot","symbol":"BTCUSDT","execFee":"-0.0325","feeCurrency":"USDT","execId":"2100000000007764264","execPrice":"65000.01","execQty":"0.0005","execType":"Trade","isMaker":true,"leavesQty":"","orderQty":"","orderId":"1666800494330512128","orderLinkId":"","side":"Sell","execTime":"1786000001443"}]}""",
        """{"id":"j","topic":"execution","creationTime":1786000002000,"data":[{"category":"linear","symbol":"BTCUSDT","execFee":"1.2345678901","execId":"7e2ae69c-4edf-5800-a352-893d52b446ab","execPrice":"65000.12345","execQty":"0.500","execType":"Funding","orderType":"UNKNOWN","feeRate":"0.0001","side":"Sell","execTime":"1786003200000","orderId":"","orderLinkId":""}]}""",
        """{"id":"k","topic":"execution","creationTime":1786000002000,"data":[{"category":"linear","symbol":"BTCUSDT","execFee":"1.2","execId":"7e2ae69c-4edf-5800-a352-893d52b446ac","execPrice":"60000","execQty":"0.500","execType":"AdlTrade","side":"Sell","execTime":"1786003200000","orderId":"","orderLinkId":"","leavesQty":"0","orderQty":"0.5"},{"category":"linear","symbol":"BTCUSDT","execFee":"0","execId":"7e2ae69c-4edf-5800-a352-893d52b446ad","execPrice":"60000","execQty":"0.500","execType":"BustTrade","side":"Buy","execTime":"1786003200000"}]}""",
        """{"id":"l","topic":"execution","creationTime":1786000002000,"data":[{"category":"linear","symbol":"BTCUSDT","execFee":"0","execId":"7e2ae69c-4edf-5800-a352-893d52b446ae","execPrice":"60000","execQty":"0.500","execType":"SomethingNew","side":"Buy","execTime":"1786003200000"}]}""",
        """{"topic":"execution.fast","creationTime":1786000002000,"data":[{"category":"linear","symbol":"ICPUSDT","execId":"3510f361-0add-5c7b-a2e7-9679810944fc","execPrice":"12.015","execQty":"3000","orderId":"443d63fa-b4c3-4297-b7b1-23bca88b04dc","orderLinkId":"","side":"Sell","execTime":"1786000001443","isMaker":true,"seq":34771365464}]}""",
        """{"id":"m","topic":"position","creationTime":1786000003000,"data":[{"positionIdx":0,"symbol":"BTCUSDT","side":"Sell","size":"0.5","entryPrice":"65000.123456789012","markPrice":"65001","unrealisedPnl":"-0.4382716","cumRealisedPnl":"-25.06579337","category":"linear","liqPrice":"","seq":8327597863,"isReduceOnly":true,"updatedTime":"1786000002999"},{"positionIdx":2,"symbol":"BTCUSDT","side":"","size":"0","avgPrice":"","markPrice":"","unrealisedPnl":"","cumRealisedPnl":"","category":"linear","seq":-1,"updatedTime":""}]}""",
        """{"id":"n","topic":"wallet","creationTime":1786000004000,"data":[{"accountType":"UNIFIED","totalEquity":"10262.91335023","totalWalletBalance":"9684.46297164","totalAvailableBalance":"9556.6056555","totalPerpUPL":"-0.5","totalInitialMargin":"","totalMaintenanceMargin":"0","coin":[{"coin":"USDT","equity":"-0.00102964","walletBalance":"-0.0010296499","borrowAmount":"0.00102964","availableToWithdraw":"","totalOrderIM":"1","totalPositionIM":"2.5","totalPositionMM":"1.25","unrealisedPnl":"0"},{"coin":"1000000MOG","walletBalance":"5"}]}]}""",
        """{"id":"o","topic":"dcp.future","creationTime":1786000004000,"data":[{"coin":"USDT"}]}""",
    ];

    internal static InstrumentTable Table()
    {
        InstrumentTable table = new();
        foreach ((InstrumentId id, InstrumentDefined rules) in Instruments)
        {
            table.Define(id, rules);
        }

        return table;
    }

    internal static ReadOnlyMemory<byte> Bytes(string text) => Encoding.UTF8.GetBytes(text);

    /// <summary>The pushes of a recorded subscription: what follows the equals signs.</summary>
    internal static List<string> Pushes(string path)
    {
        List<string> found = [];
        StringBuilder? push = null;
        foreach (string line in File.ReadAllLines(path))
        {
            if (line.StartsWith('=') || line.StartsWith('>') || line.StartsWith('<'))
            {
                if (push is not null)
                {
                    found.Add(push.ToString());
                }

                push = line[0] == '=' ? new StringBuilder(line[1..].TrimStart('1', '2', '3', ' ')) : null;
            }
            else
            {
                push?.Append('\n').Append(line);
            }
        }

        if (push is not null)
        {
            found.Add(push.ToString());
        }

        return found;
    }

    /// <summary>Recorded pushes of a folder, where the recordings are.</summary>
    internal static List<string> Recorded(string folder)
    {
        string path = Path.Combine(Repository.DataFolder, "wire/bybit.net/Bybit.UnitTests/Subscriptions/V5", folder);
        return Directory.Exists(path)
            ? [.. Directory.GetFiles(path, "*.txt").Order(StringComparer.Ordinal).SelectMany(Pushes)]
            : [];
    }

    /// <summary>The JSON of a recorded REST answer: what follows the three lines of its request.</summary>
    internal static byte[] Answer(string path)
    {
        string text = File.ReadAllText(path);
        return Encoding.UTF8.GetBytes(text[text.IndexOf('{', StringComparison.Ordinal)..]);
    }

    private static InstrumentDefined Rules(string symbol, string currency, InstrumentKind kind, byte price, byte quantity) => new()
    {
        Symbol = Symbol24.Of(symbol),
        Currency = Currency8.Of(currency),
        InstrumentKind = kind,
        PriceExponent = price,
        QuantityExponent = quantity,
        Tick = 1,
        Lot = 1,
        MinQuantity = 1,
        MaxQuantity = 1_000_000_000,
        Multiplier = 1,
        DefinitionVersion = 1,
    };
}
