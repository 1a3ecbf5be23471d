using System.Runtime.InteropServices;

namespace ClusterTrust.Shared.Tests;

/// <summary>The processor time of the current thread, which does not depend on how busy the machine is. Linux only.</summary>
internal static class ThreadTime
{
    private const int ThreadCpuClock = 3;

    public static long Nanoseconds => GetTime(ThreadCpuClock, out var time) == 0 ? (time.Seconds * 1_000_000_000) + time.Nanoseconds : throw new PlatformNotSupportedException();

    [DllImport("libc", EntryPoint = "clock_gettime")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int GetTime(int clock, out Timespec time);

    [StructLayout(LayoutKind.Sequential)]
    private struct Timespec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
