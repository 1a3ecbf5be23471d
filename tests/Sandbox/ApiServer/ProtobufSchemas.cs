using Fields = System.Collections.Generic.Dictionary<int, ClusterTrust.Sandbox.ApiServer.ProtobufField>;

namespace ClusterTrust.Sandbox.ApiServer;

/// <summary>
/// The fields of what the pages create with <c>kubectl create</c>: a Job and its pods, as far as jobs of this kind have them, a namespace, a
/// ServiceAccount and its rights. Numbers as in the generated.proto files of k8s.io/api.
/// </summary>
internal static class ProtobufSchemas
{
    /// <summary>Every object's metadata.</summary>
    private static readonly ProtobufField Metadata = new("metadata", ProtobufKind.Message, Message: new Fields
    {
        [1] = new("name"),
        [2] = new("generateName"),
        [3] = new("namespace"),
        [5] = new("uid"),
        [6] = new("resourceVersion"),
        [11] = new("labels", ProtobufKind.TextMap),
        [12] = new("annotations", ProtobufKind.TextMap),
        [13] = new("ownerReferences", ProtobufKind.Message, Repeated: true, new Fields
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

    private static readonly Fields NamedKey = new()
    {
        [1] = new("", ProtobufKind.Embedded, Message: new Fields { [1] = new("name") }),
        [2] = new("key"),
        [3] = new("optional", ProtobufKind.Flag),
    };

    private static readonly Fields NamedSource = new()
    {
        [1] = new("", ProtobufKind.Embedded, Message: new Fields { [1] = new("name") }),
        [2] = new("optional", ProtobufKind.Flag),
    };

    private static readonly ProtobufField SeccompProfile = new("seccompProfile", ProtobufKind.Message, Message: new Fields { [1] = new("type") });

    private static readonly ProtobufField Env = new("env", ProtobufKind.Message, Repeated: true, new Fields
    {
        [1] = new("name"),
        [2] = new("value"),
        [3] = new("valueFrom", ProtobufKind.Message, Message: new Fields
        {
            [1] = new("fieldRef", ProtobufKind.Message, Message: new Fields { [1] = new("apiVersion"), [2] = new("fieldPath") }),
            [3] = new("configMapKeyRef", ProtobufKind.Message, Message: NamedKey),
            [4] = new("secretKeyRef", ProtobufKind.Message, Message: NamedKey),
        }),
    });

    private static readonly ProtobufField Containers = new("containers", ProtobufKind.Message, Repeated: true, new Fields
    {
        [1] = new("name"),
        [2] = new("image"),
        [3] = new("command", Repeated: true),
        [4] = new("args", Repeated: true),
        [7] = Env,
        [8] = new("resources", ProtobufKind.Message, Message: new Fields { [1] = new("limits", ProtobufKind.QuantityMap), [2] = new("requests", ProtobufKind.QuantityMap) }),
        [9] = new("volumeMounts", ProtobufKind.Message, Repeated: true, new Fields
        {
            [1] = new("name"),
            [2] = new("readOnly", ProtobufKind.Switch),
            [3] = new("mountPath"),
        }),
        [14] = new("imagePullPolicy"),
        [15] = new("securityContext", ProtobufKind.Message, Message: new Fields
        {
            [1] = new("capabilities", ProtobufKind.Message, Message: new Fields { [1] = new("add", Repeated: true), [2] = new("drop", Repeated: true) }),
            [2] = new("privileged", ProtobufKind.Flag),
            [4] = new("runAsUser", ProtobufKind.Number),
            [5] = new("runAsNonRoot", ProtobufKind.Flag),
            [6] = new("readOnlyRootFilesystem", ProtobufKind.Flag),
            [7] = new("allowPrivilegeEscalation", ProtobufKind.Flag),
            [11] = SeccompProfile,
        }),
        [19] = new("envFrom", ProtobufKind.Message, Repeated: true, new Fields
        {
            [1] = new("prefix"),
            [2] = new("configMapRef", ProtobufKind.Message, Message: NamedSource),
            [3] = new("secretRef", ProtobufKind.Message, Message: NamedSource),
        }),
        [20] = new("terminationMessagePolicy"),
    });

    private static readonly ProtobufField Volumes = new("volumes", ProtobufKind.Message, Repeated: true, new Fields
    {
        [1] = new("name"),
        [2] = new("", ProtobufKind.Embedded, Message: new Fields
        {
            [2] = new("emptyDir", ProtobufKind.Message, Message: new Fields { [1] = new("medium"), [2] = new("sizeLimit", ProtobufKind.Quantity) }),
            [6] = new("secret", ProtobufKind.Message, Message: new Fields { [1] = new("secretName"), [3] = new("defaultMode", ProtobufKind.Number), [4] = new("optional", ProtobufKind.Flag) }),
            [26] = new("projected", ProtobufKind.Message, Message: new Fields
            {
                [1] = new("sources", ProtobufKind.Message, Repeated: true, new Fields
                {
                    [4] = new("serviceAccountToken", ProtobufKind.Message, Message: new Fields
                    {
                        [1] = new("audience"),
                        [2] = new("expirationSeconds", ProtobufKind.Number),
                        [3] = new("path"),
                    }),
                }),
                [2] = new("defaultMode", ProtobufKind.Number),
            }),
        }),
    });

    private static readonly ProtobufField PodSpec = new("spec", ProtobufKind.Message, Message: new Fields
    {
        [1] = Volumes,
        [2] = Containers,
        [3] = new("restartPolicy"),
        [4] = new("terminationGracePeriodSeconds", ProtobufKind.Number),
        [8] = new("serviceAccountName"),
        [14] = new("securityContext", ProtobufKind.Message, Message: new Fields
        {
            [2] = new("runAsUser", ProtobufKind.Number),
            [3] = new("runAsNonRoot", ProtobufKind.Flag),
            [5] = new("fsGroup", ProtobufKind.Number),
            [6] = new("runAsGroup", ProtobufKind.Number),
            [10] = SeccompProfile,
        }),
        [15] = new("imagePullSecrets", ProtobufKind.Message, Repeated: true, new Fields { [1] = new("name") }),
        [21] = new("automountServiceAccountToken", ProtobufKind.Flag),
        [30] = new("enableServiceLinks", ProtobufKind.Flag),
    });

    private static readonly ProtobufField JobSpec = new("spec", ProtobufKind.Message, Message: new Fields
    {
        [1] = new("parallelism", ProtobufKind.Number),
        [2] = new("completions", ProtobufKind.Number),
        [3] = new("activeDeadlineSeconds", ProtobufKind.Number),
        [6] = new("template", ProtobufKind.Message, Message: new Fields { [1] = Metadata, [2] = PodSpec }),
        [7] = new("backoffLimit", ProtobufKind.Number),
        [8] = new("ttlSecondsAfterFinished", ProtobufKind.Number),
        [9] = new("completionMode"),
        [11] = new("podFailurePolicy", ProtobufKind.Message, Message: new Fields
        {
            [1] = new("rules", ProtobufKind.Message, Repeated: true, new Fields
            {
                [1] = new("action"),
                [2] = new("onExitCodes", ProtobufKind.Message, Message: new Fields { [1] = new("containerName"), [2] = new("operator"), [3] = new("values", ProtobufKind.Number, Repeated: true) }),
                [3] = new("onPodConditions", ProtobufKind.Message, Repeated: true, new Fields { [1] = new("type"), [2] = new("status") }),
            }),
        }),
    });

    private static readonly ProtobufField Rules = new("rules", ProtobufKind.Message, Repeated: true, new Fields
    {
        [1] = new("verbs", Repeated: true),
        [2] = new("apiGroups", Repeated: true),
        [3] = new("resources", Repeated: true),
        [4] = new("resourceNames", Repeated: true),
        [5] = new("nonResourceURLs", Repeated: true),
    });

    private static readonly ProtobufField Subjects = new("subjects", ProtobufKind.Message, Repeated: true, new Fields
    {
        [1] = new("kind"),
        [2] = new("apiGroup"),
        [3] = new("name"),
        [4] = new("namespace"),
    });

    private static readonly ProtobufField RoleRef = new("roleRef", ProtobufKind.Message, Message: new Fields { [1] = new("apiGroup"), [2] = new("kind"), [3] = new("name") });

    private static readonly ProtobufField TokenRequestSpec = new("spec", ProtobufKind.Message, Message: new Fields
    {
        [1] = new("audiences", Repeated: true),
        [4] = new("expirationSeconds", ProtobufKind.Number),
    });

    private static readonly Dictionary<string, Fields> Kinds = new(StringComparer.Ordinal)
    {
        ["Job"] = new() { [1] = Metadata, [2] = JobSpec },
        ["Namespace"] = new() { [1] = Metadata },
        ["ServiceAccount"] = new() { [1] = Metadata },
        ["Role"] = new() { [1] = Metadata, [2] = Rules },
        ["RoleBinding"] = new() { [1] = Metadata, [2] = Subjects, [3] = RoleRef },
        ["TokenRequest"] = new() { [1] = Metadata, [2] = TokenRequestSpec },
    };

    /// <summary>The fields of a kind's message by number; null for a kind that is only taken as JSON.</summary>
    public static IReadOnlyDictionary<int, ProtobufField>? Find(string kind) => Kinds.GetValueOrDefault(kind);
}
