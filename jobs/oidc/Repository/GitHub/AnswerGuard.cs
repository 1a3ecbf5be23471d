using System.Net;
using System.Text.Json;
using ClusterTrust.Hosting;
using ClusterTrust.Oidc.Issuer;

namespace ClusterTrust.Oidc.Repository.GitHub;

/// <summary>
/// Looks at every answer before Octokit does: Octokit follows redirects to other hosts, and to this one without TLS, and reads
/// answers into memory however long they are, and however deep.
/// </summary>
/// <param name="api">The API that is spoken to.</param>
/// <param name="inner">Sends the requests.</param>
internal sealed class AnswerGuard(Uri api, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    /// <summary>The longest answer that is read: a file of 16 MiB in base64.</summary>
    private const int LongestAnswer = 24 * 1024 * 1024;

    private const int DeepestError = 16;

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

            await response.Content.LoadIntoBufferAsync(LongestAnswer, cancellationToken);
            if (!response.IsSuccessStatusCode && !await IsShallowJsonAsync(response.Content, cancellationToken))
            {
                response.Content = new ByteArrayContent([]);
            }

            return response;
        }
        catch (HttpRequestException tooLong) when (tooLong.HttpRequestError == HttpRequestError.ConfigurationLimitExceeded)
        {
            response.Dispose();
            throw new JobException($"GitHub's API at {api} answers with more than {LongestAnswer} bytes: check the API URL, and what answers there.", ExitCode.Failed, tooLong);
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    /// <summary>Octokit takes errors apart with a parser of its own that calls itself for each level: a deep one would end the process.</summary>
    private static async Task<bool> IsShallowJsonAsync(HttpContent content, CancellationToken cancellation)
    {
        try
        {
            await using var body = await content.ReadAsStreamAsync(cancellation);
            using var document = await JsonDocument.ParseAsync(body, new JsonDocumentOptions { MaxDepth = DeepestError }, cancellation);
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
