using static ClusterTrust.CertSync.Tests.Planning.Make;

namespace ClusterTrust.CertSync.Tests.Serving;

public sealed class EndpointOrderTests
{
    [Fact]
    public void The_endpoints_of_a_copy_in_another_namespace_take_no_place_from_the_owners()
    {
        var original = With(Secret("shop/web"), "shop.example.com");
        var copy = With(Secret("a/web"), "1.example.com,2.example.com,3.example.com,4.example.com");
        var current = Ours(Target(original, copy), Facts());

        var (planned, refused) = new EndpointPlanner(Policy).Plan([copy, original], new VaultHistory(current, [current], ["DNS:*.example.com"], IsComplete: true));

        Assert.Equal("shop.example.com", $"{planned.Keys.First()}");
        Assert.Equal("4.example.com", Assert.Single(refused).Endpoint);
    }

    private static TlsSecretRef With(TlsSecretRef secret, string endpoints) =>
        secret with { Annotations = secret.Annotations.Add(Annotations.Endpoints, endpoints) };
}
