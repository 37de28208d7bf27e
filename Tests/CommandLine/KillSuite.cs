using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Text;
using System.Threading;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Running;
using LowLatency.Journal;
using LowLatency.Journal.Format;
using LowLatency.Journal.Native;
using LowLatency.Journal.Recovery;
using LowLatency.Tests.Determinism;
using LowLatency.Tests.Journal.Faults;
using LowLatency.Tests.Suites;
using LowLatency.Tests.Support;

namespace LowLatency.Tests.CommandLine;

/// <summary>
/// SIGKILL of a trading engine process, again and again in one journal directory, every second time while it recovers
/// from the kill before. Acknowledged is what left the process: the harness reads the line of each command up to the kill
/// and keeps its own list. No line may be missing afterwards, no client order id may be given twice, and in the end the run
/// must be the one that nobody had killed.
/// </summary>
internal sealed class KillSuite : Suite
{
    private const string Start = "phase: start";
    private const string Recovery = "phase: recovery";
    private const string Opened = "phase: warm-up, no event yet";
    private const string Steady = "phase: steady state";
    private const string Roll = "phase: segment roll";
    private const string Closing = "phase: close";

    // Time from a start to the first command, as this machine is now: what early kills are spread over.
    private static long _startMicroseconds = 600_000;

    private static readonly Lazy<string> _market = new(UninterruptedMarket);

    public override string Name => "kill";

    public override string Unit => "kills";

    public override long LongCount => 10_000;

    public override long TestCount => 100;

    public override int BlockSize => 10;

    public override IEnumerable<string> MustReach =>
    [
        Start, Recovery, Opened, Steady, Roll, Closing, "durability flushed", "durability written", "command lines read",
        "killed again during recovery", "runs finished after their kills",
    ];

    public override void RunBlock(long first, long end, ulong seed, Tally tally)
    {
        Xoshiro256 dice = new(Mix(seed, first));
        bool flushed = first / BlockSize % 2 == 0;
        long killed = first;
        while (killed < end)
        {
            try
            {
                using Chain chain = new(flushed, tally);
                bool ended = false;
                for (bool again = false; killed < end && !ended; again = !again)
                {
                    ended = !chain.Kill(again, ref dice);
                    killed += ended ? 0 : 1;
                }

                chain.Finish(ended);
            }
            catch (Exception failure) when (failure is not SuiteFailure)
            {
                throw new SuiteFailure(this, killed, seed, failure);
            }
        }
    }

    private static EngineConfiguration Configuration(bool flushed) => GeneratedRuns.Configuration(
        30_000,
        root =>
        {
            root["session"]!["journal"]!["segmentMiB"] = 1;
            root["session"]!["journal"]!["durability"] = flushed ? "flushed" : "written";
        });

    private static string UninterruptedMarket()
    {
        using TemporaryFolder folder = new();
        string whole = Path.Combine(folder.Path, "whole");
        GeneratedRuns.Direct(Configuration(false), whole);
        return BacktestIdentityTests.MarketOf(whole);
    }

    /// <summary>One journal directory and what its engines said.</summary>
    private sealed class Chain : IDisposable
    {
        private readonly TemporaryFolder _folder = new();
        private readonly PosixStorage _storage = new();
        private readonly List<string> _lines = [];
        private readonly Dictionary<string, string> _orders = [];
        private readonly HashSet<string> _recorded = [];
        private readonly Dictionary<ushort, (string Symbol, byte Price, byte Quantity)> _instruments = [];
        private readonly Tally _tally;
        private readonly string _run;
        private readonly string _configuration;
        private readonly bool _flushed;
        private long _journalRead;
        private int _epoch;

        public Chain(bool flushed, Tally tally)
        {
            _tally = tally;
            _flushed = flushed;
            _run = Path.Combine(_folder.Path, "run");
            _configuration = Path.Combine(_folder.Path, "configuration.json");
            File.WriteAllBytes(_configuration, Configuration(flushed).ToCanonicalJson());
            tally.Add("journal directories");
        }

        public void Dispose() => _folder.Dispose();

        /// <summary>Starts an engine and kills it somewhere.</summary>
        /// <param name="early">Kill it while it starts or recovers.</param>
        /// <param name="dice">Decides where.</param>
        /// <returns>False when it came to the end of its market first.</returns>
        public bool Kill(bool early, ref Xoshiro256 dice)
        {
            string speed = dice.NextBelow(3) switch { 0 => "0", 1 => "40", _ => "200" };
            string warmUp = dice.NextBelow(4) == 0 ? "0.2" : "0";
            using EngineProcess process = EngineProcess.Start(
                "run", "-c", _configuration, "-o", _run, "--speed", speed, "--warm-up", warmUp, "--print-commands");
            if (early && dice.NextBelow(3) == 0)
            {
                // Aimed: a new run number is durable right before recovery changes anything.
                Watch(process, () => EpochFile.Read(_storage, _run, 1, out int now) is null && now > _epoch);
                Sleep(dice.NextBelow(20_000));
                _tally.Add("killed again during recovery");
            }
            else if (early)
            {
                Sleep(dice.NextBelow(Volatile.Read(ref _startMicroseconds) * 5 / 4));
                _tally.Add("killed again during recovery");
            }
            else
            {
                int lines = 1 + (int)dice.NextBelow(dice.NextBelow(2) == 0 ? 20 : 1500);
                long start = Stopwatch.GetTimestamp();
                Until(() => process.HasExited || process.CommandLines > 0);
                long took = (long)Stopwatch.GetElapsedTime(start).TotalMicroseconds;
                Volatile.Write(ref _startMicroseconds, Math.Clamp((took + (3 * Volatile.Read(ref _startMicroseconds))) / 4, 100_000, 5_000_000));
                Until(() => process.HasExited || process.CommandLines >= lines);
                long place = dice.NextBelow(6);
                if (place < 2 && !process.HasExited)
                {
                    process.Ask();
                    Sleep(dice.NextBelow(60_000));
                }
                else if (place == 2)
                {
                    // Aimed: a segment is begun when another has become full.
                    int before = Segments();
                    Watch(process, () => Segments() > before);
                    Sleep(dice.NextBelow(2_000));
                }
                else
                {
                    Sleep(dice.NextBelow(20_000));
                }
            }

            Finished finished = process.KillNow();
            bool over = IsOver(finished);
            Require(
                over || finished.ExitCode is EngineProcess.Killed or 0,
                $"the engine ended by itself with {finished.ExitCode}: {finished.Error}");
            Take(finished.Output);
            Examine(stopped: over || finished.ExitCode == 0);
            if (over)
            {
                return false;
            }

            if (finished.ExitCode == 0)
            {
                // Asked to stop it may end before the kill; only the end of the market ends the directory.
                return BacktestIdentityTests.Ends(_run)[^1] == EndReason.Requested;
            }

            _tally.Add(_flushed ? "durability flushed" : "durability written");
            return true;
        }

        /// <summary>Lets the run come to its end and compares it with the one that nobody killed.</summary>
        public void Finish(bool ended)
        {
            if (!ended)
            {
                Finished last = EngineProcess.Run("run", "-c", _configuration, "-o", _run, "--warm-up", "0", "--print-commands");
                Require(last.ExitCode == 0 || IsOver(last), $"the last run ended with {last.ExitCode}: {last.Error}");
                Take(last.Output);
                Examine(stopped: true);
            }

            GeneratedRuns.AssertSound(_run);
            Require(BacktestIdentityTests.MarketOf(_run) == _market.Value, "the market is not that of the uninterrupted run");
            ReplayReport replay = Replay.Run(_run, null, verify: true);
            Require(replay.Difference is null, "it does not replay: " + replay.Difference);
            foreach (string line in _lines)
            {
                Require(_recorded.Contains(line), "lost in the end: " + line);
            }

            _tally.Add("runs finished after their kills");
        }

        /// <summary>True when the run before was killed behind its last event: there is nothing to go on with.</summary>
        private static bool IsOver(Finished finished) =>
            finished.ExitCode == 3 && finished.Error.Contains("holds no event after", StringComparison.Ordinal);

        private int Segments() => Directory.Exists(_run) ? Directory.GetFiles(_run, "*.seg").Length : 0;

        /// <summary>Looks as often as it can, for what lasts less than a millisecond.</summary>
        private static void Watch(EngineProcess process, Func<bool> reached)
        {
            long start = Stopwatch.GetTimestamp();
            while (!process.HasExited && !reached() && Stopwatch.GetElapsedTime(start).TotalSeconds < 5)
            {
                Thread.Yield();
            }
        }

        private static void Until(Func<bool> reached)
        {
            long start = Stopwatch.GetTimestamp();
            while (!reached() && Stopwatch.GetElapsedTime(start).TotalSeconds < 60)
            {
                Thread.Sleep(1);
            }
        }

        private static void Sleep(long microseconds)
        {
            long start = Stopwatch.GetTimestamp();
            if (microseconds > 2_000)
            {
                Thread.Sleep((int)(microseconds / 1000) - 1);
            }

            while (Stopwatch.GetElapsedTime(start).TotalMicroseconds < microseconds)
            {
                Thread.Yield();
            }
        }

        private static void Require(bool holds, string otherwise)
        {
            if (!holds)
            {
                throw new BrokenPromiseException(otherwise);
            }
        }

        /// <summary>Keeps what was said, and looks for an order id that was given before.</summary>
        private void Take(string output)
        {
            foreach (string line in output.Split('\n'))
            {
                if (!line.StartsWith("command ", StringComparison.Ordinal))
                {
                    continue;
                }

                _tally.Add("command lines read");
                _lines.Add(line);
                string[] fields = line.Split(' ');
                Require(fields.Length == 8, "half a line: " + line);
                Require(
                    fields[3] != "new" || _orders.TryAdd(fields[1], line),
                    "an order id is given twice: " + line + " after " + _orders.GetValueOrDefault(fields[1]));
            }
        }

        /// <summary>What the kill left: nothing refused, no half record visible, every line recorded.</summary>
        private void Examine(bool stopped)
        {
            if (!Directory.Exists(_run))
            {
                _tally.Add(Start);
                return;
            }

            RecoveryReport journal = JournalRecovery.Examine(_storage, _run, StreamKind.Journal);
            RecoveryReport audit = JournalRecovery.Examine(_storage, _run, StreamKind.Audit);
            Require(!journal.IsRefused && !audit.IsRefused, $"refused: {journal.Refusal} {audit.Refusal}");
            Read(journal.Next, audit.Next);
            foreach (string line in _lines)
            {
                Require(_recorded.Contains(line), "not recorded: " + line);
            }

            bool rolling = false;
            foreach (RecoveryFinding finding in (List<RecoveryFinding>)[.. journal.Findings, .. audit.Findings])
            {
                _tally.Add("found after a kill: " + finding.Letter);
                rolling |= finding.Case is RecoveryCase.HalfMade or RecoveryCase.FullUnsealed or RecoveryCase.TornFooter;
            }

            Require(EpochFile.Read(_storage, _run, 1, out int epoch) is null, "the run number cannot be read");
            if (!stopped)
            {
                Phase(journal, epoch, rolling);
            }

            _epoch = epoch;
        }

        private void Phase(RecoveryReport journal, int epoch, bool rolling)
        {
            bool made = journal.Epoch == epoch;
            bool events = false;
            bool closing = false;
            if (journal.Next > 0)
            {
                using JournalReader reader = new(_storage, _run, new ReadOptions { From = journal.Next - 1, To = journal.Next - 1 });
                Event last = default;
                events = reader.Read(ref last) == ReadResult.Event && reader.Epoch == epoch;
                closing = events && last.Kind == EventKind.EpochEnded;
            }

            _tally.Add(
                epoch == _epoch ? Start
                : closing ? Closing
                : events ? Steady
                : made ? Opened
                : Recovery);
            if (rolling && events)
            {
                _tally.Add(Roll);
            }
        }

        /// <summary>Reads what was recorded since the last look, as lines.</summary>
        private void Read(long events, long records)
        {
            if (events > _journalRead)
            {
                using JournalReader journal = new(_storage, _run, new ReadOptions { From = _journalRead, To = events - 1 });
                Event e = default;
                while (journal.Read(ref e) == ReadResult.Event)
                {
                    if (e.Kind == EventKind.InstrumentDefined)
                    {
                        _instruments[e.Instrument.Value] = (
                            e.InstrumentDefined.Symbol.ToString(), e.InstrumentDefined.PriceExponent, e.InstrumentDefined.QuantityExponent);
                    }
                }

                _journalRead = events;
            }

            if (records == 0)
            {
                return;
            }

            // From the start: what was there at an earlier look must be there still.
            _recorded.Clear();
            using AuditReader audit = new(_storage, _run, toRecord: records - 1);
            AuditGroup group = new();
            Span<byte> id = stackalloc byte[64];
            while (audit.Read(group) == ReadResult.Event)
            {
                for (int i = 0; !group.IsCheckpoint && i < group.Decision.CommandCount; i++)
                {
                    Require(group.Sequence < events, $"a decision of event {group.Sequence}, the journal ends before {events}");
                    Command command = group.Decision.Commands[i];
                    (string symbol, byte price, byte quantity) = _instruments[command.Instrument.Value];
                    string order = Encoding.ASCII.GetString(id[..command.Order.Format(1, id)]);
                    string verb = command.Verb switch { CommandVerb.New => "new", CommandVerb.Amend => "amend", _ => "cancel" };
                    string side = command.Side == Side.Buy ? "buy" : "sell";
                    _recorded.Add(
                        $"command {order} {group.Sequence} {verb} {symbol} {side} "
                        + $"{DecimalText.ToText(command.Price, price)} {DecimalText.ToText(command.Quantity, quantity)}");
                }
            }
        }
    }
}
