using System.Runtime.InteropServices;

namespace ClusterTrust.Shared.Tests;

/// <summary>The processor time of the current thread, which does not depend on how busy the machine is.</summary>
internal static partial class ThreadTime
{
    /// <summary>The least time of several runs, in nanoseconds.</summary>
    public static double Least(int runs, Action run) => Enumerable.Range(0, runs).Min(_ =>
    {
        var start = Now();
        run();
        return Now() - start;
    });

    private static double Now()
    {
        Assert.Equal(0, GetTime(OperatingSystem.IsMacOS() ? 16 : 3, out var time));
        return (time.Seconds * 1e9) + time.Nanoseconds;
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, out TimeSpec time);

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct TimeSpec(long Seconds, long Nanoseconds);
}
