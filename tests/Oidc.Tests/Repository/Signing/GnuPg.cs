namespace ClusterTrust.Oidc.Tests.Repository.Signing;

/// <summary>A real gpg with a home directory of its own. Dispose ends its agent.</summary>
public sealed partial class GnuPg : IDisposable
{
    public const string Passphrase = "grüne Wiese 42";

    private readonly TemporaryFolder _home = new("ct-"); // short, since the socket of gpg-agent is in it and its path may have 107 characters only

    private readonly Lazy<string> _key;
    private readonly Lazy<string> _privateKey;

    public GnuPg()
    {
        // The agent derives a key of each passphrase as slowly as this machine can bear, unless it is given a count.
        _home.Write("gpg-agent.conf", "s2k-count 65536\n");
        (_key, _privateKey) = (new(() => MakeKey("ed25519")), new(() => ExportPrivate(Key)));
    }

    /// <summary>The fingerprint of an ed25519 key for the tests that do not change it.</summary>
    public string Key => _key.Value;

    public string PrivateKey => _privateKey.Value;

    public Dictionary<string, string> Environment => new() { ["GNUPGHOME"] = _home.Path };

    /// <summary>Creates a primary key.</summary>
    /// <param name="expire">As gpg takes it: <c>1d</c>, <c>never</c>.</param>
    /// <param name="at">When, as gpg takes it: <c>20200101T000000</c>; now by default. The time stands still, however slow the machine is.</param>
    /// <returns>The key's fingerprint.</returns>
    public string MakeKey(string algorithm, string usage = "sign", string passphrase = Passphrase, string expire = "1d", string? at = null)
    {
        var output = Gpg(
            "", passphrase, [.. FakedTime(at), "--status-fd", "1", "--quick-generate-key", $"T <{Guid.NewGuid():N}@example.com>", algorithm, usage, expire]);
        return KeyCreated().Match(output).Groups[1].Value;
    }

    public void AddSubkey(string fingerprint, string algorithm, string usage = "sign", string expire = "1d", string? at = null) =>
        Gpg("", Passphrase, [.. FakedTime(at), "--quick-add-key", fingerprint, algorithm, usage, expire]);

    public void SetExpiry(string fingerprint, string expire) => Gpg("", Passphrase, "--quick-set-expire", fingerprint, expire);

    /// <summary>Revokes a primary key with the certificate that gpg created with it.</summary>
    public void Revoke(string fingerprint)
    {
        var prepared = File.ReadAllText(Path.Combine(_home.Path, "openpgp-revocs.d", fingerprint + ".rev"));
        Gpg(prepared[prepared.IndexOf(":-----BEGIN", StringComparison.Ordinal)..][1..], Passphrase, "--import");
    }

    public void RevokeSubkey(string fingerprint) =>
        Gpg("key 1\nrevkey\ny\n0\n\ny\nsave\n", Passphrase, "--command-fd", "0", "--edit-key", fingerprint);

    public string ExportPrivate(string fingerprint, string passphrase = Passphrase) =>
        Gpg("", passphrase, "--armor", "--export-secret-keys", fingerprint);

    public string ExportPrivateKeys(params string[] fingerprints) => Gpg("", Passphrase, ["--armor", "--export-secret-keys", .. fingerprints]);

    public string ExportPrivateSubkeys(string fingerprint) => Gpg("", Passphrase, "--armor", "--export-secret-subkeys", fingerprint);

    public string ExportPublic(string fingerprint) => Gpg("", Passphrase, "--armor", "--export", fingerprint);

    public void Dispose()
    {
        Tool.Run("gpgconf", Environment, "", "--kill", "all");
        _home.Dispose();
    }

    private static string[] FakedTime(string? at) => at is null ? [] : ["--faked-system-time", at + "!"];

    private string Gpg(string input, string passphrase, params string[] arguments) => Tool.Run(
        "gpg", Environment, input, ["--batch", "--quiet", "--yes", "--no-tty", "--no-permission-warning", "--pinentry-mode", "loopback", "--passphrase", passphrase, .. arguments]);

    [GeneratedRegex("KEY_CREATED . ([0-9A-F]{40})")]
    private static partial Regex KeyCreated();
}
