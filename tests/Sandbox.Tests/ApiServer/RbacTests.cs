using System.Text.Json.Nodes;
using ClusterTrust.Sandbox.ApiServer;

namespace ClusterTrust.Sandbox.Tests.ApiServer;

public sealed class RbacTests : ClusterTest
{
    private static readonly UserInfo Job = new("system:serviceaccount:demo:job", ["system:serviceaccounts", "system:authenticated"]);
    private static readonly Subject JobSubject = Subject.ServiceAccount("demo", "job");
    private readonly Rbac _rbac = new(new ClusterState());

    [Fact]
    public void A_rule_for_one_namespace_holds_there_alone()
    {
        _rbac.Grant(JobSubject, "team-a", PolicyRule.For("", "secrets", "get", "list"));
        Assert.Equal("RBAC: allowed by RoleBinding \"grant-1/team-a\" of Role \"grant-1\" to ServiceAccount \"job/demo\"", _rbac.Allows(Job, Secrets("list", "team-a")));
        Assert.Null(_rbac.Allows(Job, Secrets("list", "team-b")));
        Assert.Null(_rbac.Allows(Job, Secrets("list", "")));
        Assert.Null(_rbac.Allows(Job, Secrets("delete", "team-a")));
        Assert.Null(_rbac.Allows(Job with { Name = "system:serviceaccount:demo:other" }, Secrets("list", "team-a")));
    }

    [Fact]
    public void A_rule_for_a_resource_does_not_cover_its_subresources()
    {
        _rbac.Grant(JobSubject, "demo", PolicyRule.For("", "serviceaccounts", "create"));
        var token = new AccessRequest("create", "", "", "v1", "serviceaccounts", "token", "demo", "job");
        Assert.Null(_rbac.Allows(Job, token));
        _rbac.Grant(JobSubject, "demo", PolicyRule.For("", "serviceaccounts/token", "create"));
        Assert.NotNull(_rbac.Allows(Job, token));
    }

    [Fact]
    public async Task A_refusal_names_the_object_its_group_and_its_namespace()
    {
        var token = Cluster.Server.IssueToken("demo", "job");
        var named = await Cluster.GetAsync("/api/v1/namespaces/demo/secrets/one", token);
        Assert.Equal(
            "secrets \"one\" is forbidden: User \"system:serviceaccount:demo:job\" cannot get resource \"secrets\" in API group \"\" in the namespace \"demo\"",
            named.Message);
        var grouped = await Cluster.SendAsync("POST", "/apis/coordination.k8s.io/v1/namespaces/demo/leases", new JsonObject(), token);
        Assert.StartsWith("leases.coordination.k8s.io is forbidden: User", grouped.Message, StringComparison.Ordinal);
        Assert.Equal("""{"group":"coordination.k8s.io","kind":"leases"}""", grouped.Json["details"]!.ToJsonString());
        var request = await Cluster.SendAsync("POST", "/api/v1/namespaces/demo/serviceaccounts/job/token", new JsonObject(), token);
        Assert.Contains("cannot create resource \"serviceaccounts/token\"", request.Message, StringComparison.Ordinal);
    }

    private static AccessRequest Secrets(string verb, string space, string name = "") => new(verb, "", "", "v1", "secrets", "", space, name);
}
