using System.Text.Json;
using System.Text.Json.Nodes;

namespace ClusterTrust.Shared.Tests.Kubernetes;

internal static class JsonAssert
{
    /// <summary>Asserts that two JSON texts say the same, whatever the order of their members.</summary>
    public static void Equal(JsonElement expected, string actual) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected.GetRawText()), JsonNode.Parse(actual)), $"expected {expected}\nactual {actual}");
}
