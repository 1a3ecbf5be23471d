using System.Text;
using ClusterTrust.Hosting;
using ClusterTrust.Oidc.Issuer;

namespace ClusterTrust.Oidc.Repository.Git;

/// <summary>Files that are mounted from Secrets and ConfigMaps.</summary>
internal static class SecretFile
{
    private const int MaxBytes = 1024 * 1024;

    /// <summary>Reads one.</summary>
    /// <param name="path">The file.</param>
    /// <param name="what">What it is, for the sentence.</param>
    /// <param name="setting">The setting that names it.</param>
    /// <exception cref="JobException">It is missing, unreadable, empty or implausibly large (exit code 2).</exception>
    public static byte[] Read(string path, string what, string setting)
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

            return content.Length > 0 ? content.ToArray() : throw Usage($"The {what} '{Shown.Of(path)}' is empty: check the Secret it is mounted from.");
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

    /// <summary>Reads one as text, without a byte order mark.</summary>
    /// <exception cref="JobException">As with <see cref="Read"/>.</exception>
    public static string ReadText(string path, string what, string setting) => Encoding.UTF8.GetString(Read(path, what, setting)).TrimStart('\uFEFF');

    private static JobException Usage(string message, Exception? cause = null) => new(message, ExitCode.Usage, cause);
}
