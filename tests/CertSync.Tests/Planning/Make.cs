namespace ClusterTrust.CertSync.Tests.Planning;

/// <summary>Values for the tests of the pure namespaces, with defaults for everything that a test does not set.</summary>
internal static class Make
{
    public const string Cluster = "blue";

    public static readonly DateTimeOffset Day0 = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static SyncPolicy Policy { get; } = new(Cluster);

    public static TlsSecretRef Secret(
        string source = "shop/web-tls", string certificate = "web", string version = "10", string? uid = null,
        string? name = null, string? vault = null, string? enabled = null, string? endpoints = null)
    {
        (string Key, string? Value)[] annotations =
        [
            (Annotations.CertificateName, certificate), (Annotations.Name, name), (Annotations.Vault, vault), (Annotations.Enabled, enabled), (Annotations.Endpoints, endpoints),
        ];
        var parts = source.Split('/');
        return new TlsSecretRef(parts[0], parts[1], uid ?? $"uid-{source}", version)
        {
            Annotations = annotations.Where(static one => one.Value is not null).ToImmutableDictionary(static one => one.Key, static one => one.Value!),
        };
    }

    public static CertificateFacts Facts(string thumbprint = "aa", int issuedOnDay = 0, int days = 90, string names = "web.example.com", string chain = "c1", string issuer = "CN=R3") =>
        new(thumbprint, chain, Day0.AddDays(issuedOnDay), Day0.AddDays(issuedOnDay + days), names, issuer);

    public static SyncTarget Target(params TlsSecretRef[] sources) =>
        new("main", "web", "web", sources.Length == 0 ? [Secret()] : [.. sources]);

    public static VaultCertificate Ours(SyncTarget target, CertificateFacts facts) => new(target.Vault, target.Name, facts.Thumbprint)
    {
        Tags = Ownership.Tags(Cluster, target.Name, target.RawName, Ownership.Ordered(target.Sources, target.Sources[0].Namespace), facts),
        NotBefore = facts.NotBefore,
        NotAfter = facts.NotAfter,
    };

    public static VaultCertificate Foreign(SyncTarget target, CertificateFacts facts, params (string Key, string Value)[] tags) =>
        Ours(target, facts) with { Tags = tags.ToImmutableDictionary(tag => tag.Key, tag => tag.Value) };

    /// <summary>A certificate of another owner: another tool, none, cert-manager-key-vault-sync (reference) or another cluster.</summary>
    public static VaultCertificate Foreign(string whose) => whose switch
    {
        "someone" => Foreign(Target(), Facts(), ("managed-by", "terraform"), ("cluster", Cluster)),
        "nobody" => Foreign(Target(), Facts()),
        "reference" => Foreign(Target(), Facts(), ("SyncFrom", "cert-manager-key-vault-sync"), ("namespace", "shop")),
        _ => Foreign(Target(), Facts(), ("managed-by", "clustertrust-certsync"), ("cluster", "green"), ("tag-version", "1")),
    };

    public static Gen<T> Any<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(index => values[index]);

    public static SyncAction Only(ImmutableArray<SyncAction> actions) => Assert.Single(actions);

    public static SyncAction Resolve(SyncPolicy policy, SyncTarget target, VaultCertificate? current, CertificateFacts facts) =>
        Only(new SyncPlanner(policy).Resolve(target, current, [.. target.Sources.Select(secret => new Inspection(secret, facts))]));

    /// <summary>The lines for Secrets that were read and ask for one name.</summary>
    public static ImmutableArray<SyncAction> Plan(SyncPolicy policy, VaultCertificate? current, params Inspection[] seen) =>
        new SyncPlanner(policy).Resolve(Target([.. seen.Select(static one => one.Secret)]), current, seen);

    public static (ActionKind Kind, Reason Reason) Row(SyncAction action) => (action.Kind, action.Reason);

    public static TargetResolver Resolver(string template = VaultNames.NameOnly, string[]? grants = null, params string[] vaults) =>
        new(new SecretFilter(), new VaultNames(template, Cluster), Granting(grants ?? []), vaults.Length == 0 ? ["main"] : [.. vaults]);

    public static ResolvedTargets Resolve(this TargetResolver resolver, IEnumerable<TlsSecretRef> secrets, params VaultCertificate[] listing) =>
        resolver.Resolve(secrets, listing, [], CancellationToken.None);

    public static SyncPolicy Granting(params string[] grants) =>
        Policy with { Grants = [.. grants.Select(grant => NameGrant.Parse(grant)!)] };
}
