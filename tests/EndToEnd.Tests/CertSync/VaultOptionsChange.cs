using ClusterTrust.Sandbox.KeyVault;

namespace ClusterTrust.EndToEnd.Tests.CertSync;

/// <summary>Makes a vault behave in its own way.</summary>
internal delegate VaultOptions VaultOptionsChange(VaultOptions options);
