namespace ClusterTrust.Sandbox.Pages;

/// <summary>An answer as the origin gives it and the CDN keeps it.</summary>
/// <param name="Status">200, 301 or 404.</param>
/// <param name="ContentType">The content type.</param>
/// <param name="Body">The body.</param>
/// <param name="ETag">With quotes; null for 301 and 404.</param>
/// <param name="LastModified">When the site was published; null for 301 and 404.</param>
/// <param name="Location">Where a 301 leads.</param>
internal sealed record PagesAnswer(int Status, string ContentType, byte[] Body, string? ETag = null, DateTimeOffset? LastModified = null, string? Location = null);
