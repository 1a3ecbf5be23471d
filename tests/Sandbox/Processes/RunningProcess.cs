namespace ClusterTrust.Sandbox.Processes;

/// <summary>A process that a test started: its outputs as they come, signals, and its end. Dispose kills it with all its descendants.</summary>
public sealed class RunningProcess : IAsyncDisposable
{
    // How long an exited process's pipes may be kept open by a grandchild before the output is considered complete.
    private static readonly TimeSpan PipeGrace = TimeSpan.FromSeconds(10);

    private readonly Process _process;
    private readonly string? _terminationLog;
    private readonly string _command;
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private readonly MemoryStream _output = new();
    private readonly MemoryStream _error = new();
    private readonly Lock _gate = new();
    private readonly Task _captured;
    private readonly Task _exited;
    private bool _disposed;

    /// <param name="terminationLog">Where a job leaves its summary; null for any other program, whose output is not checked.</param>
    internal RunningProcess(ProcessStartInfo start, ReadOnlyMemory<byte> input, string? terminationLog)
    {
        this._terminationLog = terminationLog;
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        _command = string.Join(' ', start.ArgumentList.Take(1).Prepend(Path.GetFileName(start.FileName)));
        _process = Process.Start(start) ?? throw new InvalidOperationException($"{start.FileName} did not start.");
        _captured = Task.WhenAll(FeedAsync(input), CaptureAsync(_process.StandardOutput.BaseStream, _output), CaptureAsync(_process.StandardError.BaseStream, _error));
        _exited = _process.WaitForExitAsync();
    }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public string StandardOutput => Encoding.UTF8.GetString(Read(_output));

    public string StandardError => Encoding.UTF8.GetString(Read(_error));

    /// <summary>Sends a signal with kill(2); a process that has already ended is left alone.</summary>
    public void Signal(UnixSignal signal)
    {
        const int NoSuchProcess = 3;
        if (!_process.HasExited && Kill(_process.Id, (int)signal) != 0 && Marshal.GetLastPInvokeError() is var code && code != NoSuchProcess)
        {
            throw new InvalidOperationException($"kill({_process.Id}, {signal}) failed with errno {code}.");
        }
    }

    /// <summary>Waits until stdout or stderr contains a text.</summary>
    /// <exception cref="TimeoutException">It did not come in time, or the process ended without it; the message holds both outputs.</exception>
    public async Task WaitForOutputAsync(string text, TimeSpan? timeout = null)
    {
        for (var limit = _watch.Elapsed + (timeout ?? TimeSpan.FromMinutes(5)); ; await Task.Delay(5))
        {
            // Read before the outputs are searched, so that the last output of a process is not missed.
            var isOver = _captured.IsCompleted || _watch.Elapsed > limit;
            if (StandardOutput.Contains(text, StringComparison.Ordinal) || StandardError.Contains(text, StringComparison.Ordinal))
            {
                return;
            }

            if (isOver)
            {
                throw new TimeoutException($"'{text}' did not appear within {_watch.Elapsed}.\n--- stdout\n{StandardOutput}\n--- stderr\n{StandardError}");
            }
        }
    }

    /// <summary>Waits for the end.</summary>
    /// <exception cref="TimeoutException">The process did not end in time; it was killed, and the message holds both outputs.</exception>
    public async Task<Output> WaitAsync(TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        try
        {
            await _exited.WaitAsync(timeout ?? TimeSpan.FromMinutes(10), cancellationToken);
            await Task.WhenAny(_captured, Task.Delay(PipeGrace, cancellationToken));
            ThrowIfSecretIsShown();
            return new Output(_process.ExitCode, StandardOutput, StandardError) { Bytes = Read(_output), TerminationMessage = TerminationMessage };
        }
        catch (Exception fault) when (fault is TimeoutException or OperationCanceledException)
        {
            await KillTreeAsync();
            if (fault is OperationCanceledException)
            {
                throw;
            }

            throw new TimeoutException(
                $"{_process.StartInfo.FileName} was still running after {_watch.Elapsed.TotalSeconds:0.#} s and was killed.\n--- stdout\n{StandardOutput}\n--- stderr\n{StandardError}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        // A second dispose finds the process object gone.
        if (!_disposed)
        {
            _disposed = true;
            await KillTreeAsync();
            await Task.WhenAny(_captured, Task.Delay(PipeGrace));
            _process.Dispose();
            ThrowIfSecretIsShown();
        }
    }

    private string TerminationMessage => _terminationLog is not null && File.Exists(_terminationLog) ? File.ReadAllText(_terminationLog) : "";

    private void ThrowIfSecretIsShown()
    {
        if (_terminationLog is not null)
        {
            KnownSecrets.ThrowIfIn(StandardOutput, $"stdout of {_command}");
            KnownSecrets.ThrowIfIn(StandardError, $"stderr of {_command}");
            KnownSecrets.ThrowIfIn(TerminationMessage, $"The termination message of {_command}");
        }
    }

    private async Task KillTreeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        await _exited;
    }

    private async Task FeedAsync(ReadOnlyMemory<byte> input)
    {
        try
        {
            await _process.StandardInput.BaseStream.WriteAsync(input);
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The process ended, or closed its stdin, before it had read everything, which is not an error here.
        }
    }

    private async Task CaptureAsync(Stream stream, MemoryStream into)
    {
        var buffer = new byte[4096];
        while (await stream.ReadAsync(buffer) is > 0 and var count)
        {
            lock (_gate)
            {
                into.Write(buffer, 0, count);
            }
        }
    }

    private byte[] Read(MemoryStream from)
    {
        lock (_gate)
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
