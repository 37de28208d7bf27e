using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using Xunit;

namespace LowLatency.Tests.Architecture;

/// <summary>
/// The format: sizes, offsets and numbers of everything that lies in the ring or on disk, held against the tables of
/// <c>docs/events.md</c> and against what the comments in the code say.
/// </summary>
public sealed partial class LayoutTests
{
    private static readonly Type[] Sections =
        [typeof(Decision), typeof(Signal), typeof(Suppression), typeof(Intent), typeof(Verdict), typeof(Command)];

    private static readonly Type[] Payloads = [.. typeof(Event).Assembly.GetTypes()
        .Where(type => type.IsValueType && type.IsAssignableTo(typeof(IPayload)))];

    private static readonly Type[] Stored = [typeof(Event), .. Payloads, .. Sections];

    /// <summary>Enumerations of events and values that are stored: those with a declared small integer type.</summary>
    private static readonly Type[] Enumerations = [.. typeof(Event).Assembly.GetTypes()
        .Where(type => type.IsEnum && type != typeof(EventKind) && Enum.GetUnderlyingType(type) != typeof(int)
            && (type.Namespace == typeof(Event).Namespace || type.Namespace == typeof(Side).Namespace))];

    /// <summary>Numbers are never reused: a line here is never changed and never removed.</summary>
    private static readonly (EventKind Kind, int Number, Type Payload, int Bytes)[] Kinds =
    [
        (EventKind.InstrumentDefined, 1, typeof(InstrumentDefined), 88),
        (EventKind.Trade, 2, typeof(Trade), 32),
        (EventKind.Quote, 3, typeof(Quote), 40),
        (EventKind.BookLevels, 4, typeof(BookLevels), 88),
        (EventKind.Bar, 5, typeof(Bar), 72),
        (EventKind.TradingStatus, 6, typeof(TradingStatusChanged), 8),
        (EventKind.StreamState, 7, typeof(StreamStateChanged), 8),
        (EventKind.DerivativePrices, 8, typeof(DerivativePrices), 48),
        (EventKind.Liquidation, 9, typeof(Liquidation), 24),
        (EventKind.PriceBand, 10, typeof(PriceBand), 16),
        (EventKind.TradeCorrected, 11, typeof(TradeCorrected), 40),
        (EventKind.CorporateAction, 12, typeof(CorporateAction), 64),
        (EventKind.Tick, 16, typeof(Tick), 16),
        (EventKind.EpochStarted, 32, typeof(EpochStarted), 80),
        (EventKind.EpochEnded, 33, typeof(EpochEnded), 8),
        (EventKind.Continue, 34, typeof(Continue), 8),
        (EventKind.Operator, 35, typeof(OperatorCommand), 8),
        (EventKind.BlobPart, 36, typeof(BlobPart), 88),
        (EventKind.CashMoved, 37, typeof(CashMoved), 16),
        (EventKind.CommandOutcome, 48, typeof(CommandOutcome), 24),
        (EventKind.OrderReport, 49, typeof(OrderReport), 56),
        (EventKind.Execution, 50, typeof(Execution), 64),
        (EventKind.CashBooked, 51, typeof(CashBooked), 56),
        (EventKind.PositionReport, 52, typeof(PositionReport), 64),
        (EventKind.BalanceReport, 53, typeof(BalanceReport), 64),
        (EventKind.ReadBack, 54, typeof(ReadBack), 24),
        (EventKind.Adjustment, 55, typeof(Adjustment), 88),
        (EventKind.Protection, 56, typeof(Protection), 32),
        (EventKind.CalendarDay, 57, typeof(CalendarDay), 32),
    ];

    public static TheoryData<string> StoredNames => [.. Stored.Select(type => type.Name)];

    public static TheoryData<string> EnumerationNames => [.. Enumerations.Select(type => type.Name)];

    [Fact]
    public void Every_kind_keeps_its_number_and_its_payload()
    {
        Assert.Equal(Kinds.Length, Payloads.Length);
        Assert.Equal(Kinds.Length + 1, Enum.GetValues<EventKind>().Distinct().Count());
        foreach ((EventKind kind, int number, Type payload, int bytes) in Kinds)
        {
            Assert.Equal(number, (int)kind);
            Assert.Equal(kind, Static<EventKind>(payload, nameof(IPayload.Kind)));
            Assert.True(Static<byte>(payload, nameof(IPayload.Version)) >= 1);
            Assert.Equal(bytes, StructLayouts.SizeOf(payload));
            FieldInfo field = typeof(Event).GetField(kind.ToString())!;
            Assert.Equal(payload, field.FieldType);
            Assert.Equal(Event.PayloadOffset, StructLayouts.Of(typeof(Event)).Single(at => at.Name == field.Name).Offset);
        }
    }

    [Fact]
    public void An_event_is_two_cache_lines()
    {
        Assert.Equal(128, StructLayouts.SizeOf(typeof(Event)));
        Assert.Equal(128, Event.Size);
        Assert.Equal(120 - 32, Event.PayloadSize);
        Assert.Equal(124, Event.CrcOffset);
    }

    [Theory]
    [MemberData(nameof(StoredNames))]
    public void What_is_stored_has_no_reference_and_no_padding(string name)
    {
        Type type = Stored.Single(stored => stored.Name == name);
        Assert.False(StructLayouts.HasReferences(type));
        Assert.Empty(StructLayouts.Padding(type));
        Assert.True(!Payloads.Contains(type) || StructLayouts.SizeOf(type) <= Event.PayloadSize);
    }

    [Theory]
    [MemberData(nameof(StoredNames))]
    public void The_comment_of_a_stored_type_tells_its_size(string name)
    {
        Type type = Stored.Single(stored => stored.Name == name);
        if (type == typeof(Decision))
        {
            // Its size follows from the limits; the document has it.
            return;
        }

        string comment = XDocument.Load(Path.ChangeExtension(Assemblies.Core, ".xml")).Descendants("member")
            .Single(member => (string?)member.Attribute("name") == "T:" + type.FullName).Element("summary")!.Value;
        Match told = Bytes().Match(comment);
        Assert.True(told.Success, comment);
        Assert.Equal(StructLayouts.SizeOf(type), int.Parse(told.Groups[1].Value, CultureInfo.InvariantCulture));
    }

    [Theory]
    [MemberData(nameof(StoredNames))]
    public void The_document_tells_every_field(string name) => Assert.Empty(Differences(EventsDocument.Text, name));

    [Fact]
    public void The_document_has_the_stored_types_and_no_other()
    {
        EventsDocument document = EventsDocument.Parse(EventsDocument.Text);
        Assert.Equal(Stored.Select(type => type.Name).Order(StringComparer.Ordinal), document.Structs.Order(StringComparer.Ordinal));
        Assert.Equal(
            Enumerations.Select(type => type.Name).Order(StringComparer.Ordinal),
            document.Enumerations.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_document_tells_every_kind()
    {
        string[] told = [.. EventsDocument.Parse(EventsDocument.Text).Rows("Kinds").Skip(1).Select(row => string.Join(' ', row))];
        string[] compiled = [.. Kinds.Select(kind => string.Create(
            CultureInfo.InvariantCulture,
            $"{kind.Number} {kind.Kind} {kind.Payload.Name} {Static<byte>(kind.Payload, nameof(IPayload.Version))} {kind.Bytes}"))];
        Assert.Equal(compiled, told);
    }

    [Theory]
    [MemberData(nameof(EnumerationNames))]
    public void The_document_tells_every_number_of_an_enumeration(string name)
    {
        Type type = Enumerations.Single(enumeration => enumeration.Name == name);
        EventsDocument document = EventsDocument.Parse(EventsDocument.Text);
        Assert.Equal(Enum.GetUnderlyingType(type) == typeof(byte) ? "byte" : "ushort", document.Sizes[name]);
        Assert.Equal(
            Enum.GetNames(type).Select(member =>
                (Convert.ToInt32(Enum.Parse(type, member), CultureInfo.InvariantCulture), member)).Order(),
            document.Rows(name).Select(row => (int.Parse(row[0], CultureInfo.InvariantCulture), row[1])).Order());
    }

    [Theory]
    [InlineData("| 24 | 4 | `SaleCondition` | `uint` |", "| 28 | 4 | `SaleCondition` | `uint` |")]
    [InlineData("| 24 | 4 | `SaleCondition` | `uint` |", "| 24 | 4 | `SaleCondition` | `int` |")]
    [InlineData("| 24 | 4 | `SaleCondition` | `uint` |", "| 24 | 4 | `SalesCondition` | `uint` |")]
    [InlineData("### `Trade`, 32 bytes", "### `Trade`, 40 bytes")]
    public void A_wrong_row_of_the_document_is_found(string right, string wrong)
    {
        Assert.Contains(right, EventsDocument.Text, StringComparison.Ordinal);
        Assert.NotEmpty(Differences(EventsDocument.Text.Replace(right, wrong, StringComparison.Ordinal), nameof(Trade)));
    }

    [Fact]
    public void Padding_and_references_are_found()
    {
        Assert.Equal([2, 3, 13, 14, 15], StructLayouts.Padding(typeof(Padded)));
        Assert.Empty(StructLayouts.Padding(typeof(Unpadded)));
        Assert.True(StructLayouts.HasReferences(typeof(Referring)));
    }

    private static IEnumerable<string> Differences(string text, string name)
    {
        Type type = Stored.Single(stored => stored.Name == name);
        EventsDocument document = EventsDocument.Parse(text);
        if (document.Sizes.GetValueOrDefault(name) != StructLayouts.SizeOf(type) + " bytes")
        {
            yield return $"size of {name}";
        }

        HashSet<FieldLayout> told = [.. document.Fields(name)];
        HashSet<FieldLayout> compiled = [.. StructLayouts.Of(type)
            .Where(field => type != typeof(Event) || field.Offset != Event.PayloadOffset)];
        told.SymmetricExceptWith(compiled);
        foreach (FieldLayout field in told)
        {
            yield return field.ToString();
        }
    }

    private static T Static<T>(Type type, string name) =>
        (T)type.GetProperty(name, BindingFlags.Public | BindingFlags.Static)!.GetValue(null)!;

    [GeneratedRegex(@"\b(\d+) bytes")]
    private static partial Regex Bytes();

    [StructLayout(LayoutKind.Sequential, Pack = 8)]
    private struct Unpadded
    {
        public ushort First;
        public ushort Second;
        public int Third;
    }

    [StructLayout(LayoutKind.Sequential, Pack = 8)]
    private struct Padded
    {
        public ushort First;
        public Unpadded Inner;
        public byte Last;
    }

    private struct Referring
    {
        public string? Text = null;

        public Referring()
        {
        }
    }
}
