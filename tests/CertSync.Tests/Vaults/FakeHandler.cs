namespace ClusterTrust.CertSync.Tests.Vaults;

/// <summary>Answers every request by a function.</summary>
/// <param name="answer">The answer to a request.</param>
internal sealed class FakeHandler(Func<HttpRequestMessage, HttpResponseMessage> answer) : HttpMessageHandler
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => Task.FromResult(answer(request));
}
