using System.Collections.Concurrent;
using ClusterTrust.Hosting;
using ClusterTrust.Oidc.Site;
using LibGit2Sharp;

namespace ClusterTrust.Oidc.Repository.Git;

/// <summary>libgit2's four requests: each service of a server, and the list of references that it begins with.</summary>
internal static class GitActions
{
    /// <summary>Whether the list of references is requested.</summary>
    public static bool IsListing(this GitSmartSubtransportAction action) =>
        action is GitSmartSubtransportAction.UploadPackList or GitSmartSubtransportAction.ReceivePackList;

    /// <summary>Whether the server is to receive objects and move a branch.</summary>
    public static bool IsPush(this GitSmartSubtransportAction action) =>
        action is GitSmartSubtransportAction.ReceivePackList or GitSmartSubtransportAction.ReceivePack;

    /// <summary>The server's program.</summary>
    public static string Program(this GitSmartSubtransportAction action) => action.IsPush() ? "git-receive-pack" : "git-upload-pack";
}

/// <summary>
/// The connection to one repository. libgit2 finds subtransports by the scheme of an address only and creates them itself; therefore
/// <see cref="Url"/> carries this transport's id, by which the subtransport finds it. So several repositories can be in use at once.
/// </summary>
internal abstract class GitTransport : IDisposable
{
    private static readonly ConcurrentDictionary<string, GitTransport> OpenTransports = new(StringComparer.Ordinal);

    private readonly string _id = Guid.NewGuid().ToString("N");

    protected GitTransport(RepositoryAddress address, GitRepositoryOptions options)
    {
        (Address, Options) = (address, options);
        Output = new ServerOutput(options.Token?.Trim());
        OpenTransports[_id] = this;
    }

    public RepositoryAddress Address { get; }

    public GitRepositoryOptions Options { get; }

    /// <summary>The address that libgit2 opens.</summary>
    public virtual string Url => $"{Scheme}://{_id}/repository";

    /// <summary>Whether the latest commit can be fetched without its history.</summary>
    public virtual bool CanBeShallow => true;

    /// <summary>The branch that a clone is to fetch, which would fetch all that it sees; null shows all of them.</summary>
    public string? OnlyBranch { get; set; }

    /// <summary>Ends the transfer that is under way.</summary>
    public CancellationToken Cancellation { get; private set; }

    /// <summary>The first failure since <see cref="Begin"/>; libgit2 keeps only its message.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>The server's messages since <see cref="Begin"/>.</summary>
    public ServerOutput Output { get; }

    protected abstract string Scheme { get; }

    /// <summary>The transport that has this <see cref="Url"/>.</summary>
    public static GitTransport Find(string url) => OpenTransports[new Uri(url).Host];

    /// <summary>Connects, unless it is connected.</summary>
    /// <exception cref="JobException">The server cannot be reached, or refuses the credentials.</exception>
    public virtual Task ConnectAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Opens a conversation, and records why it cannot be opened.</summary>
    public GitExchange Open(SmartSubtransport subtransport, GitSmartSubtransportAction action)
    {
        try
        {
            return OpenExchange(subtransport, action);
        }
        catch (Exception failure)
        {
            RecordFailure(failure);
            throw;
        }
    }

    /// <summary>Begins a transfer.</summary>
    public void Begin(CancellationToken cancellationToken)
    {
        Cancellation = cancellationToken;
        Failure = null;
        Output.Clear();
    }

    /// <summary>Keeps a failure, unless there is an earlier one, which is the cause.</summary>
    public void RecordFailure(Exception failure) => Failure ??= failure;

    public void Dispose()
    {
        OpenTransports.TryRemove(_id, out _);
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <param name="subtransport">libgit2's subtransport, for which the conversation is a stream.</param>
    protected abstract GitExchange OpenExchange(SmartSubtransport subtransport, GitSmartSubtransportAction action);

    protected abstract void Dispose(bool disposing);
}

/// <summary>A repository in the file system, which libgit2 opens by itself.</summary>
internal sealed class LocalTransport(RepositoryAddress address, GitRepositoryOptions options) : GitTransport(address, options)
{
    public override string Url => Address.Path;

    public override bool CanBeShallow => false;

    protected override string Scheme => "file";

    public override Task ConnectAsync(CancellationToken cancellationToken) => Directory.Exists(Address.Path)
        ? Task.CompletedTask
        : throw new JobException($"There is no repository {Address}: correct the address, or create it with git init --bare.", ExitCode.Usage);

    protected override GitExchange OpenExchange(SmartSubtransport subtransport, GitSmartSubtransportAction action) =>
        throw new InvalidOperationException("libgit2 opens a repository in the file system by itself.");

    protected override void Dispose(bool disposing)
    {
    }
}
