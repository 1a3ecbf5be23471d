using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ClusterTrust.Hosting;
using ClusterTrust.Text;
using YamlDotNet.RepresentationModel;

namespace ClusterTrust.Kubernetes.Configuration;

/// <summary>One cluster, user or context of a kubeconfig, with words for its faults.</summary>
/// <param name="Title">What it is called in messages, such as <c>user "admin" of the kubeconfig</c>.</param>
/// <param name="Body">Its YAML.</param>
/// <param name="Folder">The folder that relative paths start from.</param>
internal sealed record KubeconfigEntry(string Title, YamlMappingNode Body, string Folder)
{
    public string? this[string key] => KubeconfigFile.Text(Body, key);

    /// <summary>The path under a key, made absolute.</summary>
    public string? File(string key) => this[key] is { } path ? Path.GetFullPath(path, Folder) : null;

    public bool IsTrue(string key) => bool.TryParse(this[key], out var value) && value;

    /// <summary>PEM text given in the file (<c>KEY-data</c>, base64) or beside it (<c>KEY</c>, a path); the former wins, as with kubectl.</summary>
    public string? Pem(string key)
    {
        var kind = key == "client-key" ? FileKind.PrivateKey : FileKind.Certificate;
        try
        {
            if (this[$"{key}-data"] is { } data)
            {
                return !FileContent.IsRedacted(data)
                    ? Text(key, FileContent.Read(Convert.FromBase64String(data), kind))
                    : throw Fault($"has a {key}-data that was exported redacted: export it again with 'kubectl config view --raw --flatten'");
            }

            return File(key) is { } path ? Text(key, FileContent.ReadFile(path, kind)) : null;
        }
        catch (FormatException)
        {
            throw Fault($"has a {key}-data that is not base64: write it anew");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw Fault($"names a {key} file that cannot be read ({Sanitizer.Sanitize(this[key])}): correct the path", fault);
        }
    }

    private string Text(string key, FileContent content)
    {
        using (content)
        {
            return content.Fault is { } fault ? throw Fault($"has a {key} that {fault}") : content.Text;
        }
    }

    /// <summary>The certificates under a key; null when it is absent.</summary>
    public X509Certificate2Collection? Certificates(string key)
    {
        if (Pem(key) is not { } pem)
        {
            return null;
        }

        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPem(pem);
        }
        catch (CryptographicException fault)
        {
            throw Fault($"has a {key} that is broken: give PEM certificates", fault);
        }

        return certificates.Count > 0 ? certificates : throw Fault($"has a {key} without any certificate: give PEM certificates");
    }

    /// <summary>An absolute address under a key; null when it is absent.</summary>
    public Uri? Address(string key) => this[key] is not { } text ? null
        : Uri.TryCreate(text, UriKind.Absolute, out var address) ? address
        : throw Fault($"has a {key} that is no address: give one that starts with https://");

    public JobException Fault(string sentence, Exception? cause = null) => new($"The {Title} {sentence}.", ExitCode.Usage, cause);
}
