using System.Text;
using ClusterTrust.Hosting;
using ClusterTrust.Oidc.Issuer;

namespace ClusterTrust.Oidc.Repository;

/// <summary>Files that are mounted from Secrets and ConfigMaps: keys, tokens, passphrases, host keys.</summary>
internal static class SecretFile
{
    // Far above any key, and low enough for a path that points at something else altogether.
    private const int MaxBytes = 1024 * 1024;

    /// <summary>Reads one.</summary>
    /// <param name="path">The file.</param>
    /// <param name="what">What it is, for the sentence.</param>
    /// <param name="setting">The setting that names it.</param>
    /// <returns>Its content, at least one byte.</returns>
    /// <exception cref="JobException">It is missing, unreadable, empty or implausibly large (exit code 2).</exception>
    public static byte[] Read(string path, string what, string setting) => ReadAny(path, what, setting) is { Length: > 0 } content
        ? content
        : throw Usage($"The {what} '{Shown.Of(path)}' is empty: check the Secret it is mounted from.");

    /// <summary>Reads one as text, without a byte order mark.</summary>
    /// <exception cref="JobException">As with <see cref="Read"/>.</exception>
    public static string ReadText(string path, string what, string setting) => Encoding.UTF8.GetString(Read(path, what, setting)).TrimStart('\uFEFF');

    /// <summary>Reads a token or a passphrase, whose last line end does not count.</summary>
    /// <returns>Null when there is nothing in it: a key of a Secret may be there and hold nothing.</returns>
    /// <exception cref="JobException">It is missing, unreadable or implausibly large (exit code 2).</exception>
    public static string? ReadLine(string path, string what, string setting)
    {
        var text = Encoding.UTF8.GetString(ReadAny(path, what, setting)).TrimStart('\uFEFF');
        text = text.EndsWith("\r\n", StringComparison.Ordinal) ? text[..^2] : text.EndsWith('\n') ? text[..^1] : text;
        return text.Length > 0 ? text : null;
    }

    private static byte[] ReadAny(string path, string what, string setting)
    {
        try
        {
            if (Directory.Exists(path))
            {
                throw Usage($"The {what} '{Shown.Of(path)}' is a folder: name the file in it with {setting}.");
            }

            using var file = File.OpenRead(path);
            using var content = new MemoryStream();
            var buffer = new byte[8192];
            while (file.Read(buffer) is var read and > 0)
            {
                content.Write(buffer, 0, read);
                if (content.Length > MaxBytes)
                {
                    throw Usage($"The {what} '{Shown.Of(path)}' is larger than {MaxBytes} bytes: name the right file with {setting}.");
                }
            }

            return content.ToArray();
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException)
        {
            throw Usage($"There is no {what} '{Shown.Of(path)}': check {setting} and that the Secret is mounted.", fault);
        }
        catch (Exception fault) when (fault is UnauthorizedAccessException or IOException)
        {
            throw Usage($"The {what} '{Shown.Of(path)}' cannot be read: let this user read it (fsGroup and defaultMode of the volume).", fault);
        }
    }

    private static JobException Usage(string message, Exception? cause = null) => new(message, ExitCode.Usage, cause);
}
