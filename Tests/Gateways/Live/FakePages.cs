using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using LowLatency.Core.Events;
using Xunit;

namespace LowLatency.Tests.Gateways.Live;

/// <summary>A list of the venue in pages, with what can be wrong about pages.</summary>
internal sealed class FakePages(ReadBackSubject subject, int count)
{
    private readonly Dictionary<int, int> _asked = [];

    public static TheoryData<ReadBackSubject, int> Sizes
    {
        get
        {
            TheoryData<ReadBackSubject, int> sizes = [];
            foreach (ReadBackSubject subject in (ReadBackSubject[])[ReadBackSubject.Orders, ReadBackSubject.Executions, ReadBackSubject.Positions])
            {
                int limit = LimitOf(subject);
                foreach (int count in (int[])[0, 1, limit - 1, limit, limit + 1, 25 * limit, (25 * limit) + 1])
                {
                    sizes.Add(subject, count);
                }
            }

            return sizes;
        }
    }

    /// <summary>The page that fails.</summary>
    public int FailsAt { get; set; } = -1;

    public int FailsTimes { get; init; } = int.MaxValue;

    /// <summary>After so many pages the first cursor comes again.</summary>
    public int LoopsAfter { get; init; }

    /// <summary>The last item of a page is the first of the next.</summary>
    public bool RepeatsBorder { get; init; }

    /// <summary>The last page has no cursor; the real venue's has one.</summary>
    public bool EndsWithoutCursor { get; init; }

    public int Pages => _asked.Count;

    public static int LimitOf(ReadBackSubject subject) => subject switch
    {
        ReadBackSubject.Orders => 50,
        ReadBackSubject.Executions => 100,
        _ => 200,
    };

    public static VenueId IdOf(int index) => new(0, (ulong)index + 1);

    public int Asked(int page) => _asked.GetValueOrDefault(page);

    public (int Status, string Body)? Answer(string path)
    {
        string route = subject switch
        {
            ReadBackSubject.Orders => "/v5/order/realtime",
            ReadBackSubject.Executions => "/v5/execution/list",
            _ => "/v5/position/list",
        };
        if (!path.StartsWith(route, StringComparison.Ordinal) || path.Contains("orderLinkId", StringComparison.Ordinal))
        {
            return null;
        }

        int limit = LimitOf(subject);
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"limit={limit}"), path, StringComparison.Ordinal);
        int at = path.IndexOf("cursor=p%3A", StringComparison.Ordinal);
        int page = at < 0 ? 0 : int.Parse(path[(at + 11)..], CultureInfo.InvariantCulture);
        _asked[page] = Asked(page) + 1;
        if (page == FailsAt && Asked(page) <= FailsTimes)
        {
            return (503, "");
        }

        int first = Math.Clamp((page * limit) - (RepeatsBorder && page > 0 ? 1 : 0), 0, count);
        int end = Math.Min(count, (page + 1) * limit);
        first = page * limit >= count ? end : first;
        int next = LoopsAfter > 0 ? (page % LoopsAfter) + 1 : page + 1;
        bool more = LoopsAfter > 0 || (EndsWithoutCursor ? end < count : first < end);
        string cursor = more ? "p%3A" + next.ToString(CultureInfo.InvariantCulture) : "";
        return (200, $$"""{"retCode":0,"retMsg":"OK","result":{"category":"linear","list":[{{string.Join(',', Enumerable.Range(first, end - first).Select(Item))}}],"nextPageCursor":"{{cursor}}"},"retExtInfo":{},"time":1786000000000}""");
    }

    private string Item(int index) => subject switch
    {
        ReadBackSubject.Orders =>
            $$"""{"symbol":"BTCUSDT","orderId":"{{index + 1}}","orderLinkId":"","price":"65000","qty":"0.5","side":"Buy","orderStatus":"New","cumExecQty":"0","createdTime":"1785999999000","updatedTime":"1785999999000","cancelType":"UNKNOWN","rejectReason":"EC_NoError"}""",
        ReadBackSubject.Executions =>
            $$"""{"symbol":"BTCUSDT","execFee":"0.01","execId":"{{index + 1}}","execPrice":"65000","execQty":"0.001","execType":"Trade","isMaker":true,"leavesQty":"","orderQty":"","orderId":"77","orderLinkId":"","side":"Buy","execTime":"1785999999000"}""",

        // One of them is of an instrument that is traded here.
        _ => $$"""{"symbol":"{{(index == 0 ? "BTCUSDT" : string.Create(CultureInfo.InvariantCulture, $"X{index}USDT"))}}","side":"Buy","size":"0.5","positionIdx":0,"avgPrice":"65000","markPrice":"65000","liqPrice":"","unrealisedPnl":"0","cumRealisedPnl":"0","seq":1,"isReduceOnly":false,"updatedTime":"1785999999000"}""",
    };
}
