using System.Text.Json;
using BenchmarkDotNet.Attributes;
using ClusterTrust.Oidc.Issuer;
using ClusterTrust.Oidc.Site;
using ClusterTrust.Sandbox.ApiServer;

namespace ClusterTrust.Benchmarks;

/// <summary>A run of oidc with nothing to do: the served documents checked, and compared with the published ones.</summary>
[MemoryDiagnoser]
public class KeySetBenchmarks
{
    private const string Issuer = "https://example.github.io/cluster-a";
    private static readonly SiteLayout Layout = SiteLayout.For(Issuer, "owner/repository");
    private ClusterTrust.Oidc.Issuer.ServedDocument _discovery = null!;
    private ClusterTrust.Oidc.Issuer.ServedDocument _jwks = null!;
    private CheckedIssuer _served = null!;
    private PublishedSite _published = null!;

    /// <summary>How many keys the set has.</summary>
    [Params(1, 8)]
    public int Keys { get; set; }

    [GlobalSetup]
    public void Make()
    {
        using var keys = new ServiceAccountKeys();
        while (keys.Published.Count < Keys)
        {
            keys.Rotate();
        }

        _discovery = new(new Uri(Issuer), "application/json", JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, object>
        {
            ["issuer"] = Issuer,
            ["jwks_uri"] = Issuer + "/openid/v1/jwks",
            ["response_types_supported"] = new[] { "id_token" },
            ["subject_types_supported"] = new[] { "public" },
            ["id_token_signing_alg_values_supported"] = new[] { "RS256" },
        }));
        _jwks = new(new Uri(Issuer), "application/json", JsonSerializer.SerializeToUtf8Bytes(new { keys = keys.Published.Select(key => key.ToJwk()) }));
        _served = Read();
        _published = new PublishedSite(SitePlan.Between(PublishedSite.Empty, _served, Layout, new SitePlanOptions(), DateTimeOffset.UtcNow).Files.ToDictionary(static file => file.Path, static file => file.Content));
    }

    [Benchmark]
    public object Check() => Read();

    private CheckedIssuer Read() => IssuerRules.Check(_discovery, _jwks, Issuer, []);

    [Benchmark]
    public bool Compare() =>
        SitePlan.Between(_published, _served, Layout, new SitePlanOptions(), DateTimeOffset.UtcNow).IsEmpty
            ? true
            : throw new InvalidOperationException("The published set differs.");
}
