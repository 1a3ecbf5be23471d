namespace ClusterTrust.Sandbox.Git;

/// <content>
/// The files of its sshd (configuration, host keys, authorized keys, the forced command) and how it is started: in inetd mode,
/// one process for each connection, so that no port is raced for and nothing outlives its connection.
/// </content>
public sealed partial class GitSshServer
{
    private const string Script = """
        #!/bin/sh
        # The forced command of every deploy key: ACCESS
        access=$1
        command=${SSH_ORIGINAL_COMMAND-}
        case $command in 'git '*) command=git-${command#git } ;; esac
        service=${command%% *} path=${command#* }
        path=${path#[\'\"]} path=${path%[\'\"]} path=${path#/} path=${path%.git}
        case $service in
            git-upload-pack | git-receive-pack) ;;
            *) echo "Invalid command: '$command'" >&2; exit 1 ;;
        esac
        printf '%s %s %s\n' "$access" "$service" "$path" >> "@SESSIONS@"
        case $path in *..* | '' | /*) path=. ;; esac
        if [ ! -f "@ROOT@/$path.git/HEAD" ]; then
            printf 'ERROR: Repository not found.\n' >&2; exit 1
        fi
        if [ "$service" = git-receive-pack ] && [ "$access" != ReadWrite ]; then
            printf 'ERROR: The key you are authenticating with has been marked as read only.\n' >&2; exit 1
        fi
        while [ "$service" = git-receive-pack ] && [ -e "@HOLD@" ]; do sleep 0.05; done
        export @ENVIRONMENT@
        exec "@GIT@" "${service#git-}" "@ROOT@/$path.git"

        """;

    private readonly TemporaryFolder _folder = new("clustertrust-sshd-");
    private readonly string? _nssWrapper = FindNssWrapper();
    private readonly string _sshd = Tools.Find("sshd", "openssh-server");
    private readonly Lock _gate = new();

    /// <summary>The user to connect as: <c>git</c> when the Debian package libnss-wrapper is installed, else the account that runs the sandbox.</summary>
    public string UserName => _nssWrapper is null ? Environment.UserName : "git";

    /// <summary>sshd's log, for the message of a failed test.</summary>
    public string Log => File.ReadAllText(_folder.Combine("log"));

    /// <summary>The commands that authenticated clients ran, in their order.</summary>
    public IReadOnlyList<GitSshSession> Sessions =>
        [.. File.ReadLines(_folder.Combine("sessions")).Select(static line => line.Split(' ', 3)).Select(static parts => new GitSshSession(Enum.Parse<GitAccess>(parts[0]), parts[1], parts[2]))];

    /// <summary>Holds every push before Git begins to serve it, until <see cref="ReleasePushes"/>: its client has the branch as it fetched it.</summary>
    public void HoldPushes() => _folder.Write("hold", "");

    /// <summary>Releases the pushes that are held, and holds no further ones.</summary>
    public void ReleasePushes() => File.Delete(_folder.Combine("hold"));

    public void AddDeployKey(SshKeyPair key, GitAccess access = GitAccess.ReadWrite) => AddForcedCommand(key.PublicKey, $"{_folder.Combine("serve")} {access}");

    /// <summary>Accepts a key that runs another command than Git's, as hosts do that refuse.</summary>
    public void AddForcedCommand(string publicKey, string command)
    {
        lock (_gate)
        {
            File.AppendAllText(_folder.Combine("authorized_keys"), $"command=\"{command}\",restrict {publicKey}\n");
        }
    }

    private void WriteFiles(string repositories)
    {
        var environment = string.Join(' ', GitProgram.Environment.Select(static variable => $"{variable.Key}='{variable.Value}'"));
        _folder.Write(
            "serve",
            Script.Replace("@SESSIONS@", _folder.Combine("sessions"), StringComparison.Ordinal)
                .Replace("@HOLD@", _folder.Combine("hold"), StringComparison.Ordinal)
                .Replace("@ROOT@", repositories, StringComparison.Ordinal)
                .Replace("@ENVIRONMENT@", environment, StringComparison.Ordinal)
                .Replace("@GIT@", GitProgram.Path, StringComparison.Ordinal),
            UnixFileMode.UserRead | UnixFileMode.UserExecute);
        _folder.Write("authorized_keys", "");
        _folder.Write("sessions", "");
        _folder.Write("log", "");
        if (_nssWrapper is not null)
        {
            // The account with this process's ids, and sshd's own for its privilege separation.
            var (user, group) = (StatusField("Uid:"), StatusField("Gid:"));
            var others = File.ReadLines("/etc/passwd").Where(static line => !line.StartsWith("git:", StringComparison.Ordinal));
            _folder.Write("passwd", $"git:x:{user}:{group}:git:{_folder.Path}:/bin/sh\n{string.Join('\n', others)}\n");
            _folder.Write("group", $"git:x:{group}:\nnogroup:x:65534:\n");
        }

        if (Environment.IsPrivilegedProcess)
        {
            // Debian's package leaves its creation to systemd, and sshd refuses to start as root without it.
            Directory.CreateDirectory("/run/sshd");
        }
    }

    /// <summary>Writes the configuration for the host keys; the next connection uses it.</summary>
    private void Configure() => _folder.Write(
        "sshd_config",
        $"""
        {string.Join('\n', _hostKeys.Select(static key => $"HostKey {key.PrivateKeyPath}"))}
        AuthorizedKeysFile {_folder.Combine("authorized_keys")}
        StrictModes no
        UsePAM no
        PermitRootLogin yes
        PasswordAuthentication no
        KbdInteractiveAuthentication no
        AcceptEnv GIT_PROTOCOL
        PidFile none
        PrintMotd no
        PrintLastLog no

        """);

    /// <summary>Starts the sshd of one connection, which speaks on its stdin and stdout.</summary>
    private Process StartSshd()
    {
        var start = new ProcessStartInfo(_sshd, ["-i", "-f", _folder.Combine("sshd_config"), "-E", _folder.Combine("log")])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        start.Environment.Clear();
        start.Environment["PATH"] = Environment.GetEnvironmentVariable("PATH");
        if (_nssWrapper is not null)
        {
            start.Environment["LD_PRELOAD"] = _nssWrapper;
            start.Environment["NSS_WRAPPER_PASSWD"] = _folder.Combine("passwd");
            start.Environment["NSS_WRAPPER_GROUP"] = _folder.Combine("group");
        }

        return Process.Start(start)!;
    }

    private static string StatusField(string name) =>
        File.ReadLines("/proc/self/status").First(line => line.StartsWith(name, StringComparison.Ordinal)).Split('\t')[1];

    private static string? FindNssWrapper() =>
        new[] { "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib" }
            .Select(static folder => Path.Combine(folder, "libnss_wrapper.so"))
            .FirstOrDefault(File.Exists);
}
