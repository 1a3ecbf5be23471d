using ClusterTrust.Hosting;

namespace ClusterTrust.Oidc.Repository;

/// <summary>A person or program in a commit, and when.</summary>
public sealed record CommitIdentity
{
    /// <param name="name">The name shown; without angle brackets and line breaks, which would end it in a commit.</param>
    /// <param name="email">The address, without angle brackets and spaces.</param>
    /// <param name="time">When; whole seconds and the offset are kept.</param>
    /// <exception cref="JobException">Name or address cannot stand in a commit (exit code 2).</exception>
    public CommitIdentity(string name, string email, DateTimeOffset time)
    {
        Name = Fit(name, "name");
        Email = Fit(email, "email address");
        Time = time;
        if (email.Contains(' ', StringComparison.Ordinal))
        {
            throw Unfit("email address");
        }
    }

    /// <summary>The name shown.</summary>
    public string Name { get; }

    /// <summary>The address.</summary>
    public string Email { get; }

    /// <summary>When.</summary>
    public DateTimeOffset Time { get; }

    private static string Fit(string value, string what) =>
        string.IsNullOrWhiteSpace(value) || value.Any(c => c is '<' or '>' || char.IsControl(c)) ? throw Unfit(what) : value.Trim();

    private static JobException Unfit(string what) =>
        new($"The committer's {what} is empty or has characters that a commit cannot hold (angle brackets, control characters): correct it.", ExitCode.Usage);
}
