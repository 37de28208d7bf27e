namespace LowLatency.Core.Events;

/// <summary>
/// The one place that brings an event of an older version to the present one, when it is read. What it does not know is
/// refused by name: a journal of a newer build is never guessed at.
/// </summary>
/// <remarks>
/// A version of a payload is kept for ever: when a payload changes, its number goes up and a step from the number before is
/// added here. The records on disk stay as they were written, and so do their CRCs.
/// </remarks>
public static class EventUpgrade
{
    // The present version of each kind, by its number; 0 is no kind.
    private static readonly byte[] _present = Present();

    /// <summary>Brings an event to the present version of its kind.</summary>
    /// <param name="e">The event as it was stored; upgraded in place.</param>
    /// <returns>False when this build does not know its kind or version: see <see cref="Describe"/>.</returns>
    public static bool TryUpgrade(ref Event e) => e.Version == _present[(int)e.Kind] ? e.Version != 0 : TryFromOlder(ref e);

    /// <summary>The present version of a kind.</summary>
    /// <param name="kind">Any number.</param>
    /// <returns>0 when this build does not know the kind.</returns>
    public static byte PresentVersion(EventKind kind) => _present[(int)kind];

    /// <summary>Why an event is refused.</summary>
    /// <param name="e">The event.</param>
    /// <returns>A sentence for a person.</returns>
    public static string Describe(in Event e)
    {
        byte present = _present[(int)e.Kind];
        return present == 0
            ? $"event {e.Sequence} is of kind {(int)e.Kind}, which this build does not know: a newer one wrote it"
            : $"event {e.Sequence} is {e.Kind} of version {e.Version}; this build knows versions 1 to {present}";
    }

    private static bool TryFromOlder(ref Event e)
    {
        while (e.Version != _present[(int)e.Kind])
        {
            switch (e.Kind, e.Version)
            {
                case (EventKind.EpochStarted, 1):
                    // Version 2 says what a run goes on from, where version 1 had to be zero: it went on from itself.
                    e.EpochStarted.Begin = EpochBegin.Continued;
                    break;
                case (EventKind.CorporateAction, 1):
                    // Version 2 says what it does to the account, where version 1 had to be zero: it was only told.
                    e.CorporateAction.Effect = CorporateActionEffect.Told;
                    break;
                case (EventKind.Operator, 1):
                    // Version 2 never relaxes by Reduce, where version 1 did.
                    e.Operator.Verb = e.Operator.Verb == OperatorVerb.Reduce ? OperatorVerb.ReduceFromHalt : e.Operator.Verb;
                    break;
                default:
                    return false;
            }

            e.Version++;
        }

        return true;
    }

    private static byte[] Present()
    {
        byte[] versions = new byte[256];
        Add<InstrumentDefined>();
        Add<Trade>();
        Add<Quote>();
        Add<BookLevels>();
        Add<Bar>();
        Add<TradingStatusChanged>();
        Add<StreamStateChanged>();
        Add<Tick>();
        Add<EpochStarted>();
        Add<EpochEnded>();
        Add<Continue>();
        Add<OperatorCommand>();
        Add<BlobPart>();
        Add<CashMoved>();
        Add<CommandOutcome>();
        Add<OrderReport>();
        Add<Execution>();
        Add<DerivativePrices>();
        Add<Liquidation>();
        Add<PriceBand>();
        Add<TradeCorrected>();
        Add<CorporateAction>();
        Add<CashBooked>();
        Add<PositionReport>();
        Add<BalanceReport>();
        Add<ReadBack>();
        Add<Adjustment>();
        Add<Protection>();
        Add<CalendarDay>();
        return versions;

        void Add<T>()
            where T : unmanaged, IPayload => versions[(int)T.Kind] = T.Version;
    }
}
