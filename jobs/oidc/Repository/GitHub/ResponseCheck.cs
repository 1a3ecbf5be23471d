using System.Net;
using System.Text.Json;
using ClusterTrust.Hosting;
using ClusterTrust.Oidc.Issuer;

namespace ClusterTrust.Oidc.Repository.GitHub;

/// <summary>
/// Checks every response before Octokit reads it: Octokit follows redirects to other hosts, and to this one without TLS, and reads
/// bodies into memory whatever their length and depth.
/// </summary>
/// <param name="api">The API's base address.</param>
/// <param name="inner">Sends the requests.</param>
internal sealed class ResponseCheck(Uri api, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    /// <summary>The longest body that is read, in bytes: a file of 16 MiB in base64.</summary>
    private const int MaxBodyBytes = 24 * 1024 * 1024;

    private const int MaxErrorDepth = 16;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        try
        {
            if (response.StatusCode is >= HttpStatusCode.Moved and < HttpStatusCode.BadRequest && response.Headers.Location is { } location)
            {
                // GitHub answers so for a repository that was renamed, with an address at its own API.
                response.Headers.Location = Uri.TryCreate(api, location, out var next) && IsSameServer(next) ? next : throw new JobException(
                    $"GitHub's API at {api} redirects to {Shown.Of(location)}, where no token for it may go, so nothing was sent there: correct the API URL, or find out what answers.",
                    ExitCode.Refused);
            }

            await response.Content.LoadIntoBufferAsync(MaxBodyBytes, cancellationToken);
            if (!response.IsSuccessStatusCode && !await IsShallowJsonAsync(response.Content, cancellationToken))
            {
                response.Content = new ByteArrayContent([]);
            }

            return response;
        }
        catch (HttpRequestException tooLong) when (tooLong.HttpRequestError == HttpRequestError.ConfigurationLimitExceeded)
        {
            response.Dispose();
            throw new JobException($"GitHub's API at {api} answers with more than {MaxBodyBytes} bytes: check the API URL, and what answers there.", ExitCode.Failed, tooLong);
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    /// <summary>Octokit's own parser of error bodies calls itself for each level, so that a deeply nested one would end the process.</summary>
    private static async Task<bool> IsShallowJsonAsync(HttpContent content, CancellationToken cancellationToken)
    {
        try
        {
            await using var body = await content.ReadAsStreamAsync(cancellationToken);
            using var document = await JsonDocument.ParseAsync(body, new JsonDocumentOptions { MaxDepth = MaxErrorDepth }, cancellationToken);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private bool IsSameServer(Uri next) =>
        next.Scheme == api.Scheme && next.Port == api.Port && next.IdnHost.Equals(api.IdnHost, StringComparison.OrdinalIgnoreCase);
}
