namespace ClusterTrust.Sandbox.Tests.ApiServer;

/// <summary>What kubectl needs besides the API itself.</summary>
public sealed class KubectlTests : ClusterTest
{
    [Fact]
    public async Task Kubectl_applies_a_list_with_its_usual_validation_and_then_finds_nothing_changed()
    {
        using var folder = new TemporaryFolder();
        Cluster.Server.WriteKubeconfig(folder.Combine("kubeconfig"));
        var list = folder.Write("list.yaml", """
            apiVersion: v1
            kind: List
            items:
            - apiVersion: v1
              kind: Namespace
              metadata: {name: listed}
            - apiVersion: v1
              kind: Secret
              metadata: {name: one, namespace: listed}
              data: {a: Yg==}
            - apiVersion: batch/v1
              kind: CronJob
              metadata: {name: two, namespace: listed}
              spec: {schedule: "* * * * *"}
            """);
        await using var kubectl = new BinaryRunner(Tools.Find("kubectl", "kubernetes-client"));

        string[] apply = ["--kubeconfig", folder.Combine("kubeconfig"), "apply", "-f", list];
        var first = await kubectl.RunAsync(apply);
        var again = await kubectl.RunAsync(apply);

        Assert.True(first.ExitCode == 0, first.ToString());
        Assert.Equal(3, first.StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.True(again.ExitCode == 0, again.ToString());
        Assert.NotNull(Cluster.State.Find(ResourceType.CronJobs, "listed", "two"));
        Assert.Equal("listed/one", Assert.Single(Cluster.State.Secrets).Key);
    }

    [Theory]
    [InlineData("leases", "yes")]
    [InlineData("secrets", "no")]
    [InlineData("/version", "yes")]
    [InlineData("/metrics", "no")]
    public async Task Kubectl_asks_what_an_account_may(string what, string answer)
    {
        using var folder = new TemporaryFolder();
        Cluster.Server.Rbac.Grant(Subject.ServiceAccount("demo", "job"), "demo", PolicyRule.For("coordination.k8s.io", "leases", "get"));
        Cluster.Server.WriteKubeconfig(folder.Combine("kubeconfig"), Cluster.Server.IssueToken("demo", "job"), "demo");
        await using var kubectl = new BinaryRunner(Tools.Find("kubectl", "kubernetes-client"));
        var output = await kubectl.RunAsync(["--kubeconfig", folder.Combine("kubeconfig"), "auth", "can-i", "get", what]);
        Assert.True(output.StandardOutput == answer + "\n", output.ToString());
    }

    [Fact]
    public async Task A_kind_or_a_field_of_protobuf_that_has_no_schema_is_refused_by_name()
    {
        const string Jobs = "/apis/batch/v1/namespaces/demo/jobs";
        Assert.Equal(415, (await SendAsync(Field(1, Field(2, "Pod"u8)))).Status);
        var unknown = await SendAsync([.. Field(1, [.. Field(1, "batch/v1"u8), .. Field(2, "Job"u8)]), .. Field(2, Field(9, "x"u8))]);
        Assert.Equal((400, "the sandbox does not know field 9 of Job: add it to its schemas"), (unknown.Status, unknown.Message));

        Task<Answer> SendAsync(byte[] message) => Cluster.SendBytesAsync(Jobs, [.. "k8s\0"u8, .. message], "application/vnd.kubernetes.protobuf");
    }

    private static byte[] Field(int number, ReadOnlySpan<byte> value) => [(byte)((number << 3) | 2), (byte)value.Length, .. value];
}
