using System.Collections.Concurrent;

namespace ClusterTrust.Sandbox.Entra;

/// <summary>Tenants and the applications in them.</summary>
public sealed class EntraDirectory
{
    private readonly ConcurrentDictionary<string, bool> tenants = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, AppRegistration> applications = new(StringComparer.OrdinalIgnoreCase);

    public void AddTenant(string tenantId) => tenants[tenantId] = true;

    /// <summary>Registers an application, and its tenant when it is new.</summary>
    /// <param name="tenantId">The tenant's id (a GUID).</param>
    /// <param name="clientId">The application id; a fresh GUID when null.</param>
    /// <param name="objectId">The service principal's object id; a fresh GUID when null.</param>
    public AppRegistration AddApplication(string tenantId, string? clientId = null, string? objectId = null)
    {
        AddTenant(tenantId);
        var application = new AppRegistration(tenantId, clientId ?? Guid.NewGuid().ToString(), objectId ?? Guid.NewGuid().ToString());
        return applications.TryAdd(application.ClientId, application)
            ? application
            : throw new InvalidOperationException($"There is an application {application.ClientId} already.");
    }

    /// <summary>Makes an application trust one subject of one issuer.</summary>
    /// <exception cref="KeyNotFoundException">No such application.</exception>
    public void AddFederatedCredential(string clientId, string issuer, string subject, string audience = FederatedCredential.DefaultAudience) =>
        applications[clientId].Trust(new FederatedCredential(issuer, subject, audience));

    public bool HasTenant(string tenantId) => tenants.ContainsKey(tenantId);

    public AppRegistration? Find(string tenantId, string clientId) =>
        applications.TryGetValue(clientId, out var application) && string.Equals(application.TenantId, tenantId, StringComparison.OrdinalIgnoreCase) ? application : null;
}
