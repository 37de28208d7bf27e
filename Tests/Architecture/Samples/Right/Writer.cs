namespace LowLatency.Tests.Architecture.Samples.Right;

/// <summary>Stands at the right end of the order.</summary>
internal sealed class Writer
{
    private readonly int _leftIsFine = Left.Reader.Read();

    internal int LeftIsFine => _leftIsFine;
}
