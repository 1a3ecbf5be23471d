using ClusterTrust.Sandbox.ApiServer;
using ClusterTrust.Sandbox.Processes;

namespace ClusterTrust.Sandbox.Tests.ApiServer;

/// <summary>What kubectl needs besides the API itself.</summary>
public sealed class KubectlTests : ClusterTest
{
    /// <summary>A Job named foo in the namespace demo, in the form in which kubectl creates it.</summary>
    private static readonly byte[] ProtobufJob =
    [
        .. "k8s\0"u8,
        .. Field(1, [.. Field(1, "batch/v1"u8), .. Field(2, "Job"u8)]),
        .. Field(2, [.. Field(1, [.. Field(1, "foo"u8), .. Field(2, ""u8), .. Field(3, "demo"u8), .. Field(8, [])]), .. Field(2, [8, 1])]),
        .. Field(3, ""u8),
    ];

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

    [Fact]
    public async Task A_Job_sent_as_protobuf_is_created_and_what_is_none_is_an_unsupported_media_type()
    {
        const string Jobs = "/apis/batch/v1/namespaces/demo/jobs";
        foreach (var body in new[] { [], ProtobufJob[..10], ProtobufJob[4..], [.. "k8s\0"u8, .. Field(1, Field(2, "Pod"u8))] })
        {
            Assert.Equal(415, (await Cluster.SendBytesAsync(Jobs, body, "application/vnd.kubernetes.protobuf")).Status);
        }

        var unknown = await Cluster.SendBytesAsync(Jobs, [.. "k8s\0"u8, .. Field(1, [.. Field(1, "batch/v1"u8), .. Field(2, "Job"u8)]), .. Field(2, Field(9, "x"u8))], "application/vnd.kubernetes.protobuf");
        Assert.Equal((400, "the sandbox does not know field 9 of Job: add it to its schemas"), (unknown.Status, unknown.Message));
        Assert.Equal(201, (await Cluster.SendBytesAsync(Jobs, ProtobufJob, "application/vnd.kubernetes.protobuf")).Status);
        Assert.Equal("""{"parallelism":1}""", Cluster.State.Find(ResourceType.Jobs, "demo", "foo")!.Body["spec"]!.ToJsonString());
    }

    private static byte[] Field(int number, ReadOnlySpan<byte> value) => [(byte)((number << 3) | 2), (byte)value.Length, .. value];
}
