using ClusterTrust.Hosting.Settings;
using ClusterTrust.Kubernetes;
using ClusterTrust.Oidc.Cluster;
using ClusterTrust.Oidc.Issuer;
using ClusterTrust.Oidc.Repository;
using ClusterTrust.Oidc.Site;
using ClusterTrust.Oidc.Verification;

namespace ClusterTrust.Oidc;

/// <summary>What a run of oidc is to do, checked. Parts that a command does not have keep their defaults.</summary>
internal sealed record OidcOptions
{
    /// <summary>Which API servers are read, and which issuer they must serve.</summary>
    public IssuerReaderOptions Source { get; init; } = new();

    /// <summary>Where the token that proves the issuer comes from.</summary>
    public ClusterTokenOptions Tokens { get; init; } = new();

    public VerificationOptions Verification { get; init; } = new();

    public string Repository { get; init; } = "";

    /// <summary>Where its root is served, or null to tell from issuer and repository.</summary>
    public string? SiteUrl { get; init; }

    /// <summary>What a person decided about the plan.</summary>
    public SitePlanOptions Plan { get; init; } = new();

    public string? CommitName { get; init; }

    public string? CommitEmail { get; init; }

    /// <summary>Whether a GitHub App commits under its own name, so that GitHub signs for it.</summary>
    public bool CommitsAsApp { get; init; }

    /// <summary>The message's first line, or null for one that says what changes.</summary>
    public string? CommitMessage { get; init; }

    /// <summary>Look at the public URL with every run. Default true.</summary>
    public bool Verify { get; init; } = true;

    /// <summary>Adds what is wrong between settings to <see cref="SettingValues.Faults"/>.</summary>
    public static void Validate(SettingValues values)
    {
        if (values.TryGet(OidcSettings.Issuer, out var issuer) && issuer is not null && IssuerUrl.FaultOf(issuer) is { } fault)
        {
            values.Faults.Add(OidcSettings.Issuer, $"{fault}; give the URL that stands in tokens, such as https://OWNER.github.io/REPO");
        }

        if (values.TryGet(OidcSettings.SiteUrl, out var site) && site is not null && IssuerUrl.FaultOf(site) is { } siteFault)
        {
            values.Faults.Add(OidcSettings.SiteUrl, $"{siteFault}; give the URL at which the repository's root is served");
        }

        if (values.TryGet(OidcSettings.VerifyServiceAccount, out var account) && account is not null && account.Split('/') is not [{ Length: > 0 }, { Length: > 0 }])
        {
            values.Faults.Add(OidcSettings.VerifyServiceAccount, "must be NAMESPACE/NAME");
        }

        if (values.TryGet(OidcSettings.ApiServers, out var servers) && servers.Count > 0
            && values.TryGet(OidcSettings.AllApiServers, out var all) && all)
        {
            values.Faults.Add(OidcSettings.AllApiServers, "and --api-server exclude each other: name the API servers, or have them looked up");
        }

        if (OidcSettings.OfFiles.Any(values.IsSet))
        {
            // Files have no server to vouch for them: the issuer must be known, and a token must prove the keys.
            foreach (var setting in new Setting[] { OidcSettings.DiscoveryFile, OidcSettings.JwksFile, OidcSettings.Issuer, OidcSettings.VerifyTokenFile }.Where(setting => !values.IsSet(setting)))
            {
                values.Faults.Add(setting, "is required to read the issuer from files");
            }

            foreach (var setting in new Setting[]
            {
                OidcSettings.ApiServers, OidcSettings.AllApiServers, OidcSettings.VerifyServiceAccount, KubernetesSettings.Kubeconfig, KubernetesSettings.Context, KubernetesSettings.JobName,
            }.Where(values.IsSet))
            {
                values.Faults.Add(setting, "and --discovery-file exclude each other: with files, no API server is contacted");
            }
        }

        if (values.TryGet(OidcSettings.Repository, out var repository) && repository is not null && RepositoryAddress.FaultOf(repository) is { } addressFault)
        {
            values.Faults.Add(OidcSettings.Repository, $"is not right: {addressFault.TrimEnd('.')}");
        }
    }

    /// <summary>Makes the options of values that are all right.</summary>
    public static OidcOptions Read(SettingValues values) => new()
    {
        Source = new IssuerReaderOptions
        {
            Issuer = Get(values, OidcSettings.Issuer),
            ApiServers = Get(values, OidcSettings.ApiServers) ?? [],
            AllApiServers = Get(values, OidcSettings.AllApiServers),
            DiscoveryFile = Get(values, OidcSettings.DiscoveryFile),
            JwksFile = Get(values, OidcSettings.JwksFile),
        },
        Tokens = new ClusterTokenOptions
        {
            TokenFile = Get(values, OidcSettings.VerifyTokenFile),
            ServiceAccount = Get(values, OidcSettings.VerifyServiceAccount),
            Audience = Get(values, OidcSettings.Audience),
        },
        Verification = new VerificationOptions
        {
            Timeout = Get(values, OidcSettings.VerifyTimeout),
            Audience = Get(values, OidcSettings.Audience),
        },
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
        CommitName = Get(values, OidcSettings.CommitName),
        CommitEmail = Get(values, OidcSettings.CommitEmail),
        CommitsAsApp = Get(values, OidcSettings.GitHubAppId) is not null
            && Get(values, OidcSettings.CommitName) is null && Get(values, OidcSettings.CommitEmail) is null,
        CommitMessage = Get(values, OidcSettings.CommitMessage),
        Verify = !Get(values, OidcSettings.NoVerify),
    };

    /// <summary>The state is sealed by a private key that only this job has; a token changes too often, and may be a weak password.</summary>
    private static StateSeal? ReadSeal(SettingValues values)
    {
        foreach (var (setting, what) in new[] { (OidcSettings.SigningKey, "signing key"), (OidcSettings.SshKey, "deploy key"), (OidcSettings.GitHubAppKey, "private key of the GitHub App") })
        {
            if (Get(values, setting) is { } file)
            {
                return new StateSeal(SecretFile.ReadKey(file, what, setting.Flag));
            }
        }

        return null;
    }

    private static T? Get<T>(SettingValues values, Setting<T> setting) => values.TryGet(setting, out var value) ? value : default;
}
