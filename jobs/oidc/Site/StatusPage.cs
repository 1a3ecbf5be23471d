using System.Text.Encodings.Web;

namespace ClusterTrust.Oidc.Site;

/// <summary>
/// The page at the issuer's URL: which keys are published since when, and how to trust them. One HTML file without
/// scripts and external resources. It contains nothing that is not in the published documents.
/// </summary>
internal static class StatusPage
{
    private const string Marker = "<meta name=\"generator\" content=\"clustertrust-oidc\">";

    /// <summary>Whether this job wrote the page, and may replace it.</summary>
    public static bool IsOurs(ReadOnlyMemory<byte> page) => page.Span.IndexOf(Encoding.UTF8.GetBytes(Marker)) >= 0;

    public static byte[] Write(string issuer, JsonWebKeySet keys, PublishedState state)
    {
        var page = new StringBuilder();
        page.Append(CultureInfo.InvariantCulture, $"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            {Marker}
            <title>{Html(issuer)}</title>
            <style>
            {Style}
            </style>
            </head>
            <body>
            <main>
            <h1>ServiceAccount issuer</h1>
            <p class="issuer"><code>{Html(issuer)}</code></p>
            <p>Tokens of this Kubernetes cluster's ServiceAccounts verify against the keys below. Clouds read them from
            <a href="{Html(IssuerUrl.Append(issuer, IssuerUrl.DiscoveryPath))}">the discovery document</a> and
            <a href="{Html(IssuerUrl.Append(issuer, IssuerUrl.JwksPath))}">the key set</a>.</p>
            <h2>Keys</h2>

            """);
        foreach (var key in keys.Keys)
        {
            AppendKey(page, key, state.Find(key));
        }

        page.Append("<h2>Trust it</h2>\n<p>Print the commands for a cloud, with the namespace and name of the ServiceAccount. Clouds compare issuer, subject and audience to the character.</p>\n");
        foreach (var (cloud, title) in new[] { ("azure", "Azure"), ("aws", "AWS"), ("gcp", "Google Cloud") })
        {
            page.Append(CultureInfo.InvariantCulture, $"<h3>{title}</h3>\n<pre tabindex=\"0\">oidc trust --cloud {cloud} --issuer {Html(issuer)} --subject system:serviceaccount:NAMESPACE:NAME</pre>\n");
        }

        return Encoding.UTF8.GetBytes(page.Append("</main>\n</body>\n</html>\n").ToString());
    }

    private static void AppendKey(StringBuilder page, JsonWebKey key, KeyState? state)
    {
        var gone = state?.RemovedAt is { } removed ? $"\n<dt>not served since</dt><dd class=\"gone\">{Sentence.Time(removed)}</dd>" : "";
        page.Append(CultureInfo.InvariantCulture, $"""
            <dl>
            <dt>kid</dt><dd><code>{Html(key.Kid)}</code></dd>
            <dt>algorithm</dt><dd>{Html(key.Alg)}</dd>
            <dt>thumbprint</dt><dd><code>{key.Thumbprint}</code></dd>
            <dt>first seen</dt><dd>{(state is null ? "unknown" : Sentence.Time(state.FirstSeen))}</dd>{gone}
            </dl>

            """);
    }

    private static string Html(string text) => HtmlEncoder.Default.Encode(text).Replace("&#xA;", "\n", StringComparison.Ordinal);

    private const string Style = """
        :root { --text: #1b1f24; --soft: #57606a; --line: #d0d7de; --back: #ffffff; --box: #f6f8fa; --warn: #9a6700; --link: #0550ae; }
        @media (prefers-color-scheme: dark) {
          :root { --text: #e6edf3; --soft: #9ba6b2; --line: #3d444d; --back: #0d1117; --box: #161b22; --warn: #d4a72c; --link: #79c0ff; }
        }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--back); color: var(--text); font: 16px/1.5 system-ui, sans-serif; }
        main { max-width: 60rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
        h1 { font-size: 1.5rem; margin: 0 0 .5rem; }
        h2 { font-size: 1.2rem; margin: 2rem 0 .5rem; padding-bottom: .25rem; border-bottom: 1px solid var(--line); }
        h3 { font-size: 1rem; margin: 1.25rem 0 .25rem; }
        a { color: var(--link); }
        code, pre { font: .875rem/1.45 ui-monospace, Menlo, Consolas, monospace; }
        code { overflow-wrap: anywhere; }
        .issuer { font-size: 1.1rem; }
        pre { margin: 0; padding: .75rem; overflow-x: auto; background: var(--box); border: 1px solid var(--line); border-radius: 6px; }
        dl { display: grid; grid-template-columns: minmax(6rem, auto) 1fr; gap: .15rem 1rem; margin: 0 0 .75rem; padding: .75rem; background: var(--box); border: 1px solid var(--line); border-radius: 6px; }
        dt { color: var(--soft); }
        dd { margin: 0; min-width: 0; }
        .gone { color: var(--warn); }
        @media (max-width: 30rem) { dl { grid-template-columns: 1fr; } dd + dt { margin-top: .35rem; } }
        """;
}
