using LowLatency.Sandbox.Trading;

namespace LowLatency.Sandbox.Alpaca;

/// <summary>Alpaca: trading REST, the stream of orders, market streams over one exchange.</summary>
internal sealed class AlpacaVenue
{
    internal AlpacaVenue(Exchange exchange)
    {
        AlpacaJson json = new(exchange);
        AlpacaFunds funds = new(exchange);
        Orders = new AlpacaOrderFeed(exchange, json);
        Rest = new AlpacaRest(exchange, new AlpacaEntry(exchange, funds, Orders), json, funds);
        Data = new AlpacaDataFeed(exchange);
    }

    internal AlpacaRest Rest { get; }

    internal AlpacaOrderFeed Orders { get; }

    internal AlpacaDataFeed Data { get; }
}
