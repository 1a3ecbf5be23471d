namespace ClusterTrust.Sandbox.ApiServer;

/// <summary>A refusal that the API server answers with a <c>Status</c> body.</summary>
public sealed class StatusException(ApiStatus status) : Exception(status.Message)
{
    /// <summary>What is answered.</summary>
    public ApiStatus Status { get; } = status;
}
