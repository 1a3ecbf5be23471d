namespace ClusterTrust.Sandbox.ApiServer;

/// <summary>
/// The messages of what the pages create with <c>kubectl create</c>: a Job and its pods, as far as jobs of this kind have them, a namespace, a
/// ServiceAccount and its rights. Names and numbers as in the generated.proto files of k8s.io/api.
/// </summary>
internal static class ProtobufSchemas
{
    /// <summary>
    /// A message and its fields a line: the number, the JSON name and the type, which is <c>text</c> where there is none. <c>optional</c> is a
    /// boolean that may be missing, <c>inline</c> a message whose fields are the outer one's in JSON, <c>[]</c> an array.
    /// </summary>
    private const string Text = """
        Job                   1 metadata ObjectMeta, 2 spec JobSpec, 3 status ignored
        Namespace             1 metadata ObjectMeta, 3 status ignored
        ServiceAccount        1 metadata ObjectMeta
        Role                  1 metadata ObjectMeta, 2 rules []PolicyRule
        RoleBinding           1 metadata ObjectMeta, 2 subjects []Subject, 3 roleRef RoleRef
        TokenRequest          1 metadata ObjectMeta, 2 spec TokenRequestSpec, 3 status ignored

        ObjectMeta            1 name, 2 generateName, 3 namespace, 5 uid, 6 resourceVersion, 8 creationTimestamp ignored, 11 labels map, 12 annotations map
        ObjectMeta            13 ownerReferences []OwnerReference, 14 finalizers []text
        OwnerReference        1 kind, 3 name, 4 uid, 5 apiVersion, 6 controller optional, 7 blockOwnerDeletion optional

        PolicyRule            1 verbs []text, 2 apiGroups []text, 3 resources []text, 4 resourceNames []text, 5 nonResourceURLs []text
        Subject               1 kind, 2 apiGroup, 3 name, 4 namespace
        RoleRef               1 apiGroup, 2 kind, 3 name
        TokenRequestSpec      1 audiences []text, 4 expirationSeconds number

        JobSpec               1 parallelism number, 2 completions number, 3 activeDeadlineSeconds number, 6 template PodTemplateSpec
        JobSpec               7 backoffLimit number, 8 ttlSecondsAfterFinished number, 9 completionMode, 10 suspend optional
        JobSpec               11 podFailurePolicy PodFailurePolicy
        PodFailurePolicy      1 rules []PodFailureRule
        PodFailureRule        1 action, 2 onExitCodes OnExitCodes, 3 onPodConditions []OnPodCondition
        OnExitCodes           1 containerName, 2 operator, 3 values []number
        OnPodCondition        1 type, 2 status
        PodTemplateSpec       1 metadata ObjectMeta, 2 spec PodSpec

        PodSpec               1 volumes []Volume, 2 containers []Container, 3 restartPolicy, 4 terminationGracePeriodSeconds number, 6 dnsPolicy
        PodSpec               8 serviceAccountName, 9 serviceAccount, 14 securityContext PodSecurityContext, 15 imagePullSecrets []LocalReference
        PodSpec               19 schedulerName, 21 automountServiceAccountToken optional, 30 enableServiceLinks optional
        PodSecurityContext    2 runAsUser number, 3 runAsNonRoot optional, 5 fsGroup number, 6 runAsGroup number, 10 seccompProfile SeccompProfile
        SeccompProfile        1 type
        LocalReference        1 name

        Container             1 name, 2 image, 3 command []text, 4 args []text, 7 env []EnvVar, 8 resources Resources, 9 volumeMounts []VolumeMount
        Container             13 terminationMessagePath, 14 imagePullPolicy, 15 securityContext SecurityContext, 19 envFrom []EnvFromSource
        Container             20 terminationMessagePolicy
        Resources             1 limits quantities, 2 requests quantities
        VolumeMount           1 name, 2 readOnly flag, 3 mountPath
        SecurityContext       1 capabilities Capabilities, 2 privileged optional, 4 runAsUser number, 5 runAsNonRoot optional
        SecurityContext       6 readOnlyRootFilesystem optional, 7 allowPrivilegeEscalation optional, 11 seccompProfile SeccompProfile
        Capabilities          1 add []text, 2 drop []text
        EnvVar                1 name, 2 value, 3 valueFrom EnvVarSource
        EnvVarSource          1 fieldRef FieldRef, 3 configMapKeyRef NamedKey, 4 secretKeyRef NamedKey
        FieldRef              1 apiVersion, 2 fieldPath
        NamedKey              1 - inline LocalReference, 2 key, 3 optional optional
        EnvFromSource         1 prefix, 2 configMapRef NamedSource, 3 secretRef NamedSource
        NamedSource           1 - inline LocalReference, 2 optional optional

        Volume                1 name, 2 - inline VolumeSource
        VolumeSource          2 emptyDir EmptyDir, 6 secret SecretSource, 26 projected Projected
        EmptyDir              1 medium, 2 sizeLimit quantity
        SecretSource          1 secretName, 3 defaultMode number, 4 optional optional
        Projected             1 sources []Projection, 2 defaultMode number
        Projection            4 serviceAccountToken TokenProjection
        TokenProjection       1 audience, 2 expirationSeconds number, 3 path
        """;

    private static readonly ILookup<string, ProtobufField> Fields = Text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Select(static line => line.Split(' ', 2))
        .SelectMany(static parts => parts[1].TrimStart().Split(", ").Select(field => (Message: parts[0], Field: Read(field.Split(' ')))))
        .ToLookup(static entry => entry.Message, static entry => entry.Field);

    public static bool Has(string message) => Fields.Contains(message);

    public static ProtobufField? Find(string message, int number) => Fields[message].FirstOrDefault(field => field.Number == number);

    private static ProtobufField Read(string[] words) => new(
        int.Parse(words[0], System.Globalization.CultureInfo.InvariantCulture),
        words[1],
        words.Length > 2 ? words[^1].TrimStart('[', ']') : "text",
        Repeated: words[^1].StartsWith('['),
        Inline: words[1] == "-");
}

/// <summary>One field of a message.</summary>
/// <param name="Type">A message, or <c>text</c>, <c>number</c>, <c>flag</c>, <c>optional</c>, <c>quantity</c>, <c>map</c>, <c>quantities</c>, <c>ignored</c>.</param>
/// <param name="Inline">Whether its fields are those of the outer message in JSON.</param>
internal sealed record ProtobufField(int Number, string Name, string Type, bool Repeated, bool Inline);
