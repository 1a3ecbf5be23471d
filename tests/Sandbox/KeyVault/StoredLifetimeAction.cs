using System.Text.Json.Nodes;

namespace ClusterTrust.Sandbox.KeyVault;

/// <summary>One lifetime action of a policy.</summary>
/// <param name="Action"><c>AutoRenew</c> or <c>EmailContacts</c>.</param>
/// <param name="LifetimePercentage">Percentage of the lifetime at which it happens, 1 to 99, or null.</param>
/// <param name="DaysBeforeExpiry">Days before the end at which it happens, or null.</param>
public sealed record StoredLifetimeAction(string Action, int? LifetimePercentage = null, int? DaysBeforeExpiry = null)
{
    internal static StoredLifetimeAction Read(JsonNode? node) => new(
        node?["action"]?["action_type"]?.GetValue<string>() ?? throw VaultErrors.InvalidProperty("policy.lifetime_actions"),
        node["trigger"]?["lifetime_percentage"]?.GetValue<int>(),
        node["trigger"]?["days_before_expiry"]?.GetValue<int>());

    internal JsonObject ToJson()
    {
        var trigger = new JsonObject();
        if (LifetimePercentage is { } percentage)
        {
            trigger["lifetime_percentage"] = percentage;
        }

        if (DaysBeforeExpiry is { } days)
        {
            trigger["days_before_expiry"] = days;
        }

        return new JsonObject { ["trigger"] = trigger, ["action"] = new JsonObject { ["action_type"] = Action } };
    }
}
