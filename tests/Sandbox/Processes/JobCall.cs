namespace ClusterTrust.Sandbox.Processes;

/// <summary>A run of a job.</summary>
/// <param name="Job"><c>oidc</c> or <c>certsync</c>.</param>
/// <param name="Arguments">Its arguments.</param>
/// <param name="Variables">Its whole environment.</param>
public sealed record JobCall(string Job, string[] Arguments, IReadOnlyDictionary<string, string> Variables);
