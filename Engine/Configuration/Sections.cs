using System.Collections.Immutable;
using LowLatency.Core.Signals;
using LowLatency.Engine.Configuration.Resources;
using LowLatency.Gateways.Sim.Accounting;
using LowLatency.Gateways.Sim;
using LowLatency.Journal.Format;

namespace LowLatency.Engine.Configuration;

/// <summary>Cash in one currency.</summary>
/// <param name="Currency">The currency's code.</param>
/// <param name="Amount">Money units (x 10^8).</param>
public sealed record CashConfiguration(string Currency, long Amount);

/// <summary>One strategy.</summary>
/// <param name="Name">Its unique name.</param>
/// <param name="Type">Its type in the catalogue.</param>
/// <param name="Instruments">Symbols, each once.</param>
/// <param name="Priority">Rank under the priority policy, and in ties; 1 is best.</param>
/// <param name="Weight">Share under the blend policy (x 10^9), as given: arbitration scales it where that was asked for.</param>
/// <param name="Cooldown">Nanoseconds of silence after a change of its wish.</param>
/// <param name="Parameters">The parameters of its type.</param>
/// <param name="Assembly">Where its code comes from; null when it is built in.</param>
public sealed record StrategyConfiguration(
    string Name,
    string Type,
    ImmutableArray<string> Instruments,
    int Priority,
    long Weight,
    long Cooldown,
    StrategyParameters Parameters,
    AssemblyConfiguration? Assembly);

/// <summary>A strategy's assembly.</summary>
/// <param name="File">The file, as the configuration names it.</param>
/// <param name="Sha256">Its SHA-256, 64 lower-case hexadecimal digits.</param>
public sealed record AssemblyConfiguration(string File, string Sha256);

/// <summary>Bars.</summary>
/// <param name="Timeframes">Nanoseconds, each once.</param>
/// <param name="Grace">Nanoseconds.</param>
/// <param name="RewarmAfter">Bars missing after an interruption from which on strategies warm up again; 0 for never.</param>
public sealed record BarsConfiguration(ImmutableArray<long> Timeframes, long Grace, int RewarmAfter);

/// <summary>The simulated venue.</summary>
/// <param name="EntryLatency">Nanoseconds.</param>
/// <param name="ResponseLatency">Nanoseconds.</param>
/// <param name="MakerFeePpm">Millionths of the notional; negative is a rebate.</param>
/// <param name="TakerFeePpm">Millionths of the notional.</param>
public sealed record VenueConfiguration(long EntryLatency, long ResponseLatency, int MakerFeePpm, int TakerFeePpm)
{
    private static readonly SimulatedVenueSettings Usual = new();

    /// <summary>What is added to the entry latency.</summary>
    public LatencyConfiguration Entry { get; init; } = new(LatencyAddition.Nothing);

    /// <summary>What is added to the response latency.</summary>
    public LatencyConfiguration Response { get; init; } = new(LatencyAddition.Nothing);

    /// <summary>Dated rules about money.</summary>
    public MoneyRules Money { get; init; } = new();

    /// <summary>What backs derivatives.</summary>
    public MarginMode Margin { get; init; }

    /// <summary>True when the venue refuses what the rules of the account that holds the shares do not allow.</summary>
    public bool EnforcesAccount { get; init; }

    /// <summary>What happens to a margin account whose equity falls below the maintenance margin.</summary>
    public MarginCallRule MarginCall { get; init; }

    /// <summary>The file that the rules are of; null for none.</summary>
    internal ResourceUse? MoneyFile { get; init; }

    /// <summary>What goes wrong, in the order of time.</summary>
    public ImmutableArray<VenueIncident> Incidents { get; init; } = [];

    /// <summary>What a shrinking level says of our place.</summary>
    public QueueModel Queue { get; init; }

    /// <summary>Exponent of the power families, in thousandths.</summary>
    public int QueueExponentThousandths { get; init; } = Usual.QueueExponentThousandths;

    /// <summary>The order of a bar's prices.</summary>
    public BarPath BarPath { get; init; } = Usual.BarPath;

    /// <summary>How much of an order is filled at a price.</summary>
    public FillRule Fills { get; init; }

    /// <summary>What ends when our own orders would meet.</summary>
    public SelfTradePrevention SelfTrade { get; init; }

    /// <summary>What an amendment does to the place in the queue.</summary>
    public AmendRule Amend { get; init; }

    /// <summary>Which price wakes sleeping orders.</summary>
    public TriggerPriceSource Trigger { get; init; }

    /// <summary>What an order beyond the size shown does to the price.</summary>
    public MarketImpact Impact { get; init; }

    /// <summary>How far the price moves for as much again as is shown, millionths.</summary>
    public int ImpactPpm { get; init; } = Usual.ImpactPpm;

    /// <summary>Nanoseconds before a session in which orders with extended hours work.</summary>
    public long ExtendedBefore { get; init; } = Usual.ExtendedBefore;

    /// <summary>Nanoseconds after a session in which they work.</summary>
    public long ExtendedAfter { get; init; } = Usual.ExtendedAfter;

    /// <summary>Nanoseconds after an open or close in which an order for it may trade.</summary>
    public long AuctionGrace { get; init; } = Usual.AuctionGrace;

    /// <summary>Nanoseconds that a good-till-cancel order may be old; 0 for ever.</summary>
    public long GoodTillCancelAge { get; init; }

    /// <summary>Commands that the venue takes in a window; 0 for no limit.</summary>
    public int RateLimit { get; init; }

    /// <summary>Nanoseconds of the window.</summary>
    public long RateWindow { get; init; } = Usual.RateWindow;
}

/// <summary>What is added to a latency, and where it comes from.</summary>
/// <param name="Addition">What is added.</param>
public sealed record LatencyConfiguration(LatencyAddition Addition)
{
    /// <summary>Name of the file of measurements; empty for none.</summary>
    public string File { get; init; } = string.Empty;

    /// <summary>SHA-256 of what was read from it; empty for none.</summary>
    public string Sha256 { get; init; } = string.Empty;
}

/// <summary>The journal.</summary>
/// <param name="Durability">What an event survives.</param>
/// <param name="SegmentBytes">Size of a segment file.</param>
/// <param name="SnapshotEvery">Events between two snapshots of a running session; 0 for none.</param>
/// <param name="KeepsEverything">False retires segments that no kept snapshot needs.</param>
public sealed record JournalConfiguration(
    Durability Durability, long SegmentBytes, long SnapshotEvery, bool KeepsEverything)
{
    /// <summary>Segments made ahead of the current one.</summary>
    public int Spares { get; init; } = 2;

    /// <summary>The file of the key that signs footers; null for none.</summary>
    public string? KeyFile { get; init; }

    /// <summary>The file outside the journal that finds out a rollback; null for none.</summary>
    public string? Watermark { get; init; }
}

/// <summary>Which threads do the work.</summary>
public enum TopologyMode
{
    /// <summary>One thread.</summary>
    Inline,

    /// <summary>A hot thread, a network thread and a sync thread.</summary>
    RunToCompletion,

    /// <summary>Decode, decide, and encode with send and audit.</summary>
    Staged,

    /// <summary>A thread for each decision stage.</summary>
    Lockstep,
}

/// <summary>How a thread waits.</summary>
public enum WaitMode
{
    /// <summary>It spins.</summary>
    BusySpin,

    /// <summary>It gives way.</summary>
    Yielding,

    /// <summary>It sleeps.</summary>
    Parking,
}

/// <summary>Threads.</summary>
/// <param name="Mode">Which threads do the work.</param>
/// <param name="Wait">How they wait.</param>
/// <param name="RingSize">Slots of the ring and of the pipe before it, a power of two; one thread uses at most 512.</param>
public sealed record TopologyConfiguration(TopologyMode Mode, WaitMode Wait, int RingSize);

/// <summary>What cannot change a decision.</summary>
/// <param name="Journal">The journal.</param>
/// <param name="Topology">Threads.</param>
public sealed record SessionConfiguration(JournalConfiguration Journal, TopologyConfiguration Topology);
