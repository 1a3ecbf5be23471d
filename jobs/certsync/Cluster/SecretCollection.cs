using System.Collections.Immutable;
using ClusterTrust.CertSync.Planning;

namespace ClusterTrust.CertSync.Cluster;

/// <summary>The Secrets seen so far, each once: a list that was resumed may show one again, and then what was seen last counts.</summary>
internal sealed class SecretCollection
{
    private readonly Dictionary<(string Namespace, string Name), TlsSecretRef> secrets = [];
    private readonly ListingBudget budget = new();

    /// <summary>The Secret that was listed last, <c>namespace/name</c>; null before the first.</summary>
    public string? Last { get; private set; }

    /// <summary>Adds a page.</summary>
    /// <param name="page">The page.</param>
    /// <param name="type">The type of Secret that was asked for.</param>
    /// <returns>Why there must not be another one, to follow "the list of Secrets"; null when there may.</returns>
    public string? Add(MetadataPage page, string type)
    {
        foreach (var item in page.Items ?? [])
        {
            if (item?.Metadata is { Name: { } name, Namespace: { } home, Uid: { } uid, ResourceVersion: { } version } metadata)
            {
                if (!secrets.ContainsKey((home, name)))
                {
                    budget.Add(home.Length + name.Length + uid.Length + version.Length + LengthOf(metadata.Labels) + LengthOf(metadata.Annotations));
                }

                Last = $"{home}/{name}";
                secrets[(home, name)] = new TlsSecretRef(home, name, uid, version)
                {
                    Type = type,
                    Labels = metadata.Labels ?? ImmutableDictionary<string, string>.Empty,
                    Annotations = metadata.Annotations ?? ImmutableDictionary<string, string>.Empty,
                };
            }
        }

        return budget.EndPage();
    }

    public ImmutableArray<TlsSecretRef> ToImmutable() => [.. secrets.Values];

    private static int LengthOf(ImmutableDictionary<string, string>? entries) => entries?.Sum(static entry => entry.Key.Length + entry.Value.Length) ?? 0;
}
