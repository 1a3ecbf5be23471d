namespace ClusterTrust.Kubernetes.Access;

/// <summary>A SelfSubjectAccessReview (authorization.k8s.io/v1), asked and answered.</summary>
internal sealed record SelfSubjectAccessReview(SelfSubjectAccessReview.ReviewSpec? Spec, AccessDecision? Status)
{
    public string ApiVersion { get; } = "authorization.k8s.io/v1";

    public string Kind { get; } = "SelfSubjectAccessReview";

    internal sealed record ReviewSpec(ResourceAttributes? ResourceAttributes);
}
