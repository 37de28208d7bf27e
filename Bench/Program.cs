namespace LowLatency.Bench;

internal static class Program
{
    private static int Main() => 64;
}
