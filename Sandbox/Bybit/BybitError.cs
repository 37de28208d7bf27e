using System.Collections.Generic;
using LowLatency.Core.Events;

namespace LowLatency.Sandbox.Bybit;

/// <summary>A return code with its words, as the venue's documents spell them.</summary>
/// <param name="Code">retCode.</param>
/// <param name="Message">retMsg.</param>
internal readonly record struct BybitError(int Code, string Message)
{
    internal static readonly BybitError Ok = new(0, "OK");
    internal static readonly BybitError KeyInvalid = new(10003, "API key is invalid.");
    internal static readonly BybitError SignInvalid = new(10004, "Error sign, please check your signature generation algorithm.");
    internal static readonly BybitError NoPermission = new(10005, "Permission denied, please check your API key permissions.");
    internal static readonly BybitError TooMany = new(10006, "Too many visits. Exceeded the API Rate Limit.");
    internal static readonly BybitError WrongAddress = new(10010, "Unmatched IP, please check your API key's bound IP addresses.");
    internal static readonly BybitError ServerError = new(10016, "Server error.");
    internal static readonly BybitError KeyExpired = new(33004, "Your api key has expired.");
    internal static readonly BybitError DuplicateRequest = new(20006, "Duplicate reqId");
    internal static readonly BybitError RepeatedAuth = new(20001, "Repeat auth");
    internal static readonly BybitError UnknownOp = new(10404, "op type is not found");
    internal static readonly BybitError PositionModeSame = new(110025, "Position mode is not modified");
    internal static readonly BybitError LeverageSame = new(110043, "Set leverage not modified");

    internal bool IsOk => Code == 0;

    internal static BybitError Params(string what) => new(10001, what);

    internal static BybitError Window(long stamp, long server, long window) => new(
        10002,
        "invalid request, please check your server timestamp or recv_window param. "
        + $"req_timestamp[{stamp}],server_timestamp[{server}],recv_window[{window}]");

    internal static BybitError NotFound(bool spot) =>
        spot ? new(170213, "Order does not exist.") : new(110001, "order not exists or too late to cancel");

    internal static BybitError Duplicate(bool spot) =>
        spot ? new(170141, "Duplicate clientOrderId") : new(110072, "OrderLinkedID is duplicate");

    internal static BybitError Balance(bool spot) =>
        spot ? new(170131, "Insufficient balance.") : new(110007, "ab not enough for new order");

    internal static BybitError Band(bool spot, bool buy) => spot
        ? buy ? new(170193, "Buy order price cannot be higher than the limit.") : new(170194, "Sell order price cannot be lower than the limit.")
        : new(110003, "Order price exceeds the allowable range.");

    /// <summary>What the venue says at once to what the matching engine refused; null for what it tells on the order stream.</summary>
    internal static BybitError? OfRejection(ReportReason reason, bool spot) => reason switch
    {
        ReportReason.PostOnlyWouldTake or ReportReason.FillOrKillUnfilled or ReportReason.NoLiquidity or ReportReason.SelfTrade => null,
        ReportReason.PriceOffTick => spot ? new(170134, "Order price has too many decimals.") : Params("Price invalid"),
        ReportReason.QuantityOffLot => spot ? new(170137, "Order volume decimal too long") : Params("Qty invalid"),
        ReportReason.TooSmall => spot ? new(170140, "Order value exceeded lower limit.") : new(110094, "Order does not meet minimum order value 5USDT"),
        ReportReason.TooLarge => spot ? new(170135, "Order quantity exceeded upper limit.") : Params("The number of contracts exceeds maximum limit allowed: too large"),
        ReportReason.InsufficientFunds => Balance(spot),
        ReportReason.ReduceOnlyWouldAdd => new(110017, "Reduce-only rule not satisfied"),
        ReportReason.RateLimited => spot ? new(170210, "New order rejected.") : new(110020, "Not allowed to have more than 500 active orders"),
        ReportReason.AmendBelowFilled => new(110064, "The number of contracts modified cannot be less than or equal to the filled quantity"),
        ReportReason.UnknownOrder => NotFound(spot),
        ReportReason.NotTrading or ReportReason.NoMarket => spot ? new(170151, "This trading pair is not open yet.") : new(110066, "Trading is currently not allowed"),
        _ => ServerError,
    };

    /// <summary>rejectReason of an order that ended.</summary>
    internal static string RejectReason(ReportReason reason) => Reasons.GetValueOrDefault(reason, "EC_NoError");

    /// <summary>cancelType of an order that ended.</summary>
    internal static string CancelType(ReportReason reason) => reason switch
    {
        ReportReason.Requested => "CancelByUser",
        ReportReason.Liquidation => "CancelAllBeforeLiq",
        ReportReason.ReduceOnlyWouldAdd => "CancelByReduceOnly",
        ReportReason.SelfTrade => "CancelBySmp",
        ReportReason.NoMarket => "CancelByAdmin",
        _ => "UNKNOWN",
    };

    private static readonly Dictionary<ReportReason, string> Reasons = new()
    {
        [ReportReason.PostOnlyWouldTake] = "EC_PostOnlyWillTakeLiquidity",
        [ReportReason.FillOrKillUnfilled] = "EC_NoEnoughQtyToFill",
        [ReportReason.NoLiquidity] = "EC_NoImmediateQtyToFill",
        [ReportReason.Requested] = "EC_PerCancelRequest",
    };
}
