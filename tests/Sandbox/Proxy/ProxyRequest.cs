namespace ClusterTrust.Sandbox.Proxy;

/// <summary>One request that the proxy saw.</summary>
/// <param name="Method">CONNECT, or what else was tried.</param>
/// <param name="Host">The host asked for, as the client wrote it.</param>
/// <param name="Port">The port asked for.</param>
/// <param name="Status">What the proxy answered: 200, 400, 407, 501 or 502; 0 when a fault reset the connection before an answer.</param>
public sealed record ProxyRequest(string Method, string Host, int Port, int Status);
