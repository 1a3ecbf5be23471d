using ClusterTrust.CertSync.Cluster;
using ClusterTrust.CertSync.Endpoints;
using ClusterTrust.CertSync.Leases;
using ClusterTrust.CertSync.Reporting;
using ClusterTrust.CertSync.Vaults;
using ClusterTrust.Kubernetes;
using ClusterTrust.Kubernetes.Events;
using Microsoft.Extensions.DependencyInjection;

namespace ClusterTrust.CertSync;

internal static class CertSyncCommands
{
    /// <summary>The first command is the default.</summary>
    public static JobApplication Application => new("certsync", "Syncs cert-manager's certificates to Azure Key Vault.", Sync, Plan, Verify);

    public static JobCommand Sync { get; } = new("sync", "Import, renew and prune certificates until the vaults match the cluster.")
    {
        Settings = [.. CertSyncSettings.All, .. KubernetesSettings.All],
        Examples =
        [
            ("certsync --vault shop-prod --cluster prod-1", "Sync all certificates of the cluster to one vault."),
            ("certsync --vault main=shop-prod --vault edge=https://edge.vault.azure.net --cluster prod-1 --namespace shop", "Sync one namespace to two vaults; requires permissions in that namespace only."),
            ("certsync --vault shop-prod --cluster prod-1 --prune delete --prune-limit 10", "Also delete certificates of this job whose Secret no longer exists."),
        ],
        Scope = static values => values.TryGet(CertSyncSettings.Cluster, out var cluster) ? [new("cluster", cluster)] : [],
        Instance = static values => CertSyncOptions.Read(values) is { Shard: { Count: > 1, Index: var index } } ? index.ToString(CultureInfo.InvariantCulture) : null,
        Validate = static values => CertSyncOptions.Read(values),
        Configure = Configure,
    };

    public static JobCommand Plan { get; } = Sync with
    {
        Name = "plan",
        Description = "Show what sync would do, without writing anything.",
        Settings = [.. Sync.Settings, CommonSettings.DetailedExitCode],
        Examples =
        [
            ("certsync plan --vault shop-prod --cluster prod-1 --output json", "Show the plan as JSON, for scripts."),
            ("certsync plan --vault shop-prod --cluster prod-1 --detailed-exitcode", "Detect drift in a script: exits with 4 if there is something to sync."),
        ],
    };

    public static JobCommand Verify { get; } = new("verify", "Compare the certificates that TLS endpoints serve with those in the vaults, without writing anything.")
    {
        Settings = [.. CertSyncSettings.OfVerify, .. KubernetesSettings.All],
        Examples =
        [
            ("certsync verify --vault shop-prod --cluster prod-1", $"Verify the endpoints in the Secrets' annotation {Annotations.Endpoints}."),
            ("certsync verify --vault shop-prod --cluster prod-1 --endpoint shop.example.com=shop-tls --propagation 72h", "Also verify this endpoint; App Service may take up to 72 hours to follow."),
        ],
        Scope = Sync.Scope,
        Validate = Sync.Validate,
        Configure = ConfigureVerify,
    };

    private static void ConfigureVerify(IServiceCollection services, SettingValues values)
    {
        var options = AddClusterAndVaults(services, values, includeEndpoints: true);
        services.AddSingleton<IEndpointClient>(new TlsEndpointClient(options.EndpointTimeout));
        services.AddSingleton<ServingReporter>();
        services.AddSingleton<IJob, VerifyJob>();
    }

    private static void Configure(IServiceCollection services, SettingValues values)
    {
        var options = AddClusterAndVaults(services, values, includeEndpoints: false);
        services.AddSingleton<ISecretReader, SecretReader>();
        services.AddSingleton<SyncPlanner>();
        services.AddSingleton<CertificateReconciler>();
        services.AddSingleton<CertificatePruner>();
        services.AddSingleton<SyncReporter>();
        if (values.Get(CertSyncSettings.Events))
        {
            services.AddSingleton(provider => new SecretEvents(provider.GetRequiredService<EventRecorder>(), options.Parallel));
        }

        if (options.LeaseName is { } lease)
        {
            services.AddSingleton<IRunLease>(provider =>
            {
                var connection = provider.GetRequiredService<KubernetesConnection>();
                return new RunLease(
                    connection,
                    values.Get(CertSyncSettings.LeaseNamespace) ?? connection.Namespace,
                    lease,
                    $"{Environment.MachineName}-{provider.GetRequiredService<JobRun>().RunId}",
                    provider.GetRequiredService<TimeProvider>(),
                    provider.GetRequiredService<ILogger<RunLease>>());
            });
        }

        services.AddSingleton<IJob, SyncJob>();
    }

    /// <summary>Adds the services for the cluster and the vaults.</summary>
    private static CertSyncOptions AddClusterAndVaults(IServiceCollection services, SettingValues values, bool includeEndpoints)
    {
        var options = CertSyncOptions.Read(values)!;
        services.AddSingleton(options);
        services.AddSingleton(options.Policy);
        services.AddSingleton(options.Filter);
        services.AddSingleton(provider => KubernetesSettings.Connect(values, "clustertrust-certsync", provider));
        services.AddEvents(values, "certsync");
        services.AddSingleton<ISecretLister>(provider => new SecretLister(provider.GetRequiredService<KubernetesConnection>(), options.Filter, includeEndpoints));
        services.AddSingleton<IReadOnlyList<ICertificateVault>>(provider =>
        {
            var time = provider.GetRequiredService<TimeProvider>();
            var signIn = VaultCredentials.Create(values.Get(CertSyncSettings.Auth), new SignInEnvironment(values.Variable), options.Vault);
            if (signIn.Method == SignInMethod.WorkloadIdentity)
            {
                var waiting = new IssuerWaitCredential(signIn.Credential, values.Get(CertSyncSettings.IssuerTimeout), time, provider.GetRequiredService<ILogger<SyncJob>>());
                signIn = signIn with { Credential = waiting };
            }

            return [.. options.Vaults.Select(vault => new KeyVaultCertificates(vault, signIn, options.Vault, time))];
        });
        return options;
    }
}
