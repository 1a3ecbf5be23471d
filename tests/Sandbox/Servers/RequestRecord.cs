namespace ClusterTrust.Sandbox.Servers;

/// <summary>One request a server saw.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Path">Path and query as sent.</param>
/// <param name="Status">The status answered; 0 when the connection was dropped.</param>
/// <param name="RequestBytes">Length of the request's body.</param>
/// <param name="ResponseBytes">Length of the answer's body as sent.</param>
/// <param name="Authorization">The scheme of the Authorization header (never the credential), or null.</param>
public sealed record RequestRecord(string Method, string Path, int Status, long RequestBytes, long ResponseBytes, string? Authorization);
