using System.Runtime.InteropServices;

namespace ClusterTrust.Shared.Tests;

/// <summary>The processor time of the current thread, which does not depend on how busy the machine is.</summary>
internal static partial class ThreadTime
{
    /// <summary>
    /// How many times as long a run takes as another, by the least of several measurements. It is measured again while it is not below the
    /// bound: the thread that allocates collects the garbage of all tests, and that counts as its time.
    /// </summary>
    public static double Ratio(Action longer, Action once, double bound)
    {
        var ratio = double.MaxValue;
        for (var tries = 0; ratio >= bound && tries < 10; tries++)
        {
            ratio = Math.Min(ratio, Least(longer) / Math.Max(Least(once), 50_000));
        }

        return ratio;
    }

    /// <summary>The least time of several runs, in nanoseconds.</summary>
    private static double Least(Action run) => Enumerable.Range(0, 3).Min(_ =>
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
