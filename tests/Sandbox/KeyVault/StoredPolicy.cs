namespace ClusterTrust.Sandbox.KeyVault;

/// <summary>A certificate's policy: what belongs to the name and not to a version.</summary>
/// <param name="Issuer">The issuer's name: <c>Unknown</c> for imports, <c>Self</c> for certificates Key Vault signs itself.</param>
/// <param name="Exportable">Whether the backing secret has the private key.</param>
public sealed record StoredPolicy(string Issuer = StoredPolicy.UnknownIssuer, string ContentType = StoredPolicy.Pfx, bool Exportable = true)
{
    public const string UnknownIssuer = "Unknown";
    public const string Pfx = "application/x-pkcs12";
    public const string Pem = "application/x-pem-file";

    /// <summary>The action near the end of a version's lifetime. Null for the default: at 80 %, AutoRenew when the issuer is Self, EmailContacts otherwise.</summary>
    public IReadOnlyList<StoredLifetimeAction>? LifetimeActions { get; init; }

    internal IReadOnlyList<StoredLifetimeAction> EffectiveActions =>
        LifetimeActions ?? [new StoredLifetimeAction(Issuer == "Self" ? "AutoRenew" : "EmailContacts", 80)];

    /// <summary>Takes over what a policy in a request says; the x509 properties come from the certificate.</summary>
    internal StoredPolicy With(JsonObject request) => this with
    {
        Issuer = request["issuer"]?["name"]?.GetValue<string>() ?? Issuer,
        ContentType = request["secret_props"]?["contentType"]?.GetValue<string>() ?? ContentType,
        Exportable = request["key_props"]?["exportable"]?.GetValue<bool>() ?? Exportable,
        LifetimeActions = request["lifetime_actions"] is JsonArray actions ? [.. actions.Select(StoredLifetimeAction.Read)] : LifetimeActions,
    };
}

/// <summary>One lifetime action of a policy.</summary>
/// <param name="LifetimePercentage">Percentage of the lifetime at which it happens, 1 to 99.</param>
public sealed record StoredLifetimeAction(string Action, int LifetimePercentage)
{
    internal static StoredLifetimeAction Read(JsonNode? node) => new(
        node?["action"]?["action_type"]?.GetValue<string>() ?? throw VaultErrors.InvalidProperty("policy.lifetime_actions"),
        node["trigger"]?["lifetime_percentage"]?.GetValue<int>() ?? throw VaultErrors.InvalidProperty("policy.lifetime_actions"));
}
