using System;
using LowLatency.Core.Events;
using LowLatency.Core.Values;

namespace LowLatency.Core.Risk;

/// <summary>
/// Checks on how the value of a currency's positions is spread: one instrument against equity, everything net, and the
/// groups (sectors) gross and net. All on the worst case, all with the order's own instrument at its new worst.
/// </summary>
internal sealed class ConcentrationCheck(RiskSettings settings, int[] groupOf)
{
    /// <summary>Checks 21 to 24.</summary>
    /// <param name="order">The order.</param>
    /// <param name="value">What everything else is worth.</param>
    /// <param name="check">Is cut.</param>
    internal void Cap(in OrderCase order, in Valuation value, ref RiskCheck check)
    {
        if (check.Left <= order.Reducing)
        {
            return;
        }

        ref readonly Instrument instrument = ref order.Market.Definition;
        long own = instrument.Notional(
            order.Worth, order.Directed + order.Others + Math.Max(order.Own, check.Left));
        if (settings.MaxConcentrationPpm != 0)
        {
            long most = Wide.MultiplyDivide(Math.Max(0, value.Equity), settings.MaxConcentrationPpm, 1_000_000);
            check.KeepIf(own <= most, order.Reducing, RiskReason.Concentration, own, most);
        }

        long net = own + (order.Side == Side.Buy ? value.MostLong : value.MostShort);
        check.KeepIf(
            settings.MaxNetNotional == 0 || net <= settings.MaxNetNotional,
            order.Reducing,
            RiskReason.NetNotional,
            net,
            settings.MaxNetNotional);
        int group = groupOf[instrument.Id.Value];
        if (group < 0)
        {
            return;
        }

        GroupLimit limit = settings.Groups[group];
        long gross = value.GroupGross + Math.Abs(own);
        check.KeepIf(gross <= limit.MaxGross, order.Reducing, RiskReason.GroupGross, gross, limit.MaxGross);
        long groupNet = own + (order.Side == Side.Buy ? value.GroupLong : value.GroupShort);
        check.KeepIf(groupNet <= limit.MaxNet, order.Reducing, RiskReason.GroupNet, groupNet, limit.MaxNet);
    }
}
