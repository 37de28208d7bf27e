using LowLatency.Tests.Architecture.Samples.Right;

namespace LowLatency.Tests.Architecture.Samples.Left;

/// <summary>Breaks the order of namespaces in a method body only: no signature shows it.</summary>
internal static class Reader
{
    internal static int Read()
    {
        object written = new Writer();
        return written.GetType().Name.Length;
    }
}
