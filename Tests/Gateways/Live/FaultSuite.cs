using System;
using System.Collections.Generic;
using System.Linq;
using LowLatency.Tests.Suites;

namespace LowLatency.Tests.Gateways.Live;

/// <summary>Orders through every fault of the exchange with a venue, in virtual time.</summary>
internal sealed class FaultSuite : Suite
{
    private static readonly string[] Verbs = ["create", "amend", "cancel"];

    public override string Name => "faults";

    public override string Unit => "cases";

    public override long LongCount => 100_000;

    public override long TestCount => 2_000;

    public override IEnumerable<string> MustReach =>
    [
        .. from verb in Verbs from fault in Enum.GetValues<Fault>() select $"{verb} {fault}",
        "answered Sent", "answered NotSent", "answered Unknown",
        "ended as Working", "ended as Filled", "ended as Cancelled", "ended as Rejected",
    ];

    public override void RunBlock(long first, long end, ulong seed, Tally tally)
    {
        for (long index = first; index < end; index++)
        {
            FaultCase.Run(Mix(seed, index), tally);
        }
    }
}
