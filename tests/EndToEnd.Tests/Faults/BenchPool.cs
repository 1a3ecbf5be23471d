using System.Collections.Concurrent;
using ClusterTrust.Sandbox.GitHub;

namespace ClusterTrust.EndToEnd.Tests.Faults;

/// <summary>Benches for trials that run side by side; made when they are first needed, and shared by the tests of the collection.</summary>
public sealed class BenchPool : IAsyncLifetime, IDisposable
{
    // Trials wait most of the time: for retries, for servers that are slow on purpose.
    private const int Size = 6;

    private readonly SemaphoreSlim _free = new(Size);
    private readonly ConcurrentBag<Bench> _idle = [];
    private readonly ConcurrentBag<Bench> _all = [];
    private EmulatedGitHub _gitHub = null!;

    public async Task InitializeAsync() => _gitHub = await EmulatedGitHub.StartAsync();

    public async Task DisposeAsync()
    {
        foreach (var bench in _all)
        {
            await bench.DisposeAsync();
        }

        await _gitHub.DisposeAsync();
    }

    public void Dispose() => _free.Dispose();

    /// <summary>Runs a trial on a bench that is free.</summary>
    internal async Task<T> WithAsync<T>(Func<Bench, Task<T>> trial)
    {
        await _free.WaitAsync();
        try
        {
            if (!_idle.TryTake(out var bench))
            {
                _all.Add(bench = await Bench.StartAsync(_gitHub));
            }

            try
            {
                return await trial(bench);
            }
            finally
            {
                _idle.Add(bench);
            }
        }
        finally
        {
            _free.Release();
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
