using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Net;
using System.Net.Http;
using System.Net.Sockets;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using LowLatency.Core.Determinism;
using LowLatency.Engine.Network;
using LowLatency.Gateways.Live;
using Xunit;

namespace LowLatency.Tests.Engine.Network;

/// <summary>Every request ends once and is sent at most once; whether anything has left is known.</summary>
public sealed class HttpRestClientTests
{
    [Theory]
    [InlineData(RestMethod.Post, "{\"a\":1}")]
    [InlineData(RestMethod.Post, "")]
    [InlineData(RestMethod.Patch, "{\"a\":1}")]
    [InlineData(RestMethod.Delete, "")]
    public void A_request_that_changes_something_arrives_once_when_the_host_closes_without_an_answer(RestMethod method, string body)
    {
        using Host host = new(answers: 1);
        using HttpRestClient client = new(host.Address, new LiveClock(), new KillLatch());
        (RestOutcome warm, _, _) = Ask(client, RestMethod.Get, "");
        Assert.Equal(RestOutcome.Answered, warm);
        (RestOutcome outcome, int status, _) = Ask(client, method, body);
        Assert.Equal((RestOutcome.Unknown, 0), (outcome, status));
        Assert.Equal(1, host.Count(method.ToString().ToUpperInvariant()));
    }

    [Fact]
    public async Task Without_a_body_the_framework_would_send_it_again_which_is_why_there_is_one()
    {
        // The planted bug: what the handler does to a DELETE without content.
        using Host host = new(answers: 1);
        using HttpClient bare = new() { BaseAddress = host.Address };
        Uri path = new("/", UriKind.Relative);
        (await bare.GetAsync(path, TestContext.Current.CancellationToken)).Dispose();
        await Assert.ThrowsAnyAsync<HttpRequestException>(
            () => bare.DeleteAsync(path, TestContext.Current.CancellationToken));
        Assert.True(host.Count("DELETE") > 1);
    }

    [Fact]
    public void An_answer_comes_with_status_headers_and_body()
    {
        using Host host = new(answers: 9);
        using HttpRestClient client = new(host.Address, new LiveClock(), new KillLatch());
        (RestOutcome outcome, int status, string body) = Ask(client, RestMethod.Post, "{\"a\":1}");
        Assert.Equal((RestOutcome.Answered, 200, "ok"), (outcome, status, body));
        Assert.Contains("X-Test: one\r\n", host.Last, StringComparison.Ordinal);
        Assert.EndsWith("{\"a\":1}", host.Last, StringComparison.Ordinal);
    }

    [Fact]
    public void Five_hundred_requests_need_one_connection()
    {
        using Host host = new(answers: int.MaxValue);
        using HttpRestClient client = new(host.Address, new LiveClock(), new KillLatch());
        for (int i = 0; i < 500; i++)
        {
            Assert.Equal(RestOutcome.Answered, Ask(client, i % 2 == 0 ? RestMethod.Get : RestMethod.Post, "").Outcome);
        }

        Assert.InRange(host.Accepted, 1, 2);
    }

    [Fact]
    public void What_is_too_late_to_send_does_not_leave()
    {
        using Host host = new(answers: 9);
        LiveClock clock = new();
        using HttpRestClient client = new(host.Address, clock, new KillLatch());
        (RestOutcome outcome, _, _) = Ask(client, RestMethod.Post, "{}", sendBefore: clock.Now - 1);
        Assert.Equal(RestOutcome.NotSent, outcome);
        Assert.Equal(0, host.Count("POST"));
    }

    [Theory]
    [InlineData(true, true, 0)]
    [InlineData(true, false, 1)]
    [InlineData(false, true, 1)]
    public void An_order_that_waits_for_a_connection_when_the_kill_switch_is_set_does_not_leave(
        bool isKilled, bool needsPermit, int arrivals)
    {
        // All connections are taken by requests that nobody answers; then they are closed, and the next one is free.
        const int connections = 32;
        using Host host = new(answers: 0, isSilent: true);
        KillLatch kill = new();
        using HttpRestClient client = new(host.Address, new LiveClock(), kill);
        for (int i = 0; i < connections; i++)
        {
            Assert.True(client.TrySend(Request(RestMethod.Get, "")));
        }

        Until(() => host.Count("GET") == connections);
        Assert.True(client.TrySend(Request(RestMethod.Post, "{}", number: 99, needsPermit: needsPermit)));
        Assert.Equal(0, host.Count("POST"));
        if (isKilled)
        {
            kill.Set();
        }

        host.Answers = int.MaxValue;
        host.CloseAll();
        RestOutcome outcome = RestOutcome.None;
        Until(() =>
        {
            bool ended = client.TryReceive(out RestAnswer answer) && answer.Number == 99;
            outcome = ended ? answer.Outcome : outcome;
            return ended;
        });
        Assert.Equal(arrivals == 0 ? RestOutcome.NotSent : RestOutcome.Answered, outcome);
        Assert.Equal(arrivals, host.Count("POST"));
    }

    [Fact]
    public void Nobody_there_means_not_sent()
    {
        TcpListener free = new(IPAddress.Loopback, 0);
        free.Start();
        int port = ((IPEndPoint)free.LocalEndpoint).Port;
        free.Stop();
        using HttpRestClient client = new(new Uri($"http://127.0.0.1:{port}"), new LiveClock(), new KillLatch());
        Assert.Equal(RestOutcome.NotSent, Ask(client, RestMethod.Post, "{}").Outcome);
    }

    [Fact]
    public void A_host_that_says_nothing_leaves_it_unknown_at_the_deadline()
    {
        using Host host = new(answers: 0, isSilent: true);
        using HttpRestClient client = new(host.Address, new LiveClock(), new KillLatch());
        Assert.Equal(RestOutcome.Unknown, Ask(client, RestMethod.Post, "{}", wait: 300_000_000).Outcome);
        Assert.Equal(1, host.Count("POST"));
    }

    [Theory]
    [InlineData("http://example.com")]
    [InlineData("ftp://127.0.0.1")]
    [InlineData("nonsense")]
    public void Without_encryption_only_this_machine_is_spoken_to(string url)
    {
        using SocketTransport transport = new(new LiveClock(), new KillLatch());
        Assert.Contains(
            url, Assert.Throws<BrokenInvariantException>(() => transport.Rest(url)).Message, StringComparison.Ordinal);
        Assert.Throws<BrokenInvariantException>(() => transport.Connection(url.Replace("http", "ws", StringComparison.Ordinal)));
    }

    private static (RestOutcome Outcome, int Status, string Body) Ask(
        HttpRestClient client, RestMethod method, string body, long sendBefore = long.MaxValue, long wait = 5_000_000_000)
    {
        Assert.True(client.TrySend(Request(method, body, sendBefore: sendBefore, wait: wait)));
        long start = Stopwatch.GetTimestamp();
        RestAnswer answer;
        while (!client.TryReceive(out answer))
        {
            Assert.True(Stopwatch.GetElapsedTime(start).TotalSeconds < 20, "the request has not ended");
            Thread.Yield();
        }

        Assert.Equal(7, answer.Number);
        (RestOutcome, int, string) result = (answer.Outcome, answer.Status, Encoding.ASCII.GetString(answer.Body));
        Assert.False(client.TryReceive(out _));
        return result;
    }

    private static RestRequest Request(
        RestMethod method,
        string body,
        long number = 7,
        long sendBefore = long.MaxValue,
        long wait = 60_000_000_000,
        bool needsPermit = false)
    {
        return new RestRequest
        {
            Number = number,
            Method = method,
            Path = "/path?x=1"u8,
            Headers = "X-Test: one\nContent-Type: application/json\n"u8,
            Body = Encoding.ASCII.GetBytes(body),
            NeedsPermit = needsPermit,
            SendBefore = sendBefore,
            AnswerBefore = new LiveClock().Now + wait,
        };
    }

    private static void Until(Func<bool> condition)
    {
        long start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(start).TotalSeconds < 60, "it does not come");
            Thread.Yield();
        }
    }

    /// <summary>Reads whole requests, answers the first few, and closes on the others.</summary>
    private sealed class Host : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly List<string> _requests = [];
        private readonly List<TcpClient> _clients = [];
        private readonly Lock _gate = new();
        private readonly bool _isSilent;
        private int _answers;

        public Host(int answers, bool isSilent = false)
        {
            _answers = answers;
            _isSilent = isSilent;
            _listener.Start();
            Address = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");
            new Thread(Accept) { IsBackground = true }.Start();
        }

        public Uri Address { get; }

        public int Accepted { get; private set; }

        public int Answers
        {
            set
            {
                lock (_gate)
                {
                    _answers = value;
                }
            }
        }

        public string Last
        {
            get
            {
                lock (_gate)
                {
                    return _requests[^1];
                }
            }
        }

        public int Count(string method)
        {
            lock (_gate)
            {
                return _requests.FindAll(request => request.StartsWith(method + " ", StringComparison.Ordinal)).Count;
            }
        }

        public void CloseAll()
        {
            lock (_gate)
            {
                _clients.ForEach(client => client.Close());
                _clients.Clear();
            }
        }

        public void Dispose() => _listener.Stop();

        private void Accept()
        {
            try
            {
                while (true)
                {
                    TcpClient client = _listener.AcceptTcpClient();
                    Accepted++;
                    lock (_gate)
                    {
                        _clients.Add(client);
                    }

                    new Thread(() => Serve(client)) { IsBackground = true }.Start();
                }
            }
            catch (Exception stopped) when (stopped is SocketException or InvalidOperationException)
            {
                // Stopped, before or while it waited.
            }
        }

        private void Serve(TcpClient client)
        {
            try
            {
                using NetworkStream stream = client.GetStream();
                byte[] buffer = new byte[1 << 14];
                int length = 0;
                while (true)
                {
                    int read = stream.Read(buffer, length, buffer.Length - length);
                    if (read == 0)
                    {
                        return;
                    }

                    length += read;
                    string text = Encoding.ASCII.GetString(buffer, 0, length);
                    int head = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
                    int at = text.IndexOf("Content-Length: ", StringComparison.Ordinal);
                    int body = at < 0 ? 0 : int.Parse(text[(at + 16)..text.IndexOf('\r', at)], System.Globalization.CultureInfo.InvariantCulture);
                    if (head < 0 || length < head + 4 + body)
                    {
                        continue;
                    }

                    length = 0;
                    bool answered;
                    lock (_gate)
                    {
                        _requests.Add(text);
                        answered = _answers-- > 0;
                    }

                    if (answered)
                    {
                        stream.Write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Left: 3\r\n\r\nok"u8);
                    }
                    else if (!_isSilent)
                    {
                        client.Close();
                        return;
                    }
                }
            }
            catch (Exception gone) when (gone is IOException or ObjectDisposedException or InvalidOperationException)
            {
                // The client is gone, or was closed here.
            }
        }
    }
}
