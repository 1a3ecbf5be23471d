using Azure;
using Azure.Identity;

namespace ClusterTrust.CertSync.Vaults;

/// <summary>Explains the SDK's exceptions: one sentence with what failed, where, and what to do.</summary>
internal sealed class VaultFaults(VaultAddress vault, VaultSignIn signIn, VaultSettings settings)
{
    private const string Role = "'Key Vault Certificates Officer' (a4417e6f-fecd-4de8-b567-7b0420556985)";

    /// <summary>Runs an operation, and explains its exceptions.</summary>
    /// <param name="operation">For messages, what is done with the certificate. Its first word is the permission of an access policy.</param>
    /// <param name="name">The certificate; empty if it concerns none.</param>
    /// <param name="cancellationToken">The caller's token, whose cancellation is passed through.</param>
    /// <exception cref="VaultException">The operation failed.</exception>
    public async Task<T> ExplainAsync<T>(string operation, string name, Func<Task<T>> request, CancellationToken cancellationToken)
    {
        VaultException? fault = null;
        try
        {
            return await request();
        }
        catch (Exception e) when ((fault = Explain(e, operation, name, cancellationToken)) is not null)
        {
            throw fault;
        }
    }

    /// <inheritdoc cref="ExplainAsync"/>
    /// <returns>Null if the vault has no such certificate.</returns>
    public async Task<T?> FindAsync<T>(string operation, string name, Func<Task<T>> request, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            return await ExplainAsync(operation, name, request, cancellationToken);
        }
        catch (VaultException e) when (e.Fault == VaultFault.NotFound)
        {
            return null;
        }
    }

    /// <summary>The fault in an exception; null if it is not the vault's or the sign-in's, but a bug or the caller's cancellation.</summary>
    private VaultException? Explain(Exception exception, string operation, string name, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested && exception is OperationCanceledException)
        {
            return null;
        }

        var attempt = name.Length > 0 ? $"Key Vault {vault} did not {operation} '{name}'" : $"Key Vault {vault} did not {operation}";
        return exception switch
        {
            VaultException => null,
            { InnerException: { } inner } when Own(inner) is { } own => own,
            AuthenticationFailedException failed => SignInFaults.Explain(failed, signIn, vault),
            InvalidOperationException { Message: var message } when message.Contains("challenge resource", StringComparison.OrdinalIgnoreCase) => new VaultException(
                VaultFault.SignInFailed,
                $"{vault.Address.Authority} requests a token for a domain other than its own, so none was sent: check the address of vault {vault.Alias}; for an emulator, set --disable-challenge-verification.",
                ExitCode.Usage, exception),
            RequestFailedException { Status: > 0 } failed => OfResponse(failed, attempt, name, operation),
            AggregateException { InnerExceptions: [.., RequestFailedException { Status: > 0 } failed] } => OfResponse(failed, attempt, name, operation),
            RequestFailedException or AggregateException or OperationCanceledException or IOException => Unreachable(exception),
            NotKeyVaultException => new VaultException(VaultFault.NotUnderstood, NotKeyVault(attempt), innerException: exception),
            // Thrown by the SDK when a value in a response has another type, is missing or null.
            JsonException or FormatException or InvalidOperationException or KeyNotFoundException or ArgumentException or OverflowException or CryptographicException or NullReferenceException
                => new VaultException(VaultFault.ResponseUnreadable,
                    $"{attempt}: its response contains a value that Key Vault does not send, although an emulator may ({Sanitizer.Sanitize(exception.Message, 200).TrimEnd('.')}); report it if this is Key Vault.", innerException: exception),
            _ => null,
        };
    }

    /// <summary>A certificate that another client wrote between two tries of an import.</summary>
    public VaultException Changed(string name, Exception lost) => new(
        VaultFault.Conflict, $"Key Vault {vault} did not import '{name}': another client changed the certificate before the import was sent again; run again.", innerException: lost);

    /// <summary>A name that is taken by a secret or key, which may be soft-deleted: a certificate has one of each under its own name.</summary>
    /// <returns>The conflict itself if the vault names an operation on a certificate, which may not be readable yet.</returns>
    public VaultException HeldByOtherKind(string name, VaultException conflict)
    {
        var service = ServiceFault.Of(conflict.InnerException as RequestFailedException);
        var kind = service.Message.StartsWith("Secret ", StringComparison.OrdinalIgnoreCase) ? "secret"
            : service.Message.StartsWith("Key ", StringComparison.OrdinalIgnoreCase) ? "key"
            : "secret or key";
        var command = kind == "key" ? "key" : "secret";
        // No name has blanks, but a certificate may be called "pending".
        var isOperation = service.Message.Contains(" a pending ", StringComparison.Ordinal) || service.Message.Contains(" in parallel ", StringComparison.Ordinal);
        return conflict.Fault == VaultFault.Conflict
            ? isOperation ? conflict : new VaultException(
                VaultFault.Rejected,
                $"Key Vault {vault} did not import '{name}': no certificate has the name, but a {kind} does{Quote(service)}; give the certificate another name, or delete and purge the {kind}.",
                ExitCode.Refused, conflict.InnerException)
            : new VaultException(
                VaultFault.HeldByOtherKind,
                $"Key Vault {vault} did not import '{name}': the name belongs to a soft-deleted {kind}, not to a certificate{Quote(service)}; purge it with 'az keyvault {command} purge --vault-name {vault.Address.Host.Split('.')[0]} --name {name}', or recover it and give the certificate another name.",
                ExitCode.Refused, conflict.InnerException);
    }

    /// <summary>A certificate that the vault refuses despite an explicit key policy.</summary>
    public VaultException RejectedKey(string name, string remedy, VaultException refusal)
    {
        var service = ServiceFault.Of(refusal.InnerException as RequestFailedException);
        return new VaultException(
            VaultFault.Rejected, $"Key Vault {vault} rejects '{name}' even with an explicit key policy{Quote(service)}: {remedy}.", ExitCode.Refused, refusal.InnerException);
    }

    /// <summary>This job's own exception, wrapped by the SDK.</summary>
    private static VaultException? Own(Exception? exception) => exception switch
    {
        null => null,
        VaultException own => own,
        AggregateException many => many.InnerExceptions.Select(Own).FirstOrDefault(static own => own is not null),
        _ => Own(exception.InnerException),
    };

    private VaultException Unreachable(Exception exception)
    {
        var fault = ConnectionFault.Of(exception, vault.Address) ?? new ConnectionFault("the connection failed");
        return fault.IsUnknownHost
            ? new VaultException(VaultFault.UnknownHost,
                $"Key Vault {vault.Alias} has the address {vault.Address.Authority}, but its host name does not exist: check the vault's name and cloud, and the private DNS zone if it has a private endpoint.",
                innerException: exception)
            : new VaultException(VaultFault.Unreachable, $"Key Vault {vault.Alias} cannot be reached at {vault.Address.Authority}: {fault.Clause}.",
                fault.IsConfiguration ? ExitCode.Usage : ExitCode.Failed, exception);
    }

    private string NotKeyVault(string attempt) =>
        $"{attempt}: the response from {vault.Address.Authority} is not Key Vault's; check the vault's address, HTTPS_PROXY, and any proxy in between.";

    private VaultException OfResponse(RequestFailedException exception, string attempt, string name, string operation)
    {
        var service = ServiceFault.Of(exception);
        var (fault, sentence) = exception.Status switch
        {
            // Key Vault challenges every request without a valid token.
            401 when service.Message.Length == 0 && !IsChallenged(exception) => (VaultFault.SignInFailed,
                $"{attempt}: it answered 401 without the challenge and the message that Key Vault sends; check the vault's address, HTTPS_PROXY, and any proxy in between."),
            401 => (VaultFault.SignInFailed, $"{attempt}: it rejected the token{Quote(service)}; check that the vault is in the tenant of the sign-in ({signIn.TenantId ?? "of the identity"})."),
            403 => Forbidden(service, attempt, operation),
            404 when name.Length == 0 => (VaultFault.NotFound, $"{attempt}: {vault.Address.Authority} returned 404; check the vault's address."),
            // Key Vault sends CertificateNotFound, emulators codes of their own; a proxy's 404 must not make a name free.
            404 when service.Code.Length == 0 => (VaultFault.NotUnderstood, NotKeyVault(attempt)),
            404 => (VaultFault.NotFound, $"{attempt}: the certificate was not found."),
            409 when service.InnerCode == "ObjectIsDeletedButRecoverable" =>
                (VaultFault.SoftDeleted, $"{attempt}: the name is soft-deleted{Quote(service)}; recover or purge it."),
            409 when service.InnerCode is "ObjectIsBeingDeleted" or "ObjectIsBeingRecovered" =>
                (VaultFault.BeingDeleted, $"{attempt}: the name is being deleted or recovered; run again in a minute."),
            409 => (VaultFault.Conflict, $"{attempt}: there is a conflict{Quote(service)}; check whether a key or secret has the name, a certificate operation is pending, or another client changes it, then run again."),
            429 when exception.GetRawResponse() is { } response && VaultRetryPolicy.DelayOf(response) is { } delay && delay > settings.MaximumWait => (VaultFault.Throttled,
                $"{attempt}: it throttles the requests until {Sentence.Time(DateTimeOffset.UtcNow + delay)} (Retry-After), longer than a run waits; run again then, or distribute the certificates over several vaults."),
            429 => (VaultFault.Throttled, $"{attempt}: it still throttled the requests after {settings.Retries} retries; run again later, or distribute the certificates over several vaults."),
            405 or 501 => (VaultFault.Unsupported, $"{attempt}: it does not support the operation (status {exception.Status}); check that it is Key Vault."),
            >= 500 or 408 => (VaultFault.Unavailable, $"{attempt}: the service failed with status {exception.Status}{Quote(service)}; run again later."),
            // A redirect, or a success without a body: Key Vault sends neither here.
            < 400 => (VaultFault.NotUnderstood, NotKeyVault(attempt)),
            var status when service.Message.Length == 0 => (VaultFault.Rejected,
                $"{attempt}: it rejected the request with status {status} and without a message; check the vault's address, HTTPS_PROXY, and any proxy in between."),
            var status => (VaultFault.Rejected, $"{attempt}: it rejected the request with status {status}{Quote(service)}; correct what the message names."),
        };
        return new VaultException(fault, sentence, innerException: exception);
    }

    private (VaultFault Fault, string Sentence) Forbidden(ServiceFault service, string attempt, string operation) => service.InnerCode switch
    {
        "ForbiddenByRbac" => (VaultFault.Forbidden,
            $"{attempt}: {signIn.Identity} has no role that allows {service.Line("Action") ?? "it"}; assign {Role} on the vault, which takes effect within minutes."),
        "ForbiddenByPolicy" or "AccessDenied" => (VaultFault.Forbidden,
            $"{attempt}: the vault's access policy does not grant {signIn.Identity} the certificate permission '{operation.Split(' ')[0]}'; add get, list, import, update and recover (and delete for pruning) to the policy, because this vault ignores roles."),
        "ForbiddenByConnection" => (VaultFault.ForbiddenByFirewall,
            $"{attempt}: the vault does not accept connections from public networks; create a private endpoint for the cluster, or allow public access."),
        "ForbiddenByFirewall" => (VaultFault.ForbiddenByFirewall,
            $"{attempt}: the vault's firewall does not allow {(service.Line("Client address") is { } address ? $"the address {address}" : "this cluster's address")}; add it to the vault's network rules, or use a private endpoint."),
        _ when service.Message.Length == 0 => (VaultFault.Forbidden,
            $"{attempt}: it is forbidden, without the message that Key Vault sends; check the vault's address, HTTPS_PROXY, and any proxy in between."),
        _ => (VaultFault.Forbidden, $"{attempt}: it is forbidden{Quote(service)}; check the roles or the access policy of the vault for {signIn.Identity}, and the vault's network rules."),
    };

    private static bool IsChallenged(RequestFailedException exception) =>
        exception.GetRawResponse()?.Headers.TryGetValue("WWW-Authenticate", out var challenge) == true && challenge.StartsWith("Bearer", StringComparison.OrdinalIgnoreCase);

    private static string Quote(ServiceFault service) => service.Message.Length > 0 ? $" ({service.Message})" : "";
}

/// <summary>Key Vault's error body: <c>{"error": {"code", "message", "innererror": {"code"}}}</c>.</summary>
/// <param name="Code">Such as <c>CertificateNotFound</c>; empty if the body is not Key Vault's.</param>
/// <param name="InnerCode">The precise code, such as <c>ForbiddenByRbac</c>; empty if there is none. The SDK does not expose it.</param>
/// <param name="Message">The first line of the message, sanitized and shortened.</param>
internal sealed record ServiceFault(string Code, string InnerCode, string Message, string Text)
{
    private const int LongestMessage = 300;

    private const int LongestValue = 100;

    public static ServiceFault Of(RequestFailedException? exception)
    {
        try
        {
            using var document = JsonDocument.Parse(exception?.GetRawResponse()?.Content.ToMemory() ?? default);
            if (document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.Object)
            {
                var inner = error.TryGetProperty("innererror", out var nested) && nested.ValueKind == JsonValueKind.Object ? Text(nested, "code") : "";
                var text = Text(error, "message");
                return new ServiceFault(Text(error, "code"), inner, FirstLine(text), text);
            }
        }
        catch (Exception unreadable) when (unreadable is JsonException or InvalidOperationException)
        {
            // A proxy's page, or a response that was not buffered: only the status is known.
        }

        return new ServiceFault("", "", "", "");

        static string Text(JsonElement element, string property) =>
            element.TryGetProperty(property, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
    }

    /// <summary>The value of a line <c>LABEL: value</c> of the message, sanitized; null if there is none.</summary>
    public string? Line(string label) => Text.Split('\n', StringSplitOptions.TrimEntries)
        .Where(line => line.StartsWith($"{label}: ", StringComparison.Ordinal))
        .Select(line => Sanitizer.Sanitize(line[(label.Length + 2)..], LongestValue))
        .FirstOrDefault();

    private static string FirstLine(string text)
    {
        var line = text.AsSpan().Trim();
        var end = line.IndexOfAny('\r', '\n');
        return Sanitizer.Sanitize((end >= 0 ? line[..end] : line).TrimEnd('.').ToString(), LongestMessage);
    }
}
