using System.Globalization;

namespace LowLatency.Engine.Configuration;

/// <summary>Rules between the options of the simulated venue.</summary>
internal sealed class VenueChecks(ConfigurationReader reader)
{
    internal void Check(GroupSetting? venue, GroupSetting? risk)
    {
        if (venue is null)
        {
            return;
        }

        CheckLatency(venue.Find("entryLatency") as GroupSetting);
        CheckLatency(venue.Find("responseLatency") as GroupSetting);
        CheckMargin(venue.Find("money") as GroupSetting);
        CheckQueue(venue.Find("matching") as GroupSetting);
        CheckFills(venue.Find("matching") as GroupSetting);
        CheckAccount(venue.Find("money") as GroupSetting, risk);
        CheckMarginCall(venue.Find("money") as GroupSetting, risk);
        long end = 0;
        foreach (Setting setting in venue.Find("incidents") is ListSetting list ? list.Elements : [])
        {
            if (setting is not GroupSetting { Valid: true } incident)
            {
                return;
            }

            long from = incident.Number("fromUnixMs");
            if (from < end)
            {
                reader.Report(
                    incident.Path + ".fromUnixMs",
                    from.ToString(CultureInfo.InvariantCulture),
                    string.Create(CultureInfo.InvariantCulture, $"must be at least {end}, the end of the incident before it"));
            }

            end = from + incident.Number("forMs");
        }
    }

    private void CheckMargin(GroupSetting? money)
    {
        if (money is { Valid: true } && money.Find("margin") is TextSetting { Value: not "none" } margin
            && VenueBuilder.Money(money).Margin.Length == 0)
        {
            reader.Report(margin.Path, "\"" + margin.Value + "\"", "must be \"none\" unless the rules have tiers of margin");
        }
    }

    /// <summary>Only the power families have an exponent.</summary>
    private void CheckQueue(GroupSetting? matching)
    {
        if (matching?.Find("queueExponentThousandths") is IntegerSetting { Valid: true } exponent
            && exponent.Value != VenueSchema.UsualQueueExponent
            && matching.Find("queue") is TextSetting { Valid: true } queue
            && !queue.Value.StartsWith("power", System.StringComparison.Ordinal))
        {
            reader.Report(
                exponent.Path,
                exponent.Value.ToString(CultureInfo.InvariantCulture),
                $"must be left out with queue {queue.Value}: only the power families have an exponent");
        }
    }

    /// <summary>Who is filled whole at what is shown takes nothing beyond it.</summary>
    private void CheckFills(GroupSetting? matching)
    {
        if (matching?.Find("fills") is TextSetting { Value: "lean" }
            && matching.Find("impact") is TextSetting { Valid: true, Value: not "none" } impact)
        {
            reader.Report(impact.Path, "\"" + impact.Value + "\"", "must be \"none\" with fills \"lean\": orders are filled whole at what is shown");
        }
    }

    private void CheckAccount(GroupSetting? money, GroupSetting? risk)
    {
        if (money?.Find("account") is TextSetting { Value: "enforced" } account && risk is not null && risk.Find("account") is null)
        {
            reader.Report(account.Path, "\"enforced\"", "must be \"unchecked\" unless there are rules in risk.account");
        }
    }

    /// <summary>Only a margin account is lent anything that could be called.</summary>
    private void CheckMarginCall(GroupSetting? money, GroupSetting? risk)
    {
        if (money?.Find("marginCall") is not TextSetting { Value: "sell-out" } call)
        {
            return;
        }

        bool enforced = money.Find("account") is TextSetting { Value: "enforced" };
        bool margin = risk?.Find("account") is GroupSetting account && account.Find("kind") is TextSetting { Value: "margin" };
        if (!enforced || !margin)
        {
            reader.Report(call.Path, "\"sell-out\"", "must be \"none\" unless account is \"enforced\" and risk.account is of kind \"margin\"");
        }
    }

    private void CheckLatency(GroupSetting? latency)
    {
        if (latency is not { Valid: true })
        {
            return;
        }

        int ways = 0;
        foreach (string way in (string[])["uniform", "lognormal", "recorded"])
        {
            ways += latency.Find(way) is null ? 0 : 1;
        }

        if (ways != 1)
        {
            reader.Report(
                latency.Path,
                string.Create(CultureInfo.InvariantCulture, $"{ways} of uniform, lognormal, recorded"),
                "must be exactly one of them");
        }

        if (latency.Find("lognormal") is GroupSetting lognormal && lognormal.Number("medianUs") > lognormal.Number("mostUs"))
        {
            reader.Report(
                lognormal.Path + ".medianUs",
                lognormal.Number("medianUs").ToString(CultureInfo.InvariantCulture),
                string.Create(CultureInfo.InvariantCulture, $"must be at most mostUs, which is {lognormal.Number("mostUs")}"));
        }
    }
}
