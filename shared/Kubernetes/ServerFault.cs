using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using k8s.Models;

namespace ClusterTrust.Kubernetes;

/// <summary>Explains a response whose status is not 2xx.</summary>
internal static class ServerFault
{
    // A Status body is a few hundred bytes; an ingress or proxy in between may send a whole page.
    private const int MaxBodyBytes = 64 * 1024;

    /// <param name="clock">The clock for a <c>Retry-After</c> date.</param>
    public static async Task<KubernetesException> ReadAsync(
        HttpResponseMessage response, Uri server, string? identity, TimeProvider clock, CancellationToken cancellationToken)
    {
        var status = await ReadStatusAsync(response, cancellationToken);
        var request = response.RequestMessage!;
        var code = response.StatusCode;
        var message = status?.Message is { Length: > 0 } text ? WithoutToken(text, request) : null;
        var what = $"{request.Method} {Sanitizer.Sanitize(request.RequestUri!.AbsolutePath)} at {Sanitizer.Sanitize(server)}";
        var quote = message is null ? "" : $" ({Sanitizer.Sanitize(message)})";
        var (sentence, exitCode) = code switch
        {
            HttpStatusCode.Unauthorized => (
                $"The API server {Sanitizer.Sanitize(server)} rejected the credentials{Of(identity)} (401): the token is missing, expired, for another audience or issued by another cluster; renew it, or let the pod mount its ServiceAccount token.",
                ExitCode.Failed),
            HttpStatusCode.Forbidden => (
                MissingRule.Explain(message, Sanitizer.Sanitize(server)) ?? $"{what} is forbidden (403){Of(identity)}{quote}: grant the permission, or use other credentials.",
                ExitCode.Usage),
            // Where something is to be created, or a token issued, the namespace or the ServiceAccount of a setting is missing.
            HttpStatusCode.NotFound => (
                $"{what} was not found (404){quote}: create it, or correct its name and namespace.", request.Method == HttpMethod.Post && status?.Reason == "NotFound" ? ExitCode.Usage : ExitCode.Failed),
            HttpStatusCode.Conflict => ($"{what} conflicts with another change (409){quote}: run again.", ExitCode.Failed),
            HttpStatusCode.Gone => ($"{what} requests a version that has expired (410){quote}: run again.", ExitCode.Failed),
            HttpStatusCode.TooManyRequests => ($"{what} was throttled (429){quote}: run again later; if the message names no cause, raise the API server's priority level for this user.", ExitCode.Failed),
            >= HttpStatusCode.InternalServerError => ($"{what} failed on the server ({(int)code}){quote}: check the API server's health and run again.", ExitCode.Failed),
            // A policy answers 422 by default, a webhook 400.
            < HttpStatusCode.InternalServerError when status is { Kind: "Status" } && message is not null => (
                $"{what} was refused ({(int)code}){quote}: correct what the message names, or change the admission policy or webhook that refuses it.",
                ExitCode.Usage),
            _ => ($"{what} was refused with status {(int)code}{quote}: check that the address is that of a Kubernetes API server and that it supports the request.", ExitCode.Failed),
        };
        return new KubernetesException(sentence, exitCode)
        {
            Status = code,
            Reason = status?.Reason is { Length: > 0 } reason ? Sanitizer.Sanitize(reason, 100) : null,
            Details = status?.Details,
            Continue = status?.Metadata?.ContinueProperty is { Length: > 0 } token ? token : null,
            RetryAfter = Delay(response.Headers.RetryAfter, clock),
            // An object that cannot be decrypted usually stays so until its key is added; its 429 requests a wait of half a minute each time.
            MayRetry = code is HttpStatusCode.TooManyRequests
                or HttpStatusCode.InternalServerError or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout
                && message?.Contains("unable to transform key", StringComparison.Ordinal) != true,
        };
    }

    // A server may repeat what it was sent, and an opaque token is not recognized as one.
    private static string WithoutToken(string message, HttpRequestMessage request) =>
        request.Headers.Authorization?.Parameter is { Length: > 0 } token ? message.Replace(token, "(redacted)", StringComparison.Ordinal) : message;

    private static string Of(string? identity) => identity is null ? "" : $" of {Sanitizer.Sanitize(identity, 200)}";

    private static TimeSpan? Delay(RetryConditionHeaderValue? header, TimeProvider clock)
    {
        var delay = header?.Delta ?? (header?.Date - clock.GetUtcNow());
        return delay < TimeSpan.Zero ? TimeSpan.Zero : delay;
    }

    private static async Task<V1Status?> ReadStatusAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            await response.Content.LoadIntoBufferAsync(MaxBodyBytes, cancellationToken);
            await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
            return await JsonSerializer.DeserializeAsync(body, KubernetesJson.Default.V1Status, cancellationToken);
        }
        catch (Exception fault) when (fault is JsonException or HttpRequestException or IOException)
        {
            // The status code is sufficient: the body is a proxy's page, empty or incomplete.
            return null;
        }
    }
}

/// <summary>Explains the API server's message of a 403 by the RBAC rule that is missing.</summary>
internal static partial class MissingRule
{
    private const string ServiceAccountPrefix = "system:serviceaccount:";

    /// <summary>One sentence: who may not do what, where, and the rule to add; null for a message in another format, such as an admission webhook's.</summary>
    public static string? Explain(string? message, string server)
    {
        var match = Denial().Match(message ?? "");
        if (!match.Success)
        {
            return null;
        }

        var (verb, resource, group, ns) = (match.Groups["verb"], match.Groups["resource"], match.Groups["group"].Value, match.Groups["namespace"]);
        var apiGroup = group.Length == 0 ? "the core API group (\"\")" : $"API group \"{group}\"";
        var (what, where, rule, role) = match.Groups["path"] is { Success: true } path
            ? ($"the path {path}", "", $"on the non-resource URL \"{path}\"", "a ClusterRole that a ClusterRoleBinding binds")
            : ns.Success
            ? ($"{resource}", $" in namespace {ns}", $"on resource \"{resource}\" of {apiGroup}", $"a Role in namespace {ns} that a RoleBinding there binds")
            : ($"{resource}", " in the whole cluster", $"on resource \"{resource}\" of {apiGroup}", "a ClusterRole that a ClusterRoleBinding binds");
        var sentence = $"{Who(match.Groups["user"].Value)} may not {verb} {what}{where} at {server}: add verb \"{verb}\" {rule} to {role} to it.";
        return Sanitizer.Sanitize(sentence, 2 * Sanitizer.DefaultLength);
    }

    private static string Who(string user) =>
        user.StartsWith(ServiceAccountPrefix, StringComparison.Ordinal) && user[ServiceAccountPrefix.Length..].Split(':') is [var ns, var name]
            ? $"ServiceAccount {name} of namespace {ns}"
            : $"User {user}";

    [GeneratedRegex("""
        User "(?<user>[^"]*)" cannot (?<verb>\S+) (?:path "(?<path>[^"]*)"|resource "(?<resource>[^"]*)" in API group "(?<group>[^"]*)" (?:at the cluster scope|in the namespace "(?<namespace>[^"]*)"))
        """, RegexOptions.CultureInvariant)]
    private static partial Regex Denial();
}
