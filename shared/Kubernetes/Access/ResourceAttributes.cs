namespace ClusterTrust.Kubernetes.Access;

/// <summary>An action on a resource, as RBAC sees it.</summary>
/// <param name="Verb">Such as <c>list</c>.</param>
/// <param name="Resource">The plural, such as <c>secrets</c>.</param>
/// <param name="Group">The API group; null or empty for the core group.</param>
/// <param name="Namespace">The namespace; null for the whole cluster.</param>
/// <param name="Subresource">Such as <c>token</c>; null for none.</param>
/// <param name="Name">One object; null for all.</param>
public sealed record ResourceAttributes(string Verb, string Resource, string? Group = null, string? Namespace = null, string? Subresource = null, string? Name = null);
