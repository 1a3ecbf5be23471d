using ClusterTrust.Sandbox.Processes;

namespace ClusterTrust.Manifests.Tests.Scripts;

/// <summary>Stand-ins for the clouds' command lines: they remember what was made, and log how they were called.</summary>
internal sealed class FakeTools : IDisposable
{
    private readonly TemporaryFolder folder = new("clustertrust-clouds-");

    /// <param name="tool">The program.</param>
    /// <param name="answers">Cases of a shell script over all arguments; <c>made NAME</c> asks, <c>make NAME</c> makes.</param>
    public FakeTools(string tool, string answers) => folder.Write(
        $"bin/{tool}",
        $$"""
        #!/bin/bash
        echo "{{tool}} $*" >>'{{folder.Combine("calls")}}'
        make() { touch "{{folder.Path}}/made-$1"; }
        made() { [ -f "{{folder.Path}}/made-$1" ]; }
        case "$*" in
        {{answers}}
          *) echo "unexpected: $*" >&2; exit 99 ;;
        esac

        """,
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

    /// <summary>A folder for files that scripts write.</summary>
    public string Folder => folder.Path;

    /// <summary>Runs a script of the repository with these programs on its PATH.</summary>
    /// <returns>How it ended, and how the programs were called.</returns>
    public async Task<(Output Output, string Calls)> RunAsync(string script, params (string Name, string Value)[] environment)
    {
        File.WriteAllText(folder.Combine("calls"), "");
        await using var runner = new BinaryRunner(Path.Combine(Rendering.Workspace.Root, "scripts", script));
        runner.Environment["PATH"] = $"{folder.Combine("bin")}:{Environment.GetEnvironmentVariable("PATH")}";
        foreach (var (name, value) in environment)
        {
            runner.Environment[name] = value;
        }

        return (await runner.RunAsync(), File.ReadAllText(folder.Combine("calls")));
    }

    public void Dispose() => folder.Dispose();
}
