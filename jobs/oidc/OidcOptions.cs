using ClusterTrust.Kubernetes;
using ClusterTrust.Oidc.Cluster;
using ClusterTrust.Oidc.Repository;
using ClusterTrust.Oidc.Verification;

namespace ClusterTrust.Oidc;

/// <summary>The validated settings of one run. Those that a command does not have are null, zero or false here, and it does not use them.</summary>
internal sealed record OidcOptions
{
    public IssuerReaderOptions Source { get; init; } = new();

    public VerificationOptions Verification { get; init; } = new(TimeSpan.FromMinutes(3));

    public string Repository { get; init; } = "";

    public string? SiteUrl { get; init; }

    public SitePlanOptions Plan { get; init; } = new();

    public ICommitSigner? Signer { get; init; }

    /// <summary>Null for commits without an author of their own, so that GitHub names and signs them as the App's.</summary>
    public (string Name, string Email)? Author { get; init; }

    public string? CommitMessage { get; init; }

    public bool Verify { get; init; } = true;

    // At most one is asked.
    public string? SafeToSign { get; init; }
    public string? SafeToRemove { get; init; }

    /// <summary>Adds to <see cref="SettingValues.Faults"/> invalid addresses, and settings that exclude or require each other.</summary>
    public static void Validate(SettingValues values)
    {
        // Not where settings are parsed: a fault there shows the value, and an address may contain a token.
        AddFault(values, OidcSettings.Issuer, Get(values, OidcSettings.Issuer) is { } issuer && IssuerUrl.FaultOf(issuer) is { } fault
            ? $"{fault}; set the URL that tokens contain, such as https://OWNER.github.io/REPO" : null);
        AddFault(values, OidcSettings.SiteUrl, Get(values, OidcSettings.SiteUrl) is { } site && IssuerUrl.FaultOf(site) is { } siteFault
            ? $"{siteFault}; set the URL that serves the repository's root" : null);
        AddFault(values, OidcSettings.Repository, Get(values, OidcSettings.Repository) is { } repository && RepositoryAddress.FaultOf(repository) is { } addressFault
            ? $"is not valid: {addressFault.TrimEnd('.')}" : null);
        AddFault(values, OidcSettings.GitHubApiUrl, Get(values, OidcSettings.GitHubApiUrl) is { } api
            && !(api is { Query: "", Fragment: "", UserInfo: "" } && Ascii.IsValid(api.Host) && (api.Scheme == Uri.UriSchemeHttps || (api.Scheme == Uri.UriSchemeHttp && api.IsLoopback)))
            ? "must be an https URL without user, query and fragment, in ASCII, such as https://HOST/api/v3/ (http only on a loopback address)" : null);
        AddFault(values, OidcSettings.RetainRemovedKeys, Get(values, OidcSettings.RetainRemovedKeys) > TimeSpan.FromDays(3660) ? "must be at most 3660d" : null);
        AddFault(values, OidcSettings.AllApiServers, Get(values, OidcSettings.AllApiServers) && Get(values, OidcSettings.ApiServers)?.Count > 0
            ? "and --api-server exclude each other: set only one of them" : null);

        // No server authenticates files, so the issuer must be known and a token must prove the keys.
        Setting[] required = [OidcSettings.DiscoveryFile, OidcSettings.JwksFile, OidcSettings.Issuer, OidcSettings.VerifyTokenFile];
        Setting[] excluded =
        [
            OidcSettings.ApiServers, OidcSettings.AllApiServers, OidcSettings.VerifyServiceAccount, KubernetesSettings.Kubeconfig, KubernetesSettings.Context, KubernetesSettings.JobName,
        ];
        if (OidcSettings.OfFiles.Any(values.IsSet))
        {
            Array.ForEach(required, setting => AddFault(values, setting, values.IsSet(setting) ? null : "is required to read the issuer from files"));
            Array.ForEach(excluded, setting => AddFault(
                values, setting, values.IsSet(setting) ? "and --discovery-file exclude each other: with files, no API server is contacted" : null));
        }
    }

    /// <param name="fault">Null for none.</param>
    internal static void AddFault(SettingValues values, Setting setting, string? fault)
    {
        if (fault is not null)
        {
            values.Faults.Add(setting, fault);
        }
    }

    public static OidcOptions Read(SettingValues values) => new()
    {
        Source = new IssuerReaderOptions
        {
            Issuer = Get(values, OidcSettings.Issuer),
            ApiServers = Get(values, OidcSettings.ApiServers) ?? [],
            AllApiServers = Get(values, OidcSettings.AllApiServers),
            DiscoveryFile = Get(values, OidcSettings.DiscoveryFile),
            JwksFile = Get(values, OidcSettings.JwksFile),
            TokenFile = Get(values, OidcSettings.VerifyTokenFile),
            ServiceAccount = Get(values, OidcSettings.VerifyServiceAccount),
            Audience = Get(values, OidcSettings.Audience),
        },
        Verification = new VerificationOptions(Get(values, OidcSettings.VerifyTimeout), Get(values, OidcSettings.Audience)),
        Repository = Get(values, OidcSettings.Repository) ?? "",
        SiteUrl = Get(values, OidcSettings.SiteUrl),
        Plan = new SitePlanOptions
        {
            RetainRemovedKeys = Get(values, OidcSettings.RetainRemovedKeys),
            DropKeys = Get(values, OidcSettings.DropKeys) ?? [],
            AcceptNewKeys = Get(values, OidcSettings.AcceptNewKeys),
            StatusPage = !Get(values, OidcSettings.NoStatusPage),
            Seal = ReadSeal(values),
        },
        Author = (Get(values, OidcSettings.CommitName), Get(values, OidcSettings.CommitEmail)) switch
        {
            (null, null) when RepositorySelection.IsGitHubApp(values) => null,
            var (name, email) => (name ?? "ClusterTrust", email ?? "clustertrust@users.noreply.github.com"),
        },
        CommitMessage = Get(values, OidcSettings.CommitMessage),
        Verify = !Get(values, OidcSettings.NoVerify),
        SafeToSign = Get(values, OidcSettings.SafeToSign),
        SafeToRemove = Get(values, OidcSettings.SafeToRemove),
    };

    /// <summary>The state is sealed with a private key that only this job has. A token would not do: it is replaced often and may be a weak password.</summary>
    private static StateSeal? ReadSeal(SettingValues values)
    {
        foreach (var (setting, what, kinds) in new (Setting<string?>, string, FileKind[])[]
        {
            (OidcSettings.SigningKey, "signing key", [FileKind.SshPrivateKey, FileKind.PgpPrivateKey]),
            (OidcSettings.SshKey, "deploy key", [FileKind.SshPrivateKey]),
            (OidcSettings.GitHubAppKey, "private key of the GitHub App", [FileKind.PrivateKey]),
        })
        {
            if (Get(values, setting) is { } path)
            {
                var file = new SecretFile(path, what, setting.Flag);
                return new StateSeal(Encoding.UTF8.GetBytes(KeyFile.Of(file.Subject, file.Read(kinds)).Text));
            }
        }

        return null;
    }

    /// <summary>A value; the type's default if the command does not have the setting, or if its value is invalid.</summary>
    internal static T? Get<T>(SettingValues values, Setting<T> setting) => values.TryGet(setting, out var value) ? value : default;
}
