namespace ClusterTrust.Oidc.Rotation;

/// <summary>The commands of a step, by distribution. None is run. On several control-plane nodes: all of them, one after the other, before the next step.</summary>
internal static class RotationCommands
{
    private const string Pki = "/etc/kubernetes/pki";
    private const string Manifests = "/etc/kubernetes/manifests";
    private const string RestartApiServer = $"mv {Manifests}/kube-apiserver.yaml /etc/kubernetes/ && sleep 20 && mv /etc/kubernetes/kube-apiserver.yaml {Manifests}/";
    private const string RestartControllerManager =
        $"mv {Manifests}/kube-controller-manager.yaml /etc/kubernetes/ && sleep 20 && mv /etc/kubernetes/kube-controller-manager.yaml {Manifests}/";

    private const string Talos = """
        # Talos derives both key files from cluster.serviceAccount.key and refuses service-account-key-file and service-account-signing-key-file in
        # apiServer.extraArgs: every API server accepts one key only. A rotation without refused tokens is not possible (siderolabs/talos#13094).
        """;

    /// <summary>What may still use the old key although every token for a cloud has expired.</summary>
    private const string Checks = """
        # Tokens that never expire: none may be left. And clients that do not read their token again: the sum must not grow (they get tokens of up to a year).
        kubectl get secrets -A --field-selector type=kubernetes.io/service-account-token
        kubectl get --raw /metrics | grep ^serviceaccount_stale_tokens_total

        """;

    private const string SignKubeadm = $"""
        # On every control-plane node, one after the other:
        cp -p {Pki}/sa.key {Pki}/sa-previous.key && mv {Pki}/sa-next.key {Pki}/sa.key
        {RestartApiServer}
        {RestartControllerManager}
        """;

    private const string RemoveKubeadm = $"""
        # On every control-plane node, one after the other:
        openssl rsa -in {Pki}/sa.key -pubout -out {Pki}/sa.pub && rm -f {Pki}/sa-previous.key {Pki}/sa-next.pub
        {RestartApiServer}
        """;

    private const string EveryKindNode = "for node in $(kind get nodes | grep -e -control-plane); do";

    private const string SignKind = $"""
        {EveryKindNode}
        docker exec "$node" sh -c 'cp -p {Pki}/sa.key {Pki}/sa-previous.key && mv {Pki}/sa-next.key {Pki}/sa.key'
        docker exec "$node" sh -c '{RestartApiServer} && {RestartControllerManager}'
        done
        """;

    private const string RemoveKind = $"""
        {EveryKindNode}
        docker exec -i "$node" sh -c 'cat > {Pki}/sa.pub && rm -f {Pki}/sa-previous.key' < sa-next.pub
        docker exec "$node" sh -c '{RestartApiServer}'
        done
        """;

    /// <summary>The commands by the name of the distribution; by <c>oidc</c> where they are the same everywhere.</summary>
    /// <param name="status">The step, and the key that it is about.</param>
    /// <returns>Shell lines; those that begin with <c>#</c> state where to run the next ones.</returns>
    public static IReadOnlyList<KeyValuePair<string, IReadOnlyList<string>>> For(RotationStatus status) => status.Step switch
    {
        RotationStep.AddKey => All(AddKubeadm(create: true), AddRancher("k3s"), AddRancher("rke2"), AddKind(create: true)),
        RotationStep.CompleteKey => All(AddKubeadm(create: false), Restart("k3s"), Restart("rke2"), AddKind(create: false)),
        RotationStep.Publish => Everywhere("kubectl create job --from=cronjob/oidc \"oidc-$(date +%s)\" -n clustertrust\noidc rotate"),
        RotationStep.Wait when status is { Stage: RotationStage.OldKeyInUse } => Everywhere($"oidc rotate --safe-to-remove={ShellWord.Quote(status.Kid!)}"),
        RotationStep.Wait when status is { Stage: RotationStage.NewKeyNotCached or RotationStage.SigningKeyNotCached or RotationStage.SigningOnSomeServers } =>
            Everywhere($"oidc rotate --safe-to-sign={ShellWord.Quote(status.Kid!)}"),
        RotationStep.Wait or RotationStep.Look => [],
        RotationStep.Sign => All(SignKubeadm, SignRancher("k3s"), SignRancher("rke2"), SignKind),
        RotationStep.Remove => All(Checks + RemoveKubeadm, Checks + RemoveRancher("k3s"), Checks + RemoveRancher("rke2"), Checks + RemoveKind),
        _ => throw new ArgumentOutOfRangeException(nameof(status), status.Step, "Not a step."),
    };

    private static IReadOnlyList<KeyValuePair<string, IReadOnlyList<string>>> All(string kubeadm, string k3s, string rke2, string kind) =>
        [new("kubeadm", kubeadm.Split('\n')), new("k3s", k3s.Split('\n')), new("rke2", rke2.Split('\n')), new("talos", Talos.Split('\n')), new("kind", kind.Split('\n'))];

    private static IReadOnlyList<KeyValuePair<string, IReadOnlyList<string>>> Everywhere(string commands) => [new("oidc", commands.Split('\n'))];

    private static string AddKubeadm(bool create) => (create
        ? $"""
            # On one control-plane node. Copy both files to the same folder of the others, sa-next.key readable by root alone.
            (umask 077 && openssl genrsa -out {Pki}/sa-next.key 2048) && openssl rsa -in {Pki}/sa-next.key -pubout -out {Pki}/sa-next.pub
            # On every control-plane node, one after the other:

            """
        : "# On every control-plane node that does not accept it, with sa-next.key and sa-next.pub copied from one that does:\n")
        + $"cat {Pki}/sa-next.pub >> {Pki}/sa.pub\n{RestartApiServer}";

    private static string AddKind(bool create)
    {
        const string Add = $"""
            docker cp sa-next.key "$node":/etc/kubernetes/pki/sa-next.key
            docker exec -i "$node" sh -c 'cat >> {Pki}/sa.pub' < sa-next.pub
            docker exec "$node" sh -c '{RestartApiServer}'
            """;
        return create
            ? $"""
                (umask 077 && openssl genrsa -out sa-next.key 2048) && openssl rsa -in sa-next.key -pubout -out sa-next.pub
                {EveryKindNode}
                {Add}
                done
                """
            : $"""
                # For each NODE that does not accept it:
                node=NODE
                {Add}
                """;
    }

    // The first key of service.key signs, the others are only accepted: k3s writes it to service.current.key when it starts.
    private static string AddRancher(string product) => $"""
        # On one server (OpenSSL 1.1: without -traditional). The first key signs, so the new one goes last:
        mkdir -p /opt/{product}/server/tls && (umask 077 && openssl genrsa -traditional -out /opt/{product}/next.key 2048)
        (umask 077 && cat /var/lib/rancher/{product}/server/tls/service.key /opt/{product}/next.key > /opt/{product}/server/tls/service.key)
        {Rotate(product)}
        """;

    private static string SignRancher(string product) => $"""
        # On the server that has the new key. The first key signs, so the new one goes first:
        (umask 077 && cat /opt/{product}/next.key /var/lib/rancher/{product}/server/tls/service.current.key > /opt/{product}/server/tls/service.key)
        {Rotate(product)}
        """;

    private static string RemoveRancher(string product) => $"""
        # On the server that has the new key:
        (umask 077 && cp /var/lib/rancher/{product}/server/tls/service.current.key /opt/{product}/server/tls/service.key) && rm -f /opt/{product}/next.key
        {Rotate(product)}
        """;

    private static string Rotate(string product) => $"""
        {product} certificate rotate-ca --path=/opt/{product}/server && rm /opt/{product}/server/tls/service.key
        # On every server, one after the other:
        {Restart(product)}
        """;

    private static string Restart(string product) => product == "k3s" ? "systemctl restart k3s" : "systemctl restart rke2-server";
}
