using System;
using System.IO;
using System.Linq;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Gateways.Bybit;
using LowLatency.Gateways.Wire;
using LowLatency.Tests.Gateways.Wire;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Gateways.Bybit;

/// <summary>
/// Recorded messages, file by file: what each becomes. The lines are read off the files; our own messages in
/// <see cref="BybitEqualityTests"/> and <see cref="BybitRestTests"/> say the same where the recordings are not here.
/// </summary>
public sealed class BybitRecordedTests
{
    private const string Root = "wire/bybit.net/Bybit.UnitTests";

    private static readonly string[] NoEvent = [];

    /// <summary>Pushes: file, outcome, events.</summary>
    private static readonly (string File, WireOutcome Outcome, string[] Lines)[] Pushes =
    [
        ("Linear/Liquidations", WireOutcome.Events, ["#2 at 1739502302929000000 by Bybit: Liquidation Sell 4499 x 2000000"]),
        ("Linear/Ticker", WireOutcome.Events, ["#1 at 1673272861686000000 by Bybit: Prices m=17217330000000 i=17227360000000 f=-212000000 at 1673280000000000000 every 0 oi=68744761"]),
        ("Linear/Trades", WireOutcome.Events, ["#1 at 1672304486865000000 by Bybit: Trade 1657850 x 1 Buy id=0 marks=0 cond=0 ex=0"]),
        ("Option/Book", WireOutcome.Events, ["#1 at 1672304484976000000 by Bybit: Book u=18521288 after=0 snapshot=True Buy:1649350:6 Buy:1649300:100 Sell:1661100:29 Sell:1661200:213"]),
        ("Option/Klines", WireOutcome.Nothing, NoEvent),
        ("Option/Ticker", WireOutcome.Nothing, NoEvent),
        ("Option/Trades", WireOutcome.Events, ["#1 at 1672304486865000000 by Bybit: Trade 1657850 x 1 Buy id=0 marks=0 cond=0 ex=0"]),
        ("Private/Balance", WireOutcome.Events,
            [
                "#0 at 1700034722104000000 by Bybit: Balance '' cash=968446297164 eq=1026291335023 av=955660565550 debt=0 im=0 mm=0 open=0",
                "#0 at 1700034722104000000 by Bybit: Balance 'BTC' cash=102964 eq=102964 av=102964 debt=0 im=0 mm=0 open=0",
            ]),
        ("Private/Greeks", WireOutcome.Refused(WireFault.UnknownKind), NoEvent),
        ("Private/MinimalUserTrades", WireOutcome.Nothing, NoEvent),
        ("Private/Order", WireOutcome.Nothing, NoEvent),
        ("Private/Position", WireOutcome.Events, ["#1 at 1697682317038000000 by Bybit: Position 0 avg=0 mark=28184500000000 liq=0 open=0 done=-2506579337 u=8327597863 leg=2 ro=0"]),
        ("Private/SpreadUserTrade", WireOutcome.Refused(WireFault.UnknownKind), NoEvent),
        ("Private/UserTrades", WireOutcome.Events, ["#3 at 1672364174443000000 by Bybit: Fill 0 id=7e2ae69c4edf5800.a352893d52b446aa Sell 3374 x 25 fee=506100 cum=25 Taker"]),
        ("Spot/Concurrent", WireOutcome.Nothing, NoEvent),
        ("Spot/PriceLimit", WireOutcome.Events, ["#5 at 1750059683782000000 by Bybit: Band 10355000..11445000"]),
        ("Spot/SystemStatus", WireOutcome.Refused(WireFault.UnknownKind), NoEvent),
        ("Spot/Ticker", WireOutcome.Nothing, NoEvent),
        ("Spot/Trades", WireOutcome.Events, ["#5 at 1672304486865000000 by Bybit: Trade 1657850 x 1000 Buy id=0 marks=0 cond=0 ex=0"]),
    ];

    /// <summary>REST answers: file, what was asked, items, items of instruments that are not defined, events.</summary>
    private static readonly (string File, BybitRead Read, int Items, long Unknown, string[] Lines)[] Pages =
    [
        ("ExchangeData/GetLinearInverseSymbols", BybitRead.Instruments, 1, 0,
            [
                "#1 at 1707186451514000000 by Bybit: Defined BTCUSDT Linear in USDT 1e-2 1e-3 tick=10 lot=1 min=1 max=100000 notional=500000000 x1 v1",
                "#1 at 1707186451514000000 by Bybit: Status Open",
            ]),
        ("ExchangeData/GetSpotSymbols", BybitRead.Instruments, 1, 0,
            [
                "#5 at 1672712468011000000 by Bybit: Defined BTCUSDT Spot in USDT 1e-2 1e-6 tick=1 lot=1 min=48 max=71739562 notional=100000000 x1 v1",
                "#5 at 1672712468011000000 by Bybit: Status Open",
            ]),
        ("ExchangeData/GetLinearInverseSymbolsPreListing", BybitRead.Instruments, 1, 0,
            [
                "#6 at 1719455285151000000 by Bybit: Defined PRE02ZROUSDT Linear in USDT 1e-3 1e-1 tick=1 lot=1 min=1 max=100000 notional=500000000 x1 v1",
                "#6 at 1719455285151000000 by Bybit: Status Closed",
            ]),
        ("Trading/GetOrders", BybitRead.Orders, 1, 0,
            [
                "#2 at 1684738540561000000 by Bybit: Order 0 venue=fd4300ae7847404e.b947b46980a4d140 Accepted None 160000000 x 10 cum=0 code=0",
                "#2 at 1684738540561000000 by Bybit: Order 0 venue=fd4300ae7847404e.b947b46980a4d140 Amended None 160000000 x 10 cum=0 code=0",
            ]),
        ("Trading/GetOrderHistory", BybitRead.Orders, 1, 0,
            ["#1 at 1684476068372000000 by Bybit: Order 0 venue=14bad3a1645443d8.bcf25345896cf74d Cancelled PostOnlyWouldTake 2686440 x 3 cum=0 code=0"]),
        ("Trading/GetUserTrades", BybitRead.Executions, 1, 1, NoEvent),
        ("Trading/GetPositions", BybitRead.Positions, 1, 1, NoEvent),
        ("Account/GetBalances", BybitRead.Wallet, 1, 0,
            [
                "#0 at 1690872862481000000 by Bybit: Balance '' cash=300326056 eq=331216591 av=300326056 debt=0 im=0 mm=0 open=0",
                "#0 at 1690872862481000000 by Bybit: Balance 'BTC' cash=0 eq=0 av=0 debt=0 im=0 mm=0 open=0",
            ]),
    ];

    /// <summary>Answers to requests: file, orders in it, codes that are not 0.</summary>
    private static readonly (string File, int Items)[] Answers =
    [
        ("Endpoints/V5Api/Trading/PlaceOrder", 1),
        ("Endpoints/V5Api/Trading/EditOrder", 1),
        ("Endpoints/V5Api/Trading/CancelOrder", 1),
        ("Endpoints/V5Api/Trading/PlaceMultipleOrders", 2),
        ("Endpoints/V5Api/Trading/EditMultipleOrders", 2),
        ("Endpoints/V5Api/Trading/CancelMultipleOrders", 2),
        ("Endpoints/V5Api/Trading/CancelAllOrder", 2),
        ("Endpoints/V5Api/Trading/SetDisconnectCancelAll", 0),
        ("Endpoints/V5Api/Account/SetLeverage", 0),
        ("Endpoints/V5Api/Account/SwitchPositionMode", 0),
        ("Socket/V5Api/Private/PlaceOrder", 1),
        ("Socket/V5Api/Private/EditOrder", 1),
        ("Socket/V5Api/Private/CancelOrder", 1),
    ];

    public static TheoryData<string> PushFiles => [.. Pushes.Select(push => push.File)];

    public static TheoryData<string> PageFiles => [.. Pages.Select(page => page.File)];

    public static TheoryData<string> AnswerFiles => [.. Answers.Select(answer => answer.File)];

    [Theory]
    [MemberData(nameof(PushFiles))]
    public void A_recorded_push_becomes_these_events(string file)
    {
        string path = Repository.RecordedData($"{Root}/Subscriptions/V5/{file}.txt");
        (_, WireOutcome outcome, string[] lines) = Pushes.Single(push => push.File == file);
        foreach (string message in BybitCorpus.Pushes(path))
        {
            BybitPublicDecoder publics = new(
                BybitCorpus.Table(), file.StartsWith("Spot", StringComparison.Ordinal) ? InstrumentKind.Spot : InstrumentKind.Linear);
            BybitPrivateDecoder privates = new(BybitCorpus.Table(), BybitCorpus.Instance);
            bool isPrivate = file.StartsWith("Private", StringComparison.Ordinal);
            ReadOnlySpan<byte> bytes = BybitCorpus.Bytes(message).Span;
            Assert.Equal(outcome, isPrivate ? privates.Decode(bytes, 1) : publics.Decode(bytes, 1));
            Assert.Equal(lines, WireShow.Lines(isPrivate ? privates.Batch.Events : publics.Batch.Events));
        }
    }

    [Fact]
    public void Every_recorded_push_is_in_the_table()
    {
        string folder = Repository.RecordedData(Root + "/Subscriptions/V5");
        Assert.Equal(
            Directory.GetFiles(folder, "*.txt", SearchOption.AllDirectories)
                .Select(path => Path.ChangeExtension(Path.GetRelativePath(folder, path), null)!.Replace('\\', '/'))
                .Order(StringComparer.Ordinal),
            Pushes.Select(push => push.File).Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(PageFiles))]
    public void A_recorded_answer_becomes_these_events(string file)
    {
        string path = Repository.RecordedData($"{Root}/Endpoints/V5Api/{file}.txt");
        (_, BybitRead read, int items, long unknown, string[] lines) = Pages.Single(page => page.File == file);
        BybitRestDecoder decoder = new(BybitCorpus.Table(), BybitCorpus.Instance);
        decoder.Definitions.Want(new InstrumentId(1), "BTCUSDT", InstrumentKind.Linear, 0);
        decoder.Definitions.Want(new InstrumentId(5), "BTCUSDT", InstrumentKind.Spot, 0);
        decoder.Definitions.Want(new InstrumentId(6), "PRE02ZROUSDT", InstrumentKind.Linear, 0);
        WireOutcome outcome = decoder.Decode(read, BybitCorpus.Answer(path), 1);
        Assert.Equal(lines.Length == 0 ? WireOutcome.Nothing : WireOutcome.Events, outcome);
        Assert.Equal(lines, WireShow.Lines(decoder.Batch.Events));
        Assert.Equal((items, unknown, 0), (decoder.Items, decoder.Counters.UnknownInstruments, decoder.Counters.NewNames));
    }

    [Theory]
    [MemberData(nameof(AnswerFiles))]
    public void A_recorded_answer_to_a_request_is_taken(string file)
    {
        string path = Repository.RecordedData($"{Root}/{file}.txt");
        byte[] body = file.StartsWith("Socket", StringComparison.Ordinal)
            ? BybitCorpus.Bytes(BybitCorpus.Pushes(path)[0]).ToArray()
            : BybitCorpus.Answer(path);
        BybitPrivateDecoder decoder = new(BybitCorpus.Table(), BybitCorpus.Instance);
        Assert.Equal(WireOutcome.Answer, decoder.Decode(body, 1));
        BybitAnswer answer = decoder.Answer;
        Assert.Equal((true, 0, Answers.Single(known => known.File == file).Items), (answer.IsAccepted, answer.Code, answer.Items));

        // An acknowledgement proves nothing: no event comes of it. One of the recorded cancels came too late.
        EventBatch batch = new();
        CommandKey[] keys = new CommandKey[Math.Max(1, answer.Items)];
        Array.Fill(keys, new CommandKey(OrderId.Of(1, 1, 1), 1, CommandVerb.Cancel, new InstrumentId(1)));
        if (file.Contains("Trading", StringComparison.Ordinal) && !file.EndsWith("CancelAllOrder", StringComparison.Ordinal))
        {
            Assert.True(answer.AddReports(keys, 1, batch));
            Assert.Equal(
                file.EndsWith("CancelMultipleOrders", StringComparison.Ordinal)
                    ? [$"#1 at 1713434299047000000 by Bybit: Order {keys[0].Order.Packed} venue=0.0 CancelRejected UnknownOrder 0 x 0 cum=0 code=170213"]
                    : NoEvent,
                WireShow.Lines(batch.Events));
        }
    }
}
