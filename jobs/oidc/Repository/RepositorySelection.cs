using ClusterTrust.Hosting;
using ClusterTrust.Hosting.Settings;
using ClusterTrust.Oidc.Repository.Git;

namespace ClusterTrust.Oidc.Repository;

/// <summary>Chooses how the repository is reached, from the settings.</summary>
internal static class RepositorySelection
{
    /// <summary>Opens it; nothing is sent yet.</summary>
    /// <exception cref="JobException">The settings do not fit together, or a file cannot be read (exit code 2).</exception>
    public static ISiteRepository Open(SettingValues values, TimeProvider clock) => new GitSiteRepository(
        new GitRepositoryOptions
        {
            Url = values.Get(OidcSettings.Repository),
            Branch = values.Get(OidcSettings.Branch),
            CreateBranch = values.Get(OidcSettings.CreateBranch),
            SshKeyFile = values.Get(OidcSettings.SshKey),
            SshKeyPassphrase = SecretText(values, OidcSettings.SshKeyPassphrase, OidcSettings.SshKeyPassphraseFile),
            KnownHostsFile = values.Get(OidcSettings.KnownHosts),
            Token = SecretText(values, OidcSettings.Token, OidcSettings.TokenFile),
        },
        clock);

    /// <summary>A secret given as it is, or in a file whose last line end does not count.</summary>
    private static string? SecretText(SettingValues values, Setting<string?> text, Setting<string?> file)
    {
        if (values.Get(text) is { } given)
        {
            return given;
        }

        if (values.Get(file) is not { } path)
        {
            return null;
        }

        try
        {
            var content = File.ReadAllText(path).TrimEnd('\r', '\n');
            return content.Length > 0 ? content : null;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new JobException($"The file {path} cannot be read: correct {file.Flag}.", ExitCode.Usage, fault);
        }
    }
}
