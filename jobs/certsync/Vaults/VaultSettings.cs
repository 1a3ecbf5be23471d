using Azure.Core.Pipeline;
using Azure.Security.KeyVault.Certificates;

namespace ClusterTrust.CertSync.Vaults;

/// <summary>How vaults are spoken to.</summary>
public sealed record VaultSettings
{
    /// <summary>
    /// Takes a challenge whose resource is not the vault's domain. For emulators only: otherwise a host that is no vault could ask
    /// for a token that opens one.
    /// </summary>
    public bool DisableChallengeVerification { get; init; }

    /// <summary>How often a request is sent again after 429, 5xx or a failed connection.</summary>
    public int Retries { get; init; } = 5;

    /// <summary>The first wait between tries, doubled each time (Key Vault throttling guidance: 1, 2, 4, 8, 16 s); <c>Retry-After</c> overrides.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long one try may take.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long deletion and recovery, which the vault does on its own time, are waited for.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary>How often it is looked whether they are done.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Imports a vault takes in <see cref="ImportWindow"/> (Key Vault service limits: 300 in 10 s).</summary>
    public int ImportLimit { get; init; } = 300;

    /// <summary>The time over which <see cref="ImportLimit"/> counts.</summary>
    public TimeSpan ImportWindow { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// The settings of one of several processes that import into the same vaults at the same time. They know of one another only how
    /// many there are, so that each keeps to its part of the limit.
    /// </summary>
    /// <param name="processes">How many, at least 1.</param>
    public VaultSettings SharedBy(int processes) => this with { ImportLimit = Math.Max(1, ImportLimit / processes) };

    /// <summary>
    /// The version of the API that is spoken. The newest are not in every cloud for months after they came out, and whatever
    /// resembles Key Vault may not know them at all; nothing newer than this one is needed.
    /// </summary>
    public CertificateClientOptions.ServiceVersion ApiVersion { get; init; } = CertificateClientOptions.ServiceVersion.V7_4;

    /// <summary>What carries the requests to all vaults and to the authority; the SDK's shared one if null.</summary>
    public HttpPipelineTransport? Transport { get; init; }
}
