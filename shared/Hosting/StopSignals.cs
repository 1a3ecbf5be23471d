using System.Runtime.InteropServices;

namespace ClusterTrust.Hosting;

/// <summary>
/// Stops the run on SIGTERM and SIGINT. A second SIGINT ends the process at once, for a person at a terminal. SIGTERM may be
/// repeated: after the grace period, the kubelet sends SIGKILL.
/// </summary>
internal sealed class StopSignals : IDisposable
{
    private readonly PosixSignalRegistration[] _registrations;

    private StopSignals(Action stop)
    {
        var interrupts = 0;
        _registrations = [Register(PosixSignal.SIGTERM), Register(PosixSignal.SIGINT)];

        PosixSignalRegistration Register(PosixSignal signal) => PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = signal == PosixSignal.SIGTERM || Interlocked.Increment(ref interrupts) == 1;
            stop();
        });
    }

    /// <param name="stop">Called on every signal, on another thread, until the result is disposed of.</param>
    public static IDisposable Listen(Action stop) => new StopSignals(stop);

    public void Dispose() => Array.ForEach(_registrations, static registration => registration.Dispose());
}
