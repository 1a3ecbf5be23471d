using ClusterTrust.Oidc.Rotation;

namespace ClusterTrust.Docs.Tests;

public sealed class RotationPageTests
{
    private static readonly (RotationStep Step, RotationStage Stage, string Title)[] Steps =
    [
        (RotationStep.AddKey, RotationStage.NoRotation, "Add a key"),
        (RotationStep.Sign, RotationStage.ReadyToSign, "Sign with it"),
        (RotationStep.Remove, RotationStage.ReadyToRemove, "Remove the old key"),
    ];

    [Fact]
    public void The_commands_are_those_that_the_program_prints() => Repository.AssertPartUpToDate("docs/rotation.md", Write());

    /// <summary>Read by bash, and not run.</summary>
    [Fact]
    public async Task A_shell_can_read_the_commands_of_every_step()
    {
        foreach (var step in Enum.GetValues<RotationStep>())
        {
            foreach (var (distribution, commands) in RotationCommands.For(new RotationStatus(RotationStage.NewKeyNotCached, step, "", "a'b")))
            {
                await using var bash = new BinaryRunner("/bin/bash");
                var output = await bash.RunAsync(["-n", "-c", string.Join('\n', commands)], timeout: TimeSpan.FromMinutes(5));
                Assert.True(output.ExitCode == 0, $"{step} on {distribution}: {output.StandardError}");
            }
        }
    }

    private static string Write()
    {
        var text = new StringBuilder();
        foreach (var (step, stage, title) in Steps)
        {
            text.Append(null, $"\n### {title}\n");
            foreach (var (distribution, commands) in RotationCommands.For(new RotationStatus(stage, step, "")))
            {
                text.Append(null, $"\n{distribution}:\n\n```text\n{string.Join('\n', commands)}\n```\n");
            }
        }

        return text.Append('\n').ToString();
    }
}
