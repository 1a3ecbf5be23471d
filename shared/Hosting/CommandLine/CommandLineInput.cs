namespace ClusterTrust.Hosting.CommandLine;

/// <summary>A parsed command line.</summary>
/// <param name="Command">The command named; null when none is named or it does not exist.</param>
/// <param name="Flags">What was given for each flag; nothing where a fault says why.</param>
/// <param name="Faults">What is wrong with it, a sentence each.</param>
/// <param name="AsksForHelp">The user wants to read <c>--help</c>.</param>
internal sealed record CommandLineInput(
    JobCommand? Command,
    IReadOnlyDictionary<string, IReadOnlyList<string>> Flags,
    IReadOnlyList<string> Faults,
    bool AsksForHelp);
