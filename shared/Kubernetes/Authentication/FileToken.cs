using ClusterTrust.Hosting;
using ClusterTrust.Text;

namespace ClusterTrust.Kubernetes.Authentication;

/// <summary>A token in a file that someone else renews: kubelet writes the pod's token anew before it expires.</summary>
internal sealed class FileToken(string path, TimeProvider clock) : ITokenSource
{
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(1);

    private readonly Lock gate = new();
    private string? token;
    private long readAt;

    /// <summary>Reads the file unless it was read less than a minute ago.</summary>
    /// <exception cref="JobException">The file is missing, unreadable or empty.</exception>
    public string Read()
    {
        lock (gate)
        {
            if (token is null || clock.GetElapsedTime(readAt) >= Fresh)
            {
                token = Load();
                readAt = clock.GetTimestamp();
            }

            return token;
        }
    }

    public ValueTask<string?> GetAsync(CancellationToken cancellation) => ValueTask.FromResult<string?>(Read());

    public bool Refused()
    {
        lock (gate)
        {
            token = null;
            return true;
        }
    }

    private string Load()
    {
        try
        {
            using var content = FileContent.ReadFile(path, FileKind.Token);
            return content.Fault is { } fault
                ? throw new JobException($"The token file {Sanitizer.Sanitize(path)} {fault}.", ExitCode.Usage)
                : content.Text;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new JobException($"The token file {Sanitizer.Sanitize(path)} cannot be read: mount the ServiceAccount token (automountServiceAccountToken: true), or correct the path.", ExitCode.Usage, fault);
        }
    }
}
