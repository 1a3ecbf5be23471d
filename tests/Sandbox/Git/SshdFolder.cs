namespace ClusterTrust.Sandbox.Git;

/// <summary>
/// The files of one sshd (configuration, host keys, authorized keys, the forced command) and how it is started: in inetd mode,
/// one process for each connection, so that no port is raced for and nothing outlives its connection.
/// </summary>
internal sealed class SshdFolder : IDisposable
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

    public SshdFolder(string repositories)
    {
        var environment = string.Join(' ', GitProgram.Environment.Select(static variable => $"{variable.Key}='{variable.Value}'"));
        _folder.Write(
            "serve",
            Script.Replace("@SESSIONS@", _folder.Combine("sessions"), StringComparison.Ordinal)
                .Replace("@HOLD@", HoldFile, StringComparison.Ordinal)
                .Replace("@ROOT@", repositories, StringComparison.Ordinal)
                .Replace("@ENVIRONMENT@", environment, StringComparison.Ordinal)
                .Replace("@GIT@", GitProgram.Path, StringComparison.Ordinal),
            UnixFileMode.UserRead | UnixFileMode.UserExecute);
        _folder.Write("authorized_keys", "");
        _folder.Write("sessions", "");
        _folder.Write("log", "");
        if (_nssWrapper is not null)
        {
            _folder.Write("passwd", Accounts());
            _folder.Write("group", string.Create(CultureInfo.InvariantCulture, $"git:x:{GroupId()}:\nnogroup:x:65534:\n"));
        }

        if (Environment.IsPrivilegedProcess)
        {
            // Debian's package leaves its creation to systemd, and sshd refuses to start as root without it.
            Directory.CreateDirectory("/run/sshd");
        }
    }

    /// <summary><c>git</c> where libnss-wrapper gives sshd an account of that name, else the account that this process runs as.</summary>
    public string UserName => _nssWrapper is null ? Environment.UserName : "git";

    /// <summary>sshd's log, for a failed test.</summary>
    public string Log => File.ReadAllText(_folder.Combine("log"));

    /// <summary>The sessions so far, in their order.</summary>
    public IReadOnlyList<GitSshSession> Sessions =>
        [.. File.ReadLines(_folder.Combine("sessions")).Select(static line => line.Split(' ', 3)).Select(static parts => new GitSshSession(Enum.Parse<GitAccess>(parts[0]), parts[1], parts[2]))];

    private string HoldFile => _folder.Combine("hold");

    public void HoldPushes() => _folder.Write("hold", "");

    public void ReleasePushes() => File.Delete(HoldFile);

    public void Authorize(string publicKey, GitAccess access) => Authorize(publicKey, $"{_folder.Combine("serve")} {access}");

    public void Authorize(string publicKey, string command)
    {
        lock (_gate)
        {
            File.AppendAllText(_folder.Combine("authorized_keys"), $"command=\"{command}\",restrict {publicKey}\n");
        }
    }

    /// <summary>Writes the configuration for these host keys; the next connection uses it.</summary>
    public void UseHostKeys(IEnumerable<SshKeyPair> keys) => _folder.Write(
        "sshd_config",
        $"""
        {string.Join('\n', keys.Select(static key => $"HostKey {key.PrivateKeyPath}"))}
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
    public Process Start()
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

    public void Dispose() => _folder.Dispose();

    /// <summary>The account <c>git</c> with this process's ids, and sshd's own for its privilege separation.</summary>
    private string Accounts()
    {
        var others = File.ReadLines("/etc/passwd").Where(static line => !line.StartsWith("git:", StringComparison.Ordinal));
        return $"git:x:{UserId()}:{GroupId()}:git:{_folder.Path}:/bin/sh\n{string.Join('\n', others)}\n";
    }

    private static string UserId() => StatusField("Uid:");

    private static string GroupId() => StatusField("Gid:");

    private static string StatusField(string name) =>
        File.ReadLines("/proc/self/status").First(line => line.StartsWith(name, StringComparison.Ordinal)).Split('\t')[1];

    private static string? FindNssWrapper() =>
        new[] { "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib" }
            .Select(static folder => Path.Combine(folder, "libnss_wrapper.so"))
            .FirstOrDefault(File.Exists);
}
