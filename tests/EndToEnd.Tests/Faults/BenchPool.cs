namespace ClusterTrust.EndToEnd.Tests.Faults;

/// <summary>Benches for trials that run concurrently; created when first used, and shared by the tests of the collection, which run one after the other.</summary>
public sealed class BenchPool : IAsyncLifetime
{
    // Trials wait most of the time: for retries, for servers that are slow on purpose.
    private static readonly ParallelOptions SideBySide = new() { MaxDegreeOfParallelism = 6 };

    private readonly ConcurrentBag<Bench> _idle = [];

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var bench in _idle)
        {
            await bench.DisposeAsync();
        }
    }

    /// <summary>Runs a trial on a bench that is free.</summary>
    internal async Task<T> WithAsync<T>(Func<Bench, Task<T>> trial)
    {
        var bench = _idle.TryTake(out var idle) ? idle : await Bench.StartAsync();
        try
        {
            return await trial(bench);
        }
        finally
        {
            _idle.Add(bench);
        }
    }

    /// <summary>Runs all trials, some at a time, and fails with everything that went wrong: one that fails must not hide the others.</summary>
    internal async Task AllAsync<T>(IEnumerable<T> cases, Func<Bench, T, Task> trial)
        where T : notnull
    {
        var failed = new ConcurrentBag<string>();
        await Parallel.ForEachAsync(cases, SideBySide, async (one, _) =>
        {
            try
            {
                await WithAsync(async bench =>
                {
                    await trial(bench, one);
                    return one;
                });
            }
            catch (Exception fault)
            {
                failed.Add($"{one}: {fault}");
            }
        });
        Assert.True(failed.IsEmpty, $"{failed.Count} failed.\n{string.Join("\n\n", failed)}");
    }
}

/// <summary>Tests that share the benches.</summary>
[CollectionDefinition(Name)]
public sealed class FaultCollection : ICollectionFixture<BenchPool>
{
    public const string Name = "faults";
}
