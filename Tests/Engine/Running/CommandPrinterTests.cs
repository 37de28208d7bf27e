using System.IO;
using System.Text;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Values;
using LowLatency.Engine.Running;
using LowLatency.Gateways;
using LowLatency.Tests.Core.Market;
using Xunit;

namespace LowLatency.Tests.Engine.Running;

public sealed class CommandPrinterTests
{
    [Theory]
    [InlineData(OrderFlags.None, 0, 0, "12.500\n")]
    [InlineData(OrderFlags.None, 1_005, 0, "12.500 trigger 10.05\n")]
    [InlineData(OrderFlags.None, 1_005, 25, "12.500 trigger 10.05 trailing 0.25\n")]
    [InlineData(OrderFlags.Notional, 0, 0, "0.00012500\n")]
    public void A_command_is_said_with_all_its_terms(OrderFlags flags, long trigger, long trailing, string end)
    {
        MarketView market = new([], 0);
        market.Apply(Make.Definition(1, 1));
        using MemoryStream output = new();
        CommandPrinter printer = new(new Nobody(), market, 7, output);
        Command command = new()
        {
            Order = OrderId.Of(1, 1, 0),
            Verb = CommandVerb.New,
            Instrument = new InstrumentId(1),
            Side = Side.Buy,
            Type = OrderType.TrailingStop,
            TimeInForce = TimeInForce.Day,
            Flags = flags,
            Price = 1_000,
            Quantity = 12_500,
            TriggerPrice = trigger,
            TrailingOffset = trailing,
        };
        printer.Submit(command, 1, 1);
        string line = Encoding.ASCII.GetString(output.ToArray());
        Assert.EndsWith(" new SYM1 buy 10.00 " + end, line, System.StringComparison.Ordinal);
    }

    private sealed class Nobody : IVenue
    {
        public long NextDue => long.MaxValue;

        public bool Poll(long now, ref Event report) => false;

        public void OnEvent(in Event published)
        {
        }

        public void Submit(in Command command, long sequence, long now)
        {
        }
    }
}
