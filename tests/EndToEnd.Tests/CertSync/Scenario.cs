namespace ClusterTrust.EndToEnd.Tests.CertSync;

/// <summary>One test's own namespace, vault and lease in the sandbox of its class, and runs of certsync that see nothing else.</summary>
internal sealed class Scenario
{
    public Scenario(SandboxCluster sandbox, int number, VaultOptions options)
    {
        Sandbox = sandbox;
        Namespace = sandbox.Kubernetes.NamespaceOf(string.Create(CultureInfo.InvariantCulture, $"shop-{number}"));
        Lease = string.Create(CultureInfo.InvariantCulture, $"lease-{number}");
        Vault = sandbox.AddVault(string.Create(CultureInfo.InvariantCulture, $"vault-{number}"), options);
        sandbox.Kubernetes.AddNamespace(Namespace);
        Forget();
    }

    public SandboxCluster Sandbox { get; }

    public Vault Vault { get; }

    public string Namespace { get; }

    public string Lease { get; }

    /// <summary>Issues a certificate into a Secret of the namespace; renews it if there is one.</summary>
    public Issuance Issue(string name, DateTimeOffset? notBefore = null, bool ec = false) =>
        Sandbox.Certificates.Issue(new CertificateSpec(Namespace, name) { Ec = ec }, notBefore);

    /// <summary>The arguments of a run that sees this scenario's vault and lease alone.</summary>
    /// <param name="more">More arguments; what they set is not set twice.</param>
    public string[] Arguments(params string[] more)
    {
        (string Flag, string Value)[] usual =
        [
            ("--kubeconfig", Sandbox.Kubeconfig("certsync")), ("--vault", Vault.Name), ("--cluster", "blue"), ("--lease", Lease), ("--output", "json"),
        ];
        return [.. usual.Where(setting => !more.Contains(setting.Flag)).SelectMany(static setting => new[] { setting.Flag, setting.Value }), .. more];
    }

    public async Task<SyncRun> SyncAsync(params string[] more) =>
        new(await Sandbox.RunAsync("certsync", ["sync", .. Arguments(["--namespace", Namespace, .. more])]));

    public void Forget()
    {
        if (Sandbox.IsOwn)
        {
            Sandbox.ApiServer.ForgetRequests();
        }

        Sandbox.KeyVault.ForgetRequests();
    }

    /// <summary>Requests to the vault since the last <see cref="Forget"/>, without those that were answered with a challenge.</summary>
    public IReadOnlyList<string> VaultRequests => Shown(Sandbox.KeyVault.Requests.Where(static request => request.Status != 401));

    /// <summary>Requests for Secrets since the last <see cref="Forget"/>.</summary>
    public IReadOnlyList<string> SecretRequests => Shown(Sandbox.ApiServer.Requests.Where(static request => request.Path.Contains("/secrets", StringComparison.Ordinal)));

    /// <summary>Whether the vault's newest version is this certificate.</summary>
    public void AssertHas(string name, Issuance issuance) =>
        Assert.Equal(issuance.Thumbprint, Vault.Find(name)?.Latest.Thumbprint, ignoreCase: true);

    private static IReadOnlyList<string> Shown(IEnumerable<RequestRecord> requests) =>
        [.. requests.Select(static request => $"{request.Method} {request.Path.Split('?')[0].TrimEnd('/')}")];
}
