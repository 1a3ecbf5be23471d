namespace ClusterTrust.Sandbox.Processes;

/// <summary>A program that the sandbox runs is not installed; the message names it and the Debian package that brings it.</summary>
public sealed class MissingToolException(string tool, string debianPackage)
    : Exception($"The sandbox needs '{tool}', which is not on this machine: install the Debian package {debianPackage} (apt-get install {debianPackage}).")
{
    /// <summary>The program's name.</summary>
    public string Tool { get; } = tool;

    /// <summary>The Debian package that contains it.</summary>
    public string DebianPackage { get; } = debianPackage;
}
