using ClusterTrust.Hosting.Settings;
using ClusterTrust.Oidc.Issuer;
using ClusterTrust.Oidc.Site;

namespace ClusterTrust.Oidc;

/// <summary>What a run of oidc is to do, checked. Parts that a command does not have keep their defaults.</summary>
public sealed record OidcOptions
{
    /// <summary>The configured issuer, or null to take the API server's.</summary>
    public string? Issuer { get; init; }

    /// <summary>The API servers to read by their own addresses; empty for the one of the connection.</summary>
    public IReadOnlyList<Uri> ApiServers { get; init; } = [];

    /// <summary>Read every API server that the cluster names.</summary>
    public bool AllApiServers { get; init; }

    /// <summary>The repository's address as given.</summary>
    public string Repository { get; init; } = "";

    /// <summary>Where its root is served, or null to tell from issuer and repository.</summary>
    public string? SiteUrl { get; init; }

    /// <summary>What a person decided about the plan.</summary>
    public SitePlanOptions Plan { get; init; } = new();

    /// <summary>The author's name, or null.</summary>
    public string? CommitName { get; init; }

    /// <summary>The author's address, or null.</summary>
    public string? CommitEmail { get; init; }

    /// <summary>Whether a GitHub App commits under its own name, so that GitHub signs for it.</summary>
    public bool CommitsAsApp { get; init; }

    /// <summary>The message's first line, or null for one that says what changes.</summary>
    public string? CommitMessage { get; init; }

    /// <summary>Look at the public URL after publishing.</summary>
    public bool Verify { get; init; } = true;

    /// <summary>How long to wait for it.</summary>
    public TimeSpan VerifyTimeout { get; init; }

    /// <summary>A token to verify with, or null for the job's own.</summary>
    public string? VerifyTokenFile { get; init; }

    /// <summary>The ServiceAccount to ask a token of, <c>NAMESPACE/NAME</c>, or null.</summary>
    public string? VerifyServiceAccount { get; init; }

    /// <summary>The audience a token must be for, or null.</summary>
    public string? Audience { get; init; }

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

        if (values.TryGet(OidcSettings.Repository, out var repository) && repository is not null && RepositoryAddress.FaultOf(repository) is { } addressFault)
        {
            values.Faults.Add(OidcSettings.Repository, $"is not right: {addressFault.TrimEnd('.')}");
        }
    }

    /// <summary>Makes the options of values that are all right.</summary>
    public static OidcOptions Read(SettingValues values) => new()
    {
        Issuer = Get(values, OidcSettings.Issuer),
        ApiServers = Get(values, OidcSettings.ApiServers) ?? [],
        AllApiServers = Get(values, OidcSettings.AllApiServers),
        Repository = Get(values, OidcSettings.Repository) ?? "",
        SiteUrl = Get(values, OidcSettings.SiteUrl),
        Plan = new SitePlanOptions
        {
            RetainRemovedKeys = Get(values, OidcSettings.RetainRemovedKeys),
            DropKeys = Get(values, OidcSettings.DropKeys) ?? [],
            AcceptNewKeys = Get(values, OidcSettings.AcceptNewKeys),
            StatusPage = !Get(values, OidcSettings.NoStatusPage),
        },
        CommitName = Get(values, OidcSettings.CommitName),
        CommitEmail = Get(values, OidcSettings.CommitEmail),
        CommitsAsApp = Get(values, OidcSettings.GitHubAppId) is not null
            && Get(values, OidcSettings.CommitName) is null && Get(values, OidcSettings.CommitEmail) is null,
        CommitMessage = Get(values, OidcSettings.CommitMessage),
        Verify = !Get(values, OidcSettings.NoVerify),
        VerifyTimeout = Get(values, OidcSettings.VerifyTimeout),
        VerifyTokenFile = Get(values, OidcSettings.VerifyTokenFile),
        VerifyServiceAccount = Get(values, OidcSettings.VerifyServiceAccount),
        Audience = Get(values, OidcSettings.Audience),
    };

    private static T? Get<T>(SettingValues values, Setting<T> setting) => values.TryGet(setting, out var value) ? value : default;
}
