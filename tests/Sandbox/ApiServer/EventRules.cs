using System.Text;
using System.Text.Json.Nodes;

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
        if (regarding.Length == 0 ? space != "default" && !(isTimed && space == "kube-system") : !isTimed && regarding != space)
        {
            faults.Invalid("involvedObject.namespace", regarding, "does not match event.namespace");
        }

        if (isTimed)
        {
            CheckReporter(body, faults);
        }
        else
        {
            faults.Required("eventTime");
        }

        if (body.Text("type") is not ("Normal" or "Warning"))
        {
            faults.Invalid("type", "", $"has invalid value: {body.Text("type")}");
        }
    }

    private static void CheckReporter(JsonObject body, FieldFaults faults)
    {
        var controller = body.Text("reportingController") ?? "";
        if (controller.Length == 0)
        {
            faults.Required("reportingController");
        }

        faults.Invalid("reportingController", controller, NameRules.Qualified(controller));
        foreach (var word in new[] { "reportingInstance", "action", "reason" })
        {
            var text = body.Text(word) ?? "";
            if (text.Length == 0)
            {
                faults.Required(word);
            }

            CheckLength(word, text, MaxWordBytes, faults);
        }

        CheckLength("message", body.Text("note") ?? "", MaxNoteBytes, faults);
    }

    private static void CheckLength(string field, string text, int maxBytes, FieldFaults faults)
    {
        // It counts bytes, and calls them characters.
        if (Encoding.UTF8.GetByteCount(text) > maxBytes)
        {
            faults.Invalid(field, "", $"can have at most {maxBytes} characters");
        }
    }
}
