using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace ClusterTrust.Sandbox.ApiServer;

/// <summary>What the API server validates of an object before it stores it.</summary>
internal static partial class ObjectRules
{
    private const int MaxAnnotationBytes = 256 * 1024;
    private const int MaxDataBytes = 1024 * 1024;

    /// <summary>The entries that a Secret of a type must have, as far as the jobs read such Secrets.</summary>
    public static IReadOnlyList<string> EntriesOf(string type) => type == "kubernetes.io/tls" ? ["tls.crt", "tls.key"] : [];

    /// <summary>Refuses a body that the API server would refuse.</summary>
    /// <param name="body">The body with its defaults filled in.</param>
    /// <param name="before">What it replaces; null when it is created.</param>
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
            throw new StatusException(ApiStatus.BadRequest(
                $"{type.Kind} in version \"{ResourceType.Version}\" cannot be handled as a {type.Kind}: parsing time \"{time}\" as \"2006-01-02T15:04:05.000000Z07:00\": cannot parse it"));
        }
    }

    private static void CheckMetadata(ResourceType type, JsonObject metadata, FieldFaults faults)
    {
        var name = metadata.Text("name") ?? "";
        if (name.Length == 0)
        {
            faults.Required("metadata.name", "name or generateName is required");
        }
        else
        {
            faults.Invalid("metadata.name", name, type == ResourceType.Namespaces ? NameRules.Label(name) : type.Group == ResourceType.RbacGroup ? [] : NameRules.Subdomain(name));
        }

        foreach (var (key, value) in metadata["labels"] as JsonObject ?? [])
        {
            faults.Invalid("metadata.labels", key, NameRules.Qualified(key));
            faults.Invalid("metadata.labels", value.Text() ?? "", NameRules.LabelValue(value.Text() ?? ""));
        }

        var bytes = 0L;
        foreach (var (key, value) in metadata["annotations"] as JsonObject ?? [])
        {
            // An annotation's key may have upper case in its prefix.
            faults.Invalid("metadata.annotations", key, NameRules.Qualified(key.ToLowerInvariant()));
            bytes += Encoding.UTF8.GetByteCount(key) + Encoding.UTF8.GetByteCount(value.Text() ?? "");
        }

        if (bytes > MaxAnnotationBytes)
        {
            faults.TooLong("metadata.annotations", MaxAnnotationBytes);
        }
    }

    private static void CheckSecret(JsonObject body, StoredObject? before, FieldFaults faults)
    {
        var bytes = 0L;
        foreach (var (key, value) in body["data"] as JsonObject ?? [])
        {
            faults.Invalid($"data[{key}]", key, NameRules.DataKey(key));
            bytes += BytesOfBase64(value.Text() ?? "");
        }

        if (bytes > MaxDataBytes)
        {
            faults.TooLong("data", MaxDataBytes);
        }

        var type = body.Text("type") ?? "";
        foreach (var entry in EntriesOf(type))
        {
            if (body["data"]?[entry] is null)
            {
                faults.Required($"data[{entry}]");
            }
        }

        if (before is not null && before.Body.Text("type") != type)
        {
            faults.Invalid("type", type, "field is immutable");
        }
    }

    private static int BytesOfBase64(string text) => System.Buffers.Text.Base64.IsValid(text, out var bytes)
        ? bytes
        : throw new StatusException(ApiStatus.BadRequest("Secret in version \"v1\" cannot be handled as a Secret: illegal base64 data"));

    private static void CheckLease(JsonObject body, FieldFaults faults)
    {
        var spec = body["spec"] as JsonObject ?? [];
        CheckMicroTime(ResourceType.Leases, spec.Text("acquireTime"));
        CheckMicroTime(ResourceType.Leases, spec.Text("renewTime"));
        if (spec.Number("leaseDurationSeconds") is <= 0 and var duration)
        {
            faults.Invalid("spec.leaseDurationSeconds", duration, "must be greater than 0");
        }

        if (spec.Number("leaseTransitions") is < 0 and var transitions)
        {
            faults.Invalid("spec.leaseTransitions", transitions, "must be greater than or equal to 0");
        }
    }

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}(Z|[+-]\d\d:\d\d)\z", RegexOptions.ExplicitCapture)]
    private static partial Regex MicroTime();
}
