namespace ClusterTrust.CertSync.Cluster;

/// <summary>A namespace whose Secrets could not be listed, or not all of them.</summary>
/// <param name="Namespace">Its name.</param>
/// <param name="Sentence">Why, and what to do.</param>
public sealed record NamespaceFault(string Namespace, string Sentence);
