namespace ClusterTrust.Hosting;

/// <summary>How work of the product fails: by a <see cref="JobException"/>, one sentence with an exit code.</summary>
internal static class FaultAssertions
{
    extension(Assert)
    {
        /// <summary>It fails with this exit code.</summary>
        /// <param name="message">A part of the sentence.</param>
        public static JobException Fault(ExitCode exitCode, string message, Action work) =>
            Check(exitCode, message, Assert.ThrowsAny<JobException>(work));

        /// <summary>It fails with this exit code.</summary>
        /// <param name="message">A part of the sentence.</param>
        public static async Task<JobException> FaultAsync(ExitCode exitCode, string message, Func<Task> work) =>
            Check(exitCode, message, await Assert.ThrowsAnyAsync<JobException>(work));

        /// <summary>It succeeds, or fails with a sentence of limited length; any other exception fails the test.</summary>
        /// <typeparam name="T">The exception of the part of the product that is tested.</typeparam>
        /// <param name="longest">The limit, in characters.</param>
        /// <returns>The fault; null for success.</returns>
        public static async Task<T?> AtMostFaultAsync<T>(Func<Task> work, int longest = 2000)
            where T : JobException
        {
            try
            {
                await work();
                return null;
            }
            catch (T fault)
            {
                Assert.DoesNotContain(fault.Message, char.IsControl);
                Assert.InRange(fault.Message.Length, 20, longest);
                return fault;
            }
        }
    }

    private static JobException Check(ExitCode exitCode, string message, JobException fault)
    {
        Assert.True(fault.Message.Contains(message, StringComparison.Ordinal), $"'{message}' is not in '{fault.Message}'");
        Assert.Equal(exitCode, fault.ExitCode);
        return fault;
    }
}
