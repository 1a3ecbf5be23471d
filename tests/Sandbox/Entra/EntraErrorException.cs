namespace ClusterTrust.Sandbox.Entra;

/// <summary>Carries a refusal up to the token endpoint.</summary>
internal sealed class EntraErrorException(EntraError error) : Exception($"AADSTS{error.Code}: {error.Message}")
{
    public EntraError Error { get; } = error;
}
