namespace ClusterTrust.Hosting.Output;

/// <summary>
/// All output to standard output: every line passes <see cref="Sanitizer.CleanLine"/>. <see cref="WriteLine(string?)"/> writes exactly one
/// line, whatever the text contains; <see cref="TextWriter.Write(string?)"/> writes a document whose line breaks are its own, such as JSON.
/// </summary>
/// <param name="inner">Standard output.</param>
public sealed class ReportWriter(TextWriter inner) : TextWriter
{
    private const int MaxLineLength = 4 * Sanitizer.MessageLength;

    private readonly StringBuilder _line = new();

    /// <summary>A writer for standard output, which need not be disposed of.</summary>
    public static TextWriter For(TextWriter inner) => inner as ReportWriter ?? new ReportWriter(inner);

    public override Encoding Encoding => inner.Encoding;

    public override void Write(char value)
    {
        if (value == '\n')
        {
            Send("\n");
        }
        else
        {
            _line.Append(value);
        }
    }

    public override void WriteLine(string? value)
    {
        value ??= "";
        Write((value.Length > MaxLineLength ? value[..MaxLineLength] + "…" : value).ReplaceLineEndings(" "));
        Write('\n');
    }

    public override void Flush() => Send("");

    /// <exception cref="JobException">Standard output is closed or full.</exception>
    private void Send(string end)
    {
        var text = Sanitizer.CleanLine(_line.ToString()) + end;
        _line.Clear();
        try
        {
            inner.Write(text);
            inner.Flush();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new JobException(
                $"The results cannot be written to standard output ({(e.InnerException ?? e).Message.TrimEnd('.')}): check what it is connected to.", ExitCode.Failed, e);
        }
    }
}
