using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ClusterTrust.Hosting;

/// <summary>
/// Reads the files that settings, kubeconfigs and volumes name. A pipe or a device may never end, and opening a pipe may never return:
/// neither is read.
/// </summary>
public static class InputFile
{
    /// <summary>The most bytes that are read: 4 MiB, four times the limit of a Secret or a ConfigMap.</summary>
    public const int MaximumLength = 4 * 1024 * 1024;

    /// <returns>The content, in memory that is wiped when it is disposed of.</returns>
    /// <exception cref="InputFileException">It is no regular file, or longer than <see cref="MaximumLength"/>.</exception>
    /// <exception cref="IOException">It does not exist or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not read it.</exception>
    public static PinnedBuffer Read(string path)
    {
        using var file = Open(path);
        var content = new PinnedBuffer(16 * 1024);
        try
        {
            for (int count; (count = file.Read(content.Free(1).Span)) > 0;)
            {
                content.Advance(count);
                if (content.Length > MaximumLength)
                {
                    throw new InputFileException($"has more than {MaximumLength} bytes: check the path");
                }
            }

            return content;
        }
        catch
        {
            content.Dispose();
            throw;
        }
    }

    /// <summary>Reads a file and checks its content; if it is no regular file or too long, that is the <see cref="FileContent.Fault"/>.</summary>
    /// <exception cref="IOException">It does not exist or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not read it.</exception>
    public static FileContent Read(string path, FileKind expected)
    {
        try
        {
            using var content = Read(path);
            return FileContent.Read(content.Memory.Span, expected);
        }
        catch (InputFileException unsuitable)
        {
            return FileContent.Unreadable(unsuitable.Message);
        }
    }

    private static FileStream Open(string path)
    {
        if (Directory.Exists(path))
        {
            throw new InputFileException("is a directory: name a file in it");
        }

        var descriptor = path.Length == 0 || path.Contains('\0') ? -1 : OpenWithoutWaiting(Encoding.UTF8.GetBytes(Path.GetFullPath(path) + '\0'), Flags);

        // If it cannot be opened, .NET opens it again for the exception.
        var file = new FileStream(descriptor < 0 ? File.OpenHandle(path) : new SafeFileHandle(descriptor, ownsHandle: true), FileAccess.Read, bufferSize: 0);
        if (!file.CanSeek)
        {
            file.Dispose();
            throw new InputFileException("is not a regular file, but a pipe, socket or terminal: check the path");
        }

        return file;
    }

    /// <summary>O_RDONLY, O_NONBLOCK and O_CLOEXEC. .NET has no option for the second, without which a pipe is opened only when another process writes to it.</summary>
    private static int Flags => OperatingSystem.IsMacOS() ? 0x0100_0004 : 0x8_0800;

    [DllImport("libc", EntryPoint = "open")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int OpenWithoutWaiting(byte[] path, int flags);
}

/// <summary>A file that is not read, whatever it contains.</summary>
/// <param name="clause">Why and what to do, to follow the file's name: <c>is a directory: name a file in it</c>.</param>
public sealed class InputFileException(string clause) : IOException(clause);
