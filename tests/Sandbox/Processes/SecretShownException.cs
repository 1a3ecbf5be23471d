namespace ClusterTrust.Sandbox.Processes;

/// <summary>A job has shown what nobody may see.</summary>
public sealed class SecretShownException(string message) : Exception(message);
