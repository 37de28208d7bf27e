using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Gateways.Bybit;
using LowLatency.Gateways.Wire;
using Xunit;

namespace LowLatency.Tests.Gateways.Live;

/// <summary>Books begin with a snapshot, again after a gap and after silence, and one instrument vouches for no other.</summary>
public sealed class MarketDataTests
{
    private static readonly InstrumentId _btc = new(1);
    private static readonly InstrumentId _eth = new(2);

    [Fact]
    public void Every_instrument_that_is_configured_is_subscribed_to_whatever_is_held()
    {
        Feed feed = new();
        feed.Run(VirtualClock.Second);
        foreach (string symbol in (ReadOnlySpan<string>)["BTCUSDT", "ETHUSDT"])
        {
            Assert.Equal(1, feed.Host.Subscriptions("orderbook.50." + symbol));
            Assert.Equal(1, feed.Host.Subscriptions("publicTrade." + symbol));
            Assert.Equal(1, feed.Host.Subscriptions("tickers." + symbol));
        }
    }

    [Fact]
    public void A_gap_is_told_and_answered_by_subscribing_to_that_book_anew()
    {
        Feed feed = new();
        feed.Run(VirtualClock.Second);
        Assert.Equal([StreamState.Up], feed.StatesOf(_btc));
        feed.Host.Skip("BTCUSDT");
        feed.Run(VirtualClock.Second);
        Assert.Equal([StreamState.Up, StreamState.Gap, StreamState.Up], feed.StatesOf(_btc));
        Assert.Equal([StreamState.Up], feed.StatesOf(_eth));
        Assert.Equal(2, feed.Host.Subscriptions("orderbook.50.BTCUSDT"));
        Assert.Equal(1, feed.Host.Subscriptions("orderbook.50.ETHUSDT"));
        int gap = feed.Events.FindIndex(e => e.Kind == EventKind.StreamState && e.StreamState.State == StreamState.Gap);
        Event next = feed.Events.Skip(gap).First(e => e.Kind == EventKind.BookLevels && e.Instrument == _btc);
        Assert.True((next.Flags & EventFlags.Snapshot) != 0, "a difference was believed after a gap");
    }

    [Fact]
    public void An_instrument_that_is_silent_is_asked_for_though_the_other_is_not()
    {
        Feed feed = new();
        feed.Run(VirtualClock.Second);
        feed.Host.Silent.Add("ETHUSDT");
        feed.Run(32 * VirtualClock.Second);
        Assert.Equal(2, feed.Host.Subscriptions("orderbook.50.ETHUSDT"));
        Assert.Equal(1, feed.Host.Subscriptions("orderbook.50.BTCUSDT"));

        // It does not come even when it is asked for: nothing of the connection is believed any more.
        feed.Run(6 * VirtualClock.Second);
        Assert.Equal(StreamState.Down, feed.StatesOf(_eth)[1]);
        Assert.Equal(StreamState.Down, feed.StatesOf(_btc)[1]);
        Assert.Equal(1, feed.Data.Losses);

        // On the new connection it has its time again, and is asked for when that is over.
        feed.Host.Silent.Clear();
        feed.Run(32 * VirtualClock.Second);
        Assert.Equal(StreamState.Up, feed.StatesOf(_eth)[^1]);
    }

    [Fact]
    public void A_dead_connection_is_found_in_five_seconds_and_every_instrument_of_it_is_down()
    {
        Feed feed = new();
        feed.Run(VirtualClock.Second);
        feed.Net.Connections[0].IsDeaf = true;
        feed.Run(5_200 * VirtualClock.Millisecond);
        Assert.Equal(StreamState.Down, feed.StatesOf(_btc)[1]);
        Assert.Equal(StreamState.Down, feed.StatesOf(_eth)[1]);
        feed.Run(2 * VirtualClock.Second);
        Assert.Equal(StreamState.Up, feed.StatesOf(_btc)[^1]);
    }

    [Fact]
    public void A_message_that_is_not_understood_makes_the_connection_anew()
    {
        Feed feed = new();
        feed.Run(VirtualClock.Second);
        feed.Net.Connections[0].Push("""{"topic":"orderbook.50.BTCUSDT","type":"delta","ts":1,"data":{"s":"BTCUSDT","b":[["x","1"]],"a":[],"u":9,"seq":6}}""");
        feed.Run(VirtualClock.Second);
        Assert.Equal(2, feed.Net.Connections[0].Attempts.Count);
        Assert.Equal([StreamState.Up, StreamState.Down, StreamState.Up], feed.StatesOf(_btc));
    }

    /// <summary>The feed in virtual time.</summary>
    private sealed class Feed
    {
        private readonly VirtualClock _clock = new();

        public Feed()
        {
            Host = new PublicHost(_clock);
            Net = new VirtualNet(_clock, Host);
            InstrumentTable table = new();
            foreach ((InstrumentId id, InstrumentDefined rules) in Bybit.BybitCorpus.Instruments)
            {
                table.Define(id, rules);
            }

            Data = new BybitMarketData(
                new BybitSettings
                {
                    Hosts = new BybitHosts("http://host", "ws://host/public", "ws://host/private", null),
                    Instance = 1,
                    Instruments =
                    [
                        new BybitInstrument(_btc, "BTCUSDT", InstrumentKind.Linear),
                        new BybitInstrument(_eth, "ETHUSDT", InstrumentKind.Linear),
                    ],
                },
                table,
                Net);
        }

        public PublicHost Host { get; }

        public VirtualNet Net { get; }

        public BybitMarketData Data { get; }

        public List<Event> Events { get; } = [];

        public StreamState[] StatesOf(InstrumentId instrument) =>
            [.. Events.Where(e => e.Kind == EventKind.StreamState && e.Instrument == instrument).Select(e => e.StreamState.State)];

        public void Run(long nanoseconds)
        {
            Event e = default;
            for (long end = _clock.Now + nanoseconds; _clock.Now < end;)
            {
                _clock.Advance(10 * VirtualClock.Millisecond);
                while (Data.Poll(_clock.Now, ref e))
                {
                    Events.Add(e);
                }
            }
        }
    }

    /// <summary>Books of two instruments, a difference each 100 ms, a snapshot for each subscription.</summary>
    private sealed class PublicHost : IVirtualHost
    {
        private readonly List<string> _subscribed = [];
        private readonly Dictionary<string, int> _updates = [];
        private readonly VirtualClock _clock;
        private VirtualConnection? _connection;

        public PublicHost(VirtualClock clock)
        {
            _clock = clock;
            Tick();
        }

        public HashSet<string> Silent { get; } = [];

        public int Subscriptions(string topic) => _subscribed.Count(known => known == topic);

        public void Skip(string symbol) => _updates[symbol]++;

        public void OnOpen(VirtualConnection connection)
        {
            _connection = connection;
            _updates.Clear();
            connection.Accept();
        }

        public void OnMessage(VirtualConnection connection, string text)
        {
            using JsonDocument document = JsonDocument.Parse(text);
            string op = document.RootElement.GetProperty("op").GetString()!;
            string id = document.RootElement.GetProperty("req_id").GetString()!;
            if (op == "ping")
            {
                connection.Push($$"""{"success":true,"ret_msg":"pong","conn_id":"c","req_id":"{{id}}","op":"ping"}""");
                return;
            }

            connection.Push($$"""{"success":true,"ret_msg":"","conn_id":"c","req_id":"{{id}}","op":"{{op}}"}""");
            foreach (JsonElement topic in document.RootElement.GetProperty("args").EnumerateArray())
            {
                string name = topic.GetString()!;
                if (op == "subscribe")
                {
                    _subscribed.Add(name);
                    if (name.StartsWith("orderbook", StringComparison.Ordinal))
                    {
                        Book(name.Split('.')[^1], "snapshot");
                    }
                }
                else
                {
                    _updates.Remove(name.Split('.')[^1]);
                }
            }
        }

        public void OnRequest(VirtualRest client, VirtualRequest request) => Assert.Fail("market data asks nothing");

        private void Tick()
        {
            foreach (string symbol in _updates.Keys.ToArray())
            {
                Book(symbol, "delta");
            }

            _clock.After(100 * VirtualClock.Millisecond, Tick);
        }

        private void Book(string symbol, string type)
        {
            if (Silent.Contains(symbol))
            {
                return;
            }

            int update = _updates[symbol] = type == "snapshot" ? 100 : _updates[symbol] + 1;
            _connection!.Push($$"""{"topic":"orderbook.50.{{symbol}}","type":"{{type}}","ts":{{_clock.Now / VirtualClock.Millisecond}},"data":{"s":"{{symbol}}","b":[["1.5","{{update}}"]],"a":[["1.6","1"]],"u":{{update}},"seq":{{update}}},"cts":1786000000000}""");
        }
    }
}
