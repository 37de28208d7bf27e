using LowLatency.Core.Determinism;

namespace LowLatency.Gateways.Live;

/// <summary>What a request was for.</summary>
internal enum RestPurpose : byte
{
    /// <summary>The place is free.</summary>
    None = 0,

    /// <summary>A command; its key is the number of the command's request.</summary>
    Command,

    /// <summary>A look-up of a command in doubt; its key is the number of the command's request.</summary>
    Lookup,

    /// <summary>A page of a read-back; its key is the page's serial.</summary>
    Page,

    /// <summary>The venue's clock.</summary>
    Time,

    /// <summary>The rules of the instruments; its key is the list.</summary>
    Instruments,

    /// <summary>The rights of the key, or the account that it belongs to.</summary>
    Key,

    /// <summary>The venue's trading days; its key is the first day that was asked for.</summary>
    Calendar,
}

/// <summary>A request on its way.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Purpose">What it is for.</param>
/// <param name="Key">What it belongs to.</param>
/// <param name="Step">Which of several.</param>
/// <param name="SentAt">When it was handed to the transport.</param>
internal readonly record struct RestPending(long Number, RestPurpose Purpose, long Key, int Step, long SentAt);

/// <summary>Requests to one host: remembers what each of them is for until it ends, and asks a failing host less.</summary>
internal sealed class RestDesk(IRestClient client, CircuitBreaker breaker)
{
    /// <summary>Requests on their way at one time; commands may use all of them, reads half.</summary>
    internal const int PendingMax = 64;

    /// <summary>Nanoseconds to wait for an answer.</summary>
    internal const long AnswerWait = 5_000_000_000;

    private readonly RestPending[] _pending = new RestPending[PendingMax];
    private int _count;

    /// <summary>Requests on their way.</summary>
    internal int Count => _count;

    /// <summary>Answers to requests that are not known.</summary>
    internal long StrayAnswers { get; private set; }

    /// <summary>True when a request of that kind may be made.</summary>
    /// <param name="purpose">What it is for.</param>
    /// <param name="now">Nanoseconds since 1970 UTC.</param>
    /// <returns>Whether <see cref="TrySend"/> may follow.</returns>
    internal bool Allows(RestPurpose purpose, long now) =>
        (purpose == RestPurpose.Command ? !breaker.IsBanned(now) : breaker.Allows(now))
        && _count < (purpose is RestPurpose.Command or RestPurpose.Lookup ? PendingMax : PendingMax / 2);

    /// <summary>Sends a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="purpose">What it is for.</param>
    /// <param name="key">What it belongs to.</param>
    /// <param name="step">Which of several.</param>
    /// <param name="now">Nanoseconds since 1970 UTC.</param>
    /// <returns>False when it was not taken: nothing was sent.</returns>
    internal bool TrySend(in RestRequest request, RestPurpose purpose, long key, int step, long now)
    {
        Ensure.That(_count < PendingMax, "more requests on their way than there is room for");
        if (!client.TrySend(request))
        {
            return false;
        }

        breaker.OnSent();
        _pending[_count++] = new RestPending(request.Number, purpose, key, step, now);
        return true;
    }

    /// <summary>Takes the next ended request.</summary>
    /// <param name="answer">How it ended.</param>
    /// <param name="pending">What it was for.</param>
    /// <param name="now">Nanoseconds since 1970 UTC.</param>
    /// <returns>False when none has ended.</returns>
    internal bool TryReceive(out RestAnswer answer, out RestPending pending, long now)
    {
        pending = default;
        while (client.TryReceive(out answer))
        {
            for (int i = 0; i < _count; i++)
            {
                if (_pending[i].Number == answer.Number)
                {
                    pending = _pending[i];
                    _pending[i] = _pending[--_count];
                    Judge(answer, now);
                    return true;
                }
            }

            StrayAnswers++;
        }

        return false;
    }

    private void Judge(in RestAnswer answer, long now)
    {
        if (answer.Outcome == RestOutcome.Answered && answer.Status is >= 100 and < 500)
        {
            breaker.OnSuccess();
        }
        else
        {
            breaker.OnFailure(now);
        }
    }
}
