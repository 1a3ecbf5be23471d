using Azure.Core;
using Azure.Core.Pipeline;
using ClusterTrust.Hosting;

namespace ClusterTrust.CertSync.Vaults;

/// <summary>
/// Keeps requests, and the tokens in them, at the hosts they are meant for, and answers within bounds. The SDK follows a listing's
/// <c>nextLink</c> wherever it leads, and reads an answer into memory however long it is and however long it takes. A transport and no
/// policy, because Azure.Identity's credentials do not hand on their policies.
/// </summary>
/// <param name="inner">Carries the requests.</param>
/// <param name="own">The service that is spoken to.</param>
/// <param name="aliases">Other hosts of the same service.</param>
internal sealed class OwnHostTransport(HttpPipelineTransport inner, Uri own, IReadOnlyCollection<string>? aliases = null) : HttpPipelineTransport
{
    /// <summary>25 certificates with all their tags are about 0.5 MiB.</summary>
    private const int LongestAnswer = 8 * 1024 * 1024;

    /// <inheritdoc/>
    public override Request CreateRequest() => inner.CreateRequest();

    /// <inheritdoc/>
    public override async ValueTask ProcessAsync(HttpMessage message)
    {
        RequireOwnHost(message.Request.Uri.ToUri());
        await inner.ProcessAsync(message);
        if (Body(message) is { } body)
        {
            // Read here, and not by the SDK after this, so that the time for one try goes for all of it.
            await using (body)
            {
                var whole = new MemoryStream();
                await body.CopyToAsync(whole, message.CancellationToken);
                whole.Position = 0;
                message.Response.ContentStream = whole;
            }
        }
    }

    /// <inheritdoc/>
    public override void Process(HttpMessage message)
    {
        RequireOwnHost(message.Request.Uri.ToUri());
        inner.Process(message);
        if (Body(message) is { } body)
        {
            message.Response.ContentStream = body;
        }
    }

    private void RequireOwnHost(Uri to)
    {
        var isOwn = to.Scheme == own.Scheme
            && to.Port == own.Port
            && (to.IdnHost.Equals(own.IdnHost, StringComparison.OrdinalIgnoreCase) || aliases?.Contains(to.IdnHost, StringComparer.OrdinalIgnoreCase) == true);
        if (!isOwn)
        {
            throw new VaultException(
                VaultFault.NotUnderstood,
                $"{own.Authority} leads on to {to.GetLeftPart(UriPartial.Authority)}, where no credential for {own.Authority} may go, so nothing was sent there: find out what answers at {own.Authority}.",
                ExitCode.Refused);
        }
    }

    private BoundedStream? Body(HttpMessage message) => message.HasResponse && message.Response.ContentStream is { } body
        ? new BoundedStream(body, LongestAnswer, () => new VaultException(
            VaultFault.NotUnderstood,
            $"{own.Authority} answers with more than {LongestAnswer} bytes, which nothing of Azure does here: find out what answers there."))
        : null;
}
