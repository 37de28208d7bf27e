namespace LowLatency.Journal.Snapshots;

/// <summary>
/// A strategy's open trade, from flat on, and the stops and targets of the wish that it serves: what protects it.
/// </summary>
public sealed class PortableTrade
{
    private string _strategy = string.Empty;
    private long _instrument;
    private long _quantity;
    private long _cost;
    private long _flow;
    private long _openedAt;
    private long _openedPrice;
    private long _openedSequence;
    private long _bestProfit;
    private long _worstProfit;
    private long _best;
    private long _stopPrice;
    private long _takePrice;
    private long _stopBps;
    private long _takeBps;

    /// <summary>Name of the strategy.</summary>
    public string Strategy { get => _strategy; set => _strategy = value; }

    /// <summary>Instrument number.</summary>
    public long Instrument { get => _instrument; set => _instrument = value; }

    /// <summary>Quantity units, signed.</summary>
    public long Quantity { get => _quantity; set => _quantity = value; }

    /// <summary>Money units paid for what is open.</summary>
    public long Cost { get => _cost; set => _cost = value; }

    /// <summary>Money units received minus paid since it was opened, fees included.</summary>
    public long Flow { get => _flow; set => _flow = value; }

    /// <summary>ReceivedAt of the fill that opened it.</summary>
    public long OpenedAt { get => _openedAt; set => _openedAt = value; }

    /// <summary>Price of that fill, price units.</summary>
    public long OpenedPrice { get => _openedPrice; set => _openedPrice = value; }

    /// <summary>Sequence of that fill.</summary>
    public long OpenedSequence { get => _openedSequence; set => _openedSequence = value; }

    /// <summary>Highest profit at any mark, money units.</summary>
    public long BestProfit { get => _bestProfit; set => _bestProfit = value; }

    /// <summary>Lowest profit at any mark, money units.</summary>
    public long WorstProfit { get => _worstProfit; set => _worstProfit = value; }

    /// <summary>Best price that its trailing stop has seen, price units; 0 for none.</summary>
    public long Best { get => _best; set => _best = value; }

    /// <summary>Price of the wish at which it is left with a loss; 0 for none.</summary>
    public long StopPrice { get => _stopPrice; set => _stopPrice = value; }

    /// <summary>Price of the wish at which it is left with a profit; 0 for none.</summary>
    public long TakePrice { get => _takePrice; set => _takePrice = value; }

    /// <summary>Loss of the wish at which it is left, basis points; 0 for none.</summary>
    public long StopBps { get => _stopBps; set => _stopBps = value; }

    /// <summary>Profit of the wish at which it is left, basis points; 0 for none.</summary>
    public long TakeBps { get => _takeBps; set => _takeBps = value; }

    internal void Walk(FieldWalk walk, int nameMax)
    {
        walk.Map(15);
        walk.Text("strategy", ref _strategy, nameMax);
        walk.Number("instrument", ref _instrument);
        walk.Number("quantity", ref _quantity);
        walk.Number("cost", ref _cost);
        walk.Number("flow", ref _flow);
        walk.Number("openedAt", ref _openedAt);
        walk.Number("openedPrice", ref _openedPrice);
        walk.Number("openedSequence", ref _openedSequence);
        walk.Number("bestProfit", ref _bestProfit);
        walk.Number("worstProfit", ref _worstProfit);
        walk.Number("best", ref _best);
        walk.Number("stopPrice", ref _stopPrice);
        walk.Number("takePrice", ref _takePrice);
        walk.Number("stopBps", ref _stopBps);
        walk.Number("takeBps", ref _takeBps);
    }
}
