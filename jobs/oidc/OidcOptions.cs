using ClusterTrust.Kubernetes;
using ClusterTrust.Oidc.Cluster;
using ClusterTrust.Oidc.Repository;
using ClusterTrust.Oidc.Verification;

namespace ClusterTrust.Oidc;

/// <summary>The values of <see cref="OidcSettings"/>, where each is documented.</summary>
/// <param name="Values">Contain the default of a setting that the command does not have.</param>
internal sealed record OidcOptions(SettingValues Values)
{
    public IssuerReaderOptions Source { get; init; } = new()
    {
        Issuer = Values.GetOrDefault(OidcSettings.Issuer),
        ApiServers = Values.GetOrDefault(OidcSettings.ApiServers),
        AllApiServers = Values.GetOrDefault(OidcSettings.AllApiServers),
        DiscoveryFile = Values.GetOrDefault(OidcSettings.DiscoveryFile),
        JwksFile = Values.GetOrDefault(OidcSettings.JwksFile),
        TokenFile = Values.GetOrDefault(OidcSettings.VerifyTokenFile),
        ServiceAccount = Values.GetOrDefault(OidcSettings.VerifyServiceAccount),
        Audience = Values.GetOrDefault(OidcSettings.Audience),
    };

    public VerificationOptions Verification { get; init; } = new(Values.GetOrDefault(OidcSettings.VerifyTimeout), Values.GetOrDefault(OidcSettings.Audience));

    public string Repository { get; init; } = Values.GetOrDefault(OidcSettings.Repository);

    public string? SiteUrl { get; init; } = Values.GetOrDefault(OidcSettings.SiteUrl);

    public SitePlanOptions Plan { get; init; } = new()
    {
        RetainRemovedKeys = Values.GetOrDefault(OidcSettings.RetainRemovedKeys),
        DropKeys = Values.GetOrDefault(OidcSettings.DropKeys),
        AcceptNewKeys = Values.GetOrDefault(OidcSettings.AcceptNewKeys),
        StatusPage = !Values.GetOrDefault(OidcSettings.NoStatusPage),
        Seal = ReadSeal(Values),
    };

    public ICommitSigner? Signer { get; init; }

    /// <summary>Null for commits without an author of their own, so that GitHub names and signs them as the App's.</summary>
    public (string Name, string Email)? Author { get; init; } = (Values.GetOrDefault(OidcSettings.CommitName), Values.GetOrDefault(OidcSettings.CommitEmail)) switch
    {
        (null, null) when RepositorySelection.IsGitHubApp(Values) => null,
        var (name, email) => (name ?? "ClusterTrust", email ?? "clustertrust@users.noreply.github.com"),
    };

    public string? CommitMessage { get; init; } = Values.GetOrDefault(OidcSettings.CommitMessage);

    public bool Verify { get; init; } = !Values.GetOrDefault(OidcSettings.NoVerify);

    // At most one is set.
    public string? SafeToSign { get; init; } = Values.GetOrDefault(OidcSettings.SafeToSign);
    public string? SafeToRemove { get; init; } = Values.GetOrDefault(OidcSettings.SafeToRemove);

    /// <summary>Adds to <see cref="SettingValues.Faults"/> invalid addresses, and settings that exclude or require each other.</summary>
    public static void Validate(SettingValues values)
    {
        // Not where settings are parsed: a fault there shows the value, and an address may contain a token.
        AddFault(values, OidcSettings.Issuer, values.GetOrDefault(OidcSettings.Issuer) is { } issuer && IssuerUrl.FaultOf(issuer) is { } fault
            ? $"{fault}; set the URL that tokens contain, such as https://OWNER.github.io/REPO" : null);
        AddFault(values, OidcSettings.SiteUrl, values.GetOrDefault(OidcSettings.SiteUrl) is { } site && IssuerUrl.FaultOf(site) is { } siteFault
            ? $"{siteFault}; set the URL that serves the repository's root" : null);
        AddFault(values, OidcSettings.Repository, values.GetOrDefault(OidcSettings.Repository) is { } repository && RepositoryAddress.FaultOf(repository) is { } addressFault
            ? $"is not valid: {addressFault.TrimEnd('.')}" : null);
        AddFault(values, OidcSettings.GitHubApiUrl, values.GetOrDefault(OidcSettings.GitHubApiUrl) is { } api
            && !(api is { Query: "", Fragment: "", UserInfo: "" } && Ascii.IsValid(api.Host) && (api.Scheme == Uri.UriSchemeHttps || (api.Scheme == Uri.UriSchemeHttp && api.IsLoopback)))
            ? "must be an https URL without user, query and fragment, in ASCII, such as https://HOST/api/v3/ (http only on a loopback address)" : null);
        AddFault(values, OidcSettings.RetainRemovedKeys, values.GetOrDefault(OidcSettings.RetainRemovedKeys) > TimeSpan.FromDays(3660) ? "must be at most 3660d" : null);
        AddFault(values, OidcSettings.AllApiServers, values.GetOrDefault(OidcSettings.AllApiServers) && values.GetOrDefault(OidcSettings.ApiServers).Count > 0
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

    /// <summary>The state is sealed with a private key that only this job has. A token is not suitable: it is replaced often and may be a weak password.</summary>
    private static StateSeal? ReadSeal(SettingValues values)
    {
        foreach (var (setting, what, kinds) in new (Setting<string?>, string, FileKind[])[]
        {
            (OidcSettings.SigningKey, "signing key", [FileKind.SshPrivateKey, FileKind.PgpPrivateKey]),
            (OidcSettings.SshKey, "deploy key", [FileKind.SshPrivateKey]),
            (OidcSettings.GitHubAppKey, "private key of the GitHub App", [FileKind.PrivateKey]),
        })
        {
            if (values.GetOrDefault(setting) is { } path)
            {
                var file = new SecretFile(path, what, setting.Flag);
                return new StateSeal(Encoding.UTF8.GetBytes(KeyFile.Of(file.Subject, file.Read(kinds)).Text));
            }
        }

        return null;
    }
}
