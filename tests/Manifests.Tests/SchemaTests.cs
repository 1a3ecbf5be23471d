namespace ClusterTrust.Manifests.Tests;

/// <summary>Objects match the types of Kubernetes and of the operators that read them.</summary>
public sealed class SchemaTests
{
    /// <summary>Edits that must be reported, each of a different kind.</summary>
    private static readonly (string Before, string After)[] Edits =
    [
        ("\"refreshInterval\":\"1h\"", "\"refreshInterval\":1"), ("\"creationPolicy\":\"Merge\"", "\"creationPolicy\":\"Mergee\""), ("\"region\":", "\"regions\":"),
        ("\"secretStoreRefs\":", "\"secretStoreRef\":"), ("\"expr\":", "\"expression\":"), ("\"severity\":\"critical\"", "\"severity\":1"),
        ("\"maxReplicaCount\":1", "\"maxReplicaCount\":\"1\""), ("\"activeDeadlineSeconds\":60", "\"activeDeadlineSecond\":60"), ("\"queueLength\":\"1\"", "\"queueLength\":1"),
        ("\"provider\":\"azure-workload\"", "\"providers\":\"azure-workload\""), ("\"authenticationRef\":", "\"authentication\":"),
        ("\"schedule\":", "\"schedul\":"), ("\"backoffLimit\":2", "\"backoffLimit\":\"two\""), ("\"containers\":", "\"container\":"), ("\"roleRef\":", "\"role\":"),
        ("monitoring.coreos.com/v1\"", "monitoring.coreos.com/v2\""), ("\"objectName\":", "\"object\":"), ("\"provider\":\"azure\"", "\"providers\":\"azure\""),
    ];

    [Fact]
    public async Task Every_object_fits_and_faulty_edits_do_not()
    {
        JsonObject[] known = [.. Workspace.Names.SelectMany(static name => Workspace.Render(name).Objects).DistinctBy(static one => one.ToJsonString())];
        Assert.InRange(known.Select(static one => one.Text("kind")).Distinct().Count(), 15, int.MaxValue);
        JsonObject[] edited = [.. Edits.Select(edit => Edit(known, edit.Before, edit.After))];
        var faults = await Schemas.FaultsAsync([.. known, .. edited]);
        Assert.DoesNotContain(known.Zip(faults, static (one, errors) => $"{Rendered.Title(one)}: {string.Join("; ", errors)}"), static one => !one.EndsWith(": ", StringComparison.Ordinal));
        Assert.DoesNotContain(Edits.Zip(faults[known.Length..]), static edit => edit.Second.Length == 0);
    }

    private static JsonObject Edit(JsonObject[] objects, string before, string after) =>
        (JsonObject)JsonNode.Parse(objects.Select(static one => one.ToJsonString()).First(text => text.Contains(before, StringComparison.Ordinal)).Replace(before, after, StringComparison.Ordinal))!;
}
