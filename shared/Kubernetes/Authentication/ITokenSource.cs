namespace ClusterTrust.Kubernetes.Authentication;

/// <summary>Where the bearer token comes from.</summary>
internal interface ITokenSource
{
    /// <summary>The token to send now; null sends none (client certificates).</summary>
    /// <exception cref="Hosting.JobException">The token cannot be had.</exception>
    ValueTask<string?> GetAsync(CancellationToken cancellation);

    /// <summary>Says that the server refused the last token.</summary>
    /// <returns>Whether asking again may give another one.</returns>
    bool Refused();
}
