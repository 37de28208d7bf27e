using System;
using System.Collections.Generic;
using System.Net;

namespace LowLatency.Sandbox.Web;

/// <summary>A request, read whole.</summary>
internal sealed class RestRequest
{
    internal required string Method { get; init; }

    /// <summary>The path as it was sent.</summary>
    internal required string Path { get; init; }

    /// <summary>What follows the question mark, as it was sent: it is signed like that.</summary>
    internal required string Query { get; init; }

    internal required byte[] Body { get; init; }

    /// <summary>A header; null when it is not there.</summary>
    internal required Func<string, string?> Header { get; init; }

    internal IPAddress? From { get; init; }

    /// <summary>A parameter of the query, decoded; null when it is not there.</summary>
    internal string? Parameter(string name)
    {
        foreach (string pair in Query.Split('&'))
        {
            int equals = pair.IndexOf('=', StringComparison.Ordinal);
            if (equals == name.Length && pair.StartsWith(name, StringComparison.Ordinal))
            {
                string value = Uri.UnescapeDataString(pair[(equals + 1)..].Replace('+', ' '));
                return value.Length == 0 ? null : value;
            }
        }

        return null;
    }
}

/// <summary>An answer.</summary>
internal sealed class RestReply
{
    internal required int Status { get; init; }

    internal required byte[] Body { get; init; }

    internal string ContentType { get; init; } = "application/json; charset=utf-8";

    internal List<(string Name, string Value)> Headers { get; init; } = [];
}

/// <summary>A venue's REST side. Called by the exchange's thread only.</summary>
internal interface IRestVenue
{
    /// <summary>Carries a request out; the answer may come later, once.</summary>
    void Handle(RestRequest request, Action<RestReply> done);

    /// <summary>What the venue says to too many requests.</summary>
    RestReply RateLimited(RestRequest request);

    /// <summary>What the venue says when it is broken.</summary>
    RestReply Broken(int status);
}
