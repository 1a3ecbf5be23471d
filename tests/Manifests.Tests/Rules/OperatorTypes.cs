using System.Text;

namespace ClusterTrust.Manifests.Tests.Rules;

/// <summary>
/// Holds custom resources to the types that <c>@kubernetes-models</c> generates from the operators' own sources (External Secrets,
/// KEDA, Prometheus Operator): TypeScript's compiler tells unknown fields, wrong types, wrong words and missing fields.
/// </summary>
internal static partial class OperatorTypes
{
    private static readonly Dictionary<string, (string Module, string Type)> Known = new()
    {
        ["external-secrets.io/v1/ExternalSecret"] = ("@kubernetes-models/external-secrets/external-secrets.io/v1", "IExternalSecret"),
        ["external-secrets.io/v1/SecretStore"] = ("@kubernetes-models/external-secrets/external-secrets.io/v1", "ISecretStore"),
        ["external-secrets.io/v1/ClusterSecretStore"] = ("@kubernetes-models/external-secrets/external-secrets.io/v1", "IClusterSecretStore"),
        ["external-secrets.io/v1alpha1/PushSecret"] = ("@kubernetes-models/external-secrets/external-secrets.io/v1alpha1", "IPushSecret"),
        ["generators.external-secrets.io/v1alpha1/Password"] = ("@kubernetes-models/external-secrets/generators.external-secrets.io/v1alpha1", "IPassword"),
        ["keda.sh/v1alpha1/ScaledJob"] = ("@kubernetes-models/keda/keda.sh/v1alpha1", "IScaledJob"),
        ["keda.sh/v1alpha1/TriggerAuthentication"] = ("@kubernetes-models/keda/keda.sh/v1alpha1", "ITriggerAuthentication"),
        ["monitoring.coreos.com/v1/PrometheusRule"] = ("@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1", "IPrometheusRule"),
    };

    /// <summary>Fields that the operators have got since the package was made: <see cref="ManifestRules"/> judge them.</summary>
    private static readonly string[] Newer = ["spec/provider/gcpsm/auth/workloadIdentityFederation"];

    /// <summary>Whether the kind's types are known here.</summary>
    public static bool Knows(JsonObject one) => Known.ContainsKey(KeyOf(one));

    /// <summary>What is wrong with each object, in their order; empty for one that fits.</summary>
    public static async Task<string[][]> FaultsAsync(IReadOnlyList<JsonObject> objects)
    {
        var tool = await NpmTools.InstallAsync("custom-resources");
        var source = new StringBuilder();
        foreach (var type in Known.Values)
        {
            source.Append(CultureInfo.InvariantCulture, $"import type {{ {type.Type} }} from '{type.Module}';\n");
        }

        for (var index = 0; index < objects.Count; index++)
        {
            source.Append(CultureInfo.InvariantCulture, $"export const o{index}: {Known[KeyOf(objects[index])].Type} = {WithoutNewer(objects[index]).ToJsonString()};\n");
        }

        // Beside node_modules, where the compiler looks for modules; of a name that no other run has.
        var file = Path.Combine(tool, $"objects-{Guid.NewGuid():N}.ts");
        await File.WriteAllTextAsync(file, source.ToString());
        try
        {
            await using var node = new BinaryRunner(Tools.Find("node", "nodejs")) { WorkingDirectory = tool };
            var verdict = await node.RunAsync(
                [
                    Path.Combine("node_modules", "typescript", "bin", "tsc"), "--noEmit", "--skipLibCheck", "--strict", "--pretty", "false",
                    "--module", "nodenext", "--moduleResolution", "nodenext", "--target", "es2022", file,
                ],
                timeout: TimeSpan.FromMinutes(3));
            var told = Told().Matches(verdict.StandardOutput).ToLookup(
                static match => int.Parse(match.Groups["line"].Value, CultureInfo.InvariantCulture), static match => match.Groups["text"].Value);
            Assert.True(told.Count > 0 == (verdict.ExitCode != 0) && !told.Any(static line => line.Key <= Known.Count), verdict.ToString());
            return [.. objects.Select((_, index) => told[Known.Count + index + 1].ToArray())];
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static JsonObject WithoutNewer(JsonObject one)
    {
        var known = (JsonObject)one.DeepClone();
        foreach (var path in Newer.Select(static path => path.Split('/')))
        {
            (path[..^1].Aggregate((JsonNode?)known, static (inside, name) => (inside as JsonObject)?[name]) as JsonObject)?.Remove(path[^1]);
        }

        return known;
    }

    private static string KeyOf(JsonObject one) => $"{one.Text("apiVersion")}/{one.Text("kind")}";

    [GeneratedRegex("^objects-[0-9a-f]+\\.ts\\((?<line>[0-9]+),[0-9]+\\): error (?<text>.*)$", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Told();
}
