using System.Collections.Generic;
using System.IO;
using System.Text;
using LowLatency.Core.Events;
using LowLatency.Core.Orders;
using LowLatency.Core.Signals;
using LowLatency.Core.Values;

namespace LowLatency.Engine.Explaining;

/// <summary>A strategy's part of a fill.</summary>
/// <param name="Strategy">Its name; the house for what no strategy lacked.</param>
/// <param name="Quantity">Quantity units, signed.</param>
internal sealed record FillPart(string Strategy, long Quantity);

/// <summary>An instruction of the engine on an order, with everything in its event that led to it.</summary>
/// <param name="Cause">The event.</param>
/// <param name="Text">The event as a line.</param>
/// <param name="Wishes">What the strategies with a part in it had stated last.</param>
/// <param name="Held">Signals on this instrument that were suppressed in this event.</param>
/// <param name="Intent">What the portfolio wanted.</param>
/// <param name="Verdict">What risk said.</param>
/// <param name="Command">What was commanded.</param>
internal sealed record Instruction(
    Event Cause,
    string Text,
    IReadOnlyList<StatedWish> Wishes,
    IReadOnlyList<Suppression> Held,
    Intent Intent,
    Verdict Verdict,
    Command Command);

/// <summary>What was heard of an order.</summary>
/// <param name="Report">The event.</param>
/// <param name="Text">The event as a line.</param>
/// <param name="Parts">For a fill: whose it is.</param>
internal sealed record Answer(Event Report, string Text, IReadOnlyList<FillPart> Parts);

/// <summary>
/// The life of one order: event, signals, arbitration, verdict, command, and every report and fill that came back, in the
/// order of events.
/// </summary>
internal sealed class OrderStory
{
    private readonly List<Instruction> _instructions = [];
    private readonly List<Answer> _answers = [];

    internal OrderStory(OrderId order, ushort instance)
    {
        Order = order;
        Instance = instance;
    }

    /// <summary>The order.</summary>
    internal OrderId Order { get; }

    /// <summary>Of which engine.</summary>
    internal ushort Instance { get; }

    /// <summary>What was commanded: first the new order, then its changes.</summary>
    internal IReadOnlyList<Instruction> Instructions => _instructions;

    /// <summary>What came back.</summary>
    internal IReadOnlyList<Answer> Answers => _answers;

    /// <summary>Where the order was at the end of the journal; None when it is no longer kept.</summary>
    internal OrderState State { get; private set; }

    /// <summary>Its instrument's name and units; all zero for one whose definition has gone.</summary>
    internal InstrumentDefined Instrument { get; private set; }

    /// <summary>The styles of the configuration.</summary>
    internal ExecutionStyles Styles { get; private set; } = ExecutionStyles.BuiltIn;

    /// <summary>The names of the strategies, the house first.</summary>
    internal List<string> Names { get; } = ["house"];

    /// <summary>Its client order id at the venue.</summary>
    internal string ClientId => TextOf(Order, Instance);

    /// <summary>Collects the life of an order.</summary>
    /// <param name="directory">A journal directory.</param>
    /// <param name="text">The client order id, or epoch/sequence/ordinal.</param>
    /// <exception cref="InvalidDataException">No such order, or no run.</exception>
    internal static OrderStory Of(string directory, string text)
    {
        using EchoReplay echo = new(directory);
        OrderStory story = new(Parse(text, echo.Started.Instance), echo.Started.Instance);
        story.Names.AddRange(Configured(echo));
        story.Styles = echo.Configuration.Execution?.ToTable() ?? ExecutionStyles.BuiltIn;
        StatedWishes wishes = new();
        while (echo.Next())
        {
            wishes.See(echo);
            story.See(echo, wishes);
        }

        if (story._instructions.Count == 0)
        {
            throw new InvalidDataException(story.Unknown(directory, echo));
        }

        story.State = echo.Pipeline.Orders.TryFind(story.Order, out int place)
            ? echo.Pipeline.Orders[place].State
            : OrderState.None;
        echo.Names.TryGet(story._instructions[0].Command.Instrument, out InstrumentDefined instrument);
        story.Instrument = instrument;
        return story;
    }

    /// <summary>The client order id of an order.</summary>
    internal static string TextOf(OrderId order, ushort instance)
    {
        System.Span<byte> bytes = stackalloc byte[36];
        return Encoding.ASCII.GetString(bytes[..order.Format(instance, bytes)]);
    }

    /// <summary>Takes what an event says of the order.</summary>
    internal void See(EchoReplay echo, StatedWishes wishes)
    {
        ref readonly Decision decision = ref echo.Decision;
        for (int i = 0; i < decision.CommandCount; i++)
        {
            if (decision.Commands[i].Order == Order)
            {
                _instructions.Add(InstructionOf(echo, wishes, decision.Commands[i]));
            }
        }

        Event e = echo.Event;
        bool ours = e.Kind switch
        {
            EventKind.CommandOutcome => e.CommandOutcome.Order == Order,
            EventKind.OrderReport => e.OrderReport.Order == Order,
            EventKind.Execution => e.Execution.Order == Order,
            _ => false,
        };
        if (ours)
        {
            _answers.Add(new Answer(e, echo.Formatter.Human(e).TrimStart(), PartsOf(echo)));
        }
    }

    private static Instruction InstructionOf(EchoReplay echo, StatedWishes wishes, in Command command)
    {
        ref readonly Decision decision = ref echo.Decision;
        Intent intent = default;
        Verdict verdict = default;
        for (int i = 0; i < decision.IntentCount; i++)
        {
            if (decision.Intents[i].Instrument == command.Instrument && decision.Intents[i].Owner == command.Owner)
            {
                intent = decision.Intents[i];
                verdict = decision.Verdicts[i];
            }
        }

        List<StatedWish> stated = [];
        for (ushort s = 1; s <= echo.Configuration.Strategies.Length; s++)
        {
            bool hasPart = intent.HasPart(new StrategyId(s)) || command.Owner.Value == s;
            if (hasPart && wishes.Of(new StrategyId(s), command.Instrument) is { } wish)
            {
                stated.Add(wish);
            }
        }

        List<Suppression> held = [];
        for (int i = 0; i < decision.SuppressionCount; i++)
        {
            if (decision.Suppressions[i].Instrument == command.Instrument)
            {
                held.Add(decision.Suppressions[i]);
            }
        }

        return new Instruction(
            echo.Event, echo.Formatter.Human(echo.Event).TrimStart(), stated, held, intent, verdict, command);
    }

    /// <summary>Whose a fill is: what the fold of this event attributed.</summary>
    private static List<FillPart> PartsOf(EchoReplay echo)
    {
        List<FillPart> parts = [];
        if (echo.Event.Kind != EventKind.Execution)
        {
            return parts;
        }

        for (ushort s = 0; s <= echo.Configuration.Strategies.Length; s++)
        {
            long part = echo.Pipeline.Portfolio.FilledNow(new StrategyId(s));
            if (part != 0)
            {
                parts.Add(new FillPart(echo.NameOf(new StrategyId(s)), part));
            }
        }

        return parts;
    }

    private static IEnumerable<string> Configured(EchoReplay echo)
    {
        foreach (Configuration.StrategyConfiguration strategy in echo.Configuration.Strategies)
        {
            yield return strategy.Name;
        }
    }

    private static OrderId Parse(string text, ushort instance)
    {
        if (OrderId.TryParse(Encoding.ASCII.GetBytes(text), out ushort of, out OrderId order))
        {
            return of == instance
                ? order
                : throw new InvalidDataException($"order {text} is of instance {of}; this journal is of instance {instance}");
        }

        string[] parts = text.Split('/');
        if (parts.Length == 3
            && int.TryParse(parts[0], out int epoch) && epoch is >= 1 and <= OrderId.EpochMax
            && long.TryParse(parts[1], out long sequence) && sequence is >= 0 and <= OrderId.SequenceMax
            && int.TryParse(parts[2], out int ordinal) && ordinal is >= 0 and <= OrderId.OrdinalMax)
        {
            return OrderId.Of(epoch, sequence, ordinal);
        }

        throw new InvalidDataException(
            $"order {text}: this is no order id of ours; write the client order id (such as {TextOf(OrderId.Of(1, 12345, 0), instance)}) "
            + "or epoch/sequence/ordinal (such as 1/12345/0)");
    }

    private string Unknown(string directory, EchoReplay echo) => Order.Sequence > echo.Event.Sequence
        ? $"order {ClientId}: its event {Order.Sequence} is after the end of {directory}, which is event {echo.Event.Sequence}"
        : $"order {ClientId}: event {Order.Sequence} of run {Order.Epoch} in {directory} commanded no such order";
}
