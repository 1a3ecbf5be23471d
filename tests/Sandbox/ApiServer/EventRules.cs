namespace ClusterTrust.Sandbox.ApiServer;

/// <summary>
/// What the API server validates of a new Event of events.k8s.io/v1, as far as the jobs write it: no series, and nothing that only Events of
/// the core group may have. Fields have the names that its messages give them.
/// </summary>
internal static class EventRules
{
    private const int MaxWordBytes = 128;
    private const int MaxNoteBytes = 1024;

    public static void Check(JsonObject body, FieldFaults faults)
    {
        ObjectRules.CheckMicroTime(ResourceType.Events, body.Text("eventTime"));
        var (space, regarding) = (body["metadata"].Text("namespace") ?? "", body["regarding"].Text("namespace") ?? "");
        var isTimed = body.Text("eventTime") is not null;

        // Without a time it is taken for one of the old form, which must be of its object's namespace.
        faults.Invalid("involvedObject.namespace", regarding.Length == 0 ? space == "default" || (isTimed && space == "kube-system") : isTimed || regarding == space);
        faults.Required("eventTime", isTimed);
        faults.Invalid("type", body.Text("type") is "Normal" or "Warning");
        if (!isTimed)
        {
            return;
        }

        var controller = body.Text("reportingController") ?? "";
        faults.Required("reportingController", controller.Length > 0);
        faults.Invalid("reportingController", NameRules.IsQualified(controller));
        foreach (var word in new[] { "reportingInstance", "action", "reason" })
        {
            faults.Required(word, !string.IsNullOrEmpty(body.Text(word)));
            faults.Invalid(word, IsAtMost(MaxWordBytes, body.Text(word)));
        }

        faults.Invalid("message", IsAtMost(MaxNoteBytes, body.Text("note")));
    }

    private static bool IsAtMost(int maxBytes, string? text) => Encoding.UTF8.GetByteCount(text ?? "") <= maxBytes;
}
