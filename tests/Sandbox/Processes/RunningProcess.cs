using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace ClusterTrust.Sandbox.Processes;

/// <summary>A process that a test started: its outputs as they come, signals, and its end. Dispose kills it with all its descendants.</summary>
public sealed class RunningProcess : IAsyncDisposable
{
    // How long an exited process's pipes may stay open in the hands of a grandchild before the output is taken as complete.
    private static readonly TimeSpan PipeGrace = TimeSpan.FromSeconds(10);

    private readonly Process process;
    private readonly string? terminationLog;
    private readonly string command;
    private readonly Stopwatch watch = Stopwatch.StartNew();
    private readonly MemoryStream output = new();
    private readonly MemoryStream error = new();
    private readonly Lock gate = new();
    private readonly Task captured;
    private readonly Task<TimeSpan> exited;
    private bool disposed;
    private volatile TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="terminationLog">Where a job leaves its summary; null for any other program, whose outputs are its own affair.</param>
    internal RunningProcess(ProcessStartInfo start, ReadOnlyMemory<byte> input, string? terminationLog)
    {
        this.terminationLog = terminationLog;
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        command = string.Join(' ', start.ArgumentList.Take(1).Prepend(Path.GetFileName(start.FileName)));
        process = Process.Start(start) ?? throw new InvalidOperationException($"{start.FileName} did not start.");
        captured = Task.WhenAll(FeedAsync(input), CaptureAsync(process.StandardOutput.BaseStream, output), CaptureAsync(process.StandardError.BaseStream, error));
        exited = ObserveExitAsync();
    }

    public int Id => process.Id;

    public bool HasExited => process.HasExited;

    public string StandardOutput => Encoding.UTF8.GetString(Read(output));

    public string StandardError => Encoding.UTF8.GetString(Read(error));

    /// <summary>Sends a signal with kill(2); a process that has already ended is left alone.</summary>
    public void Signal(UnixSignal signal)
    {
        const int NoSuchProcess = 3;
        if (!process.HasExited && Kill(process.Id, (int)signal) != 0 && Marshal.GetLastPInvokeError() is var code && code != NoSuchProcess)
        {
            throw new InvalidOperationException($"kill({process.Id}, {signal}) failed with errno {code}.");
        }
    }

    /// <summary>Waits until stdout or stderr contains a text.</summary>
    /// <exception cref="TimeoutException">It did not come in time, or the process ended without it; the message holds both outputs.</exception>
    public async Task WaitForOutputAsync(string text, TimeSpan? timeout = null, CancellationToken cancellation = default)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(timeout ?? TimeSpan.FromMinutes(5));
        while (true)
        {
            // Taken before the outputs are looked at, so that the last words of a process are not missed.
            var (next, ended) = (changed.Task, captured.IsCompleted);
            if (StandardOutput.Contains(text, StringComparison.Ordinal) || StandardError.Contains(text, StringComparison.Ordinal))
            {
                return;
            }

            if (ended || limit.IsCancellationRequested)
            {
                cancellation.ThrowIfCancellationRequested();
                throw new TimeoutException($"'{text}' did not appear within {watch.Elapsed}.\n--- stdout\n{StandardOutput}\n--- stderr\n{StandardError}");
            }

            await Task.WhenAny(next, captured, Task.Delay(Timeout.InfiniteTimeSpan, limit.Token));
        }
    }

    /// <summary>Waits for the end.</summary>
    /// <param name="timeout">How long, ten minutes when null.</param>
    /// <exception cref="TimeoutException">The process did not end in time; it was killed, and the message holds both outputs.</exception>
    public async Task<Output> WaitAsync(TimeSpan? timeout = null, CancellationToken cancellation = default)
    {
        var limit = timeout ?? TimeSpan.FromMinutes(10);
        try
        {
            var wallTime = await exited.WaitAsync(limit, cancellation);
            await Task.WhenAny(captured, Task.Delay(PipeGrace, cancellation));
            ThrowIfSecretIsShown();
            return new Output(process.ExitCode, StandardOutput, StandardError, wallTime) { Bytes = Read(output), TerminationMessage = TerminationMessage };
        }
        catch (TimeoutException)
        {
            await KillTreeAsync();
            throw new TimeoutException(
                $"{process.StartInfo.FileName} was still running after {limit.TotalSeconds:0.#} s and was killed.\n--- stdout\n{StandardOutput}\n--- stderr\n{StandardError}");
        }
        catch (OperationCanceledException)
        {
            await KillTreeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        // A second dispose finds the process object gone.
        if (!disposed)
        {
            disposed = true;
            await KillTreeAsync();
            await Task.WhenAny(captured, Task.Delay(PipeGrace));
            process.Dispose();
            ThrowIfSecretIsShown();
        }
    }

    private string TerminationMessage => terminationLog is not null && File.Exists(terminationLog) ? File.ReadAllText(terminationLog) : "";

    private void ThrowIfSecretIsShown()
    {
        if (terminationLog is not null)
        {
            KnownSecrets.ThrowIfIn(StandardOutput, $"stdout of {command}");
            KnownSecrets.ThrowIfIn(StandardError, $"stderr of {command}");
            KnownSecrets.ThrowIfIn(TerminationMessage, $"The termination message of {command}");
        }
    }

    private async Task KillTreeAsync()
    {
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
        }

        await exited;
    }

    private async Task<TimeSpan> ObserveExitAsync()
    {
        await process.WaitForExitAsync();
        return watch.Elapsed;
    }

    private async Task FeedAsync(ReadOnlyMemory<byte> input)
    {
        try
        {
            await process.StandardInput.BaseStream.WriteAsync(input);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The process ended, or closed its stdin, before it had read everything: its own affair.
        }
    }

    private async Task CaptureAsync(Stream stream, MemoryStream into)
    {
        var buffer = new byte[4096];
        while (await stream.ReadAsync(buffer) is > 0 and var count)
        {
            TaskCompletionSource waiting;
            lock (gate)
            {
                into.Write(buffer, 0, count);
                (waiting, changed) = (changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            }

            waiting.SetResult();
        }
    }

    private byte[] Read(MemoryStream from)
    {
        lock (gate)
        {
            return from.ToArray();
        }
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int processId, int signal);
}

/// <summary>The signals that tests send; the values are Linux's numbers.</summary>
public enum UnixSignal
{
    Interrupt = 2,
    Kill = 9,
    Terminate = 15,
    Continue = 18,
    Stop = 19,
}
