using System;
using System.Collections.Generic;
using System.Text.Json;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Sandbox.Market;
using LowLatency.Sandbox.Trading;
using LowLatency.Sandbox.Web;

namespace LowLatency.Sandbox.Bybit;

/// <summary>The answer to one order request.</summary>
/// <param name="Error">Ok, or why not.</param>
/// <param name="Order">The order; null where there is none.</param>
internal readonly record struct EntryAnswer(BybitError Error, SandboxOrder? Order)
{
    public static implicit operator EntryAnswer(BybitError error) => new(error, null);
}

/// <summary>
/// Order entry, the same for REST and WebSocket: checks what the venue checks at once, hands the rest to the matching
/// engine, and answers with its first word. What the venue tells only on the order stream is acknowledged here.
/// </summary>
internal sealed class BybitEntry(Exchange exchange)
{
    /// <summary>Orders of a batch.</summary>
    internal const int BatchMax = 20;

    /// <summary>Orders of a batch of pairs.</summary>
    internal const int SpotBatchMax = 10;

    // How far from the mark an order may be priced: a tenth.
    private const decimal Band = 0.1m;

    private readonly BybitOrderReader _reader = new(exchange);

    internal static readonly string[] Categories = ["linear", "spot"];

    /// <summary>Highest price of a buy and lowest of a sell.</summary>
    internal static (long Buy, long Sell) LimitsOf(ListedInstrument instrument)
    {
        long tick = instrument.Rules.Tick;
        decimal units = instrument.Mark * Instrument.PowerOf10(instrument.Rules.PriceExponent);
        return ((long)(units * (1 + Band)) / tick * tick, (((long)(units * (1 - Band)) / tick) + 1) * tick);
    }

    internal void Create(TradingAccount account, string? category, JsonElement args, Action<EntryAnswer> done)
    {
        BybitError error = _reader.Read(account, category, args, out OrderRequest? request);
        if (!error.IsOk)
        {
            done(error);
            return;
        }

        bool spot = request!.Instrument.Kind == InstrumentKind.Spot;
        SandboxOrder? order = null;
        order = account.Place(request, exchange.Now, answer =>
        {
            BybitError? refusal = answer.IsDone ? null : BybitError.OfRejection(answer.Reason, spot);
            if (refusal is { } known)
            {
                account.Discard(order!);
                done(known);
            }
            else
            {
                done(new EntryAnswer(BybitError.Ok, order));
            }
        });
    }

    internal void Amend(TradingAccount account, string? category, JsonElement args, Action<EntryAnswer> done)
    {
        BybitError error = Find(account, category, args, out SandboxOrder? order);
        if (!error.IsOk)
        {
            done(error);
            return;
        }

        ListedInstrument instrument = order!.Instrument;
        bool spot = instrument.Kind == InstrumentKind.Spot;
        long price = order.Price;
        long quantity = order.Quantity;
        long trigger = order.TriggerPrice;
        if ((Json.Text(args, "price") is { Length: > 0 } newPrice && !Units.TryParse(newPrice, instrument.Rules.PriceExponent, out price))
            || (Json.Text(args, "triggerPrice") is { Length: > 0 } newTrigger && !Units.TryParse(newTrigger, instrument.Rules.PriceExponent, out trigger)))
        {
            done(BybitError.OfRejection(ReportReason.PriceOffTick, spot)!.Value);
            return;
        }

        if (Json.Text(args, "qty") is { Length: > 0 } newQuantity && !Units.TryParse(newQuantity, instrument.Rules.QuantityExponent, out quantity))
        {
            done(BybitError.OfRejection(ReportReason.QuantityOffLot, spot)!.Value);
            return;
        }

        error = price == order.Price && quantity == order.Quantity && trigger == order.TriggerPrice
                ? BybitError.Params("The order remains unchanged as the parameters entered match the existing ones.")
            : quantity <= order.Filled ? BybitError.OfRejection(ReportReason.AmendBelowFilled, spot)!.Value
            : order.IsLimit && !IsInBand(instrument, order.Side, price) ? BybitError.Band(spot, order.Side == Side.Buy)
            : spot && !HasFunds(account, instrument, order.Side, price, quantity - order.Filled, order) ? BybitError.Balance(spot)
            : BybitError.Ok;
        if (!error.IsOk)
        {
            done(error);
            return;
        }

        account.Amend(order, order.IsLimit ? price : 0, quantity, trigger, exchange.Now, answer =>
        {
            if (answer.IsDone && trigger != order.TriggerPrice)
            {
                order.TriggerPrice = trigger;
            }

            done(answer.IsDone ? new EntryAnswer(BybitError.Ok, order) : BybitError.OfRejection(answer.Reason, spot) ?? BybitError.ServerError);
        });
    }

    internal void Cancel(TradingAccount account, string? category, JsonElement args, Action<EntryAnswer> done)
    {
        BybitError error = Find(account, category, args, out SandboxOrder? order);
        if (!error.IsOk)
        {
            done(error);
            return;
        }

        // A cancel that loses against a fill is acknowledged too: the order stream tells.
        account.Cancel(order!, exchange.Now, _ => done(new EntryAnswer(BybitError.Ok, order)));
    }

    /// <summary>Cancels all orders of a choice; answers when all of them are answered.</summary>
    internal void CancelAll(TradingAccount account, string? category, JsonElement args, Action<BybitError, List<SandboxOrder>> done)
    {
        string? symbol = Json.Text(args, "symbol");
        string? coin = Json.Text(args, "baseCoin");
        string? settle = Json.Text(args, "settleCoin");
        List<SandboxOrder> chosen = [];
        if (Array.IndexOf(Categories, category) < 0)
        {
            done(BybitError.Params("Illegal category"), chosen);
            return;
        }

        if (category == "linear" && symbol is null && coin is null && settle is null)
        {
            done(BybitError.Params("Missing some parameters that must be filled in, symbol or settleCoin or baseCoin"), chosen);
            return;
        }

        foreach (SandboxOrder order in account.Open)
        {
            ListedInstrument instrument = order.Instrument;
            if (order.IsOpen && instrument.Category == category && (symbol is null || instrument.Symbol == symbol)
                && (coin is null || instrument.Base == coin) && (settle is null || category == "spot" || instrument.Quote == settle))
            {
                chosen.Add(order);
            }
        }

        int left = chosen.Count;
        if (left == 0)
        {
            done(BybitError.Ok, chosen);
            return;
        }

        foreach (SandboxOrder order in chosen.ToArray())
        {
            account.Cancel(order, exchange.Now, _ =>
            {
                if (--left == 0)
                {
                    done(BybitError.Ok, chosen);
                }
            });
        }
    }

    /// <summary>One request of a batch after the other; answers by position when all are answered.</summary>
    internal void Batch(
        TradingAccount account, string verb, JsonElement body, int allowed, Action<BybitError, EntryAnswer[], string[]> done)
    {
        string? category = Json.Text(body, "category");
        bool known = Array.IndexOf(Categories, category) >= 0;
        if (!known || !body.TryGetProperty("request", out JsonElement list) || list.ValueKind != JsonValueKind.Array || list.GetArrayLength() == 0)
        {
            done(BybitError.Params(known ? "Params Error: request" : "Illegal category"), [], []);
            return;
        }

        int count = list.GetArrayLength();
        if (count > (category == "spot" ? SpotBatchMax : BatchMax))
        {
            done(BybitError.Params("The number of orders in the batch exceeds the limit"), [], []);
            return;
        }

        EntryAnswer[] answers = new EntryAnswer[count];
        string[] symbols = new string[count];
        int left = count;
        for (int i = 0; i < count; i++)
        {
            int place = i;
            JsonElement args = list[i];
            symbols[i] = Json.Text(args, "symbol") ?? string.Empty;
            if (i >= allowed)
            {
                Answered(place, BybitError.TooMany);
                continue;
            }

            Action<TradingAccount, string?, JsonElement, Action<EntryAnswer>> carryOut = verb switch
            {
                "create" => Create,
                "amend" => Amend,
                _ => Cancel,
            };
            carryOut(account, category, args, answer => Answered(place, answer));
        }

        void Answered(int place, EntryAnswer answer)
        {
            answers[place] = answer;
            if (--left == 0)
            {
                done(BybitError.Ok, answers, symbols);
            }
        }
    }

    /// <summary>True when the venue takes a price.</summary>
    internal static bool IsInBand(ListedInstrument instrument, Side side, long price)
    {
        (long buy, long sell) = LimitsOf(instrument);
        return !instrument.IsReady || (side == Side.Buy ? price <= buy : price >= sell);
    }

    /// <summary>True when the coins of a pair pay for an order: free are those that no other open order holds.</summary>
    internal static bool HasFunds(
        TradingAccount account, ListedInstrument instrument, Side side, long price, long quantity, SandboxOrder? except)
    {
        decimal wanted = side == Side.Buy ? instrument.Notional(price, quantity) : instrument.Quantity(quantity);
        string coin = side == Side.Buy ? instrument.Quote : instrument.Base;
        return account.Ledger.CashOf(coin) - BybitWalletView.Locked(account, coin, except) >= wanted;
    }

    private static BybitError Find(TradingAccount account, string? category, JsonElement args, out SandboxOrder? order)
    {
        order = null;
        if (Array.IndexOf(Categories, category) < 0)
        {
            return BybitError.Params("Illegal category");
        }

        bool spot = category == "spot";
        string? id = Json.Text(args, "orderId");
        string? link = Json.Text(args, "orderLinkId");
        if (string.IsNullOrEmpty(id) && string.IsNullOrEmpty(link))
        {
            return BybitError.Params("Params Error: orderId or orderLinkId is required");
        }

        SandboxOrder? found = !string.IsNullOrEmpty(id) ? account.ByVenueId(id) : account.ByClientId(link!);
        if (found is null || found.Instrument.Category != category
            || (Json.Text(args, "symbol") is { } symbol && symbol != found.Instrument.Symbol))
        {
            return BybitError.NotFound(spot);
        }

        order = found;
        return found.IsOpen ? BybitError.Ok
            : !spot ? BybitError.NotFound(spot)
            : found.Phase == OrderPhase.Filled ? new BybitError(170139, "Order has been filled.")
            : new BybitError(170142, "Order has been canceled.");
    }
}
