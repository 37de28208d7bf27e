using System;
using System.Collections.Generic;
using LowLatency.Core.Events;
using LowLatency.Tests.Suites;

namespace LowLatency.Tests.Properties;

/// <summary>
/// Random runs of every profile, some 300 intents each: no limit is breached on the commands by the books of a stranger, and
/// every reason that a pipeline can come to refuses at least once.
/// </summary>
internal sealed class RiskSuite : Suite
{
    public override string Name => "risk";

    public override string Unit => "random runs";

    // Some ten million intents.
    public override long LongCount => 36_000;

    public override long TestCount => 1_800;

    public override int BlockSize => 6;

    public override IEnumerable<string> MustReach
    {
        get
        {
            foreach (RiskReason reason in Enum.GetValues<RiskReason>())
            {
                // A pipeline rounds to lots before it asks, and its venue defines what it trades. Rates and the venue's own
                // account, its stops and its calendar are no part of these runs: BaseCheckTests, the random accounts of
                // reconciliation, VenueStopsHoldTests and CalendarGateTests judge them.
                if (reason is not (RiskReason.None or RiskReason.QuantityOffLot or RiskReason.UnknownInstrument
                    or RiskReason.Rate or RiskReason.BaseGross or (>= RiskReason.Unread and <= RiskReason.CalendarDiffers)))
                {
                    yield return "refused or cut: " + reason;
                }
            }

            yield return "intents";
            yield return "intents of exits";
            yield return "orders that add";
        }
    }

    public override void RunBlock(long first, long end, ulong seed, Tally tally)
    {
        for (long index = first; index < end; index++)
        {
            int own = (int)(Mix(seed, index) & int.MaxValue);
            RiskRun run = RiskRun.Of(own, profile: RiskProfile.Of(index));
            if (run.Complaint is not null)
            {
                throw new SuiteFailure(this, index, seed, new InvalidOperationException(run.Complaint));
            }

            tally.Add("intents", run.Intents);
            tally.Add("intents of exits", run.Exits);
            tally.Add("orders that add", run.Commands);
            for (int reason = 1; reason < run.Reasons.Length; reason++)
            {
                tally.Add("refused or cut: " + (RiskReason)reason, run.Reasons[reason]);
            }
        }
    }
}
