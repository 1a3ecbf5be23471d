namespace ClusterTrust.Sandbox.Soaking;

/// <summary>How much is tried: a fair sample always, everything with <c>SOAK=1</c> (<c>make soak</c>).</summary>
public static class Soak
{
    public static bool IsOn { get; } = Environment.GetEnvironmentVariable("SOAK") == "1";

    public static int Times(int usually, int soaking) => IsOn ? soaking : usually;

    /// <summary>The seeds of the hostile inputs that a test tries, from 0: the usual number, or forty times as many when soaking. Each is counted.</summary>
    public static IEnumerable<int> Inputs(int usually)
    {
        for (var seed = 0; seed < Times(usually, 40 * usually); seed++)
        {
            yield return seed;
            Tally.Add("hostile inputs");
        }
    }
}

/// <summary>Counts what was tried, over all tests of this process; written at its end into the folder that <c>TALLY</c> names: a file for the process, a line for each count.</summary>
public static class Tally
{
    private static readonly ConcurrentDictionary<string, int> Counts = new(StringComparer.Ordinal);

    static Tally()
    {
        if (Environment.GetEnvironmentVariable("TALLY") is { Length: > 0 } folder)
        {
            var file = Path.Combine(folder, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
            AppDomain.CurrentDomain.ProcessExit += (_, _) => File.WriteAllLines(file, Counts.Select(static entry => string.Create(CultureInfo.InvariantCulture, $"{entry.Value} {entry.Key}")));
        }
    }

    public static void Add(string what, int count = 1) => Counts.AddOrUpdate(what, count, (_, had) => had + count);
}
