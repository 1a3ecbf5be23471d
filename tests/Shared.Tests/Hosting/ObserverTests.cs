using ClusterTrust.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace ClusterTrust.Shared.Tests.Hosting;

public sealed class ObserverTests
{
    public static TheoryData<Func<Task<JobResult>>, ExitCode> Ends => new()
    {
        { static () => Task.FromResult(JobResult.Done("done")), ExitCode.Done },
        { static () => throw new JobException("not ours", ExitCode.Refused), ExitCode.Refused },
        { static () => throw new InvalidOperationException("a bug"), ExitCode.Failed },
    };

    [Theory]
    [MemberData(nameof(Ends))]
    public async Task An_observer_hears_how_a_run_ended_while_its_services_are_there(Func<Task<JobResult>> work, ExitCode expected)
    {
        using var application = new TestApplication((_, _) => work());
        var heard = new Observer();
        application.Services = services => services.AddSingleton<IRunObserver>(heard);

        Assert.Equal((int)expected, await application.RunAsync("--cluster", "a"));

        Assert.Equal(expected, Assert.Single(heard.Results).ExitCode);
    }

    private sealed class Observer : IRunObserver
    {
        public List<JobResult> Results { get; } = [];

        public Task RunEndedAsync(JobResult result)
        {
            Results.Add(result);
            return Task.CompletedTask;
        }
    }
}
