using Azure.Core;
using Azure.Core.Pipeline;

namespace ClusterTrust.CertSync.Vaults;

/// <summary>
/// Sends requests, and the tokens in them, only to the service's own hosts, and limits the length of responses. The SDK follows a listing's
/// <c>nextLink</c> to any host, and reads a response of any length into memory. A transport and not a policy, because Azure.Identity's
/// credentials do not pass on their policies.
/// </summary>
/// <param name="aliases">Other hosts of the same service.</param>
internal sealed class OwnHostTransport(HttpPipelineTransport inner, Uri own, IReadOnlyCollection<string>? aliases = null) : HttpPipelineTransport
{
    /// <summary>25 certificates with all their tags are about 0.5 MiB.</summary>
    private const int MaximumResponseBytes = 8 * 1024 * 1024;

    public override Request CreateRequest() => inner.CreateRequest();

    public override async ValueTask ProcessAsync(HttpMessage message)
    {
        RequireOwnHost(message.Request.Uri.ToUri());
        await inner.ProcessAsync(message);
        if (!message.HasResponse || message.Response.ContentStream is not { } content)
        {
            return;
        }

        // Read here, not later by the SDK, so that the timeout of one try covers all of it.
        await using var body = new BoundedStream(content, MaximumResponseBytes, () => new VaultException(
            VaultFault.NotUnderstood,
            $"The response from {own.Authority} exceeds {MaximumResponseBytes} bytes, more than Azure ever sends here: check which service answers there."));
        var whole = new MemoryStream();
        await body.CopyToAsync(whole, message.CancellationToken);
        whole.Position = 0;
        message.Response.ContentStream = whole;
    }

    /// <summary>This job sends no synchronous requests.</summary>
    public override void Process(HttpMessage message) => throw new NotSupportedException();

    private void RequireOwnHost(Uri to)
    {
        var isOwn = to.Scheme == own.Scheme
            && to.Port == own.Port
            && (to.IdnHost.Equals(own.IdnHost, StringComparison.OrdinalIgnoreCase) || aliases?.Contains(to.IdnHost, StringComparer.OrdinalIgnoreCase) == true);
        if (!isOwn)
        {
            throw new VaultException(
                VaultFault.NotUnderstood,
                $"{own.Authority} refers to {to.GetLeftPart(UriPartial.Authority)}, which must not receive credentials for {own.Authority}, so nothing was sent there: check which service answers at {own.Authority}.",
                ExitCode.Refused);
        }
    }
}
