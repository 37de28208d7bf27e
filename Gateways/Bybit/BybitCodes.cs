using LowLatency.Core.Events;
using LowLatency.Gateways.Wire;

namespace LowLatency.Gateways.Bybit;

/// <summary>
/// Bybit's return codes. A code that is not listed leaves the outcome unknown: a refusal is believed only where the venue's
/// documents say that nothing was done.
/// </summary>
public static class BybitCodes
{
    /// <summary>The request was taken.</summary>
    public const int Ok = 0;

    /// <summary>The rule of a code.</summary>
    /// <param name="code">retCode.</param>
    /// <returns>What it means.</returns>
    public static AnswerRule Of(int code) => code switch
    {
        Ok => new(AnswerMeaning.Taken, ReportReason.None),
        10002 => Refused(ReportReason.ClockOff),
        10003 or 10004 or 10005 or 10007 or 10009 or 10010 or 10024 or 10028 or 10029 or 20003 =>
            Refused(ReportReason.NotAuthorised),
        10006 or 10403 or 10429 or 170222 => Refused(ReportReason.RateLimited),
        10001 or 10404 or 110092 or 110093 => Refused(ReportReason.Unsupported),

        // Timed out, internal error, sent twice, still worked on: it may have happened.
        10000 or 10014 or 10016 or 10019 or 20006 or 110079 or 170146 or 170147 or 170212 => Unclear(ReportReason.None),

        // The order exists from an earlier try: its fate is read back.
        110072 or 170141 => Unclear(ReportReason.DuplicateOrderId),
        110001 or 110008 or 110010 or 170139 or 170142 or 170143 or 170190 or 170213 =>
            new(AnswerMeaning.Gone, ReportReason.UnknownOrder),
        110004 or 110006 or 110007 or 110012 or 110044 or 110045 or 110051 or 110052 or 110053 or 170131 =>
            Refused(ReportReason.InsufficientFunds),
        110003 or 170132 or 170133 or 170193 or 170194 => Refused(ReportReason.PriceOutOfBand),
        110017 => Refused(ReportReason.ReduceOnlyWouldAdd),
        170134 => Refused(ReportReason.PriceOffTick),
        170137 => Refused(ReportReason.QuantityOffLot),
        110094 or 170136 or 170140 => Refused(ReportReason.TooSmall),
        170135 => Refused(ReportReason.TooLarge),
        110064 => Refused(ReportReason.AmendBelowFilled),
        110025 or 110026 or 110027 or 110043 => Refused(ReportReason.NoChange),
        110009 or 110020 or 110021 or 110061 or 110086 or 110089 or 110090 => Refused(ReportReason.LimitReached),
        110023 or 110042 or 110063 or 110066 or 110074 or 110095 or 110098 or 170151 or 170157 =>
            Refused(ReportReason.NotTrading),
        _ => Unclear(ReportReason.Unlisted),
    };

    private static AnswerRule Refused(ReportReason reason) => new(AnswerMeaning.Refused, reason);

    private static AnswerRule Unclear(ReportReason reason) => new(AnswerMeaning.Unclear, reason);
}
