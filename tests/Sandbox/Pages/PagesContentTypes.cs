namespace ClusterTrust.Sandbox.Pages;

/// <summary>The content types that GitHub Pages gives by file extension; nobody can set others.</summary>
internal static class PagesContentTypes
{
    private static readonly Dictionary<string, string> ByExtension = new(StringComparer.OrdinalIgnoreCase)
    {
        [".html"] = "text/html; charset=utf-8",
        [".htm"] = "text/html; charset=utf-8",
        [".json"] = "application/json; charset=utf-8",
        [".map"] = "application/json; charset=utf-8",
        [".txt"] = "text/plain; charset=utf-8",
        [".css"] = "text/css; charset=utf-8",
        [".csv"] = "text/csv; charset=utf-8",
        [".js"] = "application/javascript; charset=utf-8",
        [".mjs"] = "application/javascript; charset=utf-8",
        [".md"] = "text/markdown; charset=utf-8",
        [".yaml"] = "text/yaml; charset=utf-8",
        [".yml"] = "text/yaml; charset=utf-8",
        [".xml"] = "application/xml",
        [".svg"] = "image/svg+xml",
        [".png"] = "image/png",
        [".jpg"] = "image/jpeg",
        [".jpeg"] = "image/jpeg",
        [".gif"] = "image/gif",
        [".webp"] = "image/webp",
        [".ico"] = "image/vnd.microsoft.icon",
        [".pdf"] = "application/pdf",
        [".wasm"] = "application/wasm",
        [".woff2"] = "font/woff2",
        [".zip"] = "application/zip",
    };

    /// <summary>The type of a path; <c>application/octet-stream</c> without a known extension, as for <c>openid-configuration</c>.</summary>
    public static string Of(string path) => ByExtension.GetValueOrDefault(Path.GetExtension(path), "application/octet-stream");
}
