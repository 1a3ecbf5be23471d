using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using k8s.Models;

namespace ClusterTrust.Manifests.Tests.Rules;

/// <summary>
/// Objects must fit the schema of their kind and version: no field unknown, none of the wrong type, none missing. Those of operators are held
/// to <see cref="OperatorTypes"/>.
/// </summary>
internal static class SchemaRules
{
    private static readonly JsonSerializerOptions Strict = new() { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow };

    /// <summary>For the records below, whose members have no attributes.</summary>
    private static readonly JsonSerializerOptions StrictCamelCase = new(Strict) { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    private static readonly Dictionary<string, Type> Models = typeof(V1Pod).Assembly.GetTypes()
        .Select(static type => (Type: type, Entity: type.GetCustomAttribute<KubernetesEntityAttribute>()))
        .Where(static one => one.Entity is not null && !one.Type.Name.EndsWith("List", StringComparison.Ordinal))
        .GroupBy(static one => string.IsNullOrEmpty(one.Entity!.Group)
            ? $"{one.Entity.ApiVersion}/{one.Entity.Kind}"
            : $"{one.Entity.Group}/{one.Entity.ApiVersion}/{one.Entity.Kind}")
        .ToDictionary(static group => group.Key, static group => group.First().Type)
        .Append(new("secrets-store.csi.x-k8s.io/v1/SecretProviderClass", typeof(SecretProviderClass)))
        .ToDictionary();

    /// <summary>What the API server asks of the kinds that the manifests use, beyond types.</summary>
    private static readonly Dictionary<string, string[]> Required = new()
    {
        ["secrets-store.csi.x-k8s.io/v1/SecretProviderClass"] = ["spec/provider"],
        ["batch/v1/CronJob"] = ["spec/schedule", "spec/jobTemplate/spec/template/spec/containers"],
        ["batch/v1/Job"] = ["spec/template/spec/containers", "spec/template/spec/restartPolicy"],
        ["apps/v1/StatefulSet"] = ["spec/selector/matchLabels", "spec/template/spec/containers", "spec/serviceName"],
        ["v1/Service"] = ["spec/ports", "spec/selector"],
        ["networking.k8s.io/v1/NetworkPolicy"] = ["spec/podSelector"],
        ["rbac.authorization.k8s.io/v1/Role"] = ["rules"],
        ["rbac.authorization.k8s.io/v1/ClusterRole"] = ["rules"],
        ["rbac.authorization.k8s.io/v1/RoleBinding"] = ["roleRef/apiGroup", "roleRef/kind", "roleRef/name", "subjects"],
        ["rbac.authorization.k8s.io/v1/ClusterRoleBinding"] = ["roleRef/apiGroup", "roleRef/kind", "roleRef/name", "subjects"],
    };

    public static IEnumerable<string> Faults(Rendered rendered) => rendered.Objects.SelectMany(static one =>
        FaultsOf(one).Select(fault => $"{Rendered.Title(one)}: {fault}"));

    private static IEnumerable<string> FaultsOf(JsonObject one)
    {
        var key = $"{one.Text("apiVersion")}/{one.Text("kind")}";
        if (string.IsNullOrEmpty(one.Text("metadata", "name")))
        {
            yield return "metadata.name is missing";
        }

        if (!Models.TryGetValue(key, out var model))
        {
            if (!OperatorTypes.Knows(one))
            {
                yield return $"there is no schema of {key}";
            }
        }
        else if (Misfit(one, model) is { } misfit)
        {
            yield return misfit;
        }

        foreach (var path in Required.GetValueOrDefault(key, []).Where(path => Find(one, path) is null))
        {
            yield return $"{path} is missing";
        }
    }

    private static string? Misfit(JsonObject one, Type model)
    {
        try
        {
            _ = one.Deserialize(model, model == typeof(SecretProviderClass) ? StrictCamelCase : Strict);
            return null;
        }
        catch (JsonException fault)
        {
            return fault.Message;
        }
    }

    private static JsonNode? Find(JsonNode? node, string path) =>
        path.Split('/').Aggregate(node, static (inside, name) => (inside as JsonObject)?[name]);

    /// <summary>The driver's, as its CRD has it.</summary>
    private sealed record SecretProviderClass(string ApiVersion, string Kind, V1ObjectMeta Metadata, SecretProviderClassSpec Spec);

    private sealed record SecretProviderClassSpec(string Provider, Dictionary<string, string> Parameters, SyncedSecret[] SecretObjects);

    private sealed record SyncedSecret(
        string SecretName, string Type, Dictionary<string, string>? Labels, Dictionary<string, string>? Annotations, SyncedEntry[] Data);

    private sealed record SyncedEntry(string ObjectName, string Key);
}
