using System.Collections.Concurrent;
using ClusterTrust.Sandbox.GitHub;

namespace ClusterTrust.EndToEnd.Tests.Faults;

/// <summary>Benches for trials that run side by side; made when they are first needed, and shared by the tests of the collection.</summary>
public sealed class BenchPool : IAsyncLifetime, IDisposable
{
    // Trials wait most of the time: for retries, for servers that are slow on purpose.
    private const int Size = 6;

    private readonly SemaphoreSlim free = new(Size);
    private readonly ConcurrentBag<Bench> idle = [];
    private readonly ConcurrentBag<Bench> all = [];
    private EmulatedGitHub gitHub = null!;

    public async Task InitializeAsync() => gitHub = await EmulatedGitHub.StartAsync();

    public async Task DisposeAsync()
    {
        foreach (var bench in all)
        {
            await bench.DisposeAsync();
        }

        await gitHub.DisposeAsync();
    }

    public void Dispose() => free.Dispose();

    /// <summary>Runs a trial on a bench that is free.</summary>
    internal async Task<T> WithAsync<T>(Func<Bench, Task<T>> trial)
    {
        await free.WaitAsync();
        try
        {
            if (!idle.TryTake(out var bench))
            {
                all.Add(bench = await Bench.StartAsync(gitHub));
            }

            try
            {
                return await trial(bench);
            }
            finally
            {
                idle.Add(bench);
            }
        }
        finally
        {
            free.Release();
        }
    }

    /// <summary>Runs all trials, as many at a time as there are benches, and fails with everything that went wrong.</summary>
    internal async Task AllAsync<T>(IEnumerable<T> cases, Func<Bench, T, Task> trial)
        where T : notnull
    {
        var faults = await Task.WhenAll(cases.Select(one => Task.Run(() => WithAsync(async bench =>
        {
            try
            {
                await trial(bench, one);
                return null;
            }
            catch (Exception fault)
            {
                // Reported below with the case's name: one that fails must not hide the others.
                return $"{one}: {fault}";
            }
        }))));
        var failed = faults.OfType<string>().ToArray();
        Assert.True(failed.Length == 0, $"{failed.Length} of {faults.Length} failed.\n{string.Join("\n\n", failed)}");
    }
}

/// <summary>Tests that share the benches.</summary>
[CollectionDefinition(Name)]
public sealed class FaultCollection : ICollectionFixture<BenchPool>
{
    public const string Name = "faults";
}
