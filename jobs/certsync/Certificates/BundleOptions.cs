namespace ClusterTrust.CertSync.Certificates;

/// <summary>How a chain is put together.</summary>
/// <param name="IncludeRoot">Keep the self-signed root at the end of the chain; by default it is dropped, as TLS servers do.</param>
/// <param name="StrictChain">Refuse a chain with a gap instead of only reporting it.</param>
public sealed record BundleOptions(bool IncludeRoot = false, bool StrictChain = false);
