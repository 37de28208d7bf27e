using System;
using System.Diagnostics;
using System.Threading;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Network;
using LowLatency.Gateways.Live;

namespace LowLatency.Engine.Live;

/// <summary>
/// What is done when a live run dies of an error, on whichever thread: nothing new leaves, a person is told, orders are taken away
/// where the configuration wants that at a stop, by connections of their own, and the venue is read until it shows none. Nothing
/// of the run that has died is used.
/// </summary>
internal sealed class LastResort : IDisposable
{
    /// <summary>Longest time to take orders away and to read the venue.</summary>
    internal static readonly TimeSpan SweepMax = TimeSpan.FromSeconds(20);

    /// <summary>Longest time to wait until the alerts are acknowledged.</summary>
    internal static readonly TimeSpan TellMax = TimeSpan.FromSeconds(10);

    private const int TextMax = 400;

    private readonly EngineConfiguration _configuration;
    private readonly KillLatch _kill;
    private readonly AlertSender _alerts;
    private readonly Func<ITransport, AccountSweep> _sweep;
    private readonly UnhandledExceptionEventHandler _handler;
    private readonly Lock _turn = new();
    private bool? _isProven;
    private bool _mayHaveOrders;
    private bool _hasActed;

    /// <summary>Stands by.</summary>
    /// <param name="configuration">The configuration, with a live section.</param>
    /// <param name="kill">The switch of the run's gateway.</param>
    /// <param name="alerts">Tells.</param>
    /// <param name="inherits">
    /// True when the process before may have left orders. A journal that begins has none: what works under its instance is another's.
    /// </param>
    /// <param name="sweep">Makes what takes orders away, over connections that it is given.</param>
    internal LastResort(
        EngineConfiguration configuration, KillLatch kill, AlertSender alerts, bool inherits, Func<ITransport, AccountSweep> sweep)
    {
        _mayHaveOrders = inherits;
        _configuration = configuration;
        _kill = kill;
        _alerts = alerts;
        _sweep = sweep;
        _handler = (_, error) => Act(error.ExceptionObject as Exception);
        AppDomain.CurrentDomain.UnhandledException += _handler;
    }

    /// <summary>The run begins: from here on it may have orders.</summary>
    internal void Begin() => _mayHaveOrders = true;

    /// <summary>Acts, once; whoever comes later waits until it has.</summary>
    /// <param name="failure">What happened.</param>
    /// <returns>False when orders may work that should not.</returns>
    internal bool Act(Exception? failure)
    {
        lock (_turn)
        {
            if (_hasActed)
            {
                return _isProven != false;
            }

            _hasActed = true;
            _kill.Set();
            string text = failure?.Message ?? "unknown";
            bool takesAway = _mayHaveOrders && _configuration.Live!.OnStop == StopPolicy.Cancel;
            _alerts.Tell(
                LiveAlarm.Died,
                $"{failure?.GetType().Name}: {(text.Length > TextMax ? text[..TextMax] : text)}; "
                + (takesAway ? "its orders are being taken away"
                    : _mayHaveOrders ? "its orders are left to work, as configured"
                    : "it has not begun"));
            if (takesAway)
            {
                // Until it is shown, orders may work: also for whoever asks while this fails.
                _isProven = false;
                _isProven = TrySweep(out string left);
                _alerts.Tell(_isProven == true ? LiveAlarm.OrdersTakenAway : LiveAlarm.OrdersMayWork, left);
            }

            _ = _alerts.Flush(TellMax);
            return _isProven != false;
        }
    }

    public void Dispose() => AppDomain.CurrentDomain.UnhandledException -= _handler;

    private bool TrySweep(out string left)
    {
        try
        {
            LiveClock clock = new();
            KillLatch none = new();
            none.Set();
            using SocketTransport transport = new(clock, none);
            AccountSweep sweep = _sweep(transport);
            sweep.Begin(clock.Now);
            long start = Stopwatch.GetTimestamp();
            SpinWait wait = default;
            while (!sweep.IsProven && Stopwatch.GetElapsedTime(start) < SweepMax)
            {
                sweep.Poll(clock.Now);
                wait.SpinOnce(sleep1Threshold: 10);
            }

            left = sweep.IsProven ? $"{sweep.Cancels} were cancelled"
                : !sweep.WasRead ? "not every venue could be read"
                : $"the last reading showed {sweep.Left}";
            return sweep.IsProven;
        }
        catch (Exception second)
        {
            // What killed the run may kill this too: it uses the same decoders on the same account.
            left = $"{second.GetType().Name}: {second.Message}";
            return false;
        }
    }
}
