namespace ClusterTrust.Manifests.Tests.Rendering;

/// <summary>Runs kustomize, which kubectl includes.</summary>
internal static class Kustomize
{
    public static string Build(string folder)
    {
        var start = new ProcessStartInfo(Tools.Find("kubectl", "kubernetes-client"), ["kustomize", folder]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"kustomize refuses {folder}: {errors.Result.Trim()}");
    }
}
