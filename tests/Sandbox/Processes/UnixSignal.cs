namespace ClusterTrust.Sandbox.Processes;

/// <summary>The signals that tests send; the values are Linux's numbers.</summary>
public enum UnixSignal
{
    Interrupt = 2,
    Kill = 9,
    Terminate = 15,
    Continue = 18,
    Stop = 19,
}
