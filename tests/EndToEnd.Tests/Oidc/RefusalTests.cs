using System.Text;
using System.Text.Json.Nodes;
using ClusterTrust.Sandbox;
using ClusterTrust.Sandbox.ApiServer;
using ClusterTrust.Sandbox.Servers;

namespace ClusterTrust.EndToEnd.Tests.Oidc;

/// <summary>What an API server, or something in front of it, may serve and must never see published.</summary>
public sealed class RefusalTests(SandboxFixture fixture) : IClassFixture<SandboxFixture>
{
    private const string Secret = "c2VjcmV0LXZhbHVlLXRoYXQtbXVzdC1ub3QtYmUtc2hvd24";
    private const string Issuer = SandboxCluster.Issuer;

    private static readonly Dictionary<string, (int ExitCode, string Sentence, Action<KubeApiServer> Serve)> Cases = new()
    {
        ["an issuer with a trailing slash"] = (Expect.Refused, "the only difference is a trailing slash", s => s.ServeDiscovery(d => d["issuer"] = Issuer + "/")),
        ["an issuer that differs in one character"] = (Expect.Refused, "they differ at character 27: expected 'cluster-a', found 'Cluster-a'", s => s.ServeDiscovery(d => d["issuer"] = "https://example.github.io/Cluster-a")),
        ["the default issuer"] = (
            Expect.Usage,
            $"start it with --service-account-issuer={Issuer} and --service-account-jwks-uri={Issuer}/openid/v1/jwks",
            s => s.ServeDiscovery(d => d["issuer"] = "https://kubernetes.default.svc.cluster.local")),
        ["an issuer over http"] = (Expect.Usage, "is not an https:// URL", s => s.ServeDiscovery(d => d["issuer"] = "http://example.github.io/cluster-a")),
        ["an issuer with a query"] = (Expect.Usage, "has a query", s => s.ServeDiscovery(d => d["issuer"] = Issuer + "?a=b")),
        ["an issuer with a fragment"] = (Expect.Usage, "has a fragment", s => s.ServeDiscovery(d => d["issuer"] = Issuer + "#a")),
        ["an issuer that leads out of the site"] = (Expect.Usage, "has the path segment '..'", s => s.ServeDiscovery(d => d["issuer"] = "https://example.github.io/cluster-a/../b")),
        ["an issuer that leads into .git"] = (Expect.Usage, "which Git reserves", s => s.ServeDiscovery(d => d["issuer"] = Issuer + "/.git")),
        ["no issuer"] = (Expect.Refused, "has no issuer that is a string", s => s.ServeDiscovery(d => d.Remove("issuer"))),
        ["a jwks_uri on a third host"] = (Expect.Refused, "neither on the issuer's host nor the API server's own address", s => s.ServeDiscovery(d => d["jwks_uri"] = "https://keys.example.com/jwks")),
        ["a jwks_uri over http"] = (Expect.Refused, "is not an https:// URL", s => s.ServeDiscovery(d => d["jwks_uri"] = "http://example.github.io/cluster-a/openid/v1/jwks")),
        ["a symmetric key"] = (Expect.Refused, "holds private key material (a member 'k')", s => s.ServeKey(k => { k["kty"] = "oct"; k["k"] = Secret; })),
        ["a symmetric key without its value"] = (Expect.Refused, "is symmetric (kty 'oct')", s => s.ServeKey(k => k["kty"] = "oct")),
        ["no keys"] = (Expect.Refused, "is empty; publishing it would invalidate every trust", s => s.ServeJwks(j => j["keys"] = new JsonArray())),
        ["no list of keys"] = (Expect.Refused, "has no array 'keys'", s => s.ServeJwks(j => j["keys"] = "none")),
        ["a key without kid"] = (Expect.Refused, "has no kid", s => s.ServeKey(k => k.Remove("kid"))),
        ["an empty kid"] = (Expect.Refused, "has no kid", s => s.ServeKey(k => k["kid"] = "")),
        ["a kid for two keys"] = (Expect.Refused, "has different keys under the kid", ServeTwoKeysUnderOneKid),
        ["a key for encryption"] = (Expect.Refused, "has the use 'enc' and not 'sig'", s => s.ServeKey(k => k["use"] = "enc")),
        ["a short RSA key"] = (Expect.Refused, "has a modulus of 1024 bits", s => s.ServeKey(k => k["n"] = new string('u', 170) + "w")),
        ["an unknown curve"] = (Expect.Refused, "has the crv 'secp256k1'; it must be P-256, P-384 or P-521", s => s.ServeKey(k => { k["kty"] = "EC"; k["crv"] = "secp256k1"; })),
        ["an algorithm of another key type"] = (Expect.Refused, "has the alg 'ES256', which is none of RSA", s => s.ServeKey(k => k["alg"] = "ES256")),
        ["an algorithm that the discovery document does not list"] = (Expect.Refused, "signs with RS256, which the discovery document does not list", s => s.ServeDiscovery(d => d["id_token_signing_alg_values_supported"] = new JsonArray("ES256"))),
        ["a login page"] = (Expect.Refused, "is HTML or XML, not JSON", s => s.ServeInstead("<html><head><title>Sign in</title></head></html>", "text/html")),
        ["JSON that calls itself HTML"] = (Expect.Refused, "has the content type text/html, not JSON", s => s.ServeInstead("""{"keys":[]}""", "text/html")),
        ["duplicate members"] = (Expect.Refused, "has the member 'keys' twice", s => s.ServeInstead("""{"keys":[],"keys":[]}""")),
        ["a truncated document"] = (Expect.Refused, "is truncated: it ends after 9 bytes", s => s.ServeInstead("""{"keys":[""")),
        ["an empty document"] = (Expect.Refused, "is empty", s => s.ServeInstead("")),
        ["something that is no JSON"] = (Expect.Refused, "is not valid JSON at line 1", s => s.ServeInstead("""{"keys": nonsense}""")),
        ["a huge document"] = (Expect.Refused, "is larger than 65536 bytes", s => s.ServeInstead("{\"keys\":[" + new string(' ', 70_000) + "]}")),
        ["an error in a 200"] = (Expect.Refused, "was answered with 200 and an error in it: Forbidden: no", s => s.ServeInstead("""{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Forbidden","message":"no","code":403}""")),
        ["an OAuth error in a 200"] = (Expect.Refused, "was answered with 200 and an error in it: invalid_request", s => s.ServeInstead("""{"error":"invalid_request","error_description":"no"}""")),
        ["a redirect"] = (Expect.Refused, "was answered with a redirect (302)", s => s.ServeInstead("", status: 302)),
    };

    public static TheoryData<string> Names => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    [Trait("ApiServer", "own")]
    public async Task Never_published_is(string name)
    {
        var (cluster, refused) = (fixture.Cluster, Cases[name]);
        try
        {
            refused.Serve(cluster.ApiServer);
            Expect.Silent(Expect.Exit(refused.ExitCode, await cluster.OidcAsync("publish"), refused.Sentence), Secret);
            Assert.Null(cluster.Repository.Tip("main"));
        }
        finally
        {
            cluster.ApiServer.ServeTruth();
        }
    }

    [Theory]
    [InlineData("d")]
    [InlineData("p")]
    [InlineData("q")]
    [InlineData("dp")]
    [InlineData("dq")]
    [InlineData("qi")]
    [InlineData("k")]
    [InlineData("oth")]
    [Trait("ApiServer", "own")]
    public async Task Never_published_nor_shown_is_the_private_member(string member)
    {
        try
        {
            fixture.Cluster.ApiServer.ServeKey(key => key[member] = Secret);
            Expect.Silent(
                Expect.Exit(Expect.Refused, await fixture.Cluster.OidcAsync("publish", "--verbose"), $"holds private key material (a member '{member}')"),
                Secret);
            Assert.Null(fixture.Cluster.Repository.Tip("main"));
        }
        finally
        {
            fixture.Cluster.ApiServer.ServeTruth();
        }
    }

    [Fact]
    [Trait("ApiServer", "own")]
    public async Task Never_waited_for_is_an_endless_body()
    {
        var server = fixture.Cluster.ApiServer;
        try
        {
            server.OnRequest = async context =>
            {
                if (context.Request.Path == IssuerEndpoint.JwksPath)
                {
                    context.Response.ContentType = "application/jwk-set+json";
                    var part = Encoding.ASCII.GetBytes("{\"keys\":[" + new string(' ', 8192));
                    while (!context.RequestAborted.IsCancellationRequested)
                    {
                        await context.Response.Body.WriteAsync(part, context.RequestAborted);
                    }
                }
            };

            Expect.Exit(Expect.Refused, await fixture.Cluster.OidcAsync("publish"), "is larger than 65536 bytes");
            Assert.Null(fixture.Cluster.Repository.Tip("main"));
        }
        finally
        {
            server.OnRequest = null;
        }
    }

    [Fact]
    [Trait("ApiServer", "own")]
    public async Task Read_again_is_an_answer_that_breaks_off_or_fails()
    {
        fixture.Cluster.ApiServer.Faults.Next(new Fault.Truncate());
        fixture.Cluster.ApiServer.Faults.Next(Fault.Unavailable());
        fixture.Cluster.ApiServer.Faults.Next(new Fault.Reset());

        Expect.Done(await fixture.Cluster.OidcAsync("plan"), "would commit");
    }

    [Theory]
    [InlineData("https://example.github.io/cluster-a/..")]
    [InlineData("https://example.github.io/cluster-a/.git/hooks")]
    [InlineData("https://example.github.io/cluster-a//b")]
    [InlineData("https://example.github.io/cluster-a/%2e%2e")]
    [InlineData("http://example.github.io/cluster-a")]
    [InlineData("https://example.github.io/cluster-a?x")]
    public async Task Never_accepted_is_the_issuer(string issuer) =>
        Expect.Exit(Expect.Usage, await fixture.Cluster.OidcAsync("publish", "--issuer", issuer), "--issuer");

    [Fact]
    [Trait("ApiServer", "own")]
    public async Task Told_is_the_rule_that_lets_the_documents_be_read()
    {
        var cluster = fixture.Cluster;
        var kubeconfig = cluster.Folder.Combine("nobody.kubeconfig");
        cluster.ApiServer.WriteKubeconfig(kubeconfig, cluster.ApiServer.Users.AddUser("nobody"));

        Expect.Exit(
            Expect.Usage,
            await cluster.OidcAsync("publish", "--kubeconfig", kubeconfig),
            "User nobody may not get the path /.well-known/openid-configuration",
            "add verb \"get\" on the non-resource URL");
    }

    [Fact]
    public async Task The_issuer_is_taken_from_the_document_and_then_said_so()
    {
        string[] arguments = [.. fixture.Cluster.OidcArguments()];
        var issuer = Array.IndexOf(arguments, "--issuer");
        await using var job = fixture.Cluster.Job("oidc");

        Expect.Done(
            await job.RunAsync(["plan", .. arguments[..issuer], .. arguments[(issuer + 2)..]]),
            $"No issuer is configured; using the API server's: {fixture.Cluster.IssuerUrl}");
    }

    private static void ServeTwoKeysUnderOneKid(KubeApiServer server)
    {
        var other = server.Keys.Announce();
        server.ServeJwks(static document =>
        {
            foreach (var key in document["keys"]!.AsArray())
            {
                key!["kid"] = "same";
            }
        });
        server.Keys.Drop(other);
    }
}
