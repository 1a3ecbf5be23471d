namespace ClusterTrust.Text;

/// <summary>Words of commands that people paste into a shell.</summary>
public static class ShellWord
{
    /// <summary>The value in single quotes (POSIX shell command language §2.2.2), so that nothing in it is expanded or run.</summary>
    /// <param name="value">Any text; a key id that others published may contain any printable character.</param>
    public static string Quote(string value) => $"'{value.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
