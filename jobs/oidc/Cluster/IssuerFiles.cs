namespace ClusterTrust.Oidc.Cluster;

/// <summary>
/// The issuer's documents as files that an earlier step fetched from the API server (<c>kubectl get --raw</c>), and a token that the step
/// requested with them. No API server authenticates files, so a token that the cluster issued within the last hour must prove them.
/// </summary>
internal sealed class IssuerFiles(IssuerReaderOptions options, TimeProvider clock) : IIssuerReader
{
    /// <summary>How long ago the token may have been issued.</summary>
    private static readonly TimeSpan MaxAge = TimeSpan.FromHours(1);

    public Task<CheckedIssuer> ReadAsync(CancellationToken cancellationToken) => Task.FromResult(
        IssuerRules.Check(ReadDocument(options.DiscoveryFile!, "--discovery-file"), ReadDocument(options.JwksFile!, "--jwks-file"), options.Issuer));

    public Task<JsonWebToken?> GetTokenAsync(CancellationToken cancellationToken)
    {
        var token = ReadToken(options.TokenFile!);
        var now = clock.GetUtcNow();
        return token.ExpiresAt > now && token.NotBefore > now - MaxAge
            ? Task.FromResult<JsonWebToken?>(token)
            : throw new JobException(
                $"The token in {options.TokenFile} has expired, or was issued more than an hour ago: request a new one in the step that fetches the documents (kubectl create token).", ExitCode.Usage);
    }

    /// <summary>Reads a token from a file.</summary>
    /// <exception cref="JobException">The file cannot be read, or contains no token (exit code 2).</exception>
    public static JsonWebToken ReadToken(string file)
    {
        // Detects the encodings that PowerShell redirects output in.
        using var reader = new StreamReader(new MemoryStream(Read(file, "mount a projected ServiceAccount token there, or correct --verify-token-file")));
        return ParseToken(reader.ReadToEnd(), $"The file {file}");
    }

    /// <param name="source">The origin of the text, as the subject of a sentence.</param>
    /// <exception cref="JobException">It is not a token (exit code 2).</exception>
    public static JsonWebToken ParseToken(string text, string source) => JsonWebToken.TryParse(text, out var token)
        ? token
        : throw new JobException($"{source} contains no ServiceAccount token (a JWT of three parts): request or mount one.", ExitCode.Usage);

    private static byte[] Read(string path, string remedy)
    {
        try
        {
            using var content = InputFile.Read(path);
            return content.Memory.ToArray();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new JobException(fault is InputFileException ? $"The file {path} {fault.Message}, or {remedy}." : $"The file {path} cannot be read: {remedy}.", ExitCode.Usage, fault);
        }
    }

    private static ServedDocument ReadDocument(string path, string setting) =>
        new(new Uri(Path.GetFullPath(path)), null, Read(path, $"correct {setting}"));
}
