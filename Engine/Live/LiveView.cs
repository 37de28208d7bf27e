using System;
using System.Runtime.InteropServices;
using System.Threading;
using LowLatency.Core.Formats;
using LowLatency.Core.Market;
using LowLatency.Core.Pipeline;
using LowLatency.Core.Portfolio;
using LowLatency.Core.Values;

namespace LowLatency.Engine.Live;

/// <summary>A position as readers see it; quantities, prices and money in units.</summary>
internal struct PositionFigures
{
    internal long Here;
    internal long There;
    internal long Cost;
    internal long Mark;
    internal long Unrealised;
    internal long Realised;
    internal long Fees;
    internal long Executions;
    internal long QuantityExponent;
    internal long PriceExponent;

    /// <summary>Reads it from the state after an event.</summary>
    /// <param name="pipeline">The state.</param>
    /// <param name="id">The instrument.</param>
    /// <param name="there">What the venue said last.</param>
    internal static PositionFigures Of(DecisionPipeline pipeline, InstrumentId id, long there)
    {
        Position position = pipeline.Portfolio.Position(id);
        InstrumentMarket market = pipeline.Market[id];
        bool hasMark = market.TryReferencePrice(out long mark);
        return new PositionFigures
        {
            Here = position.Quantity,
            There = there,
            Cost = position.Cost,
            Mark = hasMark ? mark : 0,
            Unrealised = hasMark ? position.Unrealised(market.Definition, mark) : 0,
            Realised = position.Realised,
            Fees = position.Fees,
            Executions = position.Executions,
            QuantityExponent = market.Definition.QuantityExponent,
            PriceExponent = market.Definition.PriceExponent,
        };
    }
}

/// <summary>What a reader got: all of one sequence, and its own for ever.</summary>
/// <param name="Figures">The numbers.</param>
/// <param name="Positions">By instrument, in the order of the configuration.</param>
/// <param name="Places">By account, in the order of the configuration.</param>
/// <param name="Checksum">CRC-32C of the sequence and the positions, by the writer.</param>
internal sealed record LiveCopy(LiveFigures Figures, PositionFigures[] Positions, PlaceFigures[] Places, uint Checksum)
{
    /// <summary>CRC-32C of a sequence and the positions after it.</summary>
    internal static uint ChecksumOf(long sequence, ReadOnlySpan<PositionFigures> positions) => Crc32C.Append(
        Crc32C.Append(0, MemoryMarshal.AsBytes(new ReadOnlySpan<long>(in sequence))), MemoryMarshal.AsBytes(positions));
}

/// <summary>
/// The numbers of a run, told by its hot thread and read by any. The writer never waits and allocates nothing; a reader that was
/// overtaken while it copied copies again.
/// </summary>
internal sealed class LiveView(int instruments, int places)
{
    private readonly PlaceFigures[] _places = new PlaceFigures[places];
    private readonly PositionFigures[] _positions = new PositionFigures[instruments];
    private LiveFigures _figures;
    private uint _checksum;
    private long _version;

    /// <summary>Tells what there is after an event. One thread may.</summary>
    /// <param name="figures">The numbers; their sequence is that of the event.</param>
    /// <param name="pipeline">The state after it.</param>
    /// <param name="there">What the venue said of each position.</param>
    /// <param name="accounts">The accounts.</param>
    internal void Tell(
        in LiveFigures figures, DecisionPipeline pipeline, Func<InstrumentId, long> there, ReadOnlySpan<PlaceFigures> accounts)
    {
        // Odd while it changes.
        _version++;
        Volatile.WriteBarrier();
        _figures = figures;
        accounts.CopyTo(_places);
        for (int i = 0; i < _positions.Length; i++)
        {
            InstrumentId id = new((ushort)(i + 1));
            _positions[i] = PositionFigures.Of(pipeline, id, there(id));
        }

        _checksum = LiveCopy.ChecksumOf(figures.Sequence, _positions);
        Volatile.Write(ref _version, _version + 1);
    }

    /// <summary>Copies what was told last.</summary>
    internal LiveCopy Read()
    {
        PositionFigures[] positions = new PositionFigures[_positions.Length];
        PlaceFigures[] accounts = new PlaceFigures[_places.Length];
        SpinWait wait = default;
        while (true)
        {
            long version = Volatile.Read(ref _version);
            if ((version & 1) == 0)
            {
                LiveFigures figures = _figures;
                _positions.CopyTo(positions, 0);
                _places.CopyTo(accounts, 0);
                uint checksum = _checksum;
                Volatile.ReadBarrier();
                if (_version == version)
                {
                    return new LiveCopy(figures, positions, accounts, checksum);
                }
            }

            wait.SpinOnce(sleep1Threshold: 50);
        }
    }
}
