using ClusterTrust.CertSync.Vaults;

namespace ClusterTrust.CertSync;

/// <summary>All settings of certsync, each documented by its description and default. <see cref="CertSyncOptions"/> holds the validated values.</summary>
public static class CertSyncSettings
{
    public static Setting<IReadOnlyList<string>> Vaults { get; } = Setting.ListOf(Setting.Text(
        "--vault",
        $"A vault to sync, by name or https address, optionally with an alias (ALIAS=). The first is the default; the annotation {Annotations.Vault} of a Secret selects others by alias.",
        "[ALIAS=]NAME|URL"))
        .WithAlias("AZURE_KEY_VAULT_NAME") with
    { IsRequired = true };

    public static Setting<string> Cluster { get; } = Setting.Of<string>(
        "--cluster",
        "The name of this cluster. It is written to the tag 'cluster' and determines which certificates belong to this job, so do not change it later.",
        "NAME",
        static text => text.Length is > 0 and <= 256 && text.AsSpan().IndexOfAny(',', '\n', '\r') < 0 && text.Trim() == text
            ? Parsed.Value(text)
            : Parsed.Fault<string>("must have 1 to 256 characters, without commas and without leading or trailing blanks"));

    public static Setting<IReadOnlyList<Glob>> Namespaces { get; } = Setting.ListOf(GlobSetting(
        "--namespace",
        "Sync only Secrets in matching namespaces. Namespaces given without wildcards are listed one by one, which requires permissions in these namespaces only."));

    public static Setting<IReadOnlyList<Glob>> ExcludedNamespaces { get; } = Setting.ListOf(GlobSetting(
        "--exclude-namespace", "Do not sync Secrets in matching namespaces."));

    public static Setting<IReadOnlyList<NamePattern>> CertificateNames { get; } = Setting.ListOf(Setting.Of(
        "--certificate",
        "Sync only certificates whose name (the annotation's value) matches: a pattern with *, ? and [abc], or regex: followed by a regular expression.",
        "GLOB|regex:EXPRESSION",
        static text => NamePattern.Parse(text.Trim())))
        .WithAlias("CERT_NAME_FILTER", static text => NamePattern.Parse(text).Convert<IReadOnlyList<NamePattern>>(static pattern => [pattern]));

    public static Setting<string?> LabelSelector { get; } = Setting.Text(
        "--label-selector", "Sync only Secrets that match this Kubernetes label selector, such as app=web,tier!=test.", "SELECTOR").Optional();

    public static Setting<string> Annotation { get; } = Setting.Of(
        "--annotation",
        "The annotation that a Secret must have; its value is the certificate's name.",
        "NAME",
        static text => KubernetesName.IsAnnotation(text) ? text : null,
        $"must be the key of an annotation, such as {Annotations.CertificateName}")
        .WithDefault(Annotations.CertificateName).WithAlias("ANNOTATION");

    public static Setting<bool> IncludeOpaque { get; } = Setting.Switch(
        "--include-opaque", "Also sync Secrets of type Opaque that have tls.crt and tls.key.");

    public static Setting<bool> IncludeAuthorities { get; } = Setting.Switch(
        "--include-ca", "Also sync certificates of CAs. Their private keys then leave the cluster.");

    public static Setting<string> NameTemplate { get; } = Setting.Of(
        "--name-template",
        "The name of a certificate in the vault, with the placeholders {name}, {namespace} and {cluster}. Characters that Key Vault does not allow are replaced; with {namespace} and {name}, no two certificates share a name.",
        "TEMPLATE",
        static text => VaultNames.IsTemplate(text) ? text : null,
        "must contain {name}, and no placeholders but {name}, {namespace} and {cluster}")
        .WithDefault(VaultNames.NameOnly)
        .WithAlias("USE_NAMESPACES", static text => Parsed.Value(
            text.ToUpperInvariant() is "TRUE" or "1" or "YES" or "ENABLED" ? "{namespace}-{name}" : VaultNames.NameOnly));

    public static Setting<IReadOnlyList<NameGrant>> Grants { get; } = Setting.ListOf(Setting.Of(
        "--grant",
        $"Allow matching namespaces to use names with this prefix: through the annotation {Annotations.Name}, and even if another namespace used them first. Without a grant, a namespace may use only the names of its own Secrets.",
        "NAMESPACE-GLOB=PREFIX",
        NameGrant.Parse,
        "must be NAMESPACE-GLOB=PREFIX with the name of a namespace or a pattern of names, and the beginning of names in the vault (letters, digits, hyphens), such as team-a=team-a-"));

    public static Setting<bool> Full { get; } = Setting.Switch(
        "--full", "Read and compare every Secret, regardless of the vault's tags.");

    public static Setting<bool> IncludeRoot { get; } = Setting.Switch(
        "--include-root", "Keep the self-signed root at the end of the chain.");

    public static Setting<bool> StrictChain { get; } = Setting.Switch(
        "--strict-chain", "Refuse a certificate with an incomplete chain instead of only reporting it.");

    public static Setting<CertificateFormat> Format { get; } = Setting.Choice<CertificateFormat>(
        "--format", "The format in which certificates are imported, and in which the secret behind them is read.").WithDefault(CertificateFormat.Pfx);

    public static Setting<PfxEncryption> Encryption { get; } = Setting.Choice(
        "--pfx-encryption",
        "The encryption of the PFX. The password is empty, so this affects compatibility, not confidentiality.",
        [("3des-sha1", PfxEncryption.TripleDesSha1), ("aes256-sha256", PfxEncryption.Aes256Sha256)]).WithDefault(PfxEncryption.TripleDesSha1);

    public static Setting<bool> Adopt { get; } = Setting.Switch(
        "--adopt", "Take over certificates that this job did not create, including those of cert-manager-key-vault-sync.");

    public static Setting<bool> AllowOlder { get; } = Setting.Switch(
        "--allow-older", "Overwrite a certificate in the vault that is newer than the cluster's.");

    public static Setting<bool> NoRecover { get; } = Setting.Switch(
        "--no-recover", "Report a soft-deleted name instead of recovering it.");

    public static Setting<PruneMode> Prune { get; } = Setting.Choice<PruneMode>(
        "--prune", "What to do with certificates of this job whose Secret no longer exists.").WithDefault(PruneMode.Keep);

    public static Setting<int> PruneLimit { get; } = Setting.Number(
        "--prune-limit", "The maximum number of certificates to prune in one run. A namespace that exceeds it is refused; if all namespaces together exceed it, those with the most are refused until the rest is within the limit.").WithDefault(5);

    public static Setting<int> Parallel { get; } = Setting.Number(
        "--parallel", "How many certificates to process concurrently.", 1, 64).WithDefault(8);

    public static Setting<string?> Shard { get; } = Setting.Text(
        "--shard",
        "Process one of COUNT equal parts of the certificates, split by name. With COUNT alone, the index is that of an Indexed Job (JOB_COMPLETION_INDEX).",
        "INDEX/COUNT|COUNT").Optional();

    public static Setting<string?> LeaseName { get; } = Setting.Of(
        "--lease",
        "The Lease that prevents two concurrent runs. Defaults to certsync-CLUSTER, followed by the shard if there is one.",
        "NAME",
        static text => KubernetesName.IsSubdomain(text) ? text : null,
        "must be the name of a Lease (lower-case letters, digits, '-' and '.')").Optional();

    public static Setting<string?> LeaseNamespace { get; } = Setting.Of(
        "--lease-namespace",
        "The namespace of the Lease. Defaults to the pod's namespace, or to that of the kubeconfig's context.",
        "NAMESPACE",
        static text => KubernetesName.IsNamespace(text) ? text : null,
        "must be the name of a namespace").Optional();

    public static Setting<bool> NoLease { get; } = Setting.Switch(
        "--no-lease", "Run without the Lease. Use it only if something else prevents concurrent runs, or if they do no harm.");

    public static Setting<SignInMethod> Auth { get; } = Setting.Choice<SignInMethod>(
        "--auth", "How to sign in to Azure. auto uses the environment: AZURE_FEDERATED_TOKEN_FILE, AZURE_CLIENT_SECRET, AZURE_CLIENT_CERTIFICATE_PATH.")
        .WithDefault(SignInMethod.Auto);

    public static Setting<TimeSpan> IssuerTimeout { get; } = Setting.Duration(
        "--issuer-timeout", "How long to wait, within the run, for an issuer that Entra ID cannot read yet, for example before its first publication is served. The CronJob waits up to 10 of its 14 minutes.",
        TimeSpan.Zero, TimeSpan.FromHours(1)).WithDefault(TimeSpan.Zero);

    public static Setting<bool> Events { get; } = Setting.Switch(
        "--events", "Create Events on the Secrets: imported, refused, failed (requires create on events.k8s.io in their namespaces).");

    public static Setting<bool> DisableChallengeVerification { get; } = Setting.Switch(
        "--disable-challenge-verification", "Accept a sign-in challenge whose resource or tenant is not the vault's. For emulators only.");

    public static Setting<IReadOnlyList<ConfiguredEndpoint>> Endpoints { get; } = Setting.ListOf(Setting.Of(
        "--endpoint",
        $"An endpoint that must serve the certificate NAME of a vault (the default vault without ALIAS), at any address. The annotation {Annotations.Endpoints} of a Secret names others, at public addresses.",
        "HOST[:PORT]=[ALIAS/]NAME",
        ConfiguredEndpoint.Parse,
        "must be HOST[:PORT]=NAME, such as shop.example.com:8443=shop-tls"));

    public static Setting<TimeSpan> Propagation { get; } = Setting.Duration(
        "--propagation", "How long an older certificate may be served after the vault received a newer one. Beyond that, an endpoint is reported as outdated (exit code 3).",
        TimeSpan.Zero, TimeSpan.FromDays(365)).WithDefault(TimeSpan.FromHours(24));

    /// <summary>The settings of <c>sync</c> and <c>plan</c>, in the order of <c>--help</c>.</summary>
    public static IReadOnlyList<Setting> All { get; } =
    [
        Vaults, Cluster, Namespaces, ExcludedNamespaces, CertificateNames, LabelSelector, Annotation, IncludeOpaque, IncludeAuthorities, NameTemplate, Grants,
        Full, IncludeRoot, StrictChain, Format, Encryption, Adopt, AllowOlder, NoRecover, Prune, PruneLimit, Parallel, Shard,
        LeaseName, LeaseNamespace, NoLease, Events, Auth, IssuerTimeout, DisableChallengeVerification,
    ];

    /// <summary>The settings of <c>verify</c>, in the order of <c>--help</c>.</summary>
    public static IReadOnlyList<Setting> OfVerify { get; } =
    [
        Vaults, Cluster, Endpoints, Propagation, Namespaces, ExcludedNamespaces, CertificateNames, LabelSelector, Annotation, IncludeOpaque, NameTemplate, Grants, Adopt,
        Parallel, Auth, IssuerTimeout, DisableChallengeVerification,
    ];

    /// <summary>A name that no namespace can have is refused: the API server would list it as one without Secrets, and a pattern would match none.</summary>
    private static Setting<Glob> GlobSetting(string flag, string description) => Setting.Of(
        flag,
        description,
        "GLOB",
        static text => Glob.Parse(text.Trim()) is { } glob && Ownership.IsNamespacePattern(glob) ? glob : null,
        "must be the name of one namespace (a flag is repeated for several), or a pattern of lower-case letters, digits and '-' with *, ? and [a-z] that names of up to 63 characters can match");
}
