namespace ClusterTrust.EndToEnd.Tests.Oidc;

/// <summary>The published status page in headless Chromium, narrow and wide, light and dark.</summary>
[Trait("ApiServer", "own")]
public sealed partial class StatusPageBrowserTests : SandboxTest
{
    // Measures the page in frames of both widths. The frames are of the wrapper's own origin, so that it may look into them.
    private const string Script = """
        const contrast = (front, back) => {
          const light = text => {
            const part = text.match(/[\d.]+/g).slice(0, 3).map(value => value / 255).map(value => value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
            return 0.2126 * part[0] + 0.7152 * part[1] + 0.0722 * part[2];
          };
          const [high, low] = [light(front), light(back)].sort((a, b) => b - a);
          return (high + 0.05) / (low + 0.05);
        };
        onload = () => {
          const measured = [...document.querySelectorAll('iframe')].map(frame => {
            const page = frame.contentDocument, root = page.documentElement, style = element => frame.contentWindow.getComputedStyle(element);
            const boxed = [...page.querySelectorAll('dl, pre')], back = style(page.body).backgroundColor, box = style(boxed[0]).backgroundColor;
            return {
              width: root.clientWidth,
              scroll: root.scrollWidth,
              outside: [...page.querySelectorAll('body *')].filter(element => element.closest('pre') === null && element.getBoundingClientRect().right > root.clientWidth + 0.5).length,
              scripts: page.scripts.length,
              loaded: frame.contentWindow.performance.getEntriesByType('resource').length,
              keys: page.querySelectorAll('dl').length,
              dark: back !== 'rgb(255, 255, 255)',
              contrast: Math.min(
                ...[...page.querySelectorAll('h1, p, a')].map(element => contrast(style(element).color, back)),
                ...[...page.querySelectorAll('dt, dd, pre, .gone')].map(element => contrast(style(element).color, box))),
            };
          });
          document.body.textContent = '[[' + JSON.stringify(measured) + ']]';
        };
        """;

    [Fact]
    public Task It_fits_is_readable_and_loads_nothing() => MeasureAsync(dark: false);

    [Fact]
    [Trait("Duration", "long")]
    public Task It_fits_is_readable_and_loads_nothing_in_the_dark() => MeasureAsync(dark: true);

    private async Task MeasureAsync(bool dark)
    {
        var page = await PublishPageAsync();
        await using var chromium = new BinaryRunner(Tools.Find("chromium", "chromium"));
        var frames = string.Concat(new[] { 400, 1280 }.Select(width => $"<iframe style=\"border:0;width:{width}px;height:6000px\" srcdoc=\"{WebUtility.HtmlEncode(page)}\"></iframe>\n"));
        var wrapper = Cluster.Folder.Write("wrapper.html", $"<!DOCTYPE html><meta name=\"color-scheme\" content=\"light dark\"><body>{frames}<script>{Script}</script></body>");

        var output = await chromium.RunAsync(
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
            "--disable-sync", "--disable-dev-shm-usage", $"--user-data-dir={chromium.Home}/profile", $"--blink-settings=preferredColorScheme={(dark ? 0 : 1)}",
            "--window-size=1400,1000", "--virtual-time-budget=5000", "--dump-dom", $"file://{wrapper}");

        var found = Measured().Match(output.StandardOutput);
        Assert.True(found.Success, output.ToString());
        var measured = JsonNode.Parse(WebUtility.HtmlDecode(found.Groups[1].Value))!.AsArray();
        Assert.Equal([400, 1280], measured.Select(frame => (int)frame!["width"]!));
        foreach (var frame in measured.Select(frame => frame!.AsObject()))
        {
            Assert.True((int)frame["scroll"]! == (int)frame["width"]!, $"The page scrolls sideways: {frame.ToJsonString()}");
            Assert.Equal((0, 0, 0), ((int)frame["outside"]!, (int)frame["scripts"]!, (int)frame["loaded"]!));
            Assert.Equal(3, (int)frame["keys"]!);
            Assert.Equal(dark, (bool)frame["dark"]!);
            Assert.True((double)frame["contrast"]! >= 4.5, string.Create(CultureInfo.InvariantCulture, $"Text is hard to read: {frame.ToJsonString()}"));
        }
    }

    /// <summary>A page with every kind of key: two that are served, one that no longer is.</summary>
    private async Task<string> PublishPageAsync()
    {
        var old = Cluster.ApiServer.Keys.Signing;
        Cluster.ApiServer.Keys.Rotate();
        Cluster.ApiServer.Keys.Announce(SigningAlgorithm.ES256);
        Cluster.RenewTokens();
        await PublishedAsync();
        Cluster.ApiServer.Keys.Drop(old);
        await PublishedAsync();
        return (await Cluster.Repository.ReadTextAsync("main", "index.html"))!;
    }

    [GeneratedRegex(@"\[\[(\[.*\])\]\]", RegexOptions.Singleline)]
    private static partial Regex Measured();
}
