namespace LowLatency.Engine.Commands;

/// <summary>What the process says when it ends. The numbers are part of the command line's contract.</summary>
internal static class ExitCode
{
    /// <summary>Done, and the answer is yes.</summary>
    internal const int Success = 0;

    /// <summary>Done, and the answer is no: a replay differs, a journal is damaged.</summary>
    internal const int No = 1;

    /// <summary>The command line or the configuration is wrong; nothing was started.</summary>
    internal const int Usage = 2;

    /// <summary>Input data is missing or malformed, or is not the market that a journal has begun with.</summary>
    internal const int Input = 3;

    /// <summary>
    /// A journal may not be used as asked: locked, damaged, another build's, configuration's or key's, behind its
    /// watermark; or its storage failed.
    /// </summary>
    internal const int Storage = 4;

    /// <summary>The engine stopped itself: an invariant is broken.</summary>
    internal const int Halted = 70;

    /// <summary>An error has ended a live run, and it is not proven that none of its orders works: look at the venue.</summary>
    internal const int OrdersMayWork = 71;
}
