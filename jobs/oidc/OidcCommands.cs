using ClusterTrust.Kubernetes;
using ClusterTrust.Kubernetes.Events;
using ClusterTrust.Oidc.Cluster;
using ClusterTrust.Oidc.Repository;
using ClusterTrust.Oidc.Repository.Signing;
using ClusterTrust.Oidc.Trust;
using ClusterTrust.Oidc.Verification;
using Microsoft.Extensions.DependencyInjection;

namespace ClusterTrust.Oidc;

/// <summary>The commands of oidc, and the services that they use.</summary>
internal static class OidcCommands
{
    /// <summary>The application with all its commands; <c>publish</c> is the default.</summary>
    public static JobApplication Application => new(
        "oidc", "Publishes the ServiceAccount issuer of a cluster, so that clouds accept the cluster's tokens.", Publish, Plan, Verify, Rotate, Trust);

    public static JobCommand Publish { get; } = new("publish", "Read the API server's discovery document and key set, validate them, and commit them to the repository that serves the issuer.")
    {
        Settings =
        [
            .. OidcSettings.OfIssuer, .. OidcSettings.OfFiles, .. OidcSettings.OfRepository, .. OidcSettings.OfPlan, .. OidcSettings.OfCommit,
            OidcSettings.NoVerify, OidcSettings.VerifyTimeout, .. OidcSettings.OfVerification, .. KubernetesSettings.All,
        ],
        Examples =
        [
            ("oidc --issuer https://OWNER.github.io/REPO --repository git@github.com:OWNER/REPO.git --ssh-key /etc/keys/github-deploy-key", "Publish with a deploy key."),
            ("oidc publish --repository OWNER/REPO --drop-key KID", "Remove a compromised key immediately."),
        ],
        Scope = ScopeOf,
        Validate = OidcOptions.Validate,
        Configure = ConfigurePublish,
    };

    public static JobCommand Plan { get; } = Publish with
    {
        Name = "plan",
        Description = "Show what publish would commit, without writing anything.",
        Settings = [.. Publish.Settings, CommonSettings.DetailedExitCode],
        Examples =
        [
            ("oidc plan --repository OWNER/REPO --ssh-key /etc/keys/github-deploy-key --output json", "Show the plan as JSON, for scripts."),
            ("oidc plan --repository OWNER/REPO --ssh-key /etc/keys/github-deploy-key --detailed-exitcode", "Detect drift in a script: exits with 4 if there is something to publish."),
        ],
    };

    public static JobCommand Verify { get; } = new("verify", "Fetch the published issuer as a cloud does, compare it with the cluster, and validate a token against it.")
    {
        Settings = [.. OidcSettings.OfIssuer, .. OidcSettings.OfFiles, OidcSettings.RetainRemovedKeys, OidcSettings.DropKeys, .. OidcSettings.OfVerification, .. KubernetesSettings.All],
        Examples = [("oidc verify --verify-service-account default/default --audience api://AzureADTokenExchange", "Validate a new token of a ServiceAccount.")],
        Scope = ScopeOf,
        Validate = OidcOptions.Validate,
        Configure = static (services, values) =>
        {
            AddCluster(services, new OidcOptions(values), values);
            services.AddSingleton<IJob, VerifyJob>();
        },
    };

    public static JobCommand Rotate { get; } = new("rotate", "Show where a rotation of the signing key stands, and the next step with its commands. Changes nothing.")
    {
        Settings =
        [
            OidcSettings.SafeToSign, OidcSettings.SafeToRemove, OidcSettings.Issuer, OidcSettings.ApiServers, OidcSettings.RetainRemovedKeys,
            OidcSettings.VerifyServiceAccount, .. KubernetesSettings.All,
        ],
        Examples =
        [
            ("oidc rotate", "Show the stage of the rotation and the next step."),
            ("until oidc rotate --safe-to-sign=KID; do code=$?; [ $code -eq 1 ] || exit $code; sleep 600; done", "In a script, wait until a new key may sign."),
        ],
        Scope = ScopeOf,
        Validate = ValidateRotate,
        Configure = static (services, values) =>
        {
            AddCluster(services, new OidcOptions(values), values);
            services.AddSingleton<IApiServers, ApiServers>().AddSingleton<IJob, RotateJob>();
        },
    };

    public static JobCommand Trust { get; } = new("trust", "Print the commands or configuration that make a cloud trust ServiceAccounts of this issuer. No cloud is contacted.")
    {
        Settings =
        [
            OidcSettings.Cloud, OidcSettings.Subject, OidcSettings.Audience, OidcSettings.TrustFormat, .. OidcSettings.OfIssuer, .. KubernetesSettings.All,
        ],
        Examples =
        [
            ("oidc trust --cloud azure --subject system:serviceaccount:shop:certsync --issuer https://OWNER.github.io/REPO", "Print the commands for Azure."),
            ("oidc trust --cloud aws --subject system:serviceaccount:shop:reader --output tofu", "Print an OpenTofu configuration with the API server's issuer."),
        ],
        Scope = ScopeOf,
        Validate = ValidateTrust,
        Configure = ConfigureTrust,
    };

    /// <summary>The issuer identifies the cluster in every log line; an invalid one may contain a token.</summary>
    private static IReadOnlyList<KeyValuePair<string, object?>> ScopeOf(SettingValues values) =>
        values.GetOrDefault(OidcSettings.Issuer) is { } issuer && IssuerUrl.FaultOf(issuer) is null ? [new("issuer", issuer)] : [];

    private static void ConfigurePublish(IServiceCollection services, SettingValues values)
    {
        var options = new OidcOptions(values);
        AddCluster(services, options, values);
        services.AddSingleton(provider => RepositorySelection.Open(
            values, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILoggerFactory>()));
        services.AddSingleton<IJob>(provider => ActivatorUtilities.CreateInstance<PublishJob>(
            provider, options with { Signer = ReadSigner(values, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<ISiteRepository>>()) }));
    }

    private static void ConfigureTrust(IServiceCollection services, SettingValues values)
    {
        AddCluster(services, new OidcOptions(values), values);
        services.AddSingleton<IJob>(provider => new TrustJob(
            values.Get(OidcSettings.Cloud),
            values.Get(OidcSettings.Subject),
            values.Get(OidcSettings.Audience),
            values.Get(OidcSettings.TrustFormat),
            async cancellationToken => values.Get(OidcSettings.Issuer)
                ?? (await provider.GetRequiredService<IIssuerReader>().ReadAsync(cancellationToken)).Issuer,
            provider.GetRequiredService<JobRun>(),
            provider.GetRequiredService<ILogger<TrustJob>>()));
    }

    private static void ValidateRotate(SettingValues values)
    {
        OidcOptions.Validate(values);
        OidcOptions.AddFault(values, OidcSettings.SafeToRemove, values.GetOrDefault(OidcSettings.SafeToSign) is not null && values.GetOrDefault(OidcSettings.SafeToRemove) is not null
            ? "and --safe-to-sign exclude each other: set only one of them" : null);
        OidcOptions.AddFault(values, OidcSettings.RetainRemovedKeys, values.TryGet(OidcSettings.RetainRemovedKeys, out var lifetime) && lifetime < TimeSpan.FromMinutes(10)
            ? "must be the longest lifetime of a token here, and at least 10m, the shortest one that can be requested" : null);
    }

    private static void ValidateTrust(SettingValues values)
    {
        OidcOptions.Validate(values);
        OidcOptions.AddFault(values, OidcSettings.Audience, values.GetOrDefault(OidcSettings.Audience) is { } audience ? TrustRules.AudienceFault(audience) : null);
        if (values.TryGet(OidcSettings.Cloud, out var cloud))
        {
            OidcOptions.AddFault(values, OidcSettings.Issuer, values.GetOrDefault(OidcSettings.Issuer) is { } issuer && IssuerUrl.FaultOf(issuer) is null
                ? TrustRules.IssuerFault(cloud, issuer) : null);
            foreach (var subject in values.GetOrDefault(OidcSettings.Subject))
            {
                OidcOptions.AddFault(values, OidcSettings.Subject, TrustRules.SubjectFault(cloud, subject));
            }
        }
    }

    private static void AddCluster(IServiceCollection services, OidcOptions options, SettingValues values)
    {
        services.AddSingleton(options);
        services.AddSingleton(provider => KubernetesSettings.Connect(values, "clustertrust-oidc", provider));
        services.AddEvents(values, "oidc");
        services.AddSingleton(options.Source).AddSingleton(options.Verification);
        services.AddSingleton<IIssuerReader>(provider => options.Source.DiscoveryFile is null
            ? ActivatorUtilities.CreateInstance<IssuerReader>(provider)
            : ActivatorUtilities.CreateInstance<IssuerFiles>(provider));
        services.AddSingleton(_ => new PublicSite(timeout: values.Get(RequestSettings.Timeout)));
        services.AddSingleton<IssuerVerifier>();
    }

    /// <exception cref="JobException">A file cannot be read, or the key cannot sign (exit code 2).</exception>
    internal static ICommitSigner? ReadSigner(SettingValues values, TimeProvider clock, ILogger logger) => values.Get(OidcSettings.SigningKey) is { } key
        ? CommitSigners.Load(
            key, RepositorySelection.ReadPassphrase(values, OidcSettings.SigningKeyPassphrase, OidcSettings.SigningKeyPassphraseFile, "signing key"), clock, logger)
        : null;
}
