namespace ClusterTrust.CertSync.Tests.Job;

/// <summary>The Secrets of a cluster in memory.</summary>
internal sealed class FakeSecrets : ISecretLister, ISecretReader
{
    private readonly Dictionary<string, (TlsSecretRef Secret, string Chain, string Key)> _secrets = [];
    private int _version;

    public ConcurrentQueue<string> Reads { get; } = new();

    public List<NamespaceFault> Unreadable { get; } = [];

    /// <summary>Secrets that exist and are not among those listed.</summary>
    public HashSet<string> Unlisted { get; } = [];

    /// <summary>What reading a Secret fails with.</summary>
    public Dictionary<string, Exception> Faults { get; } = [];

    public Action<string> OnRead { get; set; } = static _ => { };

    public Action OnExists { get; set; } = static () => { };

    public TlsSecretRef Put(string source, Issued? issued = null, string? certificate = null, string? name = null, string? vault = null, string? chain = null, string? endpoints = null)
    {
        issued ??= Pki.Leaf;
        var secret = Make.Secret(source, certificate ?? source.Split('/')[1], $"{++_version}", name: name, vault: vault, endpoints: endpoints);
        _secrets[source] = (secret, chain ?? issued.Pem + Pki.Intermediate.Pem + Pki.EcIntermediate.Pem, issued.Pkcs8);
        return secret;
    }

    public void PutEach(params string[] sources) => Array.ForEach(sources, source => Put(source));

    /// <summary>Puts so many Secrets of a namespace, each for a certificate of its own or all for one.</summary>
    /// <returns>Their sources, separated by commas.</returns>
    public string PutMany(string ns, int count, string? certificate = null, Issued? issued = null)
    {
        var sources = Enumerable.Range(0, count).Select(number => $"{ns}/x-{number}").ToArray();
        Array.ForEach(sources, source => Put(source, issued, certificate));
        return string.Join(',', sources);
    }

    public void Remove(string source) => _secrets.Remove(source);

    public Task<SecretListing> ListAsync(CancellationToken cancellationToken) =>
        Task.FromResult(new SecretListing([.. _secrets.Values.Select(static one => one.Secret)], [.. Unreadable]));

    public Task<SecretMaterial?> ReadAsync(TlsSecretRef secret, CancellationToken cancellationToken)
    {
        Reads.Enqueue(secret.Source);
        OnRead(secret.Source);
        if (Faults.TryGetValue(secret.Source, out var fault))
        {
            return Task.FromException<SecretMaterial?>(fault);
        }

        return Task.FromResult(_secrets.TryGetValue(secret.Source, out var found) ? SecretMaterial.Read(JsonSerializer.SerializeToUtf8Bytes(new
        {
            metadata = new { uid = found.Secret.Uid, resourceVersion = found.Secret.ResourceVersion, annotations = found.Secret.Annotations },
            data = new Dictionary<string, byte[]> { ["tls.crt"] = Pki.Bytes(found.Chain), ["tls.key"] = Pki.Bytes(found.Key) },
        }), secret) : null);
    }

    public Task<bool> ExistsAsync(string secretNamespace, string name, CancellationToken cancellationToken)
    {
        OnExists();
        return Task.FromResult(_secrets.ContainsKey($"{secretNamespace}/{name}") || Unlisted.Contains($"{secretNamespace}/{name}"));
    }
}
