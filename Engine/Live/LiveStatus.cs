using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text;
using System.Text.Json;
using LowLatency.Core.Events;
using LowLatency.Core.Risk;
using LowLatency.Core.Values;
using LowLatency.Engine.Configuration;
using LowLatency.Gateways.Live;

namespace LowLatency.Engine.Live;

/// <summary>Numbers of a live run, as its hot thread last told them. Nothing in it is allocated again.</summary>
internal struct LiveFigures
{
    internal LivePhase Phase;
    internal TradingState Trading;
    internal ReportReason Gate;
    internal bool IsMarketLive;
    internal bool IsKilled;
    internal bool IsKillProven;
    internal long Now;
    internal long Sequence;
    internal long Events;
    internal long New;
    internal long Amended;
    internal long Cancelled;
    internal long Executions;
    internal long Rejections;
    internal long ReadPasses;
    internal long ReadFailures;
    internal int OrdersHere;
    internal int OrdersThere;
    internal int ForeignOrders;
    internal int Unresolved;
}

/// <summary>Numbers of one account of a live run.</summary>
internal struct PlaceFigures
{
    internal ReportReason Gate;
    internal LinkState AccountLink;
    internal LinkState TradeLink;
    internal long ClockOffset;
    internal int Unresolved;
}

/// <summary>The status of a live run: told by the hot thread a few times a second, read by whoever asks.</summary>
internal sealed class LiveStatus(EngineConfiguration configuration, IReadOnlyList<string> accounts, int epoch)
{
    private readonly LiveView _view = new(configuration.Live!.Instruments.Length, configuration.Live!.Places.Length);
    private readonly PlaceFigures[] _places = new PlaceFigures[configuration.Live!.Places.Length];
    private Func<InstrumentId, long>? _there;

    /// <summary>Tells the present numbers.</summary>
    /// <param name="figures">The numbers.</param>
    /// <param name="session">Positions here.</param>
    /// <param name="watch">Positions there.</param>
    /// <param name="venues">The accounts.</param>
    internal void Tell(in LiveFigures figures, Running.Session session, LiveWatch watch, LiveAccounts venues)
    {
        for (int i = 0; i < _places.Length; i++)
        {
            LiveVenue venue = venues.All[i];
            _places[i] = new PlaceFigures
            {
                Gate = venue.Gate,
                AccountLink = venue.AccountState,
                TradeLink = venue.TradeState,
                ClockOffset = venue.Clock.Offset,
                Unresolved = venue.Unresolved,
            };
        }

        _view.Tell(figures, session.Pipeline, _there ??= watch.PositionThere, _places);
    }

    /// <summary>The status as one line of JSON.</summary>
    /// <param name="alerts">What waits to be acknowledged.</param>
    internal byte[] ToJson(AlertSender alerts)
    {
        using MemoryStream stream = new();
        using Utf8JsonWriter writer = new(stream);
        LiveCopy view = _view.Read();
        LiveFigures figures = view.Figures;
        writer.WriteStartObject();
        writer.WriteNumber("process", Environment.ProcessId);
        writer.WriteString("name", configuration.Name);
        writer.WriteString("decisionHash", Convert.ToHexStringLower(configuration.DecisionHash.AsSpan()));
        writer.WriteNumber("epoch", epoch);
        writer.WriteString("phase", figures.Phase.ToString());
        writer.WriteString("trading", figures.Trading.ToString());
        writer.WriteString("gate", figures.Gate.ToString());
        writer.WriteBoolean("killed", figures.IsKilled);
        writer.WriteBoolean("killProven", figures.IsKillProven);
        writer.WriteBoolean("marketLive", figures.IsMarketLive);
        writer.WriteNumber("at", figures.Now);
        writer.WriteNumber("sequence", figures.Sequence);
        writer.WriteNumber("checksum", view.Checksum);
        writer.WriteNumber("events", figures.Events);
        writer.WriteStartObject("commands");
        writer.WriteNumber("new", figures.New);
        writer.WriteNumber("amend", figures.Amended);
        writer.WriteNumber("cancel", figures.Cancelled);
        writer.WriteEndObject();
        writer.WriteNumber("executions", figures.Executions);
        writer.WriteNumber("rejections", figures.Rejections);
        writer.WriteStartObject("orders");
        writer.WriteNumber("here", figures.OrdersHere);
        writer.WriteNumber("there", figures.OrdersThere);
        writer.WriteNumber("foreign", figures.ForeignOrders);
        writer.WriteNumber("unresolved", figures.Unresolved);
        writer.WriteEndObject();
        writer.WriteNumber("readings", figures.ReadPasses);
        writer.WriteNumber("failedReadings", figures.ReadFailures);
        WritePlaces(writer, view.Places);
        writer.WriteStartArray("positions");
        for (int i = 0; i < view.Positions.Length; i++)
        {
            PositionFigures position = view.Positions[i];
            int quantity = (int)position.QuantityExponent;
            writer.WriteStartObject();
            writer.WriteString("symbol", configuration.Live!.Instruments[i].Symbol);
            writer.WriteString("venue", configuration.Live!.Instruments[i].Venue.ToString());
            writer.WriteString("kind", configuration.Live!.Instruments[i].Kind.ToString());
            writer.WriteString("here", FixedDecimal.Format(position.Here, quantity));
            writer.WriteString("there", FixedDecimal.Format(position.There, quantity));
            writer.WriteString("cost", FixedDecimal.Format(position.Cost, Money.Exponent));
            writer.WriteString("mark", FixedDecimal.Format(position.Mark, (int)position.PriceExponent));
            writer.WriteString("unrealised", FixedDecimal.Format(position.Unrealised, Money.Exponent));
            writer.WriteString("realised", FixedDecimal.Format(position.Realised, Money.Exponent));
            writer.WriteString("fees", FixedDecimal.Format(position.Fees, Money.Exponent));
            writer.WriteNumber("executions", position.Executions);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartObject("alerts");
        writer.WriteNumber("waiting", alerts.Waiting);
        writer.WriteNumber("acknowledged", alerts.Acknowledged);
        writer.WriteNumber("failures", alerts.Failures);
        writer.WriteNumber("dropped", alerts.Dropped);
        writer.WriteEndObject();
        writer.WriteStartObject("alarms");
        foreach (LiveAlarm alarm in Enum.GetValues<LiveAlarm>())
        {
            if (alerts.Told(alarm) is > 0 and long times)
            {
                writer.WriteNumber(alarm.ToString(), times);
            }
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.Flush();
        return stream.ToArray();
    }

    private void WritePlaces(Utf8JsonWriter writer, PlaceFigures[] places)
    {
        writer.WriteStartArray("venues");
        for (int i = 0; i < places.Length; i++)
        {
            LivePlace place = configuration.Live!.Places[i];
            writer.WriteStartObject();
            writer.WriteString("venue", place.Venue.ToString());
            writer.WriteString("environment", place.Environment.ToString());
            writer.WriteString("account", accounts[i]);
            writer.WriteString("gate", places[i].Gate.ToString());
            writer.WriteString("accountStream", places[i].AccountLink.ToString());
            writer.WriteString("orderEntry", places[i].TradeLink.ToString());
            writer.WriteNumber("clockOffsetNs", places[i].ClockOffset);
            writer.WriteNumber("unresolved", places[i].Unresolved);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    /// <summary>The JSON of a status as a table for people.</summary>
    /// <param name="json">The JSON.</param>
    internal static string ToTable(ReadOnlyMemory<byte> json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        StringBuilder table = new();
        Add(table, document.RootElement, string.Empty);
        return table.ToString();
    }

    private static void Add(StringBuilder table, JsonElement element, string prefix)
    {
        foreach (JsonProperty property in element.EnumerateObject())
        {
            string name = prefix + property.Name;
            switch (property.Value.ValueKind)
            {
                case JsonValueKind.Object:
                    Add(table, property.Value, name + ".");
                    break;
                case JsonValueKind.Array:
                    foreach (JsonElement row in property.Value.EnumerateArray())
                    {
                        table.AppendLine(CultureInfo.InvariantCulture, $"{name,-22} {row}");
                    }

                    break;
                default:
                    table.AppendLine(CultureInfo.InvariantCulture, $"{name,-22} {property.Value}");
                    break;
            }
        }
    }
}
