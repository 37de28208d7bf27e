using LowLatency.Core.Events;
using LowLatency.Core.Market.Calendars;

namespace LowLatency.Gateways.Sim;

/// <summary>
/// What a shrinking level says of our place in its queue. The families are those of hftbacktest: the probability that
/// those who left stood behind us, from the quantity before us (front) and behind us (back).
/// </summary>
public enum QueueModel
{
    /// <summary>All who leave stood behind us, as long as the level is not shorter than our queue.</summary>
    RiskAverse = 0,

    /// <summary>back^n / (back^n + front^n).</summary>
    Power = 1,

    /// <summary>back^n / (back + front)^n.</summary>
    PowerOfWhole = 2,

    /// <summary>1 - (front / (front + back))^n.</summary>
    PowerOfFront = 3,

    /// <summary>ln(1 + back) / (ln(1 + back) + ln(1 + front)).</summary>
    Log = 4,

    /// <summary>ln(1 + back) / ln(1 + back + front).</summary>
    LogOfWhole = 5,
}

/// <summary>The order in which a bar's prices are taken to have been traded.</summary>
public enum BarPath
{
    /// <summary>The extreme that is nearer to the open comes first; at equal distance the high.</summary>
    Adaptive = 0,

    /// <summary>Open, high, low, close.</summary>
    OpenHighLowClose = 1,

    /// <summary>Open, low, high, close.</summary>
    OpenLowHighClose = 2,

    /// <summary>
    /// Where orders of ours lie on both sides within the bar, the extreme that wakes a stop comes first; else as
    /// <see cref="Adaptive"/>.
    /// </summary>
    StopFirst = 3,
}

/// <summary>How much of an order is filled where the market comes to its price, and at which price.</summary>
public enum FillRule
{
    /// <summary>What is shown or was traded there, once, behind whoever was there before.</summary>
    AsShown = 0,

    /// <summary>
    /// As LEAN fills shares: an order is filled whole, whatever the size; a limit that a bar opens beyond at the open; an opening
    /// order at the open of the bar that holds the opening.
    /// </summary>
    Lean = 1,
}

/// <summary>What happens when an order of ours would meet another one of ours.</summary>
public enum SelfTradePrevention
{
    /// <summary>Nothing: they do not see each other.</summary>
    None = 0,

    /// <summary>The order that comes ends.</summary>
    CancelTaker = 1,

    /// <summary>The order that rests ends.</summary>
    CancelMaker = 2,

    /// <summary>Both end.</summary>
    CancelBoth = 3,
}

/// <summary>What an amendment does to the place in the queue.</summary>
public enum AmendRule
{
    /// <summary>Less quantity at the same price keeps the place, anything else queues anew.</summary>
    LessKeepsPlace = 0,

    /// <summary>Every amendment queues anew: the venue replaces the order.</summary>
    AlwaysQueuesAnew = 1,
}

/// <summary>Which price wakes a sleeping order.</summary>
public enum TriggerPriceSource
{
    /// <summary>The last print; while an instrument has had none, as <see cref="Touch"/>.</summary>
    Last = 0,

    /// <summary>The best price that a market order would meet: the ask for a buy, the bid for a sell.</summary>
    Touch = 1,
}

/// <summary>What becomes of the part of a taking order that is larger than what is shown.</summary>
public enum MarketImpact
{
    /// <summary>There is no more: it rests or ends.</summary>
    None = 0,

    /// <summary>It is filled at a price that moves with what was taken beyond, as part of what was shown.</summary>
    Linear = 1,

    /// <summary>It is filled at a price that moves with the square root of that part.</summary>
    SquareRoot = 2,
}

/// <summary>How long a message takes beyond the floor of its direction.</summary>
public enum LatencyKind
{
    /// <summary>Nothing is added.</summary>
    Constant = 0,

    /// <summary>Uniform from 0 to the spread, both included.</summary>
    Uniform = 1,

    /// <summary>Lognormal: the median and sigma, cut at the most.</summary>
    Lognormal = 2,

    /// <summary>Interpolated between the measurements of a series.</summary>
    Recorded = 3,
}

/// <summary>What is added to a latency's floor. All times are nanoseconds.</summary>
public sealed record LatencyAddition
{
    /// <summary>Nothing.</summary>
    public static LatencyAddition Nothing { get; } = new();

    /// <summary>Its kind.</summary>
    public LatencyKind Kind { get; init; }

    /// <summary>Uniform: the most that is added.</summary>
    public long Spread { get; init; }

    /// <summary>Lognormal: half of what is added is less.</summary>
    public long Median { get; init; }

    /// <summary>Lognormal: standard deviation of the logarithm, in thousandths; 0 to 5,000.</summary>
    public int SigmaThousandths { get; init; }

    /// <summary>Lognormal: what is added is cut here.</summary>
    public long Most { get; init; }

    /// <summary>Recorded: the series.</summary>
    public LatencySeries? Series { get; init; }
}

/// <summary>What goes wrong for a while.</summary>
public enum IncidentKind
{
    /// <summary>The venue is down: nothing is matched, and what arrives is rejected.</summary>
    Reject = 0,

    /// <summary>The venue is down: nothing is matched, and what arrives waits for its end.</summary>
    Delay = 1,

    /// <summary>The line is down: commands are not sent, reports wait for its end; resting orders fill meanwhile.</summary>
    Disconnect = 2,

    /// <summary>As <see cref="Disconnect"/>, but the outcome of a command is unknown; it arrives after the end.</summary>
    Unknown = 3,

    /// <summary>As <see cref="Unknown"/>, but the command is lost: after the end the venue says that it has none.</summary>
    Lost = 4,
}

/// <summary>Something that goes wrong from an instant to another.</summary>
/// <param name="From">First nanosecond since 1970 UTC.</param>
/// <param name="To">The nanosecond after the last one.</param>
/// <param name="Kind">What.</param>
public readonly record struct VenueIncident(long From, long To, IncidentKind Kind);

/// <summary>When an instrument has its regular session.</summary>
/// <param name="Symbol">The instrument.</param>
/// <param name="Calendar">The sessions.</param>
public sealed record VenueCalendar(Symbol24 Symbol, TradingCalendar Calendar);

/// <summary>What the venue does when shares are no longer backed by the maintenance margin.</summary>
public enum MarginCallRule
{
    /// <summary>Nothing: maintenance is asked of orders alone.</summary>
    None = 0,

    /// <summary>All shares of the currency are sold, and bought back where they are short, at what the market pays.</summary>
    SellOut = 1,
}
