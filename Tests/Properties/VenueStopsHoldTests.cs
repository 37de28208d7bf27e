using System;
using System.Collections.Generic;
using System.Linq;
using FsCheck.Fluent;
using LowLatency.Core.Events;
using LowLatency.Core.Risk;
using LowLatency.Core.Values;
using LowLatency.Tests.Core.Pipeline;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Properties;

/// <summary>
/// Strategies that only ever want to be long, exits, stops at the venue, and a venue that is late, refuses, forgets to answer and
/// fills in parts, in any interleaving: the account is never short, because exit and stop never close the same position twice.
/// When everything has been answered, what rests at the venue is what is held.
/// </summary>
public sealed class VenueStopsHoldTests
{
    private static readonly InstrumentId X = new(1);

    [Theory]
    [InlineData(InstrumentKind.Linear)]
    [InlineData(InstrumentKind.Equity)]
    public void Exit_and_stop_never_close_a_position_twice(InstrumentKind kind)
    {
        Tally tally = new();
        PropertyCheck.Holds(
            PropertyCheck.Commands(Gen.Choose(0, int.MaxValue), 100, 220), steps => Holds(steps, kind, Plant.None, tally), runs: 250);
        Assert.True(tally.StopFills > 100 && tally.Exits > 100 && tally.Unknown > 100, tally.ToString());
    }

    [Theory]
    [InlineData(InstrumentKind.Linear, nameof(Plant.ExitsForgetToOnlyReduce))]
    [InlineData(InstrumentKind.Linear, nameof(Plant.StopsForgetToOnlyReduce))]
    [InlineData(InstrumentKind.Equity, nameof(Plant.StopsAreNeverCancelled))]
    [InlineData(InstrumentKind.Linear, nameof(Plant.StopsAreNeverAmended))]
    public void A_planted_bug_is_caught(InstrumentKind kind, string plant)
    {
        Tally tally = new();
        PropertyCheck.Finds(
            PropertyCheck.Commands(Gen.Choose(0, int.MaxValue), 100, 220),
            steps => Holds(steps, kind, Enum.Parse<Plant>(plant), tally),
            runs: 1_000);
    }

    private static bool Holds(int[] steps, InstrumentKind kind, Plant plant, Tally tally)
    {
        RiskSettings risk = Settings();
        Rig rig = new Rig(new RigSettings { Risk = risk, Kind = kind }).Begin();
        Venue venue = new(rig, kind, plant, tally);
        foreach (int step in steps)
        {
            int dice = step / 10;
            switch (step % 10)
            {
                case 0 or 1:
                    rig.Target(1 + (dice % 2), dice / 2 % 12);
                    break;
                case 2 or 3:
                    venue.Move(9_700 + (dice % 500));
                    break;
                case 4 or 5 or 6:
                    venue.Arrive(dice);
                    break;
                case 7 or 8:
                    venue.Tell();
                    break;
                default:
                    rig.Tick(dice % 800 * 1_000_000L);
                    break;
            }

            venue.Take();
            if (venue.Position < 0)
            {
                return false;
            }
        }

        // Everything is answered, and the market stands still.
        for (int i = 0; i < 60; i++)
        {
            while (venue.Arrive(dice: 3) | venue.Tell())
            {
                venue.Take();
            }

            rig.Tick(Rig.Second);
            venue.Take();
        }

        int guard = rig.Pipeline.Orders.GuardOf(X);
        long resting = guard < 0 ? 0 : rig.Pipeline.Orders[guard].Leaves;
        return venue.Position == rig.Position() && venue.Position >= 0 && resting == venue.Position
            && venue.Resting == resting && rig.Pipeline.Orders.UnknownOrders == 0;
    }

    private static RiskSettings Settings() => RigSettings.Wide() with
    {
        Exits = [new ExitRule { StopLossBps = 50 }, new ExitRule { TrailingBps = 60 }],
        VenueStop = new VenueStopRule { BeyondBps = 20, SlippageBps = 0, StepBps = 5, AlarmAfter = Rig.Second },
        RejectBackoff = 100_000_000,
    };

    private enum Plant
    {
        None,
        ExitsForgetToOnlyReduce,
        StopsForgetToOnlyReduce,
        StopsAreNeverCancelled,
        StopsAreNeverAmended,
    }

    private sealed class Tally
    {
        internal int StopFills { get; set; }

        internal int Exits { get; set; }

        internal int Unknown { get; set; }

        public override string ToString() => $"{StopFills} fills of stops, {Exits} exits, {Unknown} unknown";
    }

    /// <summary>The venue: what arrived is worked at once, and told later, in order.</summary>
    private sealed class Venue(Rig rig, InstrumentKind kind, Plant plant, Tally tally)
    {
        private readonly Queue<Command> _under = new();
        private readonly Queue<Action> _news = new();
        private readonly Dictionary<OrderId, (Command Terms, long Filled)> _resting = [];
        private long _price = 10_000;
        private ulong _execution;

        internal long Position { get; private set; }

        internal long Resting => _resting.Values.Sum(o => o.Terms.Quantity - o.Filled);

        /// <summary>Takes what the engine commanded since the last look.</summary>
        internal void Take()
        {
            foreach (Command command in rig.Sent)
            {
                Command sent = command;
                bool isStop = (command.Flags & OrderFlags.Protective) != 0;
                bool isLost = isStop && ((plant == Plant.StopsAreNeverCancelled && command.Verb == CommandVerb.Cancel)
                    || (plant == Plant.StopsAreNeverAmended && command.Verb == CommandVerb.Amend));
                if (isLost)
                {
                    OrderStatus status = command.Verb == CommandVerb.Cancel ? OrderStatus.Cancelled : OrderStatus.Amended;
                    _news.Enqueue(() => rig.Report(command.Order, status, command.Quantity, command.Price));
                    continue;
                }

                bool forgets = plant == (isStop ? Plant.StopsForgetToOnlyReduce : Plant.ExitsForgetToOnlyReduce);
                sent.Flags = forgets ? command.Flags & ~OrderFlags.ReduceOnly : command.Flags;
                tally.Exits += !isStop && command.Side == Side.Sell ? 1 : 0;
                _under.Enqueue(sent);
            }

            rig.Sent.Clear();
        }

        /// <summary>The price moves, and wakes what sleeps.</summary>
        internal void Move(long price)
        {
            _price = price;
            foreach (OrderId id in _resting.Keys.ToArray())
            {
                if (_resting[id].Terms.TriggerPrice >= price)
                {
                    Trade(id, 1 + (price % 7));
                }
            }

            rig.Quote(1, price - 1, price + 1);
        }

        /// <summary>One command arrives.</summary>
        internal bool Arrive(int dice)
        {
            if (!_under.TryDequeue(out Command c))
            {
                return false;
            }

            if (dice % 16 == 0)
            {
                _news.Enqueue(() => rig.Outcome(c.Order, c.Verb, Outcome.NotSent, ReportReason.NotConnected));
                return true;
            }

            if (dice % 16 == 1)
            {
                // The gateway does not know whether it left; it did, or did not, and the venue says so later.
                tally.Unknown++;
                rig.Outcome(c.Order, c.Verb, Outcome.Unknown);
                if (c.Verb == CommandVerb.New && dice % 32 == 1)
                {
                    _news.Enqueue(() => rig.Report(c.Order, OrderStatus.Rejected, reason: ReportReason.ProvenAbsent));
                    return true;
                }
            }
            else if (dice % 16 == 2 && c.Verb == CommandVerb.New)
            {
                _news.Enqueue(() => rig.Report(c.Order, OrderStatus.Rejected, reason: ReportReason.LimitReached));
                return true;
            }

            Work(c, dice / 16);
            return true;
        }

        /// <summary>The engine hears the next thing.</summary>
        internal bool Tell()
        {
            bool has = _news.TryDequeue(out Action? next);
            next?.Invoke();
            return has;
        }

        private void Work(Command c, int dice)
        {
            bool rests = _resting.TryGetValue(c.Order, out (Command Terms, long Filled) known);
            switch (c.Verb)
            {
                case CommandVerb.Cancel:
                    _resting.Remove(c.Order);
                    _news.Enqueue(() => rig.Report(
                        c.Order, rests ? OrderStatus.Cancelled : OrderStatus.CancelRejected, known.Terms.Quantity, c.Price,
                        rests ? ReportReason.Requested : ReportReason.UnknownOrder));
                    break;
                case CommandVerb.Amend:
                    bool may = rests && c.Quantity > known.Filled;
                    if (may)
                    {
                        _resting[c.Order] = (c, known.Filled);
                    }

                    _news.Enqueue(() => rig.Report(
                        c.Order, may ? OrderStatus.Amended : OrderStatus.AmendRejected, c.Quantity, c.Price,
                        may ? ReportReason.None : rests ? ReportReason.AmendBelowFilled : ReportReason.UnknownOrder));
                    break;
                default:
                    _resting[c.Order] = (c, 0);
                    _news.Enqueue(() => rig.Report(c.Order, OrderStatus.Accepted, c.Quantity, c.Price));
                    if (c.TriggerPrice == 0 || c.TriggerPrice >= _price)
                    {
                        Trade(c.Order, 1 + (dice % 15));
                    }

                    if (c.TriggerPrice == 0 && _resting.Remove(c.Order, out (Command Terms, long Filled) left))
                    {
                        _news.Enqueue(() => rig.Report(
                            c.Order, OrderStatus.Expired, c.Quantity, c.Price, ReportReason.NoLiquidity, left.Filled));
                    }

                    break;
            }
        }

        private void Trade(OrderId id, long most)
        {
            (Command c, long filled) = _resting[id];
            bool isStop = c.TriggerPrice != 0;
            bool reduces = kind != InstrumentKind.Equity && (c.Flags & OrderFlags.ReduceOnly) != 0;
            long can = reduces ? Math.Max(0, -c.Side.Sign() * Position) : long.MaxValue;
            long quantity = Math.Min(Math.Min(most, c.Quantity - filled), can);
            if (quantity > 0)
            {
                Position += c.Side.Sign() * quantity;
                filled += quantity;
                tally.StopFills += isStop ? 1 : 0;
                ulong execution = ++_execution;
                _news.Enqueue(() => rig.Fill(id, c.Side, quantity, _price, execution));
            }

            // What is triggered is no sleeping order any more, and one that has nothing left to reduce is ended by the venue.
            c.TriggerPrice = isStop ? long.MaxValue : 0;
            _resting[id] = (c, filled);
            if (filled == c.Quantity)
            {
                _resting.Remove(id);
            }
            else if (reduces && Math.Max(0, -c.Side.Sign() * Position) == 0)
            {
                _resting.Remove(id);
                _news.Enqueue(() => rig.Report(
                    id, OrderStatus.Cancelled, c.Quantity, c.Price, ReportReason.ReduceOnlyWouldAdd, filled));
            }
        }
    }
}
