namespace ClusterTrust.Oidc.Repository;

/// <summary>
/// A file that is mounted from a Secret or ConfigMap: a key, a token, host keys. Content in another encoding or wrapping is converted,
/// with a warning when it is first read; content of another kind is refused and named.
/// </summary>
/// <param name="what">What it is, for messages: "deploy key".</param>
/// <param name="setting">The flag of the setting that names it.</param>
internal sealed partial class SecretFile(string path, string what, string setting, ILogger? logger = null)
{
    private bool _isReported;

    /// <summary>Starts sentences about the file: "The deploy key '/etc/keys/key'".</summary>
    public string Subject => $"The {what} '{Sanitizer.Sanitize(path)}'";

    /// <param name="kinds">The accepted kinds, at least one. If the content is of none, the message is about the first, or about OpenPGP if the content is OpenPGP.</param>
    /// <returns>The content as text.</returns>
    /// <exception cref="JobException">It is missing, unreadable, empty, too large or of another kind (exit code 2).</exception>
    public string Read(params ReadOnlySpan<FileKind> kinds)
    {
        var bytes = ReadBytes();
        string? fault = null;
        foreach (var kind in kinds)
        {
            using var content = FileContent.Read(bytes, kind);
            if (content.Fault is not null)
            {
                // The message about the kind that the content resembles.
                fault = fault is null || (kind == FileKind.PgpPrivateKey && bytes.AsSpan().IndexOf("BEGIN PGP"u8) >= 0) ? content.Fault : fault;
                continue;
            }

            if (!_isReported && logger is not null)
            {
                _isReported = true;
                foreach (var warning in content.Warnings)
                {
                    LogConverted(logger, Subject, warning);
                }
            }

            return Encoding.UTF8.GetString(content.Bytes.Span);
        }

        throw Usage($"{Subject} {fault}.");
    }

    /// <summary>Reads a passphrase, whose last line end does not count.</summary>
    /// <returns>Null if the file is empty, as an unused key of a Secret is.</returns>
    /// <exception cref="JobException">It is missing, unreadable or too large (exit code 2).</exception>
    public string? ReadPassphrase()
    {
        var text = Encoding.UTF8.GetString(ReadBytes()).TrimStart('\uFEFF');
        text = text.EndsWith("\r\n", StringComparison.Ordinal) ? text[..^2] : text.EndsWith('\n') ? text[..^1] : text;
        return text.Length > 0 ? text : null;
    }

    private byte[] ReadBytes()
    {
        try
        {
            using var content = InputFile.Read(path);
            return content.Memory.ToArray();
        }
        catch (InputFileException fault)
        {
            throw Usage($"{Subject} {fault.Message}, or correct {setting}.", fault);
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException)
        {
            throw Usage($"There is no {what} '{Sanitizer.Sanitize(path)}': check {setting} and that the Secret is mounted.", fault);
        }
        catch (Exception fault) when (fault is UnauthorizedAccessException or IOException)
        {
            throw Usage($"{Subject} cannot be read: grant this user access (fsGroup and defaultMode of the volume).", fault);
        }
    }

    private static JobException Usage(string message, Exception? cause = null) => new(message, ExitCode.Usage, cause);

    [LoggerMessage(EventId = 1023, EventName = "SecretFileConverted", Level = LogLevel.Warning, Message = "{File} {Conversion}")]
    private static partial void LogConverted(ILogger logger, string file, string conversion);
}
