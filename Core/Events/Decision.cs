using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using LowLatency.Core.Values;

namespace LowLatency.Core.Events;

/// <summary>What a strategy wants to be true.</summary>
public enum SignalKind : byte
{
    /// <summary>Never valid.</summary>
    None = 0,

    /// <summary>A position, at the market's price within the collar.</summary>
    Target = 1,

    /// <summary>A position, at a limit price or better.</summary>
    TargetWithLimit = 2,

    /// <summary>A two-sided quote; a quantity of 0 means no quote on that side.</summary>
    Quotes = 3,

    /// <summary>No position, no quotes.</summary>
    Flat = 4,
}

/// <summary>How an order is worked.</summary>
public enum StyleKind : byte
{
    /// <summary>As the wish says: at its limit price and resting, without one at the market.</summary>
    AsWished = 0,

    /// <summary>At the market, within a bound.</summary>
    Market = 1,

    /// <summary>One resting order.</summary>
    Limit = 2,

    /// <summary>One resting order that never takes.</summary>
    PostOnly = 3,

    /// <summary>One resting order that follows the touch.</summary>
    Peg = 4,

    /// <summary>Equal slices over a time.</summary>
    Twap = 5,

    /// <summary>A share of what is printed.</summary>
    Participation = 6,

    /// <summary>Resting orders of which one is seen at a time.</summary>
    Iceberg = 7,
}

/// <summary>How the approved part of an intent is sent.</summary>
public enum Manner : byte
{
    /// <summary>As the intent says: resting at its limit price, without one taking.</summary>
    AsWished = 0,

    /// <summary>What can be had at once, the rest is cancelled.</summary>
    Take = 1,

    /// <summary>Resting.</summary>
    Rest = 2,

    /// <summary>Resting, and refused rather than taking.</summary>
    Post = 3,
}

/// <summary>
/// What one strategy wants to be true: a change of it (88 bytes). Written by the signal stage. Until version 0.1.0 it ended
/// before the stop price: what those builds recorded reads as zero there, and a signal that has zero there digests as it did.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
public struct Signal
{
    /// <summary>Who wants it.</summary>
    public StrategyId Strategy;

    /// <summary>Of which instrument.</summary>
    public InstrumentId Instrument;

    /// <summary>What kind of wish.</summary>
    public SignalKind Kind;

    /// <summary>For a target: how to work it; none for the configured way.</summary>
    public StyleId Style;

    /// <summary>Must be zero.</summary>
    public ushort Reserved1;

    /// <summary>How sure, in parts per million: 0 to 1,000,000.</summary>
    public int Confidence;

    /// <summary>For a target: loss against what the position cost at which it is left, basis points; 0 for none.</summary>
    public ushort StopBps;

    /// <summary>For a target: profit against what the position cost at which it is left, basis points; 0 for none.</summary>
    public ushort TakeBps;

    /// <summary>Nanoseconds of ReceivedAt for which the wish holds; 0 until changed. After it the wish is flat.</summary>
    public long Horizon;

    /// <summary>Wanted position, quantity units, signed.</summary>
    public long Target;

    /// <summary>Worst price, price units.</summary>
    public long LimitPrice;

    /// <summary>Quoted bid, price units.</summary>
    public long BidPrice;

    /// <summary>Quoted bid size, quantity units.</summary>
    public long BidQuantity;

    /// <summary>Quoted ask, price units.</summary>
    public long AskPrice;

    /// <summary>Quoted ask size, quantity units.</summary>
    public long AskQuantity;

    /// <summary>For a target: price at which the position is left with a loss, price units; 0 for none.</summary>
    public long StopPrice;

    /// <summary>For a target: price at which the position is left with a profit, price units; 0 for none.</summary>
    public long TakePrice;
}

/// <summary>
/// Why a signal does not (or not yet, or not whole) shape the portfolio. The first that applies is recorded, in the order
/// of this list; the numbers are older than the order.
/// </summary>
public enum SuppressionReason : byte
{
    /// <summary>Never valid.</summary>
    None = 0,

    /// <summary>The instrument is not defined.</summary>
    UnknownInstrument = 1,

    /// <summary>The strategy acted on this instrument less than its cooldown ago; the wish is held until it is over.</summary>
    Cooldown = 2,

    /// <summary>The instrument's session is closed, or too near its close: the part that adds waits for the next one.</summary>
    SessionClosed = 8,

    /// <summary>Market data is not ready: the part that adds waits.</summary>
    NotReady = 9,

    /// <summary>Market data is too old: the part that adds waits.</summary>
    Stale = 10,

    /// <summary>An input of the barrier gate is missing: the part that adds waits.</summary>
    GateInput = 11,

    /// <summary>The barrier gate finds a turn of the market too likely: the part that adds waits.</summary>
    BarrierGate = 12,

    /// <summary>Risk has taken the strategy out of the instrument: it counts when it is let back in.</summary>
    TakenOut = 14,

    /// <summary>The strategy's size has not grown that far: the part beyond it waits.</summary>
    Growth = 16,

    /// <summary>The strategy's weight is zero.</summary>
    ZeroWeight = 3,

    /// <summary>A strategy of better priority holds the instrument.</summary>
    LowerPriority = 4,

    /// <summary>Opposing wishes cancel each other.</summary>
    NettedOut = 5,

    /// <summary>The combined target did not change by it.</summary>
    NoChange = 6,

    /// <summary>It counts by its weight, less than one.</summary>
    Blended = 13,

    /// <summary>
    /// No signal was held back: two standing wishes offset each other, and the one strategy got from the other what the shared
    /// lane does not have to trade. One record for each internal trade.
    /// </summary>
    Crossed = 15,
}

/// <summary>A signal that was held back, and why (24 bytes). Written by the arbitration stage.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
public struct Suppression
{
    /// <summary>Whose signal; Crossed: who bought.</summary>
    public StrategyId Strategy;

    /// <summary>Of which instrument.</summary>
    public InstrumentId Instrument;

    /// <summary>The signal's kind; none for Crossed.</summary>
    public SignalKind Kind;

    /// <summary>Why.</summary>
    public SuppressionReason Reason;

    /// <summary>For LowerPriority: who holds the instrument. Crossed: who sold.</summary>
    public StrategyId Winner;

    /// <summary>The suppressed target, quantity units. Crossed: what changed hands, positive.</summary>
    public long Target;

    /// <summary>
    /// Cooldown, SessionClosed: ReceivedAt from which it may act, 0 when that is not known. Stale: nanoseconds of age.
    /// TakenOut: the number of the intents' cause. GateInput: number of the input, from 1. BarrierGate: the probability, parts per million. ZeroWeight, Blended: the
    /// weight x 10^9. Growth: the largest position, quantity units. Crossed: the price, price units.
    /// </summary>
    public long Detail;
}

/// <summary>What the portfolio wants in one lane.</summary>
public enum IntentKind : byte
{
    /// <summary>Never valid.</summary>
    None = 0,

    /// <summary>A position of the shared lane.</summary>
    Target = 1,

    /// <summary>A two-sided quote of one strategy's lane.</summary>
    Quotes = 2,

    /// <summary>
    /// The stop that is to rest at the venue for the whole position. On the side of its order the price is the trigger and the
    /// quantity what it takes out; both sides 0 for no stop. The limit price is the worst at which it trades, 0 for any.
    /// </summary>
    Protection = 3,
}

/// <summary>Why an intent is stated now.</summary>
public enum IntentCause : byte
{
    /// <summary>Never valid.</summary>
    None = 0,

    /// <summary>A signal changed what is wanted.</summary>
    Signal = 1,

    /// <summary>What is wanted stands, and the lane's orders or position changed.</summary>
    Reassert = 2,

    /// <summary>A strategy's stop loss was touched: risk takes it out.</summary>
    StopLoss = 3,

    /// <summary>A strategy's trailing stop was touched: risk takes it out.</summary>
    TrailingStop = 4,

    /// <summary>A strategy's trade lost as much as it may: risk takes it out.</summary>
    TradeLoss = 5,

    /// <summary>A strategy's profit target was touched: risk takes it out.</summary>
    TakeProfit = 6,

    /// <summary>A strategy held its position as long as it may: risk takes it out.</summary>
    TimeExit = 7,

    /// <summary>A breaker that flattens has tripped: risk takes everybody out.</summary>
    Breaker = 8,

    /// <summary>An operator stopped the strategy: risk takes it out of everything.</summary>
    Stopped = 9,

    /// <summary>A position that must have a stop was without one for too long: risk takes its strategy out.</summary>
    NoStop = 10,

    /// <summary>Position or exits changed: the stop that rests at the venue follows.</summary>
    Protection = 11,
}

/// <summary>
/// What the portfolio wants after conflicting signals are reconciled (72 bytes). Written by the arbitration stage.
/// A lane is an instrument and an owner: the house for all targets together, a strategy for its own quotes.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
public struct Intent
{
    /// <summary>The lane's instrument.</summary>
    public InstrumentId Instrument;

    /// <summary>The lane's owner.</summary>
    public StrategyId Owner;

    /// <summary>What kind of intent.</summary>
    public IntentKind Kind;

    /// <summary>Why now.</summary>
    public IntentCause Cause;

    /// <summary>Bit s - 1 set: strategy s has a part in it; strategies 1 to 16.</summary>
    public ushort Contributors;

    /// <summary>Position that the lane holds now, quantity units, signed.</summary>
    public long LanePosition;

    /// <summary>Wanted position of the lane, quantity units, signed, a multiple of the lot.</summary>
    public long Target;

    /// <summary>Worst price, price units; 0 means within the collar.</summary>
    public long LimitPrice;

    /// <summary>Quoted bid, price units, on the tick.</summary>
    public long BidPrice;

    /// <summary>Quoted bid size, quantity units, a multiple of the lot.</summary>
    public long BidQuantity;

    /// <summary>Quoted ask, price units, on the tick.</summary>
    public long AskPrice;

    /// <summary>Quoted ask size, quantity units, a multiple of the lot.</summary>
    public long AskQuantity;

    /// <summary>For a target: the number of the style in which it is worked; none when no style was chosen.</summary>
    public StyleId Style;

    /// <summary>For a target: what the style is.</summary>
    public StyleKind StyleKind;

    /// <summary>For a target: whose wish chose the style; the house when none was chosen.</summary>
    public StrategyId StyleOf;

    /// <summary>Bit s - 17 set: strategy s has a part in it; from strategy 17 on.</summary>
    public uint MoreContributors;

    /// <summary>Bit s set: strategy s has a part in it.</summary>
    public readonly uint Strategies => ((uint)Contributors << 1) | (MoreContributors << 17);

    /// <summary>A strategy has a part in it.</summary>
    /// <param name="strategy">A strategy, not the house.</param>
    public void AddContributor(StrategyId strategy)
    {
        if (strategy.Value <= 16)
        {
            Contributors |= (ushort)(1 << (strategy.Value - 1));
        }
        else
        {
            MoreContributors |= 1u << (strategy.Value - 17);
        }
    }

    /// <summary>True when a strategy has a part in it.</summary>
    /// <param name="strategy">A strategy, not the house.</param>
    /// <returns>Whether it has.</returns>
    public readonly bool HasPart(StrategyId strategy) => (Strategies & (1u << strategy.Value)) != 0;
}

/// <summary>Risk's ruling.</summary>
public enum Ruling : byte
{
    /// <summary>Never valid.</summary>
    None = 0,

    /// <summary>As wanted.</summary>
    Approved = 1,

    /// <summary>Less than wanted.</summary>
    Reduced = 2,

    /// <summary>Nothing that adds risk.</summary>
    Refused = 3,
}

/// <summary>
/// Why risk says less than yes. The numbers are the numbers of the checks, ordered by precedence: the first check that
/// fails names the reason. A retired check keeps its number.
/// </summary>
public enum RiskReason : byte
{
    /// <summary>Approved as wanted.</summary>
    None = 0,

    /// <summary>The kill switch is latched.</summary>
    Killed = 1,

    /// <summary>The engine is HALTED: cancels only.</summary>
    Halted = 2,

    /// <summary>The instrument is not defined.</summary>
    UnknownInstrument = 3,

    /// <summary>The engine is REDUCING and this would add risk.</summary>
    Reducing = 4,

    /// <summary>The instrument does not trade.</summary>
    NotTrading = 5,

    /// <summary>Market data is not ready.</summary>
    NotReady = 6,

    /// <summary>Market data is older than allowed.</summary>
    Stale = 7,

    /// <summary>The price is not a positive multiple of the tick.</summary>
    PriceOffTick = 8,

    /// <summary>The quantity is not a multiple of the lot.</summary>
    QuantityOffLot = 9,

    /// <summary>The price is too far from the market.</summary>
    PriceCollar = 10,

    /// <summary>Below the venue's smallest order.</summary>
    TooSmall = 11,

    /// <summary>Above the largest order quantity.</summary>
    OrderQuantity = 12,

    /// <summary>Above the largest order notional.</summary>
    OrderNotional = 13,

    /// <summary>Worst-case position above its limit.</summary>
    Position = 14,

    /// <summary>Worst-case gross notional above its limit.</summary>
    GrossNotional = 15,

    /// <summary>Too many working orders.</summary>
    WorkingOrders = 16,

    /// <summary>Too many orders in the rate window.</summary>
    OrderRate = 17,

    /// <summary>The same intent too often in its window.</summary>
    RepeatIntent = 18,

    /// <summary>The lane was rejected a moment ago and waits.</summary>
    Backoff = 19,

    /// <summary>Not enough cash or margin, fees included.</summary>
    Funds = 20,

    /// <summary>Worst-case value of the instrument above its share of equity.</summary>
    Concentration = 21,

    /// <summary>Worst-case net value above its limit.</summary>
    NetNotional = 22,

    /// <summary>Worst-case gross value of the instrument's group above its limit.</summary>
    GroupGross = 23,

    /// <summary>Worst-case net value of the instrument's group above its limit.</summary>
    GroupNet = 24,

    /// <summary>It would trade with an order of ours, or gives way to an exit.</summary>
    SelfCross = 25,

    /// <summary>From its price to the protective stop more could be lost than one trade may.</summary>
    TradeLoss = 26,

    /// <summary>No business day of the account's calendar, or no rule of its rulebook, is known for this instant.</summary>
    NoRule = 27,

    /// <summary>Not enough buying power in the margin account.</summary>
    BuyingPower = 28,

    /// <summary>Closing it today would be a day trade too many.</summary>
    DayTrades = 29,

    /// <summary>It would be paid with money that has not settled.</summary>
    Unsettled = 30,

    /// <summary>Worst-case exposure, adjusted for correlation, above its limit.</summary>
    Correlation = 31,

    /// <summary>A strategy that has a part in it has no protective stop, where one is required.</summary>
    NoStop = 32,

    /// <summary>Above its share of what is shown on the other side.</summary>
    VisibleDepth = 33,

    /// <summary>Walking what is shown would move the price further than allowed.</summary>
    Impact = 34,

    /// <summary>A rate into the base currency is missing or too old; seen is the number of its instrument, 0 for none.</summary>
    Rate = 35,

    /// <summary>Worst-case value of all positions, in the base currency, above its limit.</summary>
    BaseGross = 36,

    /// <summary>The account has not been compared with the venue's since the run began or its stream was lost.</summary>
    Unread = 37,

    /// <summary>The account differs from the venue's.</summary>
    Unmatched = 38,

    /// <summary>The account has not been compared with the venue's for too long.</summary>
    ReadOverdue = 39,

    /// <summary>An order has been unknown for too long.</summary>
    UnknownOutcome = 40,

    /// <summary>More than the venue says is available, or it has not said so lately.</summary>
    VenueFunds = 41,

    /// <summary>The venue's equity is too near its maintenance margin.</summary>
    VenueMargin = 42,

    /// <summary>A stop that rests at the venue could close the same position: only what is sure to reduce may leave beside it.</summary>
    VenueStop = 43,

    /// <summary>The venue has not told its calendar since the run began.</summary>
    CalendarUnread = 44,

    /// <summary>The instrument's calendar differs from the venue's; seen is the first day that does.</summary>
    CalendarDiffers = 45,
}

/// <summary>Risk's ruling on the intent of the same index (56 bytes). Written by the risk stage.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
public struct Verdict
{
    /// <summary>Approved, reduced or refused.</summary>
    public Ruling Ruling;

    /// <summary>The first check that said less than yes.</summary>
    public RiskReason Reason;

    /// <summary>For a target with a style: which of its orders this is, from 1; 0 without a style.</summary>
    public ushort Slice;

    /// <summary>For a target: how what is approved is sent.</summary>
    public Manner Manner;

    /// <summary>Must be zero.</summary>
    public byte Reserved0;

    /// <summary>Must be zero.</summary>
    public ushort Reserved1;

    /// <summary>For a target: the signed order quantity that may be worked now, quantity units.</summary>
    public long ApprovedDelta;

    /// <summary>For a target: the price bound of that order, price units, on the tick.</summary>
    public long ApprovedPrice;

    /// <summary>For quotes: the bid size that may be worked.</summary>
    public long ApprovedBid;

    /// <summary>For quotes: the ask size that may be worked.</summary>
    public long ApprovedAsk;

    /// <summary>What the failing check saw.</summary>
    public long Observed;

    /// <summary>The bound that it was held against.</summary>
    public long Limit;
}

/// <summary>An instruction's verb.</summary>
public enum CommandVerb : byte
{
    /// <summary>Never valid.</summary>
    None = 0,

    /// <summary>A new order.</summary>
    New = 1,

    /// <summary>Change price and total quantity of a working order.</summary>
    Amend = 2,

    /// <summary>Cancel a working order.</summary>
    Cancel = 3,
}

/// <summary>Order types.</summary>
public enum OrderType : byte
{
    /// <summary>Never valid on a new order.</summary>
    None = 0,

    /// <summary>At any price; the order stage never sends one without a bound, venues and tests may.</summary>
    Market = 1,

    /// <summary>At the price or better.</summary>
    Limit = 2,

    /// <summary>Sleeps until the market trades at the trigger price or beyond it, against us; then a market order.</summary>
    Stop = 3,

    /// <summary>As <see cref="Stop"/>; then a limit order at the price.</summary>
    StopLimit = 4,

    /// <summary>Sleeps until the market trades at the trigger price or better for us; then a market order.</summary>
    MarketIfTouched = 5,

    /// <summary>As <see cref="MarketIfTouched"/>; then a limit order at the price.</summary>
    LimitIfTouched = 6,

    /// <summary>
    /// A <see cref="Stop"/> whose trigger follows the best price since it came to the venue at the trailing offset, never
    /// backwards. A trigger price of 0 begins at the market, another one begins there.
    /// </summary>
    TrailingStop = 7,

    /// <summary>Trades in the session's opening, at its price; what is left over is cancelled.</summary>
    MarketOnOpen = 8,

    /// <summary>Trades in the session's close, at its price; what is left over is cancelled.</summary>
    MarketOnClose = 9,
}

/// <summary>How long an order works.</summary>
public enum TimeInForce : byte
{
    /// <summary>Never valid on a new order.</summary>
    None = 0,

    /// <summary>Until cancelled.</summary>
    GoodTillCancel = 1,

    /// <summary>What can be filled at once, the rest is cancelled.</summary>
    ImmediateOrCancel = 2,

    /// <summary>All at once or nothing.</summary>
    FillOrKill = 3,

    /// <summary>Until the end of the session in which it arrives; outside of one, of the next.</summary>
    Day = 4,
}

/// <summary>Conditions of an order.</summary>
[System.Flags]
public enum OrderFlags : byte
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Reject instead of taking liquidity.</summary>
    PostOnly = 1,

    /// <summary>Never add to or turn the position.</summary>
    ReduceOnly = 2,

    /// <summary>Works before and after the regular session too.</summary>
    ExtendedHours = 4,

    /// <summary>The quantity is an amount of money, money units; the venue makes a quantity of it, rounded down to the lot.</summary>
    Notional = 8,

    /// <summary>The stop that rests for a whole position. It belongs to no lane; venues need not know.</summary>
    Protective = 16,
}

/// <summary>
/// An instruction to a venue (72 bytes). Written by the order stage. Until version 0.1.0 it ended before the trigger price:
/// what those builds recorded reads as zero there, and a command that has zero there digests as it did.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
public struct Command
{
    /// <summary>The order; its id carries the causing sequence.</summary>
    public OrderId Order;

    /// <summary>The venue's id of it, when known.</summary>
    public VenueId VenueOrder;

    /// <summary>Price units; 0 for a market order.</summary>
    public long Price;

    /// <summary>Total quantity, quantity units, filled part included; money units with <see cref="OrderFlags.Notional"/>.</summary>
    public long Quantity;

    /// <summary>Instrument.</summary>
    public InstrumentId Instrument;

    /// <summary>The lane's owner.</summary>
    public StrategyId Owner;

    /// <summary>New, amend or cancel.</summary>
    public CommandVerb Verb;

    /// <summary>Side.</summary>
    public Side Side;

    /// <summary>Type.</summary>
    public OrderType Type;

    /// <summary>Time in force.</summary>
    public TimeInForce TimeInForce;

    /// <summary>Conditions.</summary>
    public OrderFlags Flags;

    /// <summary>Must be zero.</summary>
    public byte Reserved0;

    /// <summary>Must be zero.</summary>
    public ushort Reserved1;

    /// <summary>Must be zero.</summary>
    public uint Reserved2;

    /// <summary>Price units at which a sleeping order wakes; 0 for the types that do not sleep.</summary>
    public long TriggerPrice;

    /// <summary>Price units between a trailing stop's trigger and the best price; 0 for the other types.</summary>
    public long TrailingOffset;
}

/// <summary>Room for an event's signals.</summary>
[InlineArray(Limits.SignalsPerEvent)]
public struct Signals
{
    private Signal _first;
}

/// <summary>Room for an event's suppressed signals.</summary>
[InlineArray(Limits.SuppressionsPerEvent)]
public struct Suppressions
{
    private Suppression _first;
}

/// <summary>Room for an event's intents.</summary>
[InlineArray(Limits.IntentsPerEvent)]
public struct Intents
{
    private Intent _first;
}

/// <summary>Room for an event's verdicts.</summary>
[InlineArray(Limits.IntentsPerEvent)]
public struct Verdicts
{
    private Verdict _first;
}

/// <summary>Room for an event's commands.</summary>
[InlineArray(Limits.CommandsPerEvent)]
public struct Commands
{
    private Command _first;
}

/// <summary>
/// The sections beside an event: what the four stages made of it. Each count and each array has one writer, the stage
/// that its name belongs to. Entries at or beyond a count hold garbage and are never read.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
public struct Decision
{
    /// <summary>Signals made; signal stage.</summary>
    public byte SignalCount;

    /// <summary>Suppressions recorded; arbitration stage.</summary>
    public byte SuppressionCount;

    /// <summary>Intents made; arbitration stage.</summary>
    public byte IntentCount;

    /// <summary>Verdicts made, one for each intent; risk stage.</summary>
    public byte VerdictCount;

    /// <summary>Commands made; order stage.</summary>
    public byte CommandCount;

    /// <summary>Lanes that wait for a Continue event, at most 255 shown; order stage.</summary>
    public byte Waiting;

    /// <summary>Must be zero.</summary>
    public ushort Reserved;

    /// <summary>The signals.</summary>
    public Signals Signals;

    /// <summary>The suppressed signals.</summary>
    public Suppressions Suppressions;

    /// <summary>The intents.</summary>
    public Intents Intents;

    /// <summary>The verdicts.</summary>
    public Verdicts Verdicts;

    /// <summary>The commands.</summary>
    public Commands Commands;

    /// <summary>True when no stage wrote anything.</summary>
    public readonly bool IsEmpty =>
        (SignalCount | SuppressionCount | IntentCount | VerdictCount | CommandCount | Waiting) == 0;

    /// <summary>Empties all sections by their counts.</summary>
    public void Clear() => Unsafe.As<byte, long>(ref SignalCount) = 0;
}
