using System.Net.Sockets;

namespace ClusterTrust.Kubernetes;

/// <summary>Explains a request that failed on the way to the API server or back.</summary>
internal static class TransportFault
{
    /// <summary>A request without a complete response.</summary>
    public static KubernetesException From(Exception fault, HttpRequestMessage request, Uri server, IWebProxy proxy)
    {
        var address = Sanitizer.Sanitize(server);
        var requirement = fault is HttpRequestException refused ? ProxyFault.Unusable(refused, server, proxy) : null;
        if (requirement is null && Find<ServerCertificateException>(fault) is { } certificate)
        {
            var clause = certificate.Explain(
                "give the CA of this cluster (ca.crt of the ServiceAccount, or certificate-authority in the kubeconfig)",
                "use one of them in the address, or set tls-server-name in the kubeconfig");
            return new KubernetesException(
                $"The API server {address} {clause}.", certificate.Kind is CertificateFault.NotTrusted or CertificateFault.OtherNames ? ExitCode.Usage : ExitCode.Failed, fault);
        }

        var (proxySetting, orBypass) = proxy is EnvironmentProxy ? ("HTTPS_PROXY", $", or name the API server {address} in NO_PROXY") : ("proxy-url in the kubeconfig", "");
        var sentence = (fault as HttpRequestException)?.HttpRequestError switch
        {
            _ when requirement is not null => $"The proxy on the way to the API server {address} {requirement}{orBypass}.",
            _ when fault is HttpRequestException http && ProxyFault.Unreachable(http, server, proxy) is { } unreachable => $"The proxy {unreachable}{orBypass}.",
            HttpRequestError.NameResolutionError => $"The name of the API server {address} cannot be resolved: check the address and the cluster's DNS.",
            HttpRequestError.ConnectionError => Find<SocketException>(fault)?.SocketErrorCode switch
            {
                SocketError.ConnectionRefused => $"The API server {address} refused the connection: check that it is running and that the port is right.",
                SocketError.TimedOut => $"The API server {address} did not answer in time: check routes, firewalls and network policies.",
                _ => $"The API server {address} cannot be reached: check routes, firewalls and network policies.",
            },
            HttpRequestError.SecureConnectionError => $"The TLS handshake with the API server {address} failed: check that the address serves HTTPS and accepts the client certificate, if any.",
            HttpRequestError.ProxyTunnelError => $"The proxy did not open a tunnel to the API server {address}: check {proxySetting}{orBypass}.",
            _ => $"The connection to the API server {address} was interrupted during {request.Method} {Sanitizer.Sanitize(request.RequestUri!.AbsolutePath)}: run again.",
        };
        return new KubernetesException(sentence, requirement is null ? ExitCode.Failed : ExitCode.Usage, fault)
        {
            MayRetry = requirement is null,
        };
    }

    /// <summary>A try that timed out.</summary>
    public static KubernetesException TimedOut(Exception fault, HttpRequestMessage request, Uri server) => new(
        $"The API server {Sanitizer.Sanitize(server)} did not answer {request.Method} {Sanitizer.Sanitize(request.RequestUri!.AbsolutePath)} in time: check its load and the network, and run again.",
        ExitCode.Failed,
        fault)
    {
        MayRetry = true,
    };

    /// <summary>A response that is not the expected JSON: a server in between sent it, or the body is incomplete.</summary>
    public static KubernetesException NotJson(Exception fault, HttpRequestMessage request, HttpResponseMessage response, Uri server)
    {
        var type = response.Content.Headers.ContentType?.MediaType;
        return new KubernetesException(
            $"{Sanitizer.Sanitize(server)} answered {request.Method} {Sanitizer.Sanitize(request.RequestUri!.AbsolutePath)} with something that is not the JSON of a Kubernetes API server (content type {Sanitizer.Sanitize(type ?? "unknown", 100)}): check the address.",
            ExitCode.Failed,
            fault);
    }

    /// <summary>A response longer than any API server's.</summary>
    public static KubernetesException TooLong(HttpRequestMessage request, int maxBytes, Uri server) => new(
        $"{request.Method} {Sanitizer.Sanitize(request.RequestUri!.AbsolutePath)} at {Sanitizer.Sanitize(server)} answers with more than {maxBytes} bytes: check that the address is that of a Kubernetes API server.")
    {
        IsTooLong = true,
    };

    private static T? Find<T>(Exception? fault) where T : Exception => fault as T ?? (fault is null ? null : Find<T>(fault.InnerException));
}
