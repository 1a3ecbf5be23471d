using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ClusterTrust.Oidc.Tests;

/// <summary>Makes this process trust the sandbox's CA as a pod does, by SSL_CERT_FILE, which OpenSSL reads from the process's own environment.</summary>
internal static partial class SystemTrust
{
    /// <summary>The file with the CA, which is deleted when this process ends.</summary>
    public static string File { get; } = Path.Combine(AppContext.BaseDirectory, $"ca-{Environment.ProcessId}.crt");

    [ModuleInitializer]
    internal static void Prepare()
    {
        System.IO.File.WriteAllText(File, CertificateAuthority.OfProcess.CertificatePem);
        AppDomain.CurrentDomain.ProcessExit += static (_, _) => System.IO.File.Delete(File);
        if (SetEnvironment("SSL_CERT_FILE", File, 1) != 0)
        {
            throw new InvalidOperationException($"setenv failed with errno {Marshal.GetLastPInvokeError()}.");
        }
    }

    [LibraryImport("libc", EntryPoint = "setenv", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);
}
