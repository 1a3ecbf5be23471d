namespace ClusterTrust.Kubernetes.Access;

/// <summary>Whether an action is allowed.</summary>
/// <param name="Allowed">Whether it is.</param>
/// <param name="Reason">Why, in the server's words; often null.</param>
public sealed record AccessDecision(bool Allowed, string? Reason);
