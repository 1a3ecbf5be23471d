using System.Runtime.InteropServices;

namespace ClusterTrust.Hosting;

/// <summary>
/// Asks the run to stop on SIGTERM and SIGINT. A second SIGINT ends the process at once, for a person at a terminal. SIGTERM may be
/// repeated: after the grace period, the kubelet sends SIGKILL.
/// </summary>
internal sealed class StopSignals : IDisposable
{
    private readonly PosixSignalRegistration _terminate;
    private readonly PosixSignalRegistration _interrupt;
    private int _interrupts;

    private StopSignals(Action stop)
    {
        _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => Handle(signal, isHandled: true));
        _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => Handle(signal, Interlocked.Increment(ref _interrupts) == 1));

        void Handle(PosixSignalContext signal, bool isHandled)
        {
            signal.Cancel = isHandled;
            stop();
        }
    }

    /// <summary>Listens until disposed.</summary>
    /// <param name="stop">Called on every signal, on another thread.</param>
    public static IDisposable Listen(Action stop) => new StopSignals(stop);

    public void Dispose()
    {
        _terminate.Dispose();
        _interrupt.Dispose();
    }
}
