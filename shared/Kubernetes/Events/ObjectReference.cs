namespace ClusterTrust.Kubernetes.Events;

/// <summary>The object an Event is about.</summary>
/// <param name="ApiVersion">Such as <c>v1</c> or <c>batch/v1</c>.</param>
/// <param name="Kind">Such as <c>Secret</c> or <c>Job</c>.</param>
/// <param name="Namespace">Its namespace; null for an object of the whole cluster.</param>
/// <param name="Name">Its name.</param>
/// <param name="Uid">Its uid, without which <c>kubectl describe</c> does not show the Event; null when unknown.</param>
/// <param name="ResourceVersion">The version that was looked at; null when unknown.</param>
public sealed record ObjectReference(string ApiVersion, string Kind, string? Namespace, string Name, string? Uid = null, string? ResourceVersion = null)
{
    /// <summary>A Secret.</summary>
    public static ObjectReference Secret(string ns, string name, string? uid = null, string? resourceVersion = null) => new("v1", "Secret", ns, name, uid, resourceVersion);

    /// <summary>A Job.</summary>
    public static ObjectReference Job(string ns, string name, string? uid = null) => new("batch/v1", "Job", ns, name, uid);
}
