namespace LowLatency.Gateways.Sim;

/// <summary>The scenario of what goes wrong: a table of instants, so that it is the same in every run.</summary>
internal sealed class Incidents(VenueIncident[] incidents)
{
    /// <summary>The incident at an instant.</summary>
    /// <returns>False when all is well.</returns>
    internal bool TryAt(long instant, out VenueIncident incident)
    {
        int low = 0;
        int high = incidents.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (incidents[middle].To <= instant)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        bool found = low < incidents.Length && incidents[low].From <= instant;
        incident = found ? incidents[low] : default;
        return found;
    }

    /// <summary>True while the venue matches nothing.</summary>
    internal bool IsVenueDown(long instant) =>
        incidents.Length != 0 && TryAt(instant, out VenueIncident incident)
        && incident.Kind is IncidentKind.Reject or IncidentKind.Delay;

    /// <summary>When a report that would arrive at an instant arrives: after the end, while the line is down.</summary>
    internal long LineUp(long instant)
    {
        // One incident may begin where another ends.
        while (TryAt(instant, out VenueIncident incident)
            && incident.Kind is IncidentKind.Disconnect or IncidentKind.Unknown or IncidentKind.Lost)
        {
            instant = incident.To;
        }

        return instant;
    }

    /// <summary>When a command that would arrive at an instant is taken: after the end, while the venue lets it wait.</summary>
    internal long VenueUp(long instant)
    {
        while (TryAt(instant, out VenueIncident incident) && incident.Kind == IncidentKind.Delay)
        {
            instant = incident.To;
        }

        return instant;
    }
}
