namespace ClusterTrust.Oidc.Trust;

/// <summary>Writes values into commands for a POSIX shell.</summary>
internal static class ShellText
{
    /// <summary>The value in single quotes (POSIX shell command language §2.2.2), so that nothing in it is expanded.</summary>
    public static string Quote(string value) => $"'{value.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
