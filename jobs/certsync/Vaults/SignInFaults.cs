using Azure.Identity;

namespace ClusterTrust.CertSync.Vaults;

/// <summary>Explains a failed sign-in, by Entra ID's AADSTS codes and Azure.Identity's exceptions.</summary>
internal static partial class SignInFaults
{
    public static VaultException Explain(AuthenticationFailedException exception, VaultSignIn signIn, VaultAddress vault)
    {
        var code = CodeOf(exception);
        var (fault, token) = ReadToken(signIn);
        var (exitCode, cause) = fault is not null
            ? (ExitCode.Usage, $"the token file {signIn.TokenFile} {fault}; check that the pod mounts a projected ServiceAccount token there ({SignInEnvironment.TokenFileName}).")
            : code.Length > 0 ? ByCode(code, signIn, token) : WithoutCode(exception, signIn, vault);
        return new VaultException(VaultFault.SignInFailed, $"Signing in to Azure for Key Vault {vault.Alias} failed: {cause}", exitCode, exception);
    }

    /// <summary>Whether Entra ID could not read the issuer's documents, or did not find the token's key in them: both may be temporary.</summary>
    public static bool IsIssuerNotServed(AuthenticationFailedException exception) => CodeOf(exception) is "50166" or "501661" or "90061" or "7000272";

    private static string CodeOf(AuthenticationFailedException exception) =>
        EntraCode().Match(exception.ToString()) is { Success: true } match ? match.Groups[1].Value : "";

    private static (ExitCode ExitCode, string Cause) ByCode(string code, VaultSignIn signIn, JsonWebToken? token) => code switch
    {
        "70021" or "700211" or "700212" or "700213" or "70025" => (ExitCode.Failed,
            $"no federated credential of {signIn.Identity} matches the ServiceAccount's token (AADSTS{code}, {Mismatch(code)}); it must have exactly {Expected(token)}."),
        "50166" or "501661" or "90061" => (ExitCode.Failed,
            $"Entra ID cannot read the issuer's discovery document (AADSTS{code}){IssuerOf(token)}; check with 'oidc verify' that it is published and reachable from the internet."),
        "7000272" => (ExitCode.Failed,
            $"Entra ID did not find the key that signed the ServiceAccount's token in the key set of the issuer (AADSTS{code}){IssuerOf(token)}; check with 'oidc verify' that it is published. Entra ID caches an earlier key set for some minutes."),
        "700024" when signIn.Method == SignInMethod.ClientCertificate => (ExitCode.Failed,
            $"the assertion signed with the certificate is not currently valid (AADSTS{code}); check this machine's clock."),
        "700024" => (ExitCode.Failed,
            $"the ServiceAccount's token is not currently valid (AADSTS{code}){ExpiryOf(token)}; check that the kubelet renews {signIn.TokenFile ?? "it"}, and the node's clock."),
        "90002" => (ExitCode.Usage,
            $"{signIn.AuthorityHost.Host} has no tenant '{signIn.TenantId}' (AADSTS{code}); check {SignInEnvironment.TenantIdName}, and {SignInEnvironment.AuthorityHostName} if the tenant is in another cloud."),
        "700016" => (ExitCode.Usage,
            $"tenant '{signIn.TenantId}' has no application '{signIn.ClientId}' (AADSTS{code}); check {SignInEnvironment.ClientIdName} and {SignInEnvironment.TenantIdName}."),
        "7000215" => (ExitCode.Usage,
            $"the client secret does not belong to {signIn.Identity} (AADSTS{code}); {SignInEnvironment.ClientSecretName} must be the secret's value, not its ID."),
        "7000222" => (ExitCode.Usage,
            $"the client secret of {signIn.Identity} has expired (AADSTS{code}); create a new one, or use workload identity, which requires none."),
        "700027" => (ExitCode.Usage,
            $"the certificate is not registered with {signIn.Identity}, or is not currently valid (AADSTS{code}); upload it to the application."),
        _ => (ExitCode.Failed, $"Entra ID answered AADSTS{code}; look it up at {new Uri(signIn.AuthorityHost, $"/error?code={code}")}."),
    };

    private static (ExitCode ExitCode, string Cause) WithoutCode(AuthenticationFailedException exception, VaultSignIn signIn, VaultAddress vault) => Innermost(exception) switch
    {
        FileNotFoundException or DirectoryNotFoundException => (ExitCode.Usage,
            $"the token file {signIn.TokenFile} does not exist; check that the pod mounts a projected ServiceAccount token there ({SignInEnvironment.TokenFileName})."),
        UnauthorizedAccessException => (ExitCode.Failed,
            $"the token file {signIn.TokenFile} is not readable; set the pod's fsGroup so that the job's user can read it."),
        _ when ForeignTenant().Match(exception.Message) is { Success: true } tenant => (ExitCode.Usage,
            $"the vault is in tenant {tenant.Groups[1].Value}, but the sign-in is for tenant {signIn.TenantId}; set {SignInEnvironment.TenantIdName} to the vault's."),
        _ when signIn.Method == SignInMethod.AzureCli => (ExitCode.Usage,
            "the Azure CLI returned no token; run 'az login', or choose another method with --auth."),
        _ when signIn.Method == SignInMethod.ManagedIdentity => (ExitCode.Failed,
            $"{signIn.Identity} returned no token; check that it is assigned to the node{(signIn.ClientId is null ? $", or set a user-assigned one in {SignInEnvironment.ClientIdName}" : "")}, or use workload identity."),
        _ when ConnectionFault.Of(exception, signIn.AuthorityHost) is { } connection =>
            (connection.IsConfiguration ? ExitCode.Usage : ExitCode.Failed, $"{signIn.AuthorityHost.Authority} cannot be reached: {connection.Clause}."),
        _ => (ExitCode.Failed,
            $"{signIn.AuthorityHost.Authority} returned no token for {vault.Address.Authority}; run with --verbose for its response."),
    };

    /// <summary>What is wrong with the token file, or the token in it; neither if it cannot be read.</summary>
    private static (string? Fault, JsonWebToken? Token) ReadToken(VaultSignIn signIn)
    {
        try
        {
            using var content = signIn.TokenFile is { } path ? InputFile.Read(path, FileKind.Token) : null;
            return (content?.Fault, JsonWebToken.TryParse(content?.Text, out var token) ? token : null);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return (null, null);
        }
    }

    private static Exception Innermost(Exception exception) => exception.InnerException is { } inner ? Innermost(inner) : exception;

    private static string Mismatch(string code) => code switch
    {
        "700211" => "the issuer differs",
        "700212" => "the audience differs",
        "700213" => "the subject differs",
        "70025" => "it has none",
        _ => "issuer, subject or audience differ",
    };

    private static string Expected(JsonWebToken? token) => token is null
        ? "the token's issuer, subject and audience"
        : $"issuer '{token.Issuer}', subject '{token.Subject}' and audience '{string.Join(", ", token.Audiences)}'";

    private static string IssuerOf(JsonWebToken? token) => token is null ? "" : $" of {token.Issuer}";

    private static string ExpiryOf(JsonWebToken? token) => token?.ExpiresAt is { } expires ? $", which expires at {Sentence.Time(expires)}" : "";

    [GeneratedRegex(@"AADSTS(\d{4,9})", RegexOptions.CultureInvariant)]
    private static partial Regex EntraCode();

    [GeneratedRegex(@"not configured to acquire tokens for tenant ([0-9a-zA-Z.-]+[0-9a-zA-Z])", RegexOptions.CultureInvariant)]
    private static partial Regex ForeignTenant();
}
