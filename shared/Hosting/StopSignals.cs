using System.Runtime.InteropServices;

namespace ClusterTrust.Hosting;

/// <summary>
/// Turns SIGTERM and SIGINT into a cancelled token. A second SIGINT ends the process at once, for the impatient at a terminal; SIGTERM
/// may come as often as it likes, for kubelet follows it with SIGKILL when the grace period is over.
/// </summary>
internal sealed class StopSignals : IDisposable
{
    private readonly Action _stop;
    private readonly PosixSignalRegistration _terminate;
    private readonly PosixSignalRegistration _interrupt;
    private int _interrupts;

    private StopSignals(Action stop)
    {
        _stop = stop;
        _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnTerminate);
        _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnInterrupt);
    }

    /// <summary>Listens until disposed.</summary>
    /// <param name="stop">Called on every signal, on another thread.</param>
    public static IDisposable Listen(Action stop) => new StopSignals(stop);

    /// <inheritdoc/>
    public void Dispose()
    {
        _terminate.Dispose();
        _interrupt.Dispose();
    }

    private void OnTerminate(PosixSignalContext signal)
    {
        signal.Cancel = true;
        _stop();
    }

    private void OnInterrupt(PosixSignalContext signal)
    {
        signal.Cancel = Interlocked.Increment(ref _interrupts) == 1;
        _stop();
    }
}
