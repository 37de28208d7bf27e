using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.CompilerServices;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Gateways.Alpaca;
using LowLatency.Gateways.Bybit;
using LowLatency.Gateways.Wire;
using LowLatency.Tests.Gateways.Alpaca;
using LowLatency.Tests.Gateways.Bybit;
using LowLatency.Tests.Suites;
using Xunit;

namespace LowLatency.Tests.Gateways.Wire;

/// <summary>Damaged messages, and whether the comparison with the slow parser would find a decoder that is wrong.</summary>
public sealed class WireSuiteTests(ITestOutputHelper output)
{
    private const long Received = 1_786_000_000_000_000_000;

    private delegate void Defect(ref Event e);

    /// <summary>What could be wrong with a decoder, done to its events.</summary>
    private static readonly (string Name, Defect Plant)[] Defects =
    [
        ("a snapshot that changes the book instead of replacing it", (ref Event e) => e.Flags &= ~EventFlags.Snapshot),
        ("a difference that replaces the book", (ref Event e) => e.Flags |= e.Kind == EventKind.BookLevels ? EventFlags.Snapshot : 0),
        ("an update that does not say what it follows", (ref Event e) => OfBook(ref e, (ref BookLevels b) => b.PreviousUpdateId = 0)),
        ("an update with its neighbour's number", (ref Event e) => OfBook(ref e, (ref BookLevels b) => b.UpdateId++)),
        ("bids as asks", (ref Event e) => OfBook(ref e, (ref BookLevels b) => b.AskMask ^= 127)),
        ("a level too few", (ref Event e) => OfBook(ref e, (ref BookLevels b) => b.Count = (byte)Math.Max(0, b.Count - 1))),
        ("a group without an end", (ref Event e) => e.Flags &= ~EventFlags.Last),
        ("prices ten times too high", (ref Event e) => { if (e.Kind == EventKind.Trade) { e.Trade.Price *= 10; } }),
        ("the maker's side for the taker's", (ref Event e) => { if (e.Kind == EventKind.Trade) { e.Trade.Aggressor = e.Trade.Aggressor.Opposite(); } }),
        ("block trades as prints", (ref Event e) => { if (e.Kind == EventKind.Trade) { e.Trade.Marks = TradeMarks.None; } }),
        ("prints without a number", (ref Event e) => { if (e.Kind == EventKind.Trade) { e.Trade.TradeId = 0; } }),
        ("conditions of sale lost", (ref Event e) => { if (e.Kind == EventKind.Trade) { e.Trade.SaleCondition = 0; } }),
        ("a price that a difference leaves out as zero", (ref Event e) => { if (e.Kind == EventKind.DerivativePrices) { e.DerivativePrices.IndexPrice = 0; } }),
        ("funding with the other sign", (ref Event e) => { if (e.Kind == EventKind.DerivativePrices) { e.DerivativePrices.FundingRate *= -1; } }),
        ("funding paid as received", (ref Event e) => { if (e.Kind == EventKind.CashBooked) { e.CashBooked.Amount *= -1; } }),
        ("a bar stamped with its start", (ref Event e) => { if (e.Kind == EventKind.Bar) { e.VenueTime = e.Bar.StartTime; } }),
        ("the order's side for the position's", (ref Event e) => { if (e.Kind == EventKind.Liquidation) { e.Liquidation.Position = e.Liquidation.Position.Opposite(); } }),
        ("a band upside down", (ref Event e) => { if (e.Kind == EventKind.PriceBand) { (e.PriceBand.Lowest, e.PriceBand.Highest) = (e.PriceBand.Highest, e.PriceBand.Lowest); } }),
        ("fees as rebates", (ref Event e) => { if (e.Kind == EventKind.Execution) { e.Execution.Fee *= -1; } }),
        ("a stranger's order as ours", (ref Event e) => { if (e.Kind == EventKind.OrderReport && e.OrderReport.Order.IsNone) { e.OrderReport.Order = OrderId.Of(1, 1, 1); } }),
        ("an amendment as an acceptance", (ref Event e) => { if (e.Kind == EventKind.OrderReport && e.OrderReport.Status == OrderStatus.Amended) { e.OrderReport.Status = OrderStatus.Accepted; } }),
        ("a cancel that lost as a cancel", (ref Event e) => { if (e.Kind == EventKind.OrderReport && e.OrderReport.Status == OrderStatus.CancelRejected) { e.OrderReport.Status = OrderStatus.Cancelled; } }),
        ("reasons lost", (ref Event e) => { if (e.Kind == EventKind.OrderReport) { e.OrderReport.Reason = ReportReason.None; } }),
        ("the count of fills lost", (ref Event e) => { if (e.Kind == EventKind.Execution) { e.Execution.CumulativeQuantity = 0; } }),
        ("executions that share an id", (ref Event e) => { if (e.Kind == EventKind.Execution) { e.Execution.ExecutionId = new VenueId(1, 1); } }),
        ("short positions as long ones", (ref Event e) => { if (e.Kind == EventKind.PositionReport) { e.PositionReport.Quantity = Math.Abs(e.PositionReport.Quantity); } }),
        ("debts as cash", (ref Event e) => { if (e.Kind == EventKind.BalanceReport) { e.BalanceReport.Cash = Math.Abs(e.BalanceReport.Cash); } }),
        ("times in microseconds", (ref Event e) => e.VenueTime /= 1_000),
        ("the other instrument of the same name", (ref Event e) => { if (e.Instrument.Value == 1) { e.Instrument = new InstrumentId(5); } }),
        ("a quote of one side for two", (ref Event e) => { if (e.Kind == EventKind.Quote) { e.Quote.BidPrice = e.Quote.AskPrice; } }),
        ("a halt that is not seen", (ref Event e) => { if (e.Kind == EventKind.TradingStatus) { e.TradingStatus.Status = TradingStatus.Open; } }),
        ("a gap that is not seen", (ref Event e) => { if (e.Kind == EventKind.StreamState) { e.StreamState.State = StreamState.Up; } }),
        ("a correction that corrects nothing", (ref Event e) => { if (e.Kind == EventKind.TradeCorrected) { e.TradeCorrected.Price = e.TradeCorrected.WrongPrice; } }),
    ];

    private delegate void BookDefect(ref BookLevels levels);

    public static TheoryData<string> DefectNames => [.. Defects.Select(defect => defect.Name)];

    [Fact]
    public void Damaged_messages_do_no_harm_and_are_read_as_by_the_slow_parser()
    {
        WireSuite suite = new();
        Tally tally = suite.Run(0, suite.TestCount, SuiteCommand.DefaultSeed, 2);
        output.WriteLine(SuiteCommand.Report(suite, tally));
        Assert.Empty(suite.Missing(tally));
    }

    [Fact]
    public void Without_a_defect_there_is_no_difference() => Assert.Equal(0, Differences((ref Event _) => { }));

    [Theory]
    [MemberData(nameof(DefectNames))]
    public void A_planted_defect_is_found(string name)
    {
        (_, Defect plant) = Defects.Single(defect => defect.Name == name);
        Assert.NotEqual(0, Differences(plant));
    }

    private static int Differences(Defect plant)
    {
        int differences = 0;
        SlowBybit slowBybit = new(BybitCorpus.Instruments, InstrumentKind.Linear);
        SlowAlpaca slowAlpaca = new(AlpacaCorpus.Instruments);
        BybitPublicDecoder publics = new(BybitCorpus.Table(), InstrumentKind.Linear);
        BybitPrivateDecoder privates = new(BybitCorpus.Table(), BybitCorpus.Instance);
        AlpacaDataDecoder data = new(AlpacaCorpus.Table());
        AlpacaTradeDecoder trade = new(AlpacaCorpus.Table(), AlpacaCorpus.Instance);
        void Compare(string[] messages, Func<byte[], WireOutcome> decode, EventBatch batch, Func<byte[], List<string>> slow)
        {
            foreach (byte[] message in messages.Select(text => BybitCorpus.Bytes(text).ToArray()))
            {
                WireOutcome outcome = decode(message);
                Event[] events = batch.Events.ToArray();
                foreach (ref Event e in events.AsSpan())
                {
                    plant(ref e);
                }

                differences += WireCompare.Difference(outcome, WireShow.Lines(events), () => slow(message)) is null ? 0 : 1;
            }
        }

        Compare(BybitCorpus.Public, message => publics.Decode(message, Received), publics.Batch, message => slowBybit.Public(message));
        Compare(BybitCorpus.Private, message => privates.Decode(message, Received), privates.Batch, message => slowBybit.Private(message, BybitCorpus.Instance));
        Compare(AlpacaCorpus.Data, message => data.Decode(message, Received), data.Batch, message => slowAlpaca.Data(message));
        Compare(AlpacaCorpus.Trade, message => trade.Decode(message, Received), trade.Batch, message => slowAlpaca.Trade(message, AlpacaCorpus.Instance));
        return differences;
    }

    private static void OfBook(ref Event e, BookDefect defect)
    {
        if (e.Kind == EventKind.BookLevels)
        {
            defect(ref Unsafe.AsRef(in e.BookLevels));
        }
    }
}
