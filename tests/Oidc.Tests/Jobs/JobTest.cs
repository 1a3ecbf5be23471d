namespace ClusterTrust.Oidc.Tests.Jobs;

/// <summary>A job in this process, among fakes of its edges: a cluster, a repository, and the site that serves the repository.</summary>
public abstract class JobTest : IDisposable
{
    private protected static readonly DateTimeOffset Start = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);
    private protected static readonly SiteLayout Layout = SiteLayout.For(TestIssuer, "example/cluster-a");

    private readonly StringWriter _output = new() { NewLine = "\n" };
    private readonly PublicSite _site;

    protected JobTest()
    {
        Answer = Serve;
        Pages = new StubHandler(request => Answer(request));
        Cluster.IssuesAt = () => Clock.Now;
        _site = new PublicSite(Pages);
    }

    private protected FakeCluster Cluster { get; } = new();

    private protected FakeRepository Repository { get; } = new();

    private protected SwiftClock Clock { get; } = new(Start);

    private protected ListLogger<PublishJob> Log { get; } = new();

    private protected OidcOptions Options { get; set; } = new(new SettingValues("OIDC_", new Dictionary<string, string>())) { Repository = "git@github.com:example/cluster-a.git" };

    /// <summary>The public site.</summary>
    private protected StubHandler Pages { get; }

    /// <summary>Answers for it; the files of the repository at first.</summary>
    private protected Func<HttpRequestMessage, HttpResponseMessage> Answer { get; set; }

    /// <summary>The site's <c>Last-Modified</c>; null for none.</summary>
    private protected DateTimeOffset? Deployed { get; set; } = Start;

    private protected string Output => _output.ToString();

    public void Dispose()
    {
        _site.Dispose();
        Pages.Dispose();
        _output.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected Task<JobResult> PublishAsync(string command = "publish", bool detailedExitCode = false, CancellationToken stopping = default) =>
        new PublishJob(Options, Cluster, Repository, Verifier(), Run(command, detailedExitCode), Clock, Log).RunAsync(stopping);

    /// <summary>Publishes, with success, what the cluster serves from now on: these keys.</summary>
    private protected async Task PublishKeysAsync(params int[] keys)
    {
        Cluster.Keys = keys;
        Assert.Equal(ExitCode.Done, (await PublishAsync()).ExitCode);
    }

    private protected Task<JobResult> VerifyAsync() =>
        new VerifyJob(Options, Cluster, Verifier(), Run("verify"), new ListLogger<VerifyJob>()).RunAsync(default);

    private protected Task<JobResult> RotateAsync(string? safeToSign = null, string? safeToRemove = null, OutputFormat format = OutputFormat.Table)
    {
        var options = Options with { SafeToSign = safeToSign, SafeToRemove = safeToRemove };
        return new RotateJob(options, Cluster, Verifier(), Run("rotate", format: format), Clock, new ListLogger<RotateJob>()).RunAsync(default);
    }

    /// <summary>Publishes, which fails and commits nothing.</summary>
    private protected async Task RefusesAsync(ExitCode exitCode, string message, string command = "publish")
    {
        var commits = Repository.Commits.Count;
        await Assert.FaultAsync(exitCode, message, () => PublishAsync(command));
        Assert.Equal(commits, Repository.Commits.Count);
    }

    private protected void AssertLogged(string part) => Assert.Contains(Log.Entries, entry => entry.Contains(part, StringComparison.Ordinal));

    private protected void Drop(int key) => Options = Options with { Plan = Options.Plan with { DropKeys = [Kid(key)] } };

    /// <summary>Writes into the repository as another user.</summary>
    private protected void Put(string path, byte[] content) => Repository.Site = Repository.Site.With(new SiteFile(path, content));

    /// <summary>Writes another key set into the repository.</summary>
    private protected void PutKeys(params JsonWebKey[] keys) => Put(Layout.JwksPath, Bytes(JwksOf(keys)));

    /// <summary>Answers for one document of the site.</summary>
    private protected void AnswerFor(string document, HttpStatusCode status, params byte[] content) => Answer = request =>
        request.RequestUri!.AbsolutePath.EndsWith(document, StringComparison.Ordinal) ? new HttpResponseMessage(status) { Content = new ByteArrayContent(content) } : Serve(request);

    private protected string[] PublishedKids() =>
        [.. JsonNode.Parse(Repository.Site.Find(Layout.JwksPath)!.Value.Span)!["keys"]!.AsArray().Select(key => (string)key!["kid"]!)];

    private protected static string Kid(int key) => RsaKey(key).Kid;

    /// <summary>Serves the repository, as Pages does.</summary>
    private protected HttpResponseMessage Serve(HttpRequestMessage request)
    {
        var path = request.RequestUri!.AbsolutePath["/cluster-a/".Length..];
        return Repository.Site.Find(path) is { } content
            ? new HttpResponseMessage(HttpStatusCode.OK) { Content = new ByteArrayContent(content.ToArray()) { Headers = { LastModified = Deployed } } }
            : new HttpResponseMessage(HttpStatusCode.NotFound);
    }

    private protected JobRun Run(string command, bool detailedExitCode = false, OutputFormat format = OutputFormat.Table) =>
        new() { Job = "oidc", Command = command, RunId = "0123456789ab", Output = _output, DetailedExitCode = detailedExitCode, Format = format };

    private IssuerVerifier Verifier() => new(Options.Verification, _site, Clock, new ListLogger<IssuerVerifier>());
}
