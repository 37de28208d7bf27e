using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text;
using System.Text.Json;
using System.Threading;
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
    private readonly Lock _turn = new();
    private readonly long[] _here = new long[configuration.Live!.Instruments.Length];
    private readonly long[] _there = new long[configuration.Live!.Instruments.Length];
    private readonly byte[] _exponents = new byte[configuration.Live!.Instruments.Length];
    private readonly PlaceFigures[] _places = new PlaceFigures[configuration.Live!.Places.Length];
    private LiveFigures _figures;

    /// <summary>Tells the present numbers.</summary>
    /// <param name="figures">The numbers.</param>
    /// <param name="session">Positions here.</param>
    /// <param name="watch">Positions there.</param>
    /// <param name="venues">The accounts.</param>
    internal void Tell(in LiveFigures figures, Running.Session session, LiveWatch watch, LiveAccounts venues)
    {
        lock (_turn)
        {
            _figures = figures;
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

            for (int i = 0; i < _here.Length; i++)
            {
                InstrumentId id = new((ushort)(i + 1));
                _here[i] = session.Pipeline.Portfolio.VenuePosition(id);
                _there[i] = watch.PositionThere(id);
                _exponents[i] = session.Pipeline.Market[id].Definition.QuantityExponent;
            }
        }
    }

    /// <summary>The status as one line of JSON.</summary>
    /// <param name="alerts">What waits to be acknowledged.</param>
    internal byte[] ToJson(AlertSender alerts)
    {
        using MemoryStream stream = new();
        using Utf8JsonWriter writer = new(stream);
        lock (_turn)
        {
            writer.WriteStartObject();
            writer.WriteNumber("process", Environment.ProcessId);
            writer.WriteString("name", configuration.Name);
            writer.WriteString("decisionHash", Convert.ToHexStringLower(configuration.DecisionHash.AsSpan()));
            writer.WriteNumber("epoch", epoch);
            writer.WriteString("phase", _figures.Phase.ToString());
            writer.WriteString("trading", _figures.Trading.ToString());
            writer.WriteString("gate", _figures.Gate.ToString());
            writer.WriteBoolean("killed", _figures.IsKilled);
            writer.WriteBoolean("killProven", _figures.IsKillProven);
            writer.WriteBoolean("marketLive", _figures.IsMarketLive);
            writer.WriteNumber("at", _figures.Now);
            writer.WriteNumber("sequence", _figures.Sequence);
            writer.WriteNumber("events", _figures.Events);
            writer.WriteStartObject("commands");
            writer.WriteNumber("new", _figures.New);
            writer.WriteNumber("amend", _figures.Amended);
            writer.WriteNumber("cancel", _figures.Cancelled);
            writer.WriteEndObject();
            writer.WriteNumber("executions", _figures.Executions);
            writer.WriteNumber("rejections", _figures.Rejections);
            writer.WriteStartObject("orders");
            writer.WriteNumber("here", _figures.OrdersHere);
            writer.WriteNumber("there", _figures.OrdersThere);
            writer.WriteNumber("foreign", _figures.ForeignOrders);
            writer.WriteNumber("unresolved", _figures.Unresolved);
            writer.WriteEndObject();
            writer.WriteNumber("readings", _figures.ReadPasses);
            writer.WriteNumber("failedReadings", _figures.ReadFailures);
            WritePlaces(writer);
            writer.WriteStartArray("positions");
            for (int i = 0; i < _here.Length; i++)
            {
                writer.WriteStartObject();
                writer.WriteString("symbol", configuration.Live!.Instruments[i].Symbol);
                writer.WriteString("venue", configuration.Live!.Instruments[i].Venue.ToString());
                writer.WriteString("kind", configuration.Live!.Instruments[i].Kind.ToString());
                writer.WriteString("here", FixedDecimal.Format(_here[i], _exponents[i]));
                writer.WriteString("there", FixedDecimal.Format(_there[i], _exponents[i]));
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        writer.WriteStartObject("alerts");
        writer.WriteNumber("waiting", alerts.Waiting);
        writer.WriteNumber("acknowledged", alerts.Acknowledged);
        writer.WriteNumber("failures", alerts.Failures);
        writer.WriteNumber("dropped", alerts.Dropped);
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.Flush();
        return stream.ToArray();
    }

    private void WritePlaces(Utf8JsonWriter writer)
    {
        writer.WriteStartArray("venues");
        for (int i = 0; i < _places.Length; i++)
        {
            LivePlace place = configuration.Live!.Places[i];
            writer.WriteStartObject();
            writer.WriteString("venue", place.Venue.ToString());
            writer.WriteString("environment", place.Environment.ToString());
            writer.WriteString("account", accounts[i]);
            writer.WriteString("gate", _places[i].Gate.ToString());
            writer.WriteString("accountStream", _places[i].AccountLink.ToString());
            writer.WriteString("orderEntry", _places[i].TradeLink.ToString());
            writer.WriteNumber("clockOffsetNs", _places[i].ClockOffset);
            writer.WriteNumber("unresolved", _places[i].Unresolved);
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
