using ClusterTrust.Sandbox.Servers;

namespace ClusterTrust.Demo;

/// <summary>The steps of the demo, each with what must be true after it.</summary>
internal sealed class Walk(SandboxCluster cluster, Story story)
{
    private readonly Seeds _seeds = new(cluster);

    public async Task RunAsync()
    {
        await story.TellAsync("cert-manager has issued certificates in three namespaces", () =>
        {
            _seeds.Plant();
            return Task.FromResult($"{_seeds.Secrets} Secrets: RSA and EC; PKCS#1, PKCS#8 and SEC1; chains of two and three;\n"
                + "one still pending, one whose key does not match, one certificate in two namespaces");
        });
        await story.TellAsync("Nobody trusts this cluster yet: certsync cannot sign in", async () =>
        {
            var run = await CertSyncAsync("sync", 1);
            Expect(run.StandardError.Contains("AADSTS", StringComparison.Ordinal), "Entra ID should refuse the cluster's token", run);
            return "Entra ID looked for the issuer's documents and found none";
        });
        await story.TellAsync("oidc publishes the issuer", async () =>
        {
            await OidcAsync("publish", 0);
            Expect(await CommitsAsync() == 1, "the repository should have one commit");
            return $"{cluster.IssuerUrl} is served by Pages, from commit {cluster.Repository.Tip("main")![..12]}";
        });
        await story.TellAsync("certsync says what it would do", async () =>
        {
            await CertSyncAsync("plan", 3);
            Expect(cluster.Vault.Certificates.Count == 0, "a plan should write nothing");
            return "nothing was written";
        });
        await story.TellAsync("certsync signs in with a token of this cluster and imports the certificates", async () =>
        {
            var run = await CertSyncAsync("sync", 3);
            Expect(cluster.Vault.Certificates.Count == _seeds.Certificates, $"the vault should have {_seeds.Certificates} certificates", run);
            var sources = cluster.Vault.Find("wildcard")!.Latest.Tags["source"].Split(',').Order(StringComparer.Ordinal);
            Expect(sources.SequenceEqual([$"{_seeds.Platform}/wildcard-tls", $"{_seeds.Shop}/wildcard-tls"]), "both Secrets should be named", run);
            return $"{cluster.Vault.Certificates.Count} certificates are in the vault; the one with the wrong key is not, and says why";
        });
        await story.TellAsync("The same again: nothing to do", async () =>
        {
            cluster.KeyVault.ForgetRequests();
            if (cluster.IsOwn)
            {
                cluster.ApiServer.ForgetRequests();
            }

            await OidcAsync("publish", 0);
            var counts = await SummaryAsync();
            Expect(await CommitsAsync() == 1, "there should be no new commit");
            Expect(counts.GetValueOrDefault("unchanged") == _seeds.Certificates, "every certificate should be unchanged");
            var summary = $"no commit, no import; {cluster.KeyVault.Requests.Count} requests to the vault";
            if (!cluster.IsOwn)
            {
                return summary;
            }

            var read = cluster.ApiServer.Requests.Count(request => request.Path.Contains("/secrets/", StringComparison.Ordinal));
            Expect(read == 2, $"only the pending and the mismatched Secret should be read, not {read}");
            return $"{summary}, no key of an unchanged Secret was read";
        });
        await story.TellAsync(cluster.IsOwn ? "A certificate is renewed, and the cluster's signing key is rotated" : "A certificate is renewed", async () =>
        {
            cluster.Certificates.Issue(_seeds.Web);
            if (cluster.IsOwn)
            {
                cluster.ApiServer.Keys.Rotate(SigningAlgorithm.RS256, keepOld: true);
            }

            cluster.RenewTokens();
            await OidcAsync("plan", cluster.IsOwn ? 4 : 0, "--detailed-exitcode");
            return cluster.IsOwn ? "tokens are signed by a key that is not published yet: the plan has pending changes" : "the cluster's key stays: only its owner rotates it";
        });
        await story.TellAsync("Both jobs again", async () =>
        {
            await OidcAsync("publish", 0);
            Expect(await CommitsAsync() == (cluster.IsOwn ? 2 : 1), "there should be a new commit for a new key, and none without");
            var run = await CertSyncAsync("sync", 3);
            Expect(cluster.Vault.Find("web")!.Versions.Count == 2, "the renewed certificate should have a second version", run);
            Expect(cluster.Vault.Certificates.Sum(certificate => certificate.Versions.Count) == _seeds.Certificates + 1, "nothing else should have a new version", run);
            return cluster.IsOwn
                ? "the new key is published, its token opens the vault, and the one renewed certificate has a new version"
                : "the one renewed certificate has a new version";
        });
        if (cluster.IsOwn)
        {
            await story.TellAsync("Key Vault has a new version: the ExternalSecret is refreshed at once", async () =>
            {
                var push = new Push(cluster);
                if (await push.InstallAsync() is not { } arguments)
                {
                    return "left out: kubectl 1.21 or newer is not installed";
                }

                var run = await push.RefreshAsync(arguments, "refresh-1");
                story.Show($"kubectl {string.Join(' ', arguments)}", run);
                Expect(run.ExitCode == 0 && push.Annotation() == "refresh-1", "the ExternalSecret should have a new annotation", run);
                return "Event Grid, the queue and KEDA are not part of the sandbox; the Job that KEDA starts for the event ran with its own permissions.\n"
                    + "External Secrets reads the vault when the annotation changes, and does not wait for the refreshInterval of 1 h";
            });
        }

        await story.TellAsync("Is the certificate in the vault the one that clients get?", async () =>
        {
            // An annotation may not name a local endpoint; the operator's --endpoint may.
            await using var server = new TlsServer().Serve("", _seeds.FirstWeb.ChainPem, _seeds.FirstWeb.KeyPem);
            await CertSyncAsync("verify", 0, "--endpoint", $"localhost:{server.Port}=web");
            var outdated = await CertSyncAsync("verify", 3, "--endpoint", $"localhost:{server.Port}=web", "--propagation", "0");
            Expect(outdated.StandardOutput.Contains("outdated", StringComparison.Ordinal), "the old certificate should be outdated", outdated);
            return "an endpoint still serves the certificate before the renewal: within the propagation time that is a warning, then a refusal";
        });
        if (cluster.IsOwn)
        {
            await story.TellAsync("oidc rotate says where the rotation stands: the new key signed too early", async () =>
            {
                var run = await cluster.OidcAsync("rotate", "--kubeconfig", cluster.AdminKubeconfig, "--verify-service-account", $"{cluster.JobsNamespace}/oidc");
                story.Show($"oidc rotate --kubeconfig {cluster.AdminKubeconfig} ...", run);
                Expect(run.ExitCode == 0, "oidc rotate should exit with 0", run);
                return "clouds that hold an earlier key set would refuse its tokens for a day";
            });
        }
    }

    private static void Expect(bool condition, string what, Output? run = null)
    {
        if (!condition)
        {
            throw new InvalidOperationException(run is null ? what : $"{what}\n{run}");
        }
    }

    private async Task<int> CommitsAsync() => (await cluster.Repository.LogAsync("main")).Count;

    private async Task OidcAsync(string command, int exitCode, params string[] more)
    {
        var run = await cluster.OidcAsync(command, more);
        story.Show($"oidc {command} --issuer {cluster.IssuerUrl} --repository {cluster.Ssh.Url(cluster.SiteRepository)} ...", run);
        Expect(run.ExitCode == exitCode, $"oidc {command} should exit with {exitCode}", run);
    }

    private async Task<Output> CertSyncAsync(string command, int exitCode, params string[] more)
    {
        var run = await cluster.CertSyncAsync(command, more);
        story.Show($"certsync {command} --vault {SandboxCluster.VaultName} --cluster sandbox ...", run);
        Expect(run.ExitCode == exitCode, $"certsync {command} should exit with {exitCode}", run);
        return run;
    }

    private async Task<Dictionary<string, int>> SummaryAsync()
    {
        var run = await cluster.CertSyncAsync("sync", "--output", "json");
        using var report = JsonDocument.Parse(run.StandardOutput);
        return report.RootElement.GetProperty("summary").EnumerateObject().ToDictionary(count => count.Name, count => count.Value.GetInt32());
    }
}
