namespace ClusterTrust.Manifests.Tests.Scripts;

/// <summary>
/// A copy of the scripts and manifests, and stand-ins for the clouds' and clusters' command lines: they remember what was made, and log
/// how they were called.
/// </summary>
internal sealed class FakeTools : IDisposable
{
    private readonly TemporaryFolder _folder = new("clustertrust-clouds-");

    public FakeTools() => Workspace.Copy(Repository, "manifests", "kustomize", "scripts", "Makefile", "Dockerfile.oidc", "Dockerfile.certsync", "Directory.Build.props");

    /// <param name="answers">Cases of a shell script over all arguments; <c>made NAME</c> asks, <c>make NAME</c> makes, <c>missing CODE MESSAGE</c> fails.</param>
    public FakeTools(string tool, string answers)
        : this() => Add(tool, answers);

    /// <summary>The copy of the repository.</summary>
    public string Repository => _folder.Combine("repository");

    /// <summary>A folder for files that scripts write.</summary>
    public string Folder => _folder.Path;

    /// <summary>Adds a program.</summary>
    /// <param name="answers">Cases of a shell script over all arguments; <c>made NAME</c> asks, <c>make NAME</c> makes, <c>missing CODE MESSAGE</c> fails.</param>
    public FakeTools Add(string tool, string answers)
    {
        _folder.Write(
            $"bin/{tool}",
            $$"""
            #!/bin/bash
            echo "{{tool}} $*" >>'{{_folder.Combine("calls")}}'
            make() { touch "{{_folder.Path}}/made-$1"; }
            missing() { echo "$2" >&2; exit "$1"; }
            made() { [ -f "{{_folder.Path}}/made-$1" ]; }
            case "$*" in
            {{answers}}
              *) echo "unexpected: $*" >&2; exit 99 ;;
            esac

            """,
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return this;
    }

    /// <summary>Runs a script of the repository with these programs on its PATH.</summary>
    public Task<(Output Output, string Calls)> RunAsync(string script, params (string Name, string Value)[] environment) =>
        ShellAsync($"scripts/{script}", environment);

    /// <summary>Runs a script, which must do all it should.</summary>
    public async Task<(string Printed, string Calls)> SucceedAsync(string script, params (string Name, string Value)[] environment)
    {
        var (output, calls) = await RunAsync(script, environment);
        return (output.OrThrow().StandardOutput, calls);
    }

    /// <summary>Runs a command line in the copy of the repository.</summary>
    public async Task<(Output Output, string Calls)> ShellAsync(string command, params (string Name, string Value)[] environment)
    {
        File.WriteAllText(_folder.Combine("calls"), "");
        await using var runner = new BinaryRunner("/bin/bash") { WorkingDirectory = Repository };
        runner.Environment["PATH"] = $"{_folder.Combine("bin")}:{Environment.GetEnvironmentVariable("PATH")}";
        foreach (var (name, value) in environment)
        {
            runner.Environment[name] = value;
        }

        return (await runner.RunAsync(["-c", command]), File.ReadAllText(_folder.Combine("calls")));
    }

    public void Dispose() => _folder.Dispose();
}
