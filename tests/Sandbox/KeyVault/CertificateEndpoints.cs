using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;

namespace ClusterTrust.Sandbox.KeyVault;

/// <summary>The operations on certificates.</summary>
internal sealed class CertificateEndpoints(TimeProvider clock)
{
    /// <returns>The answer's body.</returns>
    /// <exception cref="VaultErrorException">Any refusal.</exception>
    public async Task<JsonObject> AnswerAsync(VaultRequest request, string[] path)
    {
        if (path.Length > 1)
        {
            ImportRules.CheckName(path[1]);
        }

        return (request.Context.Request.Method, path) switch
        {
            ("GET", ["certificates"]) => List(request),
            ("GET", ["certificates", var name]) => Get(request, name, null),
            ("GET", ["certificates", var name, "versions"]) => ListVersions(request, name),
            ("GET", ["certificates", var name, "policy"]) => GetPolicy(request, name),
            ("GET", ["certificates", var name, var version]) => Get(request, name, version),
            ("POST", ["certificates", var name, "import"]) => await ImportAsync(request, name),
            ("PATCH", ["certificates", var name, "policy"]) => await UpdatePolicyAsync(request, name),
            ("PATCH", ["certificates", var name]) => await UpdateAsync(request, name, null),
            ("PATCH", ["certificates", var name, var version]) => await UpdateAsync(request, name, version),
            ("DELETE", ["certificates", var name]) => Delete(request, name),
            ("GET", ["deletedcertificates"]) => ListDeleted(request),
            ("GET", ["deletedcertificates", var name]) => GetDeleted(request, name),
            ("POST", ["deletedcertificates", var name, "recover"]) => Recover(request, name),
            _ => throw new VaultErrorException(new VaultError(404, "NotFound", "The requested resource does not exist in the sandbox's Key Vault.")),
        };
    }

    private JsonObject List(VaultRequest request)
    {
        request.Demand(Permission.List);
        var now = clock.GetUtcNow();
        var active = request.Vault.Store.All().Where(certificate => certificate.PhaseAt(now) == CertificatePhase.Active).ToList();
        return VaultPages.Cut(request, active, static certificate => certificate.Name, certificate => request.Json.Item(certificate, certificate.Latest));
    }

    /// <summary>The versions of a name; a name that is not there has none, which is no error.</summary>
    private static JsonObject ListVersions(VaultRequest request, string name)
    {
        request.Demand(Permission.List, name);
        var found = request.Vault.Store.Find(name);
        var versions = found is { DeletedAt: null } ? found.Versions.OrderBy(static version => version.Id, StringComparer.OrdinalIgnoreCase).ToList() : [];
        return VaultPages.Cut(request, versions, static version => version.Id, version => request.Json.Item(found!, version, withVersion: true));
    }

    private static JsonObject Get(VaultRequest request, string name, string? version)
    {
        request.Demand(Permission.Get, name);
        var found = request.Vault.Store.GetActive(name);
        return request.Json.Bundle(found, CertificateStore.VersionOf(found, version));
    }

    private static JsonObject GetPolicy(VaultRequest request, string name)
    {
        request.Demand(Permission.Get, name);
        var found = request.Vault.Store.GetActive(name);
        return request.Json.Policy(found, found.Latest);
    }

    private async Task<JsonObject> ImportAsync(VaultRequest request, string name)
    {
        request.Demand(Permission.Import, name);
        var import = ImportRequest.Read(await request.ReadBodyAsync());
        var now = clock.GetUtcNow();
        var content = ImportRules.Open(import, now);
        IReadOnlyList<X509Certificate2> chain = [content.Leaf, .. content.Certificates.Where(certificate => certificate != content.Leaf)];
        var version = new StoredVersion(Guid.NewGuid().ToString("N"), content.Leaf, chain, now)
        {
            Enabled = import.Enabled,
            Tags = import.Tags,
            PrivateKey = content.PrivateKey,
        };
        return request.Json.Bundle(request.Vault.Store.Put(name, version, import.Policy), version);
    }

    private static async Task<JsonObject> UpdateAsync(VaultRequest request, string name, string? version)
    {
        request.Demand(Permission.Update, name);
        var body = await request.ReadBodyAsync();
        var tags = ImportRequest.ReadTags(body["tags"]);
        var enabled = body["attributes"]?["enabled"] is JsonValue value && value.TryGetValue<bool>(out var wanted) ? wanted : (bool?)null;
        var (certificate, changed) = request.Vault.Store.Change(name, version, old => old with { Tags = tags ?? old.Tags, Enabled = enabled ?? old.Enabled });
        return request.Json.Bundle(certificate, changed, policy: false);
    }

    private static async Task<JsonObject> UpdatePolicyAsync(VaultRequest request, string name)
    {
        request.Demand(Permission.Update, name);
        var body = await request.ReadBodyAsync();
        var changed = request.Vault.Store.ChangePolicy(name, policy => policy.With(body));
        return request.Json.Policy(changed, changed.Latest);
    }

    private static JsonObject Delete(VaultRequest request, string name)
    {
        request.Demand(Permission.Delete, name);
        return request.Json.DeletedBundle(request.Vault.Store.Delete(name, request.Vault.Options));
    }

    private JsonObject ListDeleted(VaultRequest request)
    {
        request.Demand(Permission.List);
        var now = clock.GetUtcNow();
        var deleted = request.Vault.Store.All().Where(certificate => certificate.PhaseAt(now) == CertificatePhase.Deleted).ToList();
        return VaultPages.Cut(request, deleted, static certificate => certificate.Name, request.Json.DeletedItem);
    }

    private static JsonObject GetDeleted(VaultRequest request, string name)
    {
        request.Demand(Permission.Get, name);
        return request.Json.DeletedBundle(request.Vault.Store.GetDeleted(name));
    }

    private static JsonObject Recover(VaultRequest request, string name)
    {
        request.Demand(Permission.Recover, name);
        var recovered = request.Vault.Store.Recover(name, request.Vault.Options);
        return request.Json.Bundle(recovered, recovered.Latest);
    }
}
