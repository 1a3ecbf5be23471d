using System.Text.Json.Nodes;
using ClusterTrust.Manifests.Tests.Rendering;
using ClusterTrust.Manifests.Tests.Rules;

namespace ClusterTrust.Manifests.Tests;

/// <summary>The rules find what they are for: each faulty edit of a valid manifest is reported.</summary>
public sealed class RuleTests
{
    private static readonly string[] Everything = ["components/csi/azure-key-vault", "components/jobs/alerts", "components/external-secrets/push-to-aws", "components/external-secrets/store-google", "components/external-secrets/refresh-on-new-version", "components/external-secrets/store-aws", "components/external-secrets/store-hashicorp-vault", "overlays/self-managed"];

    private const string NoDigest = "sha256:0000000000000000000000000000000000000000000000000000000000000000";

    public static TheoryData<string, string, string> Edits => new()
    {
        { "\"schedule\":", "\"schedul\":", "schema" },
        { "\"backoffLimit\":2", "\"backoffLimit\":\"two\"", "schema" },
        { "batch/v1", "batch/v1beta1", "schema" },
        { "monitoring.coreos.com/v1\"", "monitoring.coreos.com/v2\"", "schema" },
        { "\"objectName\":", "\"object\":", "schema" },
        { "external-secrets.io/v1\"", "external-secrets.io/v1beta1\"", "convention" },
        { "\"refreshInterval\":\"1h\"", "\"refreshInterval\":\"soon\"", "convention" },
        { "\"visibleonly\"", "\"visible\"", "convention" },
        { "\"queueName\":", "\"queue\":", "convention" },
        { "\"workloadIdentityFederation\":{\"audience\":", "\"workloadIdentityFederation\":{\"audiences\":", "convention" },
        { "registry.invalid/kubectl:", "kubectl:", "convention" },
        { "\"serviceAccountName\":\"refresh-external-secrets\"", "\"serviceAccountName\":\"default\"", "pod" },
        { "\"readOnlyRootFilesystem\":true", "\"readOnlyRootFilesystem\":false", "pod" },
        { "\"drop\":[\"ALL\"]", "\"drop\":[\"NET_RAW\"]", "pod" },
        { "\"runAsNonRoot\":true", "\"runAsNonRoot\":false", "pod" },
        { "RuntimeDefault", "Unconfined", "pod" },
        { "\"emptyDir\":", "\"hostPath\":", "pod" },
        { "\"serviceAccountName\":\"oidc\"", "\"serviceAccountName\":\"default\"", "pod" },
        { $"clustertrust/certsync@{NoDigest}", "clustertrust/certsync:latest", "convention" },
        { $"clustertrust/certsync@{NoDigest}", "clustertrust/certsync", "convention" },
        { $"clustertrust/certsync@{NoDigest}", $"clustertrust/oidc@{NoDigest}", "convention" },
        { "registry.invalid/clustertrust/certsync", "clustertrust/certsync", "convention" },
        { "registry.invalid/clustertrust/certsync", "registry/clustertrust/certsync", "convention" },
        { "\"Forbid\"", "\"Replace\"", "convention" },
        { "\"DisruptionTarget\"", "\"Ready\"", "convention" },
        { "\"app.kubernetes.io/component\"", "\"app.kubernetes.io/componet\"", "convention" },
        { "aws-secrets-manager", "hashicorp-vault", "convention" },
        { "\"conditions\":", "\"condition\":", "convention" },
        { "\"operator\":\"In\"", "\"operator\":\"NotIn\"", "convention" },
        { "[\"shop\"]", "[\"shop2\"]", "convention" },
        { "\"OIDC_ISSUER\"", "\"OIDC_ISUER\"", "setting" },
        { "\"CERTSYNC_CLUSTER\"", "\"AZURE_CLIENT_SECRET\"", "convention" },
    };

    [Theory]
    [MemberData(nameof(Edits))]
    public void A_faulty_edit_is_reported(string before, string after, string rule)
    {
        var objects = new JsonArray([.. Everything.SelectMany(static name => Workspace.Render(name).Objects).Select(static one => one.DeepClone())]);
        Assert.Empty(Faults(Parse(objects.ToJsonString()), rule));
        var edited = objects.ToJsonString().Replace(before, after, StringComparison.Ordinal);
        Assert.NotEqual(objects.ToJsonString(), edited);
        Assert.NotEmpty(Faults(Parse(edited), rule));
    }

    private static Rendered Parse(string json) => new("edited", [.. JsonNode.Parse(json)!.AsArray().OfType<JsonObject>()]);

    private static string[] Faults(Rendered rendered, string rule) =>
    [
        .. rule switch
        {
            "schema" => SchemaRules.Faults(rendered),
            "pod" => PodSecurityRules.Faults(rendered),
            "setting" => SettingRules.Faults(rendered),
            _ => ConventionRules.LabelFaults(rendered).Concat(ConventionRules.ImageFaults(rendered)).Concat(ConventionRules.SecretFaults(rendered))
                .Concat(ConventionRules.KnownFaults(rendered)).Concat(ConventionRules.OperatorFaults(rendered)).Concat(ConventionRules.CronJobFaults(rendered)),
        },
    ];
}
