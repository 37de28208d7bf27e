namespace LowLatency.Engine;

internal static class Program
{
    private static int Main() => 64;
}
