using System.Collections.Immutable;
using System.Globalization;
using BenchmarkDotNet.Attributes;
using ClusterTrust.CertSync.Certificates;
using ClusterTrust.CertSync.Planning;

namespace ClusterTrust.Benchmarks;

/// <summary>The steady state of certsync: every certificate decided by metadata alone.</summary>
[MemoryDiagnoser]
public class PlannerBenchmarks
{
    private readonly SyncPlanner _planner = new(new SyncPolicy("bench"));
    private (SyncTarget Target, VaultCertificate Current)[] _items = [];

    /// <summary>How many certificates.</summary>
    [Params(1_000)]
    public int Certificates { get; set; }

    [GlobalSetup]
    public void Make() => _items = [.. Enumerable.Range(0, Certificates).Select(Item)];

    [Benchmark]
    public int Decide()
    {
        var unchanged = 0;
        foreach (var (target, current) in _items)
        {
            unchanged += _planner.Decide(target, current).Kind == ActionKind.Unchanged ? 1 : 0;
        }

        return unchanged == Certificates ? unchanged : throw new InvalidOperationException($"Only {unchanged} are unchanged.");
    }

    private static (SyncTarget Target, VaultCertificate Current) Item(int number)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"web-{number:0000}");
        var secret = new TlsSecretRef("shop", name + "-tls", Guid.NewGuid().ToString(), "1234")
        {
            Annotations = ImmutableDictionary<string, string>.Empty.Add(Annotations.CertificateName, name),
        };
        var target = new SyncTarget("main", name, name, [secret]);
        return (target, new VaultCertificate("main", name, "aa") { Tags = Ownership.Tags("bench", name, name, target.Sources, new CertificateFacts("aa", "c1", default, default, "", "")) });
    }
}
