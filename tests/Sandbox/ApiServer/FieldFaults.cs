namespace ClusterTrust.Sandbox.ApiServer;

/// <summary>What validation finds wrong with one object: the fields and the machine-readable reasons are the API server's, the sentences are shorter.</summary>
internal sealed class FieldFaults
{
    private readonly List<(string Reason, string Field)> _faults = [];

    public void Required(string field, bool isGiven) => _faults.AddRange(isGiven ? [] : [("FieldValueRequired", field)]);

    public void Invalid(string field, bool isValid = false) => _faults.AddRange(isValid ? [] : [("FieldValueInvalid", field)]);

    public void Throw(string group, string kind, string name)
    {
        if (_faults.Count == 0)
        {
            return;
        }

        var details = ApiStatus.About(name, group, kind);
        details["causes"] = new JsonArray([.. _faults.Select(static fault => new JsonObject { ["reason"] = fault.Reason, ["message"] = fault.Reason, ["field"] = fault.Field })]);
        var qualified = group.Length == 0 ? kind : $"{kind}.{group}";
        throw new ApiStatus(
            422, "Invalid", $"{qualified} \"{name}\" is invalid: {string.Join(", ", _faults.Select(static fault => $"{fault.Field}: {fault.Reason}"))}", details);
    }
}
