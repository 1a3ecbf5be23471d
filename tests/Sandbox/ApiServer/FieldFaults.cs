using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ClusterTrust.Sandbox.ApiServer;

/// <summary>What validation finds wrong with one object, field by field, in the API server's words.</summary>
internal sealed class FieldFaults
{
    private readonly List<(string Reason, string Field, string Text)> _faults = [];

    public void Required(string field, string detail = "") => Add("FieldValueRequired", field, "Required value", detail);

    public void TooLong(string field, int maxBytes) =>
        Add("FieldValueTooLong", field, "Too long", string.Create(CultureInfo.InvariantCulture, $"may not be more than {maxBytes} bytes"));

    public void Invalid(string field, string value, string detail) => Add("FieldValueInvalid", field, $"Invalid value: {Quote(value)}", detail);

    public void Invalid(string field, long value, string detail) =>
        Add("FieldValueInvalid", field, string.Create(CultureInfo.InvariantCulture, $"Invalid value: {value}"), detail);

    public void Invalid(string field, string value, IEnumerable<string> details)
    {
        foreach (var detail in details)
        {
            Invalid(field, value, detail);
        }
    }

    /// <summary>Refuses the object if anything is wrong with it.</summary>
    public void Throw(string group, string kind, string name)
    {
        if (_faults.Count == 0)
        {
            return;
        }

        var details = ApiStatus.About(name, group, kind);
        details["causes"] = new JsonArray([.. _faults.Select(static fault => new JsonObject { ["reason"] = fault.Reason, ["message"] = fault.Text, ["field"] = fault.Field })]);
        string[] sentences = [.. _faults.Select(static fault => $"{fault.Field}: {fault.Text}").Distinct()];
        var said = sentences.Length == 1 ? sentences[0] : $"[{string.Join(", ", sentences)}]";
        throw new StatusException(new ApiStatus(422, "Invalid", $"{(group.Length == 0 ? kind : $"{kind}.{group}")} \"{name}\" is invalid: {said}", details));
    }

    public void Add(string reason, string field, string text, string detail) => _faults.Add((reason, field, detail.Length == 0 ? text : $"{text}: {detail}"));

    /// <summary>As Go's <c>%q</c> writes it, but for control characters.</summary>
    private static string Quote(string text) => JsonSerializer.Serialize(text, JsonText.Relaxed);
}
