namespace ClusterTrust.Demo;

/// <summary>A step of the demo did not end as it must.</summary>
internal sealed class UnexpectedEndException(string message) : Exception(message);
