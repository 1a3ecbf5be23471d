using System.Security.Cryptography;
using System.Text.Json;
using Azure;
using Azure.Identity;
using ClusterTrust.CertSync.Vaults.SignIn;
using ClusterTrust.Hosting;

namespace ClusterTrust.CertSync.Vaults;

/// <summary>Explains what the SDK throws: one sentence with what failed, where, and what to do.</summary>
/// <param name="vault">The vault that was spoken to.</param>
/// <param name="signIn">How it was signed in.</param>
/// <param name="settings">How it was spoken to.</param>
internal sealed class VaultFaults(VaultAddress vault, VaultSignIn signIn, VaultSettings settings)
{
    private const string Role = "'Key Vault Certificates Officer' (a4417e6f-fecd-4de8-b567-7b0420556985)";

    /// <summary>Asks something of the vault, and explains what goes wrong.</summary>
    /// <param name="operation">What is asked.</param>
    /// <param name="name">Of which certificate; empty if of none.</param>
    /// <param name="ask">Asks it.</param>
    /// <param name="cancellation">The caller's own token.</param>
    /// <exception cref="VaultException">The vault did not do it.</exception>
    public async Task<T> ExplainAsync<T>(VaultOperation operation, string name, Func<Task<T>> ask, CancellationToken cancellation)
    {
        VaultException? fault = null;
        try
        {
            return await ask();
        }
        catch (Exception e) when ((fault = Explain(e, operation, name, cancellation)) is not null)
        {
            throw fault;
        }
    }

    /// <summary>The fault in an exception; null if it is none of the vault's or the sign-in's, but a bug or the caller's own stop.</summary>
    /// <param name="exception">What the SDK threw.</param>
    /// <param name="operation">What was asked.</param>
    /// <param name="name">Of which certificate; empty if of none.</param>
    /// <param name="cancellation">The caller's own token.</param>
    public VaultException? Explain(Exception exception, VaultOperation operation, string name, CancellationToken cancellation)
    {
        if (cancellation.IsCancellationRequested && exception is OperationCanceledException)
        {
            return null;
        }

        var attempt = name.Length > 0 ? $"Key Vault {vault} did not {operation.Verb} '{name}'" : $"Key Vault {vault} did not {operation.Verb}";
        return exception switch
        {
            VaultException => null,
            { InnerException: { } inner } when Own(inner) is { } own => own,
            AuthenticationFailedException failed => SignInFaults.Explain(failed, signIn, vault),
            InvalidOperationException { Message: var message } when message.Contains("challenge resource", StringComparison.OrdinalIgnoreCase) => new VaultException(
                VaultFault.Unauthorized,
                $"{vault.Address.Authority} asks for a token for another domain than its own, so none was sent: check the address of vault {vault.Alias}; for an emulator set --disable-challenge-verification.",
                ExitCode.Usage, exception),
            RequestFailedException { Status: > 0 } answered => Answered(answered, attempt, name, operation),
            AggregateException { InnerExceptions: [.., RequestFailedException { Status: > 0 } answered] } => Answered(answered, attempt, name, operation),
            RequestFailedException or AggregateException or OperationCanceledException or IOException => Unreachable(exception),
            NotKeyVaultException => new VaultException(VaultFault.NotUnderstood,
                $"{attempt}: what answers at {vault.Address.Authority} is not Key Vault; check the vault's address and HTTPS_PROXY, and what stands between.", innerException: exception),
            // What the SDK's reading of an answer throws when a value in it is of another type, missing or null.
            JsonException or FormatException or InvalidOperationException or KeyNotFoundException or ArgumentException or OverflowException or CryptographicException or NullReferenceException
                => new VaultException(VaultFault.AnswerUnreadable,
                    $"{attempt} so that its answer can be read: a value in it has another form than Key Vault's, as an emulator's may; run with --verbose, and report it if this is Key Vault.", innerException: exception),
            _ => null,
        };
    }

    /// <summary>A listing that must not go on.</summary>
    /// <param name="why">What is wrong with it.</param>
    public VaultException Endless(string why) => new(
        VaultFault.NotUnderstood, $"The list of certificates of Key Vault {vault} {why}: find out what answers at {vault.Address.Authority}.");

    /// <summary>The vault that has not become ready in the time given.</summary>
    public VaultException TimedOut(VaultOperation operation, string name, TimeSpan waited, Exception? last) => new(
        VaultFault.TimedOut,
        $"Key Vault {vault} did not {operation.Verb} '{name}' within {waited.TotalSeconds:0} s: look at its state in the vault, then run again.",
        innerException: last);

    /// <summary>A name that is not free because of a soft-deleted secret or key: a certificate has one of each under its own name.</summary>
    public VaultException HeldByOtherKind(string name, VaultException conflict)
    {
        var said = conflict.InnerException is RequestFailedException answered ? ServiceFault.Of(answered) : new ServiceFault("", "", "");
        var kind = said.Message.StartsWith("Secret ", StringComparison.OrdinalIgnoreCase) ? "secret"
            : said.Message.StartsWith("Key ", StringComparison.OrdinalIgnoreCase) ? "key"
            : "secret or key";
        var command = kind == "key" ? "key" : "secret";
        return new VaultException(
            VaultFault.HeldByOtherKind,
            $"Key Vault {vault} did not import '{name}': a soft-deleted {kind} has the name, no certificate{Said(said)}; purge it with 'az keyvault {command} purge --vault-name {vault.Address.Host.Split('.')[0]} --name {name}', or recover it there and give the certificate another name.",
            ExitCode.Refused, conflict.InnerException);
    }

    /// <summary>A certificate that the vault refuses though it was told the key's properties.</summary>
    /// <param name="name">The certificate.</param>
    /// <param name="cure">What to change.</param>
    /// <param name="refusal">The refusal.</param>
    public VaultException RejectedKey(string name, string cure, VaultException refusal)
    {
        var said = refusal.InnerException is RequestFailedException answered ? ServiceFault.Of(answered) : new ServiceFault("", "", "");
        return new VaultException(
            VaultFault.Rejected, $"Key Vault {vault} does not take '{name}' even with an explicit key policy{Said(said)}: {cure}.", ExitCode.Refused, refusal.InnerException);
    }

    /// <summary>What this job threw itself, inside of the SDK.</summary>
    private static VaultException? Own(Exception? exception) => exception switch
    {
        null => null,
        VaultException own => own,
        AggregateException many => many.InnerExceptions.Select(Own).FirstOrDefault(static own => own is not null),
        _ => Own(exception.InnerException),
    };

    private VaultException Unreachable(Exception exception)
    {
        var fault = ConnectionFault.Of(exception) ?? new ConnectionFault("the connection failed");
        return fault.IsUnknownHost
            ? new VaultException(VaultFault.UnknownHost,
                $"Key Vault {vault.Alias} has the address {vault.Address.Authority}, but its host name does not exist: check the vault's name and cloud, and the private DNS zone if it has a private endpoint.",
                innerException: exception)
            : new VaultException(VaultFault.Unreachable, $"Key Vault {vault.Alias} cannot be reached at {vault.Address.Authority}: {fault.Clause}.",
                fault.IsConfiguration ? ExitCode.Usage : ExitCode.Failed, exception);
    }

    private VaultException Answered(RequestFailedException exception, string attempt, string name, VaultOperation operation)
    {
        var said = ServiceFault.Of(exception);
        var (fault, sentence) = exception.Status switch
        {
            401 => (VaultFault.Unauthorized, $"{attempt}: it does not accept the token{Said(said)}; see that the vault is in the tenant that is signed in to ({signIn.TenantId ?? "of the identity"})."),
            403 => Forbidden(said, attempt, operation),
            404 when name.Length == 0 => (VaultFault.NotFound, $"{attempt}: there is no such thing at {vault.Address.Authority} (404); check the vault's address."),
            404 => (VaultFault.NotFound, $"{attempt}: it has no such certificate."),
            409 when said.InnerCode == "ObjectIsDeletedButRecoverable" =>
                (VaultFault.SoftDeleted, $"{attempt}: the name is soft-deleted{Said(said)}; recover or purge it."),
            409 when said.InnerCode is "ObjectIsBeingDeleted" or "ObjectIsBeingRecovered" =>
                (VaultFault.BeingDeleted, $"{attempt}: the name is being deleted or recovered; run again in a minute."),
            409 => (VaultFault.Conflict, $"{attempt}: there is a conflict{Said(said)}; see whether a key or secret has the name, or something else works on it, and run again."),
            429 => (VaultFault.Throttled, $"{attempt}: it is throttled by too many requests, and was still after {settings.Retries} retries; run again later, or spread the work over several vaults."),
            405 or 501 => (VaultFault.Unsupported, $"{attempt}: it does not know how to (status {exception.Status}); is it Key Vault?"),
            >= 500 or 408 => (VaultFault.Unavailable, $"{attempt}: the service failed with status {exception.Status}{Said(said)}; run again later."),
            var status => (VaultFault.Rejected, $"{attempt}: it refused the request with status {status}{Said(said)}; see what it says and correct that."),
        };
        return new VaultException(fault, sentence, innerException: exception);
    }

    private (VaultFault Fault, string Sentence) Forbidden(ServiceFault said, string attempt, VaultOperation operation) => said.InnerCode switch
    {
        "ForbiddenByRbac" => (VaultFault.ForbiddenByRbac,
            $"{attempt}: {signIn.Identity} has no role that allows it; assign it {Role} on the vault, which takes effect within minutes."),
        "ForbiddenByPolicy" => (VaultFault.ForbiddenByPolicy,
            $"{attempt}: the vault's access policy does not give {signIn.Identity} the certificate permission '{operation.Permission}'; add get, list, import, update and recover (and delete if it prunes) to the policy, since roles do not count in this vault."),
        "ForbiddenByConnection" => (VaultFault.ForbiddenByFirewall,
            $"{attempt}: the vault does not take connections from public networks; give the cluster a private endpoint, or allow public access."),
        "ForbiddenByFirewall" => (VaultFault.ForbiddenByFirewall,
            $"{attempt}: the vault's firewall does not admit {(said.Line("Client address") is { } address ? $"the address {address}" : "this cluster's address")}; add it to the vault's network rules, or use a private endpoint."),
        _ => (VaultFault.Forbidden, $"{attempt}: it is forbidden{Said(said)}; see the roles or the access policy of the vault for {signIn.Identity}."),
    };

    private static string Said(ServiceFault said) => said.Message.Length > 0 ? $" ({said.Message})" : "";
}
