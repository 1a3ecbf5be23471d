namespace ClusterTrust.Sandbox.Git;

/// <summary>One commit of a history.</summary>
/// <param name="Sha">40 hexadecimal digits.</param>
/// <param name="Parents">The parents' ids; none for a root commit.</param>
/// <param name="Author">Author as <c>Name &lt;email&gt;</c>.</param>
/// <param name="Committer">Committer as <c>Name &lt;email&gt;</c>.</param>
/// <param name="Time">The commit's time, in whole seconds.</param>
/// <param name="Message">The whole message without trailing line feeds.</param>
public sealed record GitLogEntry(string Sha, IReadOnlyList<string> Parents, string Author, string Committer, DateTimeOffset Time, string Message)
{
    /// <summary>The message's first line.</summary>
    public string Subject => Message.Split('\n')[0];
}
