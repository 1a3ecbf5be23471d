using System.Collections.Concurrent;
using ClusterTrust.Hosting;
using ClusterTrust.Oidc.Site;
using LibGit2Sharp;

namespace ClusterTrust.Oidc.Repository.Git;

/// <summary>A service of a Git server.</summary>
internal enum GitService
{
    /// <summary>Sends objects: <c>git-upload-pack</c>.</summary>
    UploadPack,

    /// <summary>Takes objects and moves branches: <c>git-receive-pack</c>.</summary>
    ReceivePack,
}

/// <summary>
/// The connection to one repository. libgit2 finds subtransports by an address's scheme only and creates them itself; the address that
/// it is given therefore carries this transport's id, by which the subtransport finds it. So several repositories can be in use at once.
/// </summary>
internal abstract class GitTransport : IDisposable
{
    private static readonly ConcurrentDictionary<string, GitTransport> Open = new(StringComparer.Ordinal);

    private readonly string id = Guid.NewGuid().ToString("N");

    /// <param name="address">Where it leads.</param>
    /// <param name="secret">What must not be quoted of what the server says; null for nothing.</param>
    protected GitTransport(RepositoryAddress address, string? secret = null)
    {
        Address = address;
        Output = new ServerOutput(secret);
        Open[id] = this;
    }

    /// <summary>Where it leads.</summary>
    public RepositoryAddress Address { get; }

    /// <summary>What libgit2 is told to open.</summary>
    public virtual string Url => $"{Scheme}://{id}/repository";

    /// <summary>Whether the latest commit can be had without its history.</summary>
    public virtual bool CanBeShallow => true;

    /// <summary>How many bytes one conversation may bring.</summary>
    public long MostReceived { get; init; } = long.MaxValue;

    /// <summary>How long one conversation may last.</summary>
    public TimeSpan LongestConversation { get; init; } = TimeSpan.MaxValue;

    /// <summary>The only branch that libgit2 gets to see, or null for all of them: what it sees, it fetches.</summary>
    public string? OnlyBranch { get; set; }

    /// <summary>Ends what is going on.</summary>
    public CancellationToken Cancellation { get; set; }

    /// <summary>The first thing that went wrong since <see cref="Begin"/>; libgit2 keeps no more of it than a text.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>What the server wrote for people since <see cref="Begin"/>.</summary>
    public ServerOutput Output { get; }

    /// <summary>The scheme that its transport is registered for.</summary>
    protected abstract string Scheme { get; }

    /// <summary>The transport of an address that libgit2 opens.</summary>
    public static GitTransport Of(string url) => Open[new Uri(url).Host];

    /// <summary>Connects, if it is not connected.</summary>
    /// <exception cref="JobException">It cannot.</exception>
    public abstract Task ConnectAsync(CancellationToken cancellation);

    /// <summary>Starts talking to a service.</summary>
    /// <param name="service">The service.</param>
    /// <param name="advertises">Whether this is for the list of branches, where the two differ.</param>
    public abstract GitExchange Talk(GitService service, bool advertises);

    /// <summary>Forgets what went wrong before.</summary>
    public void Begin(CancellationToken cancellation)
    {
        Cancellation = cancellation;
        Failure = null;
        Output.Clear();
    }

    /// <summary>Keeps a failure, unless there is one before it that caused it.</summary>
    public void Failed(Exception failure) => Failure ??= failure;

    /// <inheritdoc/>
    public void Dispose()
    {
        Open.TryRemove(id, out _);
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Lets go of the connection.</summary>
    protected abstract void Dispose(bool disposing);

    /// <summary>Which service, and whether it is asked for its branches.</summary>
    public static (GitService Service, bool Advertises) Meaning(GitSmartSubtransportAction action) => action switch
    {
        GitSmartSubtransportAction.UploadPackList => (GitService.UploadPack, true),
        GitSmartSubtransportAction.UploadPack => (GitService.UploadPack, false),
        GitSmartSubtransportAction.ReceivePackList => (GitService.ReceivePack, true),
        _ => (GitService.ReceivePack, false),
    };
}
