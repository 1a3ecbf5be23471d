namespace ClusterTrust.Hosting;

/// <summary>One item that failed.</summary>
/// <param name="Item">Which one: <c>shop/web-tls</c>.</param>
/// <param name="Reason">Why, in one sentence.</param>
public sealed record JobFailure(string Item, string Reason);
