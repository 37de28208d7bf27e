namespace LowLatency.Gateways.Bybit;

/// <summary>What an update of an order book means for the book.</summary>
internal enum BookStep : byte
{
    /// <summary>It changes the book.</summary>
    Apply,

    /// <summary>It replaces the book.</summary>
    Reset,

    /// <summary>It says again what was said: the stream lives and nothing has changed.</summary>
    Repeat,

    /// <summary>An update is missing: the book is given up until the next snapshot.</summary>
    Gap,

    /// <summary>There is no book that it could change.</summary>
    Discard,
}

/// <summary>
/// The order of the updates of one book. A snapshot replaces the book whenever it comes; update 1 is a restart of the venue's
/// service and replaces it too, whatever its label says; any other update follows the one before by exactly one. After a gap
/// nothing counts until a snapshot.
/// </summary>
internal struct BookSequence
{
    private const long ServiceRestart = 1;

    /// <summary>The last update that counted; 0 when there is no book.</summary>
    internal long Last { get; private set; }

    /// <summary>Takes the next update.</summary>
    /// <param name="update">Its number, from 1.</param>
    /// <param name="snapshot">True when it is labelled as a snapshot.</param>
    /// <returns>What it means.</returns>
    internal BookStep Next(long update, bool snapshot)
    {
        if (snapshot || update == ServiceRestart)
        {
            // A book of one level is repeated under its old number when nothing has changed for three seconds.
            bool again = snapshot && update == Last && update != ServiceRestart;
            Last = update;
            return again ? BookStep.Repeat : BookStep.Reset;
        }

        if (Last == 0)
        {
            return BookStep.Discard;
        }

        bool follows = update - 1 == Last;
        Last = follows ? update : 0;
        return follows ? BookStep.Apply : BookStep.Gap;
    }

    /// <summary>The connection was lost: there is no book until a snapshot.</summary>
    internal void Forget() => Last = 0;
}
