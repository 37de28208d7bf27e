using System;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;

namespace LowLatency.Gateways.Generator;

/// <summary>
/// A seeded market: instrument definitions, then full order books, trades, clustered volatility, jumps, holes in the
/// stream, halts and bursts, all marked synthetic. The same options give the same bytes on every machine.
/// </summary>
/// <remarks>
/// Each instrument has its own stream of chance: adding one leaves the markets of those before it as they were. Nothing
/// is allocated after construction.
/// </remarks>
public sealed class MarketGenerator : IEventSource
{
    private readonly MarketGeneratorOptions _options;
    private readonly GeneratedMarket[] _markets;
    private readonly LevelPacker _packer;
    private readonly long _endTime;
    private long _events;

    /// <summary>Creates the market at its start. Options out of range stop the engine.</summary>
    /// <param name="options">The market.</param>
    public MarketGenerator(MarketGeneratorOptions options)
    {
        options.Check();
        _options = options;
        _endTime = options.MaxDuration == 0 ? long.MaxValue : options.StartTime + options.MaxDuration;
        int depth = 0;
        foreach (GeneratedInstrument instrument in options.Instruments)
        {
            depth = Math.Max(depth, instrument.Depth);
        }

        _packer = new LevelPacker(GeneratedBook.LevelsMax(depth));
        _markets = new GeneratedMarket[options.Instruments.Length];
        Xoshiro256 seeds = new(options.Seed);
        for (int i = 0; i < _markets.Length; i++)
        {
            _markets[i] = new GeneratedMarket(options, i, seeds.Next(), _packer);
        }
    }

    /// <inheritdoc/>
    public ReadResult Read(ref Event next)
    {
        if (!_packer.TryTake(ref next))
        {
            GeneratedMarket market = Earliest();
            if ((_options.MaxEvents != 0 && _events >= _options.MaxEvents) || market.NextAt >= _endTime)
            {
                return ReadResult.End;
            }

            if (!market.Make(ref next))
            {
                Ensure.That(_packer.TryTake(ref next), "a generated book message is at least one event");
            }
        }

        _events++;
        return ReadResult.Event;
    }

    private GeneratedMarket Earliest()
    {
        GeneratedMarket earliest = _markets[0];
        for (int i = 1; i < _markets.Length; i++)
        {
            if (_markets[i].NextAt < earliest.NextAt)
            {
                earliest = _markets[i];
            }
        }

        return earliest;
    }
}
