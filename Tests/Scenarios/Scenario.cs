using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using LowLatency.Core.Arbitration;
using LowLatency.Core.Arbitration.Gates;
using LowLatency.Core.Arbitration.Weights;
using LowLatency.Core.Events;
using LowLatency.Core.Market.Calendars;
using LowLatency.Core.Risk;
using LowLatency.Core.Signals;
using LowLatency.Core.Values;
using LowLatency.Tests.Core.Arbitration.Gates;
using LowLatency.Tests.Core.Pipeline;
using Desk = LowLatency.Tests.Core.Pipeline.Rig;

namespace LowLatency.Tests.Scenarios;

/// <summary>A line of a scenario that did not hold or could not be read: names file, line, expected and actual.</summary>
internal sealed class ScenarioException(string message) : Exception(message);

/// <summary>
/// Runs a scenario file. Every line is a word and its arguments; <c>#</c> starts a comment. Settings come first, then
/// <c>begin</c>, then what happens and what is expected of it. Orders have names: the n-th new order of a scenario is On.
/// An <c>expect</c> looks at everything that the line before the expectations caused; <c>expect commands none</c> and the
/// other lists are exact. docs/decision-stages.md lists the words.
/// </summary>
internal sealed class Scenario
{
    private readonly string _name;
    private readonly List<OrderId> _orders = [];
    private readonly List<TradingSession> _sessions = [];
    private readonly ScenarioStyles _styles = new();
    private RigSettings _settings = new();
    private long _flatBeforeClose;
    private Rig? _rig;
    private int _line;
    private ulong _execution;
    private int _expectations;

    private Scenario(string name) => _name = name;

    /// <summary>Runs a file and returns how many expectations held.</summary>
    internal static int Run(string path) => Run(Path.GetFileName(path), File.ReadAllLines(path));

    internal static int Run(string name, IEnumerable<string> lines)
    {
        Scenario scenario = new(name);
        foreach (string line in lines)
        {
            scenario._line++;
            string text = line.Split('#')[0].Trim();
            if (text.Length != 0)
            {
                scenario.Do(text.Split(' ', StringSplitOptions.RemoveEmptyEntries));
            }
        }

        return scenario._expectations;
    }

    private Rig Rig => _rig ?? throw Bad("nothing happens before 'begin'");

    private void Do(string[] words)
    {
        switch (words)
        {
            case ["set", .. var setting]:
                Set(setting);
                break;
            case ["begin"]:
                _settings = WithSessions() with { Execution = _styles.Build() };
                _rig = new Rig(_settings).Begin();
                break;
            case ["wait", var milliseconds]:
                Rig.Tick(Milliseconds(milliseconds));
                break;
            case ["quote", var instrument, var bid, var ask]:
                Rig.Quote(Instrument(instrument), Price(bid), Price(ask));
                break;
            case ["trade", var instrument, var price, var quantity]:
                Rig.Publish(new Trade { Price = Price(price), Quantity = Number(quantity) }, Instrument(instrument));
                break;
            case ["status", var instrument, var status]:
                Rig.Publish(new TradingStatusChanged { Status = Word<TradingStatus>(status) }, Instrument(instrument));
                break;
            case ["stream", var instrument, var state]:
                Rig.Publish(new StreamStateChanged { State = Word<StreamState>(state) }, Instrument(instrument));
                break;
            case ["cash", var amount]:
                Rig.Publish(new CashMoved { Currency = Currency8.Of("USD"), Amount = Number(amount) * 100_000_000 });
                break;
            case ["operator", var verb]:
                Rig.Operator(Word<OperatorVerb>(verb));
                break;
            case ["target", var strategy, var target, .. var options]:
                Rig.Target(
                    Strategy(strategy),
                    Number(target),
                    Option(options, "on") is { } on ? Instrument(on) : 1,
                    Option(options, "limit") is { } limit ? Price(limit) : 0,
                    Option(options, "for") is { } horizon ? Milliseconds(horizon) : 0,
                    style: Option(options, "style") ?? string.Empty,
                    bracket: new Bracket(
                        Option(options, "stop") is { } stop ? Price(stop) : 0,
                        Option(options, "take") is { } take ? Price(take) : 0,
                        Option(options, "stop-bps") is { } stopBps ? (ushort)Number(stopBps) : (ushort)0,
                        Option(options, "take-bps") is { } takeBps ? (ushort)Number(takeBps) : (ushort)0));
                break;
            case ["flat", var strategy]:
                Rig.Say((Strategy(strategy), context => context.SetFlat(new InstrumentId(1))));
                break;
            case ["quotes", var strategy, var bid, var ask]:
                (long bidQuantity, long bidPrice) = AtPrice(bid);
                (long askQuantity, long askPrice) = AtPrice(ask);
                Rig.Quotes(Strategy(strategy), bidPrice, bidQuantity, askPrice, askQuantity);
                break;
            case ["everywhere", var strategy, var target]:
                Everywhere(Strategy(strategy), Number(target));
                break;
            case ["outcome", var order, var verb, var outcome]:
                Rig.Outcome(Order(order), Word<CommandVerb>(verb), Word<Outcome>(outcome));
                break;
            case ["report", var order, var status, .. var options]:
                Report(order, status, options);
                break;
            case ["fill", var order, var quantity, var price, .. var options]:
                Fill(order, Number(quantity), Price(price), options);
                break;
            case ["expect", var what, .. var expected]:
                Expect(what, string.Join(' ', expected));
                return;
            default:
                throw Bad($"cannot be read: {string.Join(' ', words)}");
        }

        if (_rig is not null)
        {
            _orders.AddRange(_rig.Commands.Where(c => c.Verb == CommandVerb.New).Select(c => c.Order));
        }
    }

    private void Set(string[] words)
    {
        if (_rig is not null)
        {
            throw Bad("settings come before 'begin'");
        }

        if (words is ["session", var open, var close])
        {
            _sessions.Add(new TradingSession(
                _sessions.Count + 1, Desk.Start + Milliseconds(open), Desk.Start + Milliseconds(close)));
            return;
        }

        if (words is ["flat-before-close", var lead])
        {
            _flatBeforeClose = Milliseconds(lead);
            return;
        }

        if (words is ["style" or "work", ..])
        {
            _styles.Set(words, Number, Milliseconds, Bad);
            return;
        }

        RiskSettings risk = _settings.Risk;
        GateSettings gates = _settings.Gates;
        InstrumentLimits limits = risk.Default;
        _settings = words switch
        {
            ["instruments", var n] => _settings with { Instruments = (int)Number(n) },
            ["lot", var n] => _settings with { Lot = Number(n) },
            ["policy", var p] => _settings with { Policy = Word<ArbitrationPolicy>(p) },
            ["cooldown", var ms] => _settings with { Rules = [.. _settings.Rules.Select(r => r with { Cooldown = Milliseconds(ms) })] },
            ["weights", var a, var b] => _settings with
            {
                Rules = [_settings.Rules[0] with { WeightE9 = Number(a) }, _settings.Rules[1] with { WeightE9 = Number(b) }],
                Normalise = true,
            },
            ["max-position", var n] => With(limits with { MaxPositionE9 = Number(n) * Desk.Piece }),
            ["max-order", var n] => With(limits with { MaxOrderQuantityE9 = Number(n) * Desk.Piece }),
            ["collar-bps", var n] => With(limits with { PriceCollarBps = (int)Number(n) }),
            ["stale-after", var ms] => With(limits with { StaleAfter = Milliseconds(ms) }),
            ["backoff", var ms] => _settings with { Risk = risk with { RejectBackoff = Milliseconds(ms) } },
            ["retry", var ms] => _settings with { Risk = risk with { RetryInterval = Milliseconds(ms) } },
            ["exit", var strategy, var bound, var value] => SetExit(Strategy(strategy), bound, value),
            ["venue-stop", var beyond, var slippage, var alarm] => _settings with
            {
                Risk = risk with
                {
                    VenueStop = new VenueStopRule
                    {
                        BeyondBps = (int)Number(beyond),
                        SlippageBps = (int)Number(slippage),
                        StepBps = 5,
                        AlarmAfter = Milliseconds(alarm),
                    },
                },
            },
            ["kind", var kind] => _settings with { Kind = Word<InstrumentKind>(kind) },
            ["breaker", var kind, var limit, var action, .. var window] => SetBreaker(kind, limit, action, window),
            ["day-starts", var ms] => _settings with { Risk = risk with { Day = new TradingDay(Milliseconds(ms)) } },
            ["start", var ms] => _settings with { Start = Milliseconds(ms) },
            ["max-orders-per-second", var n] => _settings with { Risk = risk with { MaxOrdersPerWindow = (int)Number(n) } },
            ["stale-entries", var ms] => _settings with { Gates = gates with { Data = new DataGateSettings(Milliseconds(ms)) } },
            ["ask-again", var ms] => _settings with { Gates = gates with { AskAgain = Milliseconds(ms) } },
            ["barrier", var peak, var valley, var missing] => _settings with
            {
                Gates = gates with { Barrier = Barriers.BySpread(Number(peak), Number(valley), Word<MissingInput>(missing)) },
            },
            ["learning", var ms, var unit] => _settings with
            {
                Learning = new WeightLearning
                {
                    Scope = LearningScope.Global,
                    Interval = Milliseconds(ms),
                    RewardUnit = Number(unit) * 100 * Desk.MoneyPerCent,
                    FloorE9 = 10_000_000,
                    Schedule = Exp3Schedule.Fixed,
                    EtaE9 = 500_000_000,
                    Seed = 2,
                },
            },
            _ => throw Bad($"unknown setting: {string.Join(' ', words)}"),
        };

        RigSettings With(InstrumentLimits changed) => _settings with { Risk = risk with { Default = changed } };
    }

    private RigSettings WithSessions() => _sessions.Count == 0
        ? _settings
        : _settings with
        {
            Gates = _settings.Gates with
            {
                Sessions = new SessionGateSettings(
                    [.. Enumerable.Range(1, _settings.Instruments).Select(i =>
                        new InstrumentCalendar(Symbol24.Of("SYM" + i), new TradingCalendar([.. _sessions])))],
                    _flatBeforeClose),
            },
        };

    private RigSettings SetExit(int strategy, string bound, string value)
    {
        ExitRule?[] exits = [.. Enumerable.Range(0, 2).Select(s => _settings.Risk.Exits.ElementAtOrDefault(s))];
        ExitRule rule = exits[strategy - 1] ?? new ExitRule();
        exits[strategy - 1] = bound switch
        {
            "stop-bps" => rule with { StopLossBps = (int)Number(value) },
            "target-bps" => rule with { TakeProfitBps = (int)Number(value) },
            "trail-bps" => rule with { TrailingBps = (int)Number(value) },
            "max-loss" => rule with { MaxLoss = Number(value) * 100_000_000 },
            "hold" => rule with { MaxHolding = Milliseconds(value) },
            "reentry" => rule with { Reentry = Milliseconds(value) },
            "price" => rule with { Price = Word<ExitPrice>(value) },
            _ => throw Bad($"unknown exit: {bound}"),
        };
        return _settings with { Risk = _settings.Risk with { Exits = exits } };
    }

    private RigSettings SetBreaker(string kind, string limit, string action, string[] window)
    {
        BreakerKind what = Word<BreakerKind>(kind);
        long bound = Number(limit) * (what is BreakerKind.DailyLoss or BreakerKind.Drawdown ? 100_000_000 : 1);
        long length = window is [var ms] ? Milliseconds(ms) : 0;
        BreakerRule rule = new(what, bound, Word<BreakerAction>(action), length);
        return _settings with { Risk = _settings.Risk with { Breakers = [.. _settings.Risk.Breakers, rule] } };
    }

    private void Everywhere(int strategy, long target)
    {
        void Wish(StrategyContext context)
        {
            for (ushort i = 1; i <= _settings.Instruments; i++)
            {
                context.SetTarget(new InstrumentId(i), target);
            }
        }

        Rig.Say((strategy, Wish));
    }

    private void Report(string order, string status, string[] options)
    {
        Rig.Report(
            Order(order),
            Word<OrderStatus>(status),
            Option(options, "quantity") is { } quantity ? Number(quantity) : 0,
            Option(options, "price") is { } price ? Price(price) : 0,
            Option(options, "because") is { } reason ? Word<ReportReason>(reason) : ReportReason.None,
            Option(options, "filled") is { } filled ? Number(filled) : 0);
    }

    private void Fill(string order, long quantity, long price, string[] options)
    {
        OrderId id = Order(order);
        if (!Rig.Pipeline.Orders.TryFind(id, out int place))
        {
            throw Bad($"{order} is not known");
        }

        ulong execution = Option(options, "execution") is { } number ? (ulong)Number(number) : 1_000 + ++_execution;
        Rig.Fill(
            id,
            Rig.Pipeline.Orders[place].Side,
            quantity,
            price,
            execution,
            Rig.Pipeline.Orders[place].Instrument.Value,
            Option(options, "fee") is { } fee ? Number(fee) : 0);
    }

    private void Expect(string what, string expected)
    {
        string actual = what switch
        {
            "commands" => List(Rig.Commands.Select(Text)),
            "intents" => List(Rig.Intents.Select(Text)),
            "verdicts" => List(Rig.Verdicts.Select(Text)),
            "suppressed" => List(Rig.Suppressions.Select(s => $"S{s.Strategy.Value} {s.Reason}")),
            "weights" => $"{Weight(1)} {Weight(2)}",
            "position" => Rig.Position().ToString(CultureInfo.InvariantCulture),
            "parts" => $"{Rig.Virtual(1)} {Rig.Virtual(2)}",
            "state" => Rig.Pipeline.Risk.IsKilled ? "Killed" : Rig.Pipeline.Risk.State.ToString(),
            "causes" => List(Rig.Intents.Select(i => i.Cause.ToString())),
            "tripped" => List(Enum.GetValues<BreakerKind>().Where(Rig.Pipeline.Risk.Breakers.IsTripped).Select(k => k.ToString())),
            "triggers" => List(Rig.Commands.Where(c => c.TriggerPrice != 0).Select(c => $"{c.Type} {Cents(c.TriggerPrice)}")),
            "told" => List(Rig.Told.Select(t => $"{t.Stop} of S{t.Strategy.Value} {(t.IsMissing != 0 ? "missing" : "there")}")),
            "flags" => List(Rig.Commands.Select(c => c.Flags.ToString())),
            "manners" => List(Rig.Verdicts.Select(v => $"{v.Manner} {v.Slice}")),
            "styles" => List(Rig.Intents.Select(i => $"{i.StyleKind} of S{i.StyleOf.Value}")),
            "parent" => Parent(),
            "continues" => Rig.Continues.ToString(CultureInfo.InvariantCulture),
            "count" => Rig.Commands.Count.ToString(CultureInfo.InvariantCulture),
            ['O', ..] => Rig.Pipeline.Orders.TryFind(Order(what), out int place)
                ? Rig.Pipeline.Orders[place].State.ToString()
                : "forgotten",
            _ => throw Bad($"unknown expectation: {what}"),
        };
        _expectations++;
        if (actual != expected)
        {
            throw new ScenarioException($"{_name}:{_line}: {what}: expected '{expected}', actual '{actual}'");
        }
    }

    /// <summary>Quantity, filled and waiting of the parent order of SYM1.</summary>
    private string Parent()
    {
        (long quantity, long filled, long waiting) = Rig.Pipeline.Parents.Of(new InstrumentId(1));
        return $"{quantity} {filled} {waiting}";
    }

    /// <summary>A weight in thousandths, rounded down.</summary>
    private long Weight(ushort strategy) =>
        Rig.Pipeline.Arbitration.WeightE9(new StrategyId(strategy), new InstrumentId(1)) / 1_000_000;

    private string Text(Command c) => c.Verb switch
    {
        CommandVerb.Cancel => $"cancel {Name(c.Order)}",
        CommandVerb.Amend => $"amend {Name(c.Order)} {c.Quantity}@{Cents(c.Price)}",
        _ => $"{(c.Side == Side.Buy ? "buy" : "sell")} {c.Quantity}@{Cents(c.Price)}",
    };

    private static string Text(Intent i) => i.Kind == IntentKind.Protection
        ? $"protect {i.LanePosition}: {i.BidQuantity}@{Cents(i.BidPrice)} {i.AskQuantity}@{Cents(i.AskPrice)}"
        : i.Kind == IntentKind.Quotes
        ? $"S{i.Owner.Value} {i.BidQuantity}@{Cents(i.BidPrice)} {i.AskQuantity}@{Cents(i.AskPrice)}"
        : $"{i.LanePosition} -> {i.Target}";

    private static string Text(Verdict v) => v.Reason == RiskReason.None ? $"{v.Ruling}" : $"{v.Ruling} {v.Reason}";

    private static string List(IEnumerable<string> items) =>
        items.ToList() is { Count: > 0 } list ? string.Join(", ", list) : "none";

    private static string Cents(long price) => (price / 100m).ToString("0.00", CultureInfo.InvariantCulture);

    private string Name(OrderId id)
    {
        int index = _orders.IndexOf(id);
        return index < 0 ? "O?" : "O" + (index + 1);
    }

    private OrderId Order(string name)
    {
        if (name.Length < 2 || name[0] != 'O' || !int.TryParse(name[1..], out int number) || number < 1 || number > _orders.Count)
        {
            throw Bad($"there is no order {name}");
        }

        return _orders[number - 1];
    }

    private int Strategy(string name) =>
        name is ['S', var digit] && digit - '0' is 1 or 2 ? name[1] - '0' : throw Bad($"there is no strategy {name}");

    private int Instrument(string name) =>
        name.StartsWith("SYM", StringComparison.Ordinal)
        && int.TryParse(name[3..], out int number)
        && number >= 1
        && number <= _settings.Instruments
            ? number
            : throw Bad($"there is no instrument {name}");

    private (long Quantity, long Price) AtPrice(string text) => text.Split('@') is [var quantity, var price]
        ? (Number(quantity), Price(price))
        : throw Bad($"not a quantity@price: {text}");

    private long Number(string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number)
            ? number
            : throw Bad($"not a whole number: {text}");

    private long Price(string text) =>
        decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal price)
        && decimal.IsInteger(price * 100)
            ? (long)(price * 100)
            : throw Bad($"not a price in cents: {text}");

    private long Milliseconds(string text) => text.EndsWith("ms", StringComparison.Ordinal)
        ? Number(text[..^2]) * 1_000_000
        : throw Bad($"not a time in ms: {text}");

    private T Word<T>(string text)
        where T : struct, Enum =>
        Enum.TryParse(text, ignoreCase: false, out T value) && Enum.IsDefined(value)
            ? value
            : throw Bad($"not a {typeof(T).Name}: {text}");

    private string? Option(string[] options, string name)
    {
        if (options.Length % 2 != 0)
        {
            throw Bad("options come in pairs");
        }

        string[] known = ["on", "limit", "for", "quantity", "price", "because", "filled", "execution", "fee", "style", "stop", "take", "stop-bps", "take-bps"];
        string? found = null;
        for (int i = 0; i < options.Length; i += 2)
        {
            if (!known.Contains(options[i]))
            {
                throw Bad($"unknown option: {options[i]}");
            }

            found = options[i] == name ? options[i + 1] : found;
        }

        return found;
    }

    private ScenarioException Bad(string problem) => new($"{_name}:{_line}: {problem}");
}
