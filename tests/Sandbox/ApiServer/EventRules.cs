using System.Text;
using System.Text.Json.Nodes;

namespace ClusterTrust.Sandbox.ApiServer;

/// <summary>What the API server validates of a new Event of events.k8s.io/v1; fields have the names that its messages give them.</summary>
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

        CheckSeries(body, faults);
        if (!isTimed)
        {
            faults.Required("eventTime");
        }

        if (body.Text("type") is not ("Normal" or "Warning"))
        {
            faults.Invalid("type", "", $"has invalid value: {body.Text("type")}");
        }

        CheckDeprecated(body, faults);
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

    private static void CheckSeries(JsonObject body, FieldFaults faults)
    {
        if (body["series"] is not JsonObject series)
        {
            return;
        }

        if (series.Number("count") is null or < 2)
        {
            faults.Invalid("series.count", "", "should be at least 2");
        }

        ObjectRules.CheckMicroTime(ResourceType.Events, series.Text("lastObservedTime"));
        if (series.Text("lastObservedTime") is null)
        {
            faults.Required("series.lastObservedTime");
        }
    }

    /// <summary>What only Events of the core group may have.</summary>
    private static void CheckDeprecated(JsonObject body, FieldFaults faults)
    {
        var source = body["deprecatedSource"];
        foreach (var (field, isSet) in new[]
        {
            ("firstTimestamp", body["deprecatedFirstTimestamp"] is not null),
            ("lastTimestamp", body["deprecatedLastTimestamp"] is not null),
            ("count", body.Number("deprecatedCount") is not (null or 0)),
            ("source", !string.IsNullOrEmpty(source.Text("component") + source.Text("host"))),
        })
        {
            if (isSet)
            {
                faults.Invalid(field, "", "needs to be unset");
            }
        }
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
