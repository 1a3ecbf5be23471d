namespace ClusterTrust.Shared.Tests.Kubernetes;

public sealed class ServerFaultTests : ClusterTest
{
    [Theory]
    [InlineData("/api/v1/secrets?limit=1", "ServiceAccount job of namespace demo may not list secrets in the whole cluster at {0}: add verb \"list\" on resource \"secrets\" of the core API group (\"\") to a ClusterRole that a ClusterRoleBinding binds to it.")]
    [InlineData("/api/v1/namespaces/team-0/secrets?limit=1", "ServiceAccount job of namespace demo may not list secrets in namespace team-0 at {0}: add verb \"list\" on resource \"secrets\" of the core API group (\"\") to a Role in namespace team-0 that a RoleBinding there binds to it.")]
    public async Task A_403_names_the_rule_that_is_missing(string path, string sentence)
    {
        var fault = await Cluster.InPod(Cluster.Server.IssueToken("demo", "job")).Open().FaultAsync(
            ExitCode.Usage, string.Format(null, sentence, $"https://127.0.0.1:{Cluster.Server.Port}"), path);
        Assert.Equal((HttpStatusCode.Forbidden, "Forbidden"), (fault.Status, fault.Reason));
        Assert.Single(Cluster.Server.Requests);
    }

    [Theory]
    [InlineData(
        "forbidden: User \\\"system:anonymous\\\" cannot get path \\\"/openid/v1/jwks\\\"",
        "User system:anonymous may not get the path /openid/v1/jwks at ",
        "on the non-resource URL \"/openid/v1/jwks\" to a ClusterRole")]
    [InlineData(
        "leases.coordination.k8s.io \\\"certsync\\\" is forbidden: User \\\"jane\\\" cannot update resource \\\"leases\\\" in API group \\\"coordination.k8s.io\\\" in the namespace \\\"demo\\\"",
        "User jane may not update leases in namespace demo at ",
        "of API group \"coordination.k8s.io\" to a Role in namespace demo")]
    [InlineData("admission webhook \\\"x\\\" denied the request", "GET /version at ", "(admission webhook \"x\" denied the request)")]
    public async Task A_403_is_explained_in_other_forms_too(string message, string start, string part)
    {
        Cluster.Answers(403, $$"""{"kind":"Status","message":"{{message}}","reason":"Forbidden","code":403}""");
        var fault = await Cluster.InPod().Open().FaultAsync(ExitCode.Usage, part);
        Assert.StartsWith(start, fault.Message, StringComparison.Ordinal);
    }

    /// <summary>What a ValidatingAdmissionPolicy and a webhook answer unless they have another status; kube-apiserver 1.36.</summary>
    [Theory]
    [InlineData(422, "leases \\\"x\\\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'p' denied request: no")]
    [InlineData(400, "admission webhook \\\"p\\\" denied the request: no")]
    public async Task A_refusal_requires_the_change_that_its_message_names_and_is_not_retried(int status, string message)
    {
        Cluster.Answers(status, $$"""{"kind":"Status","message":"{{message}}","code":{{status}}}""");
        await Cluster.InPod().Open().FaultAsync(
            ExitCode.Usage, $"was refused ({status}) ({message.Replace("\\", "", StringComparison.Ordinal)}): correct what the message names");
    }

    /// <summary>Another service's error is not the API server's.</summary>
    [Fact]
    public async Task A_refusal_that_is_no_Status_questions_the_address()
    {
        Cluster.Answers(400, """{"message":"no"}""");
        await Cluster.InPod().Open().FaultAsync(ExitCode.Failed, "was refused with status 400 (no): check that the address is that of a Kubernetes API server");
    }

    [Fact]
    public async Task A_404_has_status_and_reason()
    {
        var fault = await Cluster.InPod().Open().FaultAsync(ExitCode.Failed, "", "/api/v1/namespaces/demo/secrets/none");
        Assert.Equal((HttpStatusCode.NotFound, "NotFound"), (fault.Status, fault.Reason));
    }

    [Fact]
    public async Task A_410_has_the_token_that_continues_the_list()
    {
        Cluster.Server.State.PutSecret("demo", "one", []);
        Cluster.Server.State.PutSecret("demo", "two", []);
        var connection = Cluster.InPod().Open();
        var first = await connection.JsonAsync("/api/v1/secrets?limit=1");
        Cluster.Server.State.Compact();
        var fault = await connection.FaultAsync(ExitCode.Failed, "", $"/api/v1/secrets?limit=1&continue={first.GetProperty("metadata").GetProperty("continue")}");
        Assert.Equal((HttpStatusCode.Gone, "Expired"), (fault.Status, fault.Reason));
        Assert.StartsWith("eyJ2Ijoi", fault.Continue, StringComparison.Ordinal);
        Assert.True(fault.Message.Length < 700);
    }

    [Theory]
    [InlineData(""), InlineData("<html>bad gateway</html>"), InlineData("[]")]
    public async Task A_body_that_is_not_a_Status_is_ignored(string body)
    {
        Cluster.Server.Faults.Next(new ClusterTrust.Sandbox.Servers.Fault.Status(400, Body: body, ContentType: "text/html"));
        var fault = await Cluster.InPod().Open().FaultAsync(ExitCode.Failed, "GET /version");
        Assert.Equal((HttpStatusCode.BadRequest, null), (fault.Status, fault.Reason));
    }
}
