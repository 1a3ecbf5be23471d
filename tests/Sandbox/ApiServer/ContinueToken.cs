namespace ClusterTrust.Sandbox.ApiServer;

/// <summary>Where a list continues: base64url JSON, which clients must treat as opaque.</summary>
/// <param name="Rv">The revision of the first page; -1 for the latest, after the first was compacted.</param>
/// <param name="Start">The first key that may follow, relative to what is listed.</param>
internal sealed record ContinueToken(string V, long Rv, string Start)
{
    public static ContinueToken Parse(string text) => Base64Url.IsValid(text)
        ? JsonSerializer.Deserialize<ContinueToken>(Base64Url.DecodeFromChars(text), JsonSerializerOptions.Web)!
        : throw ApiStatus.BadRequest($"invalid continue token: continue key is not valid: illegal base64 data at input byte {text.Length - 1}");

    /// <summary>The token that continues after a key. That of the first page has a leading slash, later ones have none; both name the same key.</summary>
    public static ContinueToken After(long revision, string key, bool firstPage) => new("meta.k8s.io/v1", revision, $"{(firstPage ? "/" : "")}{key}\0");

    public override string ToString() => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(this, JsonSerializerOptions.Web));
}
