namespace ClusterTrust.Sandbox.ApiServer;

/// <summary>What the API server validates of an object before it stores it.</summary>
internal static partial class ObjectRules
{
    /// <summary>The entries that a Secret of a type must have, as far as the jobs read such Secrets.</summary>
    public static IReadOnlyList<string> EntriesOf(string type) => type == "kubernetes.io/tls" ? ["tls.crt", "tls.key"] : [];

    public static void Check(ResourceType type, JsonObject body, StoredObject? before)
    {
        var faults = new FieldFaults();
        CheckMetadata(type, body["metadata"] as JsonObject ?? [], faults);
        if (type == ResourceType.Secrets)
        {
            CheckSecret(body, before, faults);
        }
        else if (type == ResourceType.Leases)
        {
            CheckLease(body, faults);
        }
        else if (type == ResourceType.Events && before is null)
        {
            EventRules.Check(body, faults);
        }

        // An Event is one of the core group to whatever validates it.
        faults.Throw(type == ResourceType.Events ? "" : type.Group, type.Kind, body["metadata"].Text("name") ?? "");
    }

    /// <summary>A MicroTime, which is read with exactly six digits of a second.</summary>
    public static void CheckMicroTime(ResourceType type, string? time)
    {
        if (time is not null && !MicroTime().IsMatch(time))
        {
            throw ApiStatus.BadRequest(
                $"{type.Kind} in version \"{ResourceType.Version}\" cannot be handled as a {type.Kind}: parsing time \"{time}\" as \"2006-01-02T15:04:05.000000Z07:00\"");
        }
    }

    private static void CheckMetadata(ResourceType type, JsonObject metadata, FieldFaults faults)
    {
        var name = metadata.Text("name") ?? "";
        faults.Required("metadata.name", name.Length > 0);
        faults.Invalid(
            "metadata.name", name.Length == 0 || type.Group == ResourceType.RbacGroup || (type == ResourceType.Namespaces ? NameRules.IsLabel(name) : NameRules.IsSubdomain(name)));
        foreach (var (key, value) in metadata["labels"] as JsonObject ?? [])
        {
            faults.Invalid("metadata.labels", NameRules.IsQualified(key) && NameRules.IsLabelValue(value.Text() ?? ""));
        }

        foreach (var (key, _) in metadata["annotations"] as JsonObject ?? [])
        {
            // An annotation's key may have upper case in its prefix.
            faults.Invalid("metadata.annotations", NameRules.IsQualified(key.ToLowerInvariant()));
        }
    }

    private static void CheckSecret(JsonObject body, StoredObject? before, FieldFaults faults)
    {
        foreach (var (key, value) in body["data"] as JsonObject ?? [])
        {
            faults.Invalid($"data[{key}]", NameRules.IsDataKey(key));
            if (!Base64.IsValid(value.Text()))
            {
                throw ApiStatus.BadRequest("Secret in version \"v1\" cannot be handled as a Secret: illegal base64 data");
            }
        }

        var type = body.Text("type") ?? "";
        foreach (var entry in EntriesOf(type))
        {
            faults.Required($"data[{entry}]", body["data"]?[entry] is not null);
        }

        faults.Invalid("type", before is null || before.Body.Text("type") == type);
    }

    private static void CheckLease(JsonObject body, FieldFaults faults)
    {
        var spec = body["spec"] as JsonObject ?? [];
        CheckMicroTime(ResourceType.Leases, spec.Text("acquireTime"));
        CheckMicroTime(ResourceType.Leases, spec.Text("renewTime"));
        faults.Invalid("spec.leaseDurationSeconds", spec.Number("leaseDurationSeconds") is null or > 0);
        faults.Invalid("spec.leaseTransitions", spec.Number("leaseTransitions") is null or >= 0);
    }

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}(Z|[+-]\d\d:\d\d)\z", RegexOptions.ExplicitCapture)]
    private static partial Regex MicroTime();
}
