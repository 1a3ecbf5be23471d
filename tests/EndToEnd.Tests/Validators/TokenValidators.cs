using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace ClusterTrust.EndToEnd.Tests.Validators;

/// <summary>
/// Three validators of tokens that share no code with the jobs: npm's jose, Debian's python3-jwt and Microsoft.IdentityModel. They have
/// the issuer's public URL and the audience, and fetch both documents again for every token.
/// </summary>
internal sealed class TokenValidators : IDisposable
{
    public const string Audience = "https://validator.example.com";
    private readonly List<Process> _processes = [];
    private readonly HttpClient _http;

    private TokenValidators(SandboxCluster cluster) => _http = new HttpClient(cluster.Routes.CreateHandler(cluster.Authority));

    public static async Task<TokenValidators> StartAsync(SandboxCluster cluster)
    {
        var validators = new TokenValidators(cluster);
        var jose = await NpmTools.InstallAsync("jose");
        validators.Start(cluster, Tools.Find("node", "nodejs"), Path.Combine(jose, "validate.mjs"));
        validators.Start(cluster, "/usr/bin/python3", Path.Combine(Repository.Root, "tests", "tools", "pyjwt.py"));
        return validators;
    }

    /// <summary>The result of each validator: <c>accepted</c>, or <c>refused</c> with the reason.</summary>
    public async Task<IReadOnlyDictionary<string, string>> ValidateAsync(string token)
    {
        var identityModel = IdentityModelAsync(token);
        var jose = SendAsync(_processes[0], token);
        var pyjwt = SendAsync(_processes[1], token);
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

    private static async Task<string> SendAsync(Process validator, string token)
    {
        await validator.StandardInput.WriteLineAsync(token);
        await validator.StandardInput.FlushAsync();
        return await validator.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromMinutes(10)) ?? $"failed {await validator.StandardError.ReadToEndAsync()}";
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
