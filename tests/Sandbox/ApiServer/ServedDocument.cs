namespace ClusterTrust.Sandbox.ApiServer;

/// <summary>A document exactly as it goes over the wire.</summary>
/// <param name="Body">The bytes.</param>
/// <param name="ContentType">The Content-Type header.</param>
/// <param name="Status">HTTP status.</param>
public sealed record ServedDocument(byte[] Body, string ContentType, int Status = 200);
