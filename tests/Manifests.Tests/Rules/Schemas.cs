namespace ClusterTrust.Manifests.Tests.Rules;

/// <summary>
/// Validates objects against the types that <c>kubernetes-models</c> generates from the OpenAPI document of Kubernetes and from the CRDs of operators
/// (External Secrets, KEDA, Prometheus Operator): TypeScript's compiler reports unknown fields, wrong types, invalid values and missing fields.
/// </summary>
internal static partial class Schemas
{
    /// <summary>The type of the Secrets Store CSI driver's kind, of which there is no package: what its CRD has and the manifests use.</summary>
    private const string SecretProviderClass =
        "type ISecretProviderClass = { apiVersion: 'secrets-store.csi.x-k8s.io/v1'; kind: string; metadata: object; spec: { provider: string; parameters: Record<string, string>; "
        + "secretObjects?: { secretName: string; type: string; labels?: Record<string, string>; annotations?: Record<string, string>; data: { objectName: string; key: string }[] }[] } };\n";

    /// <summary>The packages of operators, by the ends of their API groups; every other group is Kubernetes' own.</summary>
    private static readonly Dictionary<string, string> Operators = new()
    {
        ["external-secrets.io"] = "@kubernetes-models/external-secrets",
        ["keda.sh"] = "@kubernetes-models/keda",
        ["monitoring.coreos.com"] = "@kubernetes-models/prometheus-operator",
    };

    /// <summary>What is wrong with each object, in their order; empty for a valid one. A kind without a type is a fault.</summary>
    public static async Task<string[][]> FaultsAsync(IReadOnlyList<JsonObject> objects)
    {
        var tool = await NpmTools.InstallAsync("manifest-types");
        var lines = objects.Select((one, index) => $"export const o{index}: {TypeOf(one)} = {WithoutNewer(one).ToJsonString()};\n");

        // Beside node_modules, where the compiler finds modules; under a name that no other run uses.
        var file = Path.Combine(tool, $"objects-{Guid.NewGuid():N}.ts");
        await File.WriteAllTextAsync(file, SecretProviderClass + string.Concat(lines));
        try
        {
            await using var node = new BinaryRunner(Tools.Find("node", "nodejs")) { WorkingDirectory = tool };
            var output = await node.RunAsync(
                [
                    Path.Combine("node_modules", "typescript", "bin", "tsc"), "--noEmit", "--skipLibCheck", "--strict", "--pretty", "false",
                    "--module", "nodenext", "--moduleResolution", "nodenext", "--target", "es2022", "--lib", "es2022", file,
                ],
                timeout: TimeSpan.FromMinutes(3));
            var errors = ErrorLine().Matches(output.StandardOutput).ToLookup(
                static match => int.Parse(match.Groups["line"].Value, CultureInfo.InvariantCulture), static match => match.Groups["text"].Value);
            Assert.True(errors.Count > 0 == (output.ExitCode != 0) && !errors.Contains(1), output.ToString());
            return [.. objects.Select((_, index) => errors[index + 2].ToArray())];
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static string TypeOf(JsonObject one)
    {
        var (version, kind) = (one.Text("apiVersion")!, one.Text("kind")!);
        var package = Operators.FirstOrDefault(known => version.Split('/')[0].EndsWith(known.Key, StringComparison.Ordinal)).Value ?? "kubernetes-models";
        return kind == nameof(SecretProviderClass) ? $"I{kind}" : $"import('{package}/{version}').I{kind}";
    }

    /// <summary>Without fields that the operators added after the package was built: <see cref="ManifestRules"/> check them.</summary>
    private static JsonNode WithoutNewer(JsonObject one)
    {
        var known = one.DeepClone();
        if (one.Text("kind") == "ClusterSecretStore")
        {
            (known["spec"]!["provider"]!["gcpsm"]?["auth"] as JsonObject)?.Remove("workloadIdentityFederation");
        }

        return known;
    }

    [GeneratedRegex("^objects-[0-9a-f]+\\.ts\\((?<line>[0-9]+),[0-9]+\\): error (?<text>.*)$", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex ErrorLine();
}
