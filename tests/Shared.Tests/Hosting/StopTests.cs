using System.Net;
using System.Text.Json;
using ClusterTrust.Hosting;
using ClusterTrust.Sandbox.Servers;
using ClusterTrust.Shared.Tests.Kubernetes;
using Microsoft.Extensions.DependencyInjection;

namespace ClusterTrust.Shared.Tests.Hosting;

/// <summary>A run that is stopped while everything it speaks to hangs, by a clock that only the test moves.</summary>
public sealed class StopTests : LeaseTest
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(250);

    [Fact]
    public void Everything_after_a_stop_fits_into_the_grace_period() => Assert.Equal(TimeSpan.FromSeconds(25), StopTimes.Total);

    [Fact]
    public async Task Item_Lease_Event_termination_message_and_telemetry_end_in_this_order_and_in_time()
    {
        using var gateway = new HttpListener();
        var port = FreePort();
        gateway.Prefixes.Add($"http://127.0.0.1:{port}/");
        gateway.Start();
        var order = new List<(string What, TimeSpan After)>();
        var stoppedAt = 0L;
        TestApplication? application = null;
        var working = new TaskCompletionSource();
        using (application = new TestApplication(async (_, stopping) =>
        {
            await using var held = (await AcquireAsync("pod-b")).Held!;
            using var grace = new GracePeriod(Clock, held.AfterLoss, held.Lost, stopping);
            Cluster.Server.Faults.Next(new Fault.Latency(TimeSpan.FromMinutes(10)), 999);
            working.SetResult();
            try
            {
                await Task.Delay(Timeout.Infinite, grace.Token);
            }
            catch (OperationCanceledException)
            {
                Note("item");
            }

            return JobResult.Done("1 of 2 created");
        }))
        {
            application.Clock = Clock;
            application.Services = services => services.AddSingleton<IRunObserver>(new HangingObserver(() => Note("lease")));

            var run = application.RunAsync("--cluster", "a", "--pushgateway", $"http://127.0.0.1:{port}");
            await working.Task;
            stoppedAt = Clock.GetTimestamp();
            application.Stop();
            while (!run.IsCompleted)
            {
                Clock.Advance(Step);
                await Task.Delay(10);
                if (order.Count == 2 && new FileInfo(application.TerminationLog).Length > 0)
                {
                    Note("termination message");
                }
            }

            Assert.Equal(143, await run);
            Note("end");
            Assert.Equal(["item", "lease", "termination message", "end"], order.Select(static one => one.What));
            Assert.Equal(StopTimes.Item.TotalSeconds, order[0].After.TotalSeconds, 2.0);
            Assert.InRange(order[^1].After, TimeSpan.Zero, StopTimes.Total + (8 * Step));
            Assert.Equal("1 of 2 created", JsonDocument.Parse(await File.ReadAllTextAsync(application.TerminationLog)).RootElement.GetProperty("message").GetString());
        }

        void Note(string what)
        {
            lock (order)
            {
                order.Add((what, Clock.GetElapsedTime(stoppedAt)));
            }
        }
    }

    [Fact]
    public async Task An_observer_that_fails_does_not_fail_the_run()
    {
        using var application = new TestApplication();
        application.Services = static services => services.AddSingleton<IRunObserver, FailingObserver>();

        Assert.Equal(0, await application.RunAsync("--cluster", "a"));
    }

    private sealed class HangingObserver(Action begins) : IRunObserver
    {
        public Task RunEndedAsync(JobResult result)
        {
            begins();
            return Task.Delay(Timeout.Infinite);
        }
    }

    private sealed class FailingObserver : IRunObserver
    {
        public Task RunEndedAsync(JobResult result) => throw new InvalidOperationException("a bug");
    }

    private static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
