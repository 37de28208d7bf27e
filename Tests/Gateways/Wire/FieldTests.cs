using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json.Nodes;
using LowLatency.Core.Values;
using LowLatency.Gateways.Alpaca;
using LowLatency.Gateways.Bybit;
using LowLatency.Gateways.Wire;
using LowLatency.Tests.Gateways.Alpaca;
using LowLatency.Tests.Gateways.Bybit;
using Xunit;

namespace LowLatency.Tests.Gateways.Wire;

/// <summary>Each field of each message taken away, and given another kind of value: refused or as the slow parser has it.</summary>
public sealed class FieldTests
{
    private const long Received = 1_786_000_000_000_000_000;

    private static readonly string?[] Others = [null, "null", "\"\"", "\"x\"", "-1", "1e5", "true", "{}", "[]", "[1]"];

    [Fact]
    public void No_field_of_any_message_has_a_default_that_the_rules_do_not_give_it()
    {
        int cases = 0;
        int refused = 0;
        void Each(string[] messages, Func<byte[], (WireOutcome Outcome, EventBatch Batch, Func<List<string>> Slow)> decode)
        {
            foreach (string variant in messages.SelectMany(Variants))
            {
                (WireOutcome outcome, EventBatch batch, Func<List<string>> slow) = decode(BybitCorpus.Bytes(variant).ToArray());
                string? difference = WireCompare.Difference(outcome, batch, slow);
                Assert.True(difference is null, difference + "\nin " + variant);
                cases++;
                refused += outcome.Result == WireResult.Refused ? 1 : 0;
            }
        }

        BybitPublicDecoder publics = new(BybitCorpus.Table(), InstrumentKind.Linear);
        BybitPrivateDecoder privates = new(BybitCorpus.Table(), BybitCorpus.Instance);
        AlpacaDataDecoder data = new(AlpacaCorpus.Table());
        AlpacaTradeDecoder trade = new(AlpacaCorpus.Table(), AlpacaCorpus.Instance);
        SlowAlpaca slowAlpaca = new(AlpacaCorpus.Instruments);
        Each(BybitCorpus.Public, message =>
        {
            publics.Reconnect();
            return (publics.Decode(message, Received), publics.Batch, () => new SlowBybit(BybitCorpus.Instruments, InstrumentKind.Linear).Public(message));
        });
        Each(BybitCorpus.Private, message => (
            privates.Decode(message, Received), privates.Batch,
            () => new SlowBybit(BybitCorpus.Instruments, InstrumentKind.Linear).Private(message, BybitCorpus.Instance)));
        Each(AlpacaCorpus.Data, message => (data.Decode(message, Received), data.Batch, () => slowAlpaca.Data(message)));
        Each(AlpacaCorpus.Trade, message => (
            trade.Decode(message, Received), trade.Batch, () => slowAlpaca.Trade(message, AlpacaCorpus.Instance)));
        Assert.True(cases > 4_000, $"{cases} cases");
        Assert.InRange(refused, cases / 4, cases * 3 / 4);
    }

    // What a fill, an order, a position and a level cannot be without.
    [Theory]
    [InlineData(8, "execId")]
    [InlineData(8, "execPrice")]
    [InlineData(8, "execQty")]
    [InlineData(8, "execType")]
    [InlineData(8, "side")]
    [InlineData(0, "orderId")]
    [InlineData(0, "orderStatus")]
    [InlineData(0, "qty")]
    [InlineData(10, "execFee")]
    [InlineData(14, "size")]
    [InlineData(15, "coin")]
    public void What_an_item_cannot_be_without_refuses_its_message(int message, string field)
    {
        BybitPrivateDecoder decoder = new(BybitCorpus.Table(), BybitCorpus.Instance);
        Assert.Equal(WireOutcome.Events, decoder.Decode(BybitCorpus.Bytes(Compact(BybitCorpus.Private[message])).Span, Received));
        string without = Compact(BybitCorpus.Private[message]).Replace($"\"{field}\":", $"\"{field}2\":", StringComparison.Ordinal);
        Assert.Equal(WireResult.Refused, decoder.Decode(BybitCorpus.Bytes(without).Span, Received).Result);
        Assert.True(decoder.Batch.Events.IsEmpty);
    }

    private static string Compact(string message) => message.Replace("\"positionIdx\":0,\"positionIdx\":0", "\"positionIdx\":0", StringComparison.Ordinal);

    private static IEnumerable<string> Variants(string message)
    {
        foreach (string path in Paths(JsonNode.Parse(Compact(message))!).ToList())
        {
            foreach (string? other in Others)
            {
                JsonNode root = JsonNode.Parse(Compact(message))!;
                string[] steps = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
                JsonNode holder = root;
                foreach (string step in steps[..^1])
                {
                    holder = (holder is JsonArray list ? list[int.Parse(step, System.Globalization.CultureInfo.InvariantCulture)] : holder[step])!;
                }

                if (holder is not JsonObject fields)
                {
                    continue;
                }

                if (other is null)
                {
                    fields.Remove(steps[^1]);
                }
                else
                {
                    fields[steps[^1]] = JsonNode.Parse(other);
                }

                yield return root.ToJsonString();
            }
        }
    }

    // Fields down to the second list: the levels of a book have tests of their own.
    private static IEnumerable<string> Paths(JsonNode node)
    {
        if (node is JsonObject fields)
        {
            foreach ((string name, JsonNode? value) in fields)
            {
                yield return name;
                foreach (string inner in value is null ? [] : Paths(value))
                {
                    yield return name + "/" + inner;
                }
            }
        }
        else if (node is JsonArray list)
        {
            for (int i = 0; i < list.Count; i++)
            {
                foreach (string inner in list[i] is JsonObject item ? Paths(item) : [])
                {
                    yield return FormattableString.Invariant($"{i}/{inner}");
                }
            }
        }
    }
}
