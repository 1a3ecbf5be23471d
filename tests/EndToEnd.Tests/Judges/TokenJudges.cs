using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace ClusterTrust.EndToEnd.Tests.Judges;

/// <summary>
/// Three validators of tokens that share no code with the jobs: npm's jose, Debian's python3-jwt and Microsoft.IdentityModel. They know
/// the issuer's public URL and the audience, and fetch both documents anew for every token.
/// </summary>
internal sealed class TokenJudges : IDisposable
{
    public const string Audience = "https://judge.example.com";
    private readonly List<Process> _processes = [];
    private readonly HttpClient _http;

    private TokenJudges(SandboxCluster cluster) => _http = new HttpClient(cluster.Routes.CreateHandler(cluster.Authority));

    public static async Task<TokenJudges> StartAsync(SandboxCluster cluster)
    {
        var judges = new TokenJudges(cluster);
        var jose = await NpmTools.InstallAsync("jose");
        judges.Start(cluster, Tools.Find("node", "nodejs"), Path.Combine(jose, "judge.mjs"));
        judges.Start(cluster, "/usr/bin/python3", Path.Combine(Repository.Root, "tests", "tools", "pyjwt.py"));
        return judges;
    }

    /// <summary>What each says of a token: <c>accepted</c>, or <c>refused</c> with its reason.</summary>
    public async Task<IReadOnlyDictionary<string, string>> JudgeAsync(string token)
    {
        var identityModel = IdentityModelAsync(token);
        var jose = AskAsync(_processes[0], token);
        var pyjwt = AskAsync(_processes[1], token);
        return new Dictionary<string, string> { ["jose"] = await jose, ["python3-jwt"] = await pyjwt, ["Microsoft.IdentityModel"] = await identityModel };
    }

    public void Dispose()
    {
        foreach (var process in _processes)
        {
            process.Kill();
            process.Dispose();
        }

        _http.Dispose();
    }

    private static async Task<string> AskAsync(Process judge, string token)
    {
        await judge.StandardInput.WriteLineAsync(token);
        await judge.StandardInput.FlushAsync();
        return await judge.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromMinutes(10)) ?? $"failed {await judge.StandardError.ReadToEndAsync()}";
    }

    private async Task<string> IdentityModelAsync(string token)
    {
        var discovery = await new ConfigurationManager<OpenIdConnectConfiguration>(
            $"{SandboxCluster.Issuer}/.well-known/openid-configuration", new OpenIdConnectConfigurationRetriever(), new HttpDocumentRetriever(_http))
            .GetConfigurationAsync(CancellationToken.None);
        Assert.Equal(SandboxCluster.Issuer, discovery.Issuer);
        var result = await new JsonWebTokenHandler().ValidateTokenAsync(token, new TokenValidationParameters
        {
            ValidIssuer = discovery.Issuer,
            ValidAudience = Audience,
            IssuerSigningKeys = discovery.SigningKeys,
            ValidAlgorithms = ["RS256", "ES256"],
            ClockSkew = TimeSpan.Zero,
        });
        return result.IsValid ? "accepted" : $"refused {result.Exception.Message.ReplaceLineEndings(" ")}";
    }

    private void Start(SandboxCluster cluster, string program, string script)
    {
        var start = new ProcessStartInfo(program, [script, SandboxCluster.Issuer, Audience])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in new Dictionary<string, string>
        {
            ["HTTPS_PROXY"] = cluster.Proxy.Address,
            ["https_proxy"] = cluster.Proxy.Address,
            ["NO_PROXY"] = "",
            ["SSL_CERT_FILE"] = cluster.CaFile,
            ["NODE_EXTRA_CA_CERTS"] = cluster.CaFile,
        })
        {
            start.Environment[name] = value;
        }

        _processes.Add(Process.Start(start)!);
    }
}
