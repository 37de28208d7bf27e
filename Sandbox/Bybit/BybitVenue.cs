using LowLatency.Sandbox.Trading;

namespace LowLatency.Sandbox.Bybit;

/// <summary>Bybit v5: REST, public, private and trade streams over one exchange.</summary>
internal sealed class BybitVenue
{
    internal BybitVenue(Exchange exchange)
    {
        BybitAuth auth = new(exchange);
        BybitBudget budget = new(exchange.Options.RateFactor);
        BybitEntry entry = new(exchange);
        Rest = new BybitRest(exchange, auth, budget, entry);
        Public = new BybitPublicFeed(exchange);
        Private = new BybitPrivateFeed(exchange, auth, Rest);
        Trade = new BybitTradeSocket(exchange, auth, budget, entry);
    }

    internal BybitRest Rest { get; }

    internal BybitPublicFeed Public { get; }

    internal BybitPrivateFeed Private { get; }

    internal BybitTradeSocket Trade { get; }

    /// <summary>The service restarts: books begin anew, and orders that ended are gone from the list of the present.</summary>
    internal void OnRestart()
    {
        Rest.OnRestart();
        Public.OnRestart();
    }
}
