namespace ClusterTrust.Manifests.Tests.Pods;

/// <summary>
/// What the Azure workload identity webhook (Azure/azure-workload-identity, pkg/webhook) does to a pod that is labelled for it. It adds
/// variables that the container does not name itself and that are not empty; what comes by <c>envFrom</c> it does not see, and a
/// variable of <c>env</c> wins over that.
/// </summary>
internal sealed record WorkloadIdentityWebhook(string Volume, string Folder, string File)
{
    private const string Prefix = "azure.workload.identity/";

    /// <summary>The webhook as its chart installs it, up to version 1.5.</summary>
    public static WorkloadIdentityWebhook OpenSource { get; } = new("azure-identity-token", "/var/run/secrets/azure/tokens", "azure-identity-token");

    /// <summary>The webhook that AKS runs, from version 1.6 on. The latest appends a hash to the names of volume and folder.</summary>
    public static WorkloadIdentityWebhook Managed { get; } = new("azure-workload-identity-reserved", "/var/run/secrets/azure/wi", "token/azure-identity-token");

    /// <summary>Changes a pod before it is made, when it is labelled for it.</summary>
    public void Mutate(JsonNode template, JsonObject serviceAccount)
    {
        // The webhook's objectSelector: the label of the pod, not the one of the ServiceAccount.
        if (template["metadata"]?["labels"].Text($"{Prefix}use") != "true")
        {
            return;
        }

        var annotations = serviceAccount["metadata"]!["annotations"];
        var expiration = long.Parse(
            template["metadata"]?["annotations"].Text($"{Prefix}service-account-token-expiration") ?? annotations.Text($"{Prefix}service-account-token-expiration") ?? "3600",
            CultureInfo.InvariantCulture);
        Assert.InRange(expiration, 3600, 86400);
        var spec = template["spec"]!;
        foreach (var container in spec["containers"]!.AsArray())
        {
            AddVariables(container!, annotations);
            Append(container!, "volumeMounts", new JsonObject { ["name"] = Volume, ["mountPath"] = Folder, ["readOnly"] = true });
        }

        Append(spec, "volumes", new JsonObject
        {
            ["name"] = Volume,
            ["projected"] = new JsonObject
            {
                ["sources"] = new JsonArray(new JsonObject
                {
                    ["serviceAccountToken"] = new JsonObject { ["path"] = File, ["expirationSeconds"] = expiration, ["audience"] = "api://AzureADTokenExchange" },
                }),
            },
        });
    }

    private void AddVariables(JsonNode container, JsonNode? annotations)
    {
        (string Name, string? Value)[] variables =
        [
            ("AZURE_CLIENT_ID", annotations.Text($"{Prefix}client-id")),
            ("AZURE_TENANT_ID", annotations.Text($"{Prefix}tenant-id")),
            ("AZURE_FEDERATED_TOKEN_FILE", $"{Folder}/{File}"),
            ("AZURE_AUTHORITY_HOST", "https://login.microsoftonline.com/"),
        ];
        var named = (container["env"]?.AsArray() ?? []).Select(static variable => variable.Text("name")).ToHashSet();
        foreach (var (name, value) in variables.Where(one => !string.IsNullOrEmpty(one.Value) && !named.Contains(one.Name)))
        {
            Append(container, "env", new JsonObject { ["name"] = name, ["value"] = value });
        }
    }

    /// <summary>Adds to a list, in the place of an entry of the same name.</summary>
    private static void Append(JsonNode owner, string list, JsonObject entry)
    {
        owner[list] ??= new JsonArray();
        var entries = owner[list]!.AsArray();
        foreach (var same in entries.Where(one => one.Text("name") == entry.Text("name")).ToArray())
        {
            entries.Remove(same);
        }

        entries.Add(entry);
    }
}
