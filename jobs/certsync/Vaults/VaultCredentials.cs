using Azure.Core;
using Azure.Identity;

namespace ClusterTrust.CertSync.Vaults;

/// <summary>Creates the one credential of a run. No token is requested before the first request to a vault.</summary>
public static class VaultCredentials
{
    /// <summary>The authorities of Azure's clouds, which MSAL knows; for any other it would query the public one.</summary>
    private static readonly string[] KnownAuthorities =
        ["login.microsoftonline.com", "login.microsoftonline.us", "login.chinacloudapi.cn", "login.partner.microsoftonline.cn"];

    /// <exception cref="JobException">A variable is missing or invalid (exit code 2); all missing ones are named.</exception>
    public static VaultSignIn Create(SignInMethod method, SignInEnvironment environment, VaultSettings settings)
    {
        var chosen = method == SignInMethod.Auto ? environment.Choose() : method;
        var missing = SignInEnvironment.Required(chosen).Where(name => environment[name] is null).ToArray();
        if (missing.Length > 0)
        {
            throw new JobException(Missing(chosen, missing), ExitCode.Usage);
        }

        if (environment.TenantId is { } tenant && !(Ascii.IsValid(tenant) && KubernetesName.IsSubdomain(tenant.ToLowerInvariant())))
        {
            throw new JobException($"{SignInEnvironment.TenantIdName} is '{Sanitizer.Sanitize(tenant)}', but it must be the tenant's id or one of its domains.", ExitCode.Usage);
        }

        foreach (var name in SignInEnvironment.Required(chosen).Where(static name => name is SignInEnvironment.TokenFileName or SignInEnvironment.CertificatePathName))
        {
            RequireRegularFile(name, environment[name]!);
        }

        var authority = Authority(environment);
        var credential = Credential(chosen, environment, authority, settings);
        return new VaultSignIn(
            chosen, settings.DisableChallengeVerification ? IgnoringTenant(credential) : credential, authority,
            environment.TenantId, environment.ClientId, chosen == SignInMethod.WorkloadIdentity ? environment.TokenFile : null);
    }

    /// <summary>Refuses a pipe or a device, which Azure.Identity would read without end. What cannot be read at all is explained when the sign-in fails.</summary>
    private static void RequireRegularFile(string variable, string path)
    {
        try
        {
            InputFile.Read(path).Dispose();
        }
        catch (InputFileException fault)
        {
            throw new JobException($"{variable} names '{Sanitizer.Sanitize(path)}', which {fault.Message}.", ExitCode.Usage, fault);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // The file may be mounted later.
        }
    }

    private static TokenCredential Credential(SignInMethod method, SignInEnvironment environment, Uri authority, VaultSettings settings) => method switch
    {
        SignInMethod.WorkloadIdentity => new WorkloadIdentityCredential(Configure(new WorkloadIdentityCredentialOptions
        {
            TenantId = environment.TenantId,
            ClientId = environment.ClientId,
            TokenFilePath = environment.TokenFile,
            DisableInstanceDiscovery = !IsKnown(authority),
        }, authority, settings)),
        SignInMethod.ManagedIdentity => new ManagedIdentityCredential(Configure(new ManagedIdentityCredentialOptions(
            environment.ClientId is { } client ? ManagedIdentityId.FromUserAssignedClientId(client) : ManagedIdentityId.SystemAssigned), authority, settings)),
        SignInMethod.ClientSecret => new ClientSecretCredential(environment.TenantId, environment.ClientId, environment[SignInEnvironment.ClientSecretName],
            Configure(new ClientSecretCredentialOptions { DisableInstanceDiscovery = !IsKnown(authority) }, authority, settings)),
        SignInMethod.ClientCertificate => new ClientCertificateCredential(environment.TenantId, environment.ClientId, Certificate(environment),
            Configure(new ClientCertificateCredentialOptions
            {
                DisableInstanceDiscovery = !IsKnown(authority),
                SendCertificateChain = environment[SignInEnvironment.CertificateChainName]?.ToUpperInvariant() is "1" or "TRUE",
            }, authority, settings)),
        SignInMethod.AzureCli => new AzureCliCredential(Configure(new AzureCliCredentialOptions { TenantId = environment.TenantId }, authority, settings)),
        _ => throw new ArgumentOutOfRangeException(nameof(method)),
    };

    /// <summary>
    /// Signs in to the configured tenant regardless of the challenge, because an emulator's names an arbitrary tenant. Part of what
    /// <see cref="VaultSettings.DisableChallengeVerification"/> disables.
    /// </summary>
    private static TokenCredential IgnoringTenant(TokenCredential credential)
    {
        return DelegatedTokenCredential.Create(
            (context, cancellationToken) => credential.GetToken(WithoutTenant(context), cancellationToken),
            (context, cancellationToken) => credential.GetTokenAsync(WithoutTenant(context), cancellationToken));

        static TokenRequestContext WithoutTenant(TokenRequestContext context) =>
            new(context.Scopes, context.ParentRequestId, context.Claims, tenantId: null, context.IsCaeEnabled);
    }

    private static bool IsKnown(Uri authority) => KnownAuthorities.Contains(authority.Host, StringComparer.OrdinalIgnoreCase);

    private static TOptions Configure<TOptions>(TOptions options, Uri authority, VaultSettings settings)
        where TOptions : TokenCredentialOptions
    {
        options.AuthorityHost = authority;
        options.RetryPolicy = new VaultRetryPolicy(settings);
        options.Retry.NetworkTimeout = settings.RequestTimeout;
        // MSAL may prefer another host name of the same cloud's authority.
        options.Transport = options is WorkloadIdentityCredentialOptions or ClientSecretCredentialOptions or ClientCertificateCredentialOptions
            ? new OwnHostTransport(settings.Transport, authority, IsKnown(authority) ? KnownAuthorities : null)
            : settings.Transport;
        return options;
    }

    private static Uri Authority(SignInEnvironment environment) =>
        environment.AuthorityHost is not { } text ? AzureAuthorityHosts.AzurePublicCloud
        : Uri.TryCreate(text, UriKind.Absolute, out var authority) && authority is { Scheme: "https", UserInfo: "", Query: "", Fragment: "" } && Ascii.IsValid(authority.Host) ? authority
        : throw new JobException(
            $"{SignInEnvironment.AuthorityHostName} is '{text}', but it must be an https address in ASCII without user name, query and fragment, such as {AzureAuthorityHosts.AzurePublicCloud}.", ExitCode.Usage);

    private static X509Certificate2 Certificate(SignInEnvironment environment)
    {
        var path = environment[SignInEnvironment.CertificatePathName]!;
        try
        {
            return X509Certificate2.GetCertContentType(path) == X509ContentType.Pkcs12
                ? X509CertificateLoader.LoadPkcs12FromFile(path, environment[SignInEnvironment.CertificatePasswordName], X509KeyStorageFlags.EphemeralKeySet)
                : X509Certificate2.CreateFromPemFile(path);
        }
        catch (Exception fault) when (fault is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new JobException(
                $"The client certificate cannot be read from '{path}': {SignInEnvironment.CertificatePathName} must name a PFX (with {SignInEnvironment.CertificatePasswordName} if it has a password) or a PEM file with certificate and private key.",
                ExitCode.Usage, fault);
        }
    }

    private static string Missing(SignInMethod method, string[] missing)
    {
        var names = string.Join(" and ", missing);
        return method == SignInMethod.WorkloadIdentity
            ? $"Signing in by workload identity requires {names}: label the pod azure.workload.identity/use: \"true\" and annotate its ServiceAccount with azure.workload.identity/client-id, or set the variables and mount a token with audience api://AzureADTokenExchange."
            : $"Signing in by {(method == SignInMethod.ClientSecret ? "client secret" : "client certificate")} requires {names}: set the variables, or choose another method with --auth.";
    }
}
