namespace ClusterTrust.Manifests.Tests.Pods;

/// <summary>
/// What the Azure workload identity webhook (Azure/azure-workload-identity, pkg/webhook) does to a pod that is labelled for it. It adds
/// variables that the container does not name itself and that are not empty; it ignores <c>envFrom</c>, over which a
/// variable of <c>env</c> takes precedence.
/// </summary>
internal sealed record WorkloadIdentityWebhook(string Volume, string Folder, string File)
{
    private const string Prefix = "azure.workload.identity/";

    /// <summary>The webhook as its chart installs it, up to version 1.5.</summary>
    public static WorkloadIdentityWebhook OpenSource { get; } = new("azure-identity-token", "/var/run/secrets/azure/tokens", "azure-identity-token");

    /// <summary>The webhook that AKS runs, from version 1.6 on. The latest appends a hash to the names of volume and folder.</summary>
    public static WorkloadIdentityWebhook Managed { get; } = new("azure-workload-identity-reserved", "/var/run/secrets/azure/wi", "token/azure-identity-token");

    /// <summary>Mutates a pod before it is created, if it has the label.</summary>
    public void Mutate(JsonNode template, JsonObject serviceAccount)
    {
        // The webhook's objectSelector: the label of the pod, not the one of the ServiceAccount.
        if (template["metadata"]?["labels"].Text($"{Prefix}use") != "true")
        {
            return;
        }

        var annotations = serviceAccount["metadata"]!["annotations"];
        foreach (var container in template["spec"]!["containers"].Items())
        {
            (string Name, string? Value)[] variables =
            [
                ("AZURE_CLIENT_ID", annotations.Text($"{Prefix}client-id")),
                ("AZURE_TENANT_ID", annotations.Text($"{Prefix}tenant-id")),
                ("AZURE_FEDERATED_TOKEN_FILE", $"{Folder}/{File}"),
                ("AZURE_AUTHORITY_HOST", "https://login.microsoftonline.com/"),
            ];
            var named = container["env"].Items().Select(static variable => variable.Text("name")).ToHashSet();
            foreach (var (name, value) in variables.Where(one => !string.IsNullOrEmpty(one.Value) && !named.Contains(one.Name)))
            {
                Add(container, "env", new JsonObject { ["name"] = name, ["value"] = value });
            }

            Add(container, "volumeMounts", new JsonObject { ["name"] = Volume, ["mountPath"] = Folder, ["readOnly"] = true });
        }

        Add(template["spec"]!, "volumes", JsonNode.Parse(
            $$$"""{"name":"{{{Volume}}}","projected":{"sources":[{"serviceAccountToken":{"path":"{{{File}}}","expirationSeconds":3600,"audience":"api://AzureADTokenExchange"}}]}}""")!);
    }

    private static void Add(JsonNode owner, string list, JsonNode entry) => (owner[list] ??= new JsonArray()).AsArray().Add(entry);
}
