using ClusterTrust.CertSync.Certificates;
using ClusterTrust.CertSync.Planning;
using ClusterTrust.CertSync.Vaults;
using ClusterTrust.CertSync.Vaults.SignIn;
using ClusterTrust.Hosting.Settings;
using ClusterTrust.Text;

namespace ClusterTrust.CertSync;

/// <summary>Everything that can be set, under one name each; see <see cref="CertSyncOptions"/> for what becomes of it.</summary>
public static class CertSyncSettings
{
    /// <summary>The vaults.</summary>
    public static Setting<IReadOnlyList<string>> Vaults { get; } = Setting.ListOf(Setting.Text(
        "--vault",
        "A vault to keep equal to the cluster: its name, its https address, or either as ALIAS=. The first is the default; "
        + $"the annotation {Annotations.Vault} chooses others by alias.",
        "[ALIAS=]NAME|URL"))
        .WithAlias("AZURE_KEY_VAULT_NAME") with
    { IsRequired = true };

    /// <summary>The cluster's name.</summary>
    public static Setting<string> Cluster { get; } = Setting.Of<string>(
        "--cluster",
        "This cluster's name. It is written into the tag 'cluster', and decides which certificates are this job's; keep it for good.",
        "NAME",
        static text => text.Length is > 0 and <= 256 && text.AsSpan().IndexOfAny(',', '\n', '\r') < 0 && text.Trim() == text
            ? Parsed.Value(text)
            : Parsed.Fault<string>("must have 1 to 256 characters, without commas and without blanks around it"));

    /// <summary>The namespaces that are looked at.</summary>
    public static Setting<IReadOnlyList<Glob>> Namespaces { get; } = Setting.ListOf(GlobSetting(
        "--namespace",
        "Only Secrets of namespaces that match. Plain names are listed one by one, for which rights in these namespaces suffice."));

    /// <summary>The namespaces that are not.</summary>
    public static Setting<IReadOnlyList<Glob>> ExcludedNamespaces { get; } = Setting.ListOf(GlobSetting(
        "--exclude-namespace", "No Secrets of namespaces that match."));

    /// <summary>The certificates that are synced.</summary>
    public static Setting<IReadOnlyList<NamePattern>> CertificateNames { get; } = Setting.ListOf(Setting.Of(
        "--certificate",
        "Only certificates whose name (the annotation's value) matches: a pattern with *, ? and [abc], or regex: and a regular expression.",
        "GLOB|regex:EXPRESSION",
        static text => ParsePattern(text.Trim()))
        with
    { Format = static pattern => pattern.Text })
        .WithAlias("CERT_NAME_FILTER", static text => ParsePattern(text) switch
        {
            { Fault: { } fault } => Parsed.Fault<IReadOnlyList<NamePattern>>(fault),
            var pattern => Parsed.Value<IReadOnlyList<NamePattern>>([pattern.Value]),
        });

    /// <summary>Which Secrets are listed at all.</summary>
    public static Setting<string?> LabelSelector { get; } = Setting.Text(
        "--label-selector", "Only Secrets with these labels, in Kubernetes' form: app=web,tier!=test.", "SELECTOR").Optional();

    /// <summary>The annotation that makes a Secret a certificate.</summary>
    public static Setting<string> Annotation { get; } = Setting.Text(
        "--annotation", "The annotation that a Secret must carry; its value is the certificate's name.", "NAME")
        .WithDefault(Annotations.CertificateName).WithAlias("ANNOTATION");

    /// <summary>Opaque Secrets too.</summary>
    public static Setting<bool> IncludeOpaque { get; } = Setting.Switch(
        "--include-opaque", "Also sync Secrets of type Opaque that have tls.crt and tls.key.");

    /// <summary>CAs too.</summary>
    public static Setting<bool> IncludeAuthorities { get; } = Setting.Switch(
        "--include-ca", "Also sync certificates of CAs, whose private key then leaves the cluster.");

    /// <summary>How names are made.</summary>
    public static Setting<string> NameTemplate { get; } = Setting.Of<string>(
        "--name-template",
        "How a certificate is named in the vault, of {name}, {namespace} and {cluster}. What Key Vault cannot hold is replaced; with {namespace} and {name} no two certificates share a name.",
        "TEMPLATE",
        static text => VaultNames.Fault(text) is { } fault ? Parsed.Fault<string>("is not right: " + fault) : Parsed.Value(text))
        .WithDefault(VaultNames.NameOnly)
        .WithAlias("USE_NAMESPACES", static text => Parsed.Value(
            text.ToUpperInvariant() is "TRUE" or "1" or "YES" or "ENABLED" ? "{namespace}-{name}" : VaultNames.NameOnly));

    /// <summary>Which namespaces may use which names.</summary>
    public static Setting<IReadOnlyList<NameGrant>> Grants { get; } = Setting.ListOf(Setting.Of(
        "--grant",
        $"Gives namespaces the names under a prefix: by the annotation {Annotations.Name}, and although another namespace filled them first. Without one, only names of their own Secrets.",
        "NAMESPACE-GLOB=PREFIX",
        static text => NameGrant.Parse(text) is { } grant
            ? Parsed.Value(grant)
            : Parsed.Fault<NameGrant>("must be NAMESPACE-GLOB=PREFIX, such as team-a=team-a-")));

    /// <summary>Read everything.</summary>
    public static Setting<bool> Full { get; } = Setting.Switch(
        "--full", "Read and compare every Secret, whatever the vault's tags say.");

    /// <summary>Keep the root in the chain.</summary>
    public static Setting<bool> IncludeRoot { get; } = Setting.Switch(
        "--include-root", "Keep the self-signed root at the end of the chain.");

    /// <summary>Refuse chains with gaps.</summary>
    public static Setting<bool> StrictChain { get; } = Setting.Switch(
        "--strict-chain", "Refuse a certificate whose chain has a gap instead of only reporting it.");

    /// <summary>The form that is sent.</summary>
    public static Setting<CertificateFormat> Format { get; } = Setting.Choice<CertificateFormat>(
        "--format", "The form in which certificates are imported, and in which the secret behind them is read.").WithDefault(CertificateFormat.Pfx);

    /// <summary>How a PFX is encrypted.</summary>
    public static Setting<PfxEncryption> Encryption { get; } = Setting.Choice(
        "--pfx-encryption",
        "How the PFX is encrypted. The password is empty, so this decides who can read it, not how secret it is.",
        [("3des-sha1", PfxEncryption.TripleDesSha1), ("aes256-sha256", PfxEncryption.Aes256Sha256)]).WithDefault(PfxEncryption.TripleDesSha1);

    /// <summary>Take over.</summary>
    public static Setting<bool> Adopt { get; } = Setting.Switch(
        "--adopt", "Take over certificates that this job did not write, also those of cert-manager-key-vault-sync.");

    /// <summary>Write over a newer one.</summary>
    public static Setting<bool> AllowOlder { get; } = Setting.Switch(
        "--allow-older", "Write over a certificate in the vault that is newer than the cluster's.");

    /// <summary>Leave soft-deleted names alone.</summary>
    public static Setting<bool> NoRecover { get; } = Setting.Switch(
        "--no-recover", "Report a soft-deleted name instead of recovering it.");

    /// <summary>What happens to left-overs.</summary>
    public static Setting<PruneMode> Prune { get; } = Setting.Choice<PruneMode>(
        "--prune", "What happens to certificates of this job whose Secret is gone.").WithDefault(PruneMode.Keep);

    /// <summary>How many left-overs one run may prune.</summary>
    public static Setting<int> PruneLimit { get; } = Setting.Number(
        "--prune-limit", "The most certificates one run may prune; a namespace with more of them is refused, and so are those with the most until the rest is within it.").WithDefault(5);

    /// <summary>How many at a time.</summary>
    public static Setting<int> Parallel { get; } = Setting.Number(
        "--parallel", "How many certificates are worked on at the same time.", 1, 64).WithDefault(8);

    /// <summary>One part of the work.</summary>
    public static Setting<string?> Shard { get; } = Setting.Text(
        "--shard",
        "Work on one of several equal parts of the certificates, split by name. COUNT alone takes the index of an Indexed Job, JOB_COMPLETION_INDEX.",
        "INDEX/COUNT|COUNT").Optional();

    /// <summary>The lock.</summary>
    public static Setting<string?> LeaseName { get; } = Setting.Text(
        "--lease", "The Lease that keeps two runs apart; by default certsync-CLUSTER, and the shard.", "NAME").Optional();

    /// <summary>Where the lock is.</summary>
    public static Setting<string?> LeaseNamespace { get; } = Setting.Text(
        "--lease-namespace", "The namespace of the Lease; by default the job's own, or the context's.", "NAMESPACE").Optional();

    /// <summary>No lock.</summary>
    public static Setting<bool> NoLease { get; } = Setting.Switch(
        "--no-lease", "Run without the Lease, where nothing else keeps two runs apart or needs to.");

    /// <summary>How to sign in.</summary>
    public static Setting<SignInMethod> Auth { get; } = Setting.Choice<SignInMethod>(
        "--auth", "How to sign in to Azure; auto goes by the environment: AZURE_FEDERATED_TOKEN_FILE, AZURE_CLIENT_SECRET, AZURE_CLIENT_CERTIFICATE_PATH.")
        .WithDefault(SignInMethod.Auto);

    /// <summary>How long to wait for the issuer.</summary>
    public static Setting<TimeSpan> IssuerTimeout { get; } = Setting.Duration(
        "--issuer-timeout", "How long to wait, within the run, for an issuer that Entra ID cannot read yet, as before its first publication is served. The CronJob waits 10 minutes of its 14.",
        TimeSpan.Zero, TimeSpan.FromHours(1)).WithDefault(TimeSpan.Zero);

    /// <summary>Events on Secrets.</summary>
    public static Setting<bool> Events { get; } = Setting.Switch(
        "--events", "Put Events on the Secrets: imported, refused, failed (needs create on events.k8s.io in their namespaces).");

    /// <summary>For emulators.</summary>
    public static Setting<bool> DisableChallengeVerification { get; } = Setting.Switch(
        "--disable-challenge-verification", "Take a sign-in challenge whose resource or tenant is not the vault's; for emulators only.");

    /// <summary>All of them, in the order of <c>--help</c>.</summary>
    public static IReadOnlyList<Setting> All { get; } =
    [
        Vaults, Cluster, Namespaces, ExcludedNamespaces, CertificateNames, LabelSelector, Annotation, IncludeOpaque, IncludeAuthorities, NameTemplate, Grants,
        Full, IncludeRoot, StrictChain, Format, Encryption, Adopt, AllowOlder, NoRecover, Prune, PruneLimit, Parallel, Shard,
        LeaseName, LeaseNamespace, NoLease, Events, Auth, IssuerTimeout, DisableChallengeVerification,
    ];

    private static Setting<Glob> GlobSetting(string flag, string description) => Setting.Of(
        flag, description, "GLOB", static text => text.Trim().Length > 0
            ? Parsed.Value(new Glob(text.Trim()))
            : Parsed.Fault<Glob>("must be a name or a pattern with *, ? and [abc]"))
        with
    { Format = static glob => glob.Pattern };

    private static Parsed<NamePattern> ParsePattern(string text)
    {
        if (text.Length == 0)
        {
            return Parsed.Fault<NamePattern>("must be a name, a pattern with *, ? and [abc], or regex: and a regular expression");
        }

        return NamePattern.Parse(text, out var fault) is { } pattern
            ? Parsed.Value(pattern)
            : Parsed.Fault<NamePattern>($"must be a regular expression after regex: ({fault})");
    }
}
