using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ClusterTrust.Sandbox.Servers;

namespace ClusterTrust.Oidc.Tests;

/// <summary>Makes this process trust the sandbox's CA as a pod does, by SSL_CERT_FILE, which OpenSSL reads from the process's own environment.</summary>
internal static partial class SystemTrust
{
    [ModuleInitializer]
    internal static void Prepare()
    {
        var file = Path.Combine(AppContext.BaseDirectory, $"ca-{Environment.ProcessId}.crt");
        File.WriteAllText(file, CertificateAuthority.OfProcess.CertificatePem);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => File.Delete(file);
        if (SetEnvironment("SSL_CERT_FILE", file, 1) != 0)
        {
            throw new InvalidOperationException($"setenv failed with errno {Marshal.GetLastPInvokeError()}.");
        }
    }

    [LibraryImport("libc", EntryPoint = "setenv", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);
}
