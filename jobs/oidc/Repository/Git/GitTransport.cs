using System.Collections.Concurrent;
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

    public static string Program(this GitSmartSubtransportAction action) => action.IsPush() ? "git-receive-pack" : "git-upload-pack";
}

/// <summary>
/// The transport to one repository. A conversation with its server consists of requests and responses; the first request is for the list of
/// references. libgit2 finds subtransports by the scheme of an address only and creates them itself; therefore <see cref="Url"/> carries
/// this transport's id, by which <see cref="Find"/> finds it, so that several repositories can be in use at once.
/// </summary>
internal abstract class GitTransport : IDisposable
{
    private const int MaxOutput = 4096;

    private static readonly ConcurrentDictionary<string, GitTransport> OpenTransports = new(StringComparer.Ordinal);

    private readonly string _id = Guid.NewGuid().ToString("N");

    protected GitTransport(RepositoryAddress address, GitRepositoryOptions options)
    {
        (Address, Options) = (address, options);
        OpenTransports[_id] = this;
    }

    public RepositoryAddress Address { get; }

    public GitRepositoryOptions Options { get; }

    /// <summary>The address that libgit2 opens.</summary>
    public virtual string Url => $"{GitLibrary.Scheme}://{_id}/repository";

    /// <summary>Whether the latest commit can be fetched without its history, as far as the server has reported.</summary>
    public bool CanBeShallow { get; set; } = true;

    /// <summary>The only branch that is listed to libgit2, because a clone fetches all that are listed; null lists all of them.</summary>
    public string? OnlyBranch { get; set; }

    /// <summary>Cancels the current transfer.</summary>
    public CancellationToken Cancellation { get; private set; }

    /// <summary>The first failure since <see cref="Begin"/>; libgit2 keeps only its message.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>The server's messages since <see cref="Begin"/>, in their order: error output, <c>ERR</c> lines, messages of hooks, error bodies. At most 4,096 characters.</summary>
    public string Output { get; private set; } = "";

    /// <summary>Whether the server has reported since <see cref="Begin"/> that it moved <see cref="OnlyBranch"/>.</summary>
    public bool IsMoveReported { get; set; }

    /// <summary><see cref="Output"/> as a sentence that follows another; empty when there is none.</summary>
    public string OutputSentence => string.IsNullOrWhiteSpace(Output) ? "" : $" The server reported: {Quote(Output)}";

    /// <summary>The transport that has this <see cref="Url"/>.</summary>
    public static GitTransport Find(string url) => OpenTransports[new Uri(url).Host];

    /// <summary>Connects, unless it is connected.</summary>
    /// <exception cref="JobException">The server cannot be reached, or refuses the credentials.</exception>
    public virtual Task ConnectAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Begins a transfer, which may consist of several conversations.</summary>
    public void Begin(CancellationToken cancellationToken) => (Cancellation, Failure, Output, IsMoveReported) = (cancellationToken, null, "", false);

    /// <summary>Runs a step of a transfer and keeps its failure, unless there is an earlier one, which is the cause.</summary>
    public void Attempt(Action step)
    {
        try
        {
            step();
        }
        catch (Exception failure)
        {
            Failure ??= failure;
            throw;
        }
    }

    /// <summary>Begins a request; one for the list of references begins a conversation.</summary>
    public abstract void BeginRequest(GitSmartSubtransportAction action);

    public abstract void Send(ReadOnlySpan<byte> data);

    /// <summary>Receives a part of the response.</summary>
    /// <returns>The number of bytes received, 0 at the end.</returns>
    /// <exception cref="JobException">The connection broke, or the server refused.</exception>
    public abstract int Receive(Memory<byte> buffer);

    /// <summary>Ends the conversation, if there is one.</summary>
    public virtual void EndConversation()
    {
    }

    /// <summary>Keeps a message of the server, up to the maximum length of <see cref="Output"/>.</summary>
    public void AddOutput(ReadOnlySpan<byte> utf8) =>
        Output += Encoding.UTF8.GetString(utf8[..Math.Min(utf8.Length, Math.Max(0, MaxOutput - Output.Length))]);

    /// <summary>Text of the server for a message: sanitized, and without the token, which the server received and may repeat.</summary>
    public virtual string Quote(string text) =>
        ServerText.Quote(string.IsNullOrWhiteSpace(Options.Token) ? text : text.Replace(Options.Token.Trim(), "(redacted)", StringComparison.Ordinal));

    public virtual void Dispose()
    {
        EndConversation();
        OpenTransports.TryRemove(_id, out _);
        GC.SuppressFinalize(this);
    }
}

/// <summary>A repository in the file system, which libgit2 opens by itself.</summary>
internal sealed class LocalTransport : GitTransport
{
    /// <summary>Begins the name of a reference that keeps a commit until a branch is moved to it.</summary>
    public const string Received = "refs/clustertrust-";

    // EEXIST, by which .NET reports that someone else holds the lock.
    private const int FileExists = 17;

    public LocalTransport(RepositoryAddress address, GitRepositoryOptions options)
        : base(address, options) => CanBeShallow = false;

    public override string Url => Address.Path;

    public override Task ConnectAsync(CancellationToken cancellationToken) =>
        !Directory.Exists(Address.Path) ? throw new JobException($"There is no repository {Address}: correct the address, or create it with git init --bare.", ExitCode.Usage)
        : File.Exists(Path.Combine(Address.Path, "shallow"))
            ? throw new JobException($"The repository {Address} is a shallow clone, from which libgit2 cannot clone: complete it with 'git fetch --unshallow', or clone it without --depth.", ExitCode.Usage)
        : Task.CompletedTask;

    /// <summary>Moves a branch to a received commit as Git does: compared and moved under the branch's lock.</summary>
    /// <param name="tip">The commit that it must be at; null if it must not exist.</param>
    /// <returns>Why it was not moved; null if it was.</returns>
    public string? Move(string branch, string? tip, string commit)
    {
        using var repository = new LibGit2Sharp.Repository(Url);

        // Of a branch that names another one, the other is moved.
        var file = Path.Combine(Url, repository.Refs["refs/heads/" + branch]?.ResolveToDirectReference()?.CanonicalName ?? "refs/heads/" + branch);
        var moving = file + ".lock";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            using var stream = new FileStream(moving, FileMode.CreateNew);
            var isMoved = false;
            try
            {
                stream.Write(Encoding.ASCII.GetBytes(commit + "\n"));
                stream.Close();
                if (RemoteBranches.Read(this).TipOf(branch) == tip)
                {
                    File.Move(moving, file, overwrite: true);
                    isMoved = true;
                }
            }
            finally
            {
                if (!isMoved)
                {
                    File.Delete(moving);
                }
            }

            return isMoved ? null : "non-fast-forward";
        }
        catch (IOException fault) when (fault.HResult == FileExists)
        {
            return "failed to lock: " + fault.Message;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new LibGit2SharpException(fault.Message, fault);
        }
        finally
        {
            repository.Refs.Remove(Received + commit);
        }
    }

    public override void BeginRequest(GitSmartSubtransportAction action) => throw new NotSupportedException();

    public override void Send(ReadOnlySpan<byte> data) => throw new NotSupportedException();

    public override int Receive(Memory<byte> buffer) => throw new NotSupportedException();
}
