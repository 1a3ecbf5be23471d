namespace ClusterTrust.CertSync.Serving;

/// <summary>Decides which endpoints of a certificate are connected to. The annotation, which tenants write, is not trusted.</summary>
public sealed class EndpointPlanner(SyncPolicy policy)
{
    /// <summary>Endpoints of one certificate that annotations may name.</summary>
    public const int MaximumEndpoints = 4;

    /// <summary>The Secrets of a certificate that have the annotation.</summary>
    public static IEnumerable<TlsSecretRef> Annotated(IEnumerable<TlsSecretRef> sources) =>
        sources.Where(static secret => !string.IsNullOrWhiteSpace(secret.Annotations.GetValueOrDefault(Annotations.Endpoints)));

    /// <returns>The endpoints to connect to, each with the Secret whose annotation names it, and a line for each that is refused.</returns>
    public (IReadOnlyDictionary<Endpoint, TlsSecretRef> Endpoints, ImmutableArray<EndpointCheck> Refused) Plan(IEnumerable<TlsSecretRef> sources, VaultHistory vault)
    {
        var planned = new Dictionary<Endpoint, TlsSecretRef>();
        var refused = ImmutableArray.CreateBuilder<EndpointCheck>();
        var (isOurs, owner, madeFrom) = (Ownership.OwnerOf(vault.Current, policy.Cluster) == Owner.Us, Ownership.NamespaceOf(vault.Current), Ownership.SourcesOf(vault.Current));

        // The owner's first, so that the endpoints of a copy in another namespace do not use up the maximum.
        foreach (var secret in Annotated(Ownership.Ordered(sources, owner)))
        {
            if (!isOurs)
            {
                Refuse(secret, "", $"'{vault.Current.Name}' in {vault.Current.Vault} was not written by this job for this cluster, so the endpoints of {secret} cannot be compared with it: see certsync plan.");
            }
            else if (secret.Namespace != owner && !madeFrom.Contains(secret.Source) && !policy.IsGranted(secret.Namespace, vault.Current.Name))
            {
                Refuse(secret, "", $"'{vault.Current.Name}' in {vault.Current.Vault} does not belong to namespace {secret.Namespace}, so the endpoints of {secret} are not connected to: see certsync plan.");
            }
            else
            {
                PlanSecret(secret);
            }
        }

        return (planned, refused.ToImmutable());

        void PlanSecret(TlsSecretRef secret)
        {
            var texts = secret.Annotations[Annotations.Endpoints].Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            if (texts.Length > MaximumEndpoints)
            {
                Refuse(secret, "", $"The annotation {Annotations.Endpoints} of {secret} names {texts.Length} endpoints, and at most {MaximumEndpoints} are allowed: remove some, or specify them with --endpoint.");
                return;
            }

            foreach (var text in texts)
            {
                if (Endpoint.Parse(text, allowsAddress: false) is not { } endpoint)
                {
                    Refuse(secret, "", $"The annotation {Annotations.Endpoints} of {secret} has '{Annotations.Quote(text)}', which is not HOST or HOST:PORT with a DNS name: correct it.");
                }
                else if (!HostRules.IsNamed(endpoint.Host, vault.Identities))
                {
                    Refuse(secret, endpoint.ToString(), $"The certificate '{vault.Current.Name}' in {vault.Current.Vault} is not for the host {endpoint.Host}, so {secret} may not name it in the annotation {Annotations.Endpoints}: correct the host, or specify it with --endpoint.");
                }
                else if (planned.Count >= MaximumEndpoints && !planned.ContainsKey(endpoint))
                {
                    Refuse(secret, endpoint.ToString(), $"The Secrets of '{vault.Current.Name}' in {vault.Current.Vault} name more than {MaximumEndpoints} endpoints, so {endpoint} of {secret} is omitted: remove some, or specify them with --endpoint.");
                }
                else
                {
                    planned.TryAdd(endpoint, secret);
                }
            }
        }

        void Refuse(TlsSecretRef secret, string endpoint, string sentence) =>
            refused.Add(new EndpointCheck(ServingState.Refused, sentence) { Endpoint = endpoint, Vault = vault.Current.Vault, Name = vault.Current.Name, Secret = secret });
    }
}
