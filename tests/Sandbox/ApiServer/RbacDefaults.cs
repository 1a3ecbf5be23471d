namespace ClusterTrust.Sandbox.ApiServer;

/// <summary>The roles and bindings that every cluster has and the sandbox's clients need.</summary>
internal static class RbacDefaults
{
    private static readonly Subject Authenticated = Subject.Group("system:authenticated");
    private static readonly Subject Unauthenticated = Subject.Group("system:unauthenticated");

    public static void AddTo(Rbac rbac)
    {
        rbac.Grant("cluster-admin", null, [Subject.Group("system:masters")], [PolicyRule.For("*", "*", "*"), PolicyRule.ForPaths(["*"], "*")]);
        rbac.Grant(
            "system:discovery",
            null,
            [Authenticated],
            [PolicyRule.ForPaths(["/api", "/api/*", "/apis", "/apis/*", "/healthz", "/livez", "/openapi", "/openapi/*", "/readyz", "/version", "/version/"], "get")]);
        rbac.Grant(
            "system:public-info-viewer",
            null,
            [Authenticated, Unauthenticated],
            [PolicyRule.ForPaths(["/healthz", "/livez", "/readyz", "/version", "/version/"], "get")]);
        rbac.Grant(
            "system:basic-user",
            null,
            [Authenticated],
            [
                PolicyRule.For("authorization.k8s.io", "selfsubjectaccessreviews", "create"),
                PolicyRule.For("authorization.k8s.io", "selfsubjectrulesreviews", "create"),
                PolicyRule.For("authentication.k8s.io", "selfsubjectreviews", "create"),
            ]);
        rbac.Grant(
            "system:service-account-issuer-discovery",
            null,
            [Subject.Group("system:serviceaccounts")],
            [
                PolicyRule.ForPaths(
                    [IssuerEndpoint.DiscoveryPath, IssuerEndpoint.DiscoveryPath + "/", IssuerEndpoint.JwksPath, IssuerEndpoint.JwksPath + "/"],
                    "get"),
            ]);
    }
}
