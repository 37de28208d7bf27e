using System;
using LowLatency.Core.Determinism;
using LowLatency.Core.Market;
using LowLatency.Core.Values;

namespace LowLatency.Core.Orders.Styles;

/// <summary>
/// How much instruments move: a mean, over about 16 seconds, of the size of the move of one second. Whole numbers, so that
/// a timeout that depends on it is the same on every machine.
/// </summary>
internal sealed class VolatilityMeter : IStateful
{
    private const long Second = 1_000_000_000;
    private const int Weight = 16;
    private const int Enough = 8;

    private readonly Sample[] _samples = new Sample[Limits.Instruments + 1];

    /// <summary>The mean move of a second, parts per billion, at least 1; 0 while too few seconds were seen.</summary>
    internal long MovePpb(InstrumentId instrument)
    {
        ref readonly Sample sample = ref _samples[instrument.Value];
        return sample.Count < Enough ? 0 : Math.Max(1, sample.SumPpb / sample.Count);
    }

    /// <summary>Looks at the market: once in a second.</summary>
    internal void See(InstrumentMarket market, long now)
    {
        ref Sample sample = ref _samples[market.Definition.Id.Value];
        if (now < sample.NextAt || !market.TryReferencePrice(out long price) || price <= 0)
        {
            return;
        }

        if (sample.Price > 0)
        {
            long move = Wide.MultiplyDivide(Math.Abs(price - sample.Price), Second, sample.Price);
            // A plain mean until the window is full, from then on one that forgets.
            sample.SumPpb += sample.Count < Weight ? move : move - (sample.SumPpb / Weight);
            sample.Count = Math.Min(sample.Count + 1, Weight);
        }

        sample.Price = price;
        sample.NextAt = now + Second;
    }

    /// <summary>The price changed its unit: the next second begins from none.</summary>
    internal void Forget(InstrumentId instrument) => _samples[instrument.Value].Price = 0;

    /// <inheritdoc/>
    public void Visit(StateVisitor visitor) => visitor.Visit<Sample>(_samples);

    private struct Sample
    {
        public long Price;
        public long NextAt;
        public long SumPpb;
        public long Count;
    }
}
