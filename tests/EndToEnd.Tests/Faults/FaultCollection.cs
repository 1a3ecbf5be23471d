namespace ClusterTrust.EndToEnd.Tests.Faults;

/// <summary>Tests that share the benches.</summary>
[CollectionDefinition(Name)]
public sealed class FaultCollection : ICollectionFixture<BenchPool>
{
    public const string Name = "faults";
}
