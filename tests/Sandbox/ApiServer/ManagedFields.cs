using System.Text.Json.Nodes;

namespace ClusterTrust.Sandbox.ApiServer;

/// <summary>Writes <c>metadata.managedFields</c> as the API server does for the kinds of the sandbox: one entry a manager.</summary>
internal static class ManagedFields
{
    private static readonly string[] Owned = ["generateName", "labels", "annotations"];

    /// <summary>The entries of an object after a manager wrote it.</summary>
    /// <param name="body">What the manager sent.</param>
    /// <param name="before">The entries so far; null for a new object.</param>
    /// <param name="manager">Who wrote: the first part of the user agent, or the field manager.</param>
    /// <param name="apiVersion">The body's apiVersion.</param>
    /// <param name="moment">When.</param>
    /// <param name="subresource">Such as <c>token</c>.</param>
    public static JsonArray After(
        JsonObject body, JsonArray? before, string manager, string apiVersion, DateTimeOffset moment, string? subresource = null)
    {
        var entries = new JsonArray();
        foreach (var entry in before ?? [])
        {
            if (entry.Text("manager") != manager)
            {
                entries.Add(entry?.DeepClone());
            }
        }

        var written = new JsonObject
        {
            ["manager"] = manager,
            ["operation"] = "Update",
            ["apiVersion"] = apiVersion,
            ["time"] = JsonText.Timestamp(moment),
            ["fieldsType"] = "FieldsV1",
            ["fieldsV1"] = Fields(body),
        };
        if (subresource is not null)
        {
            written["subresource"] = subresource;
        }

        entries.Add((JsonNode)written);
        return entries;
    }

    private static JsonObject Fields(JsonObject body)
    {
        var fields = new JsonObject();
        foreach (var (name, value) in body.OrderBy(static property => property.Key, StringComparer.Ordinal))
        {
            switch (name)
            {
                case "kind" or "apiVersion" or "status":
                    break;
                case "metadata":
                    var metadata = Metadata((JsonObject)value!);
                    if (metadata.Count > 0)
                    {
                        fields["f:metadata"] = metadata;
                    }

                    break;
                case "spec":
                    fields["f:spec"] = Children((JsonObject)value!, itself: false);
                    break;
                case "data":
                    fields["f:data"] = value is JsonObject data ? Children(data, itself: true) : [];
                    break;
                default:
                    fields[$"f:{name}"] = new JsonObject();
                    break;
            }
        }

        return fields;
    }

    private static JsonObject Metadata(JsonObject metadata)
    {
        var fields = new JsonObject();
        foreach (var name in Owned.Where(metadata.ContainsKey).Order(StringComparer.Ordinal))
        {
            fields[$"f:{name}"] = metadata[name] is JsonObject map ? Children(map, itself: true) : [];
        }

        return fields;
    }

    /// <param name="parent">The fields' parent.</param>
    /// <param name="itself">Whether the parent is a field that can be absent, and so is owned too (<c>"."</c>).</param>
    private static JsonObject Children(JsonObject parent, bool itself)
    {
        var fields = new JsonObject();
        if (itself)
        {
            fields["."] = new JsonObject();
        }

        foreach (var (name, value) in parent.OrderBy(static property => property.Key, StringComparer.Ordinal))
        {
            fields[$"f:{name}"] = value is JsonObject child ? Children(child, itself: true) : [];
        }

        return fields;
    }
}
