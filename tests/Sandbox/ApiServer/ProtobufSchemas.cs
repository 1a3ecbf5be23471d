namespace ClusterTrust.Sandbox.ApiServer;

/// <summary>The fields of the messages that kubectl writes as protobuf; numbers as in the generated.proto files of k8s.io/api.</summary>
internal static class ProtobufSchemas
{
    /// <summary>Every object's metadata.</summary>
    public static readonly ProtobufField Metadata = new("metadata", ProtobufKind.Message, Message: new Dictionary<int, ProtobufField>
    {
        [1] = new("name"),
        [2] = new("generateName"),
        [3] = new("namespace"),
        [5] = new("uid"),
        [6] = new("resourceVersion"),
        [11] = new("labels", ProtobufKind.TextMap),
        [12] = new("annotations", ProtobufKind.TextMap),
        [13] = new("ownerReferences", ProtobufKind.Message, Repeated: true, new Dictionary<int, ProtobufField>
        {
            [1] = new("kind"),
            [3] = new("name"),
            [4] = new("uid"),
            [5] = new("apiVersion"),
            [6] = new("controller", ProtobufKind.Flag),
            [7] = new("blockOwnerDeletion", ProtobufKind.Flag),
        }),
        [14] = new("finalizers", Repeated: true),
    });

    private static readonly ProtobufField Rules = new("rules", ProtobufKind.Message, Repeated: true, new Dictionary<int, ProtobufField>
    {
        [1] = new("verbs", Repeated: true),
        [2] = new("apiGroups", Repeated: true),
        [3] = new("resources", Repeated: true),
        [4] = new("resourceNames", Repeated: true),
        [5] = new("nonResourceURLs", Repeated: true),
    });

    private static readonly ProtobufField Subjects = new("subjects", ProtobufKind.Message, Repeated: true, new Dictionary<int, ProtobufField>
    {
        [1] = new("kind"),
        [2] = new("apiGroup"),
        [3] = new("name"),
        [4] = new("namespace"),
    });

    private static readonly ProtobufField RoleRef = new("roleRef", ProtobufKind.Message, Message: new Dictionary<int, ProtobufField>
    {
        [1] = new("apiGroup"),
        [2] = new("kind"),
        [3] = new("name"),
    });

    private static readonly ProtobufField TokenRequestSpec = new("spec", ProtobufKind.Message, Message: new Dictionary<int, ProtobufField>
    {
        [1] = new("audiences", Repeated: true),
        [3] = new("boundObjectRef", ProtobufKind.Message, Message: new Dictionary<int, ProtobufField> { [1] = new("kind"), [2] = new("apiVersion"), [3] = new("name"), [4] = new("uid") }),
        [4] = new("expirationSeconds", ProtobufKind.Number),
    });

    private static readonly ProtobufField AccessReviewSpec = new("spec", ProtobufKind.Message, Message: new Dictionary<int, ProtobufField>
    {
        [1] = new("resourceAttributes", ProtobufKind.Message, Message: new Dictionary<int, ProtobufField>
        {
            [1] = new("namespace"),
            [2] = new("verb"),
            [3] = new("group"),
            [4] = new("version"),
            [5] = new("resource"),
            [6] = new("subresource"),
            [7] = new("name"),
        }),
        [2] = new("nonResourceAttributes", ProtobufKind.Message, Message: new Dictionary<int, ProtobufField> { [1] = new("path"), [2] = new("verb") }),
    });

    /// <summary>The fields of a kind's message by number; null for a kind that is only taken as JSON.</summary>
    public static IReadOnlyDictionary<int, ProtobufField>? Find(string kind) => kind switch
    {
        "Namespace" or "SelfSubjectReview" => Message(),
        "ServiceAccount" => Message((4, new("automountServiceAccountToken", ProtobufKind.Flag))),
        "Secret" => Message(
            (2, new("data", ProtobufKind.BytesMap)), (3, new("type")), (4, new("stringData", ProtobufKind.TextMap)), (5, new("immutable", ProtobufKind.Flag))),
        "ConfigMap" => Message(
            (2, new("data", ProtobufKind.TextMap)), (3, new("binaryData", ProtobufKind.BytesMap)), (4, new("immutable", ProtobufKind.Flag))),
        "Role" or "ClusterRole" => Message((2, Rules)),
        "RoleBinding" or "ClusterRoleBinding" => Message((2, Subjects), (3, RoleRef)),
        "Job" => Message((2, ProtobufPodSchemas.JobSpec)),
        "TokenRequest" => Message((2, TokenRequestSpec)),
        "SelfSubjectAccessReview" => Message((2, AccessReviewSpec)),
        _ => null,
    };

    private static Dictionary<int, ProtobufField> Message(params ReadOnlySpan<(int Number, ProtobufField Field)> fields)
    {
        var message = new Dictionary<int, ProtobufField> { [1] = Metadata };
        foreach (var (number, field) in fields)
        {
            message[number] = field;
        }

        return message;
    }
}
