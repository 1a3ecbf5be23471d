namespace ClusterTrust.Sandbox.ApiServer;

/// <summary>JSON merge patch (RFC 7396).</summary>
internal static class MergePatch
{
    /// <summary>Applies a patch to a body in place: objects merge, null removes, all else replaces.</summary>
    public static void Apply(JsonObject body, JsonObject patch)
    {
        foreach (var (name, value) in patch)
        {
            switch (value)
            {
                // Directives of strategic merge patches ("$patch", "$setElementOrder/…") are not data.
                case var _ when name.StartsWith('$'):
                    break;
                case null:
                    body.Remove(name);
                    break;
                case JsonObject inner:
                    var target = body[name] as JsonObject ?? [];
                    Apply(target, inner);
                    if (target.Parent is null)
                    {
                        body[name] = target;
                    }

                    break;
                default:
                    body[name] = value.DeepClone();
                    break;
            }
        }
    }
}
