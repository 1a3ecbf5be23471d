using k8s.Models;

namespace ClusterTrust.Kubernetes;

/// <summary>The API server could not be reached, or it responded with a fault.</summary>
public sealed class KubernetesException(string message, ExitCode exitCode = ExitCode.Failed, Exception? innerException = null)
    : JobException(message, exitCode, innerException)
{
    /// <summary>The HTTP status; null when there was no response.</summary>
    public HttpStatusCode? Status { get; init; }

    /// <summary>The <c>reason</c> of the <c>Status</c> body, such as <c>NotFound</c>, <c>Conflict</c>, <c>AlreadyExists</c> or <c>Expired</c>; null when there was none.</summary>
    public string? Reason { get; init; }

    /// <summary>The object that the <c>Status</c> body is about; null when it named none.</summary>
    public V1StatusDetails? Details { get; init; }

    /// <summary>With 410 <c>Expired</c>: the continue token that resumes the list at the latest revision; otherwise null.</summary>
    public string? Continue { get; init; }

    /// <summary>The <c>Retry-After</c>; null when there was none.</summary>
    internal TimeSpan? RetryAfter { get; init; }

    /// <summary>Whether the response exceeded the maximum length: a list may fit with a smaller <c>limit</c>.</summary>
    public bool IsTooLong { get; init; }

    /// <summary>Whether the same request may be sent again.</summary>
    public bool MayRetry { get; init; }
}
