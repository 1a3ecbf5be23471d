namespace ClusterTrust.Sandbox.KeyVault;

internal sealed partial class CertificateEndpoints(Vault vault, AccessToken caller, HttpContext context, DateTimeOffset now)
{
    private const int MaximumPage = 25;

    private readonly string _apiVersion = context.Request.Query["api-version"].ToString();
    private readonly VaultJson _json = new(vault, showsEmptyTags: context.Request.Query["api-version"] == "7.3");

    public async Task<JsonObject> AnswerAsync(string[] path)
    {
        if (path.Length > 1 && !NamePattern().IsMatch(path[1]))
        {
            throw VaultErrors.InvalidName(path[1]);
        }

        return (context.Request.Method, path) switch
        {
            ("GET", ["certificates"]) => List(CertificatePhase.Active, certificate => _json.Item(certificate, certificate.Latest)),
            ("GET", ["certificates", var name]) => Allowed(VaultRights.Get, name, () => Latest(vault.GetActive(name))),
            ("GET", ["certificates", var name, "versions"]) => Allowed(VaultRights.List, name, () => Versions(vault.Find(name))),
            ("GET", ["certificates", var name, "policy"]) => Allowed(VaultRights.Get, name, () => _json.Policy(vault.GetActive(name))),
            ("POST", ["certificates", var name, "import"]) => await ImportAsync(name),
            ("PATCH", ["certificates", var name, "policy"]) => await UpdatePolicyAsync(name),
            ("PATCH", ["certificates", var name]) => await UpdateAsync(name, null),
            ("PATCH", ["certificates", var name, var version]) => await UpdateAsync(name, version),
            ("DELETE", ["certificates", var name]) => Allowed(VaultRights.Delete, name, () => _json.DeletedBundle(vault.Delete(name))),
            ("GET", ["deletedcertificates"]) => List(CertificatePhase.Deleted, _json.DeletedItem),
            ("GET", ["deletedcertificates", var name]) => Allowed(VaultRights.Get, name, () => _json.DeletedBundle(vault.GetDeleted(name))),
            ("POST", ["deletedcertificates", var name, "recover"]) => Allowed(VaultRights.Recover, name, () => Latest(vault.Recover(name))),
            _ => throw new VaultError(404, "NotFound", "The requested resource does not exist in the sandbox's Key Vault."),
        };
    }

    private JsonObject List(CertificatePhase phase, Func<StoredCertificate, JsonObject> write)
    {
        Demand(VaultRights.List);
        return Page(vault.Certificates.Where(certificate => certificate.PhaseAt(now) == phase), static certificate => certificate.Name, write);
    }

    /// <summary>The versions of a name; a name that is not there has none, which is no error.</summary>
    private JsonObject Versions(StoredCertificate? found)
    {
        var versions = found is { DeletedAt: null } ? found.Versions.OrderBy(static version => version.Id, StringComparer.OrdinalIgnoreCase) : Enumerable.Empty<StoredVersion>();
        return Page(versions, static version => version.Id, version => _json.Item(found!, version, withVersion: true));
    }

    private JsonObject Latest(StoredCertificate certificate) => _json.Bundle(certificate, certificate.Latest);

    private async Task<JsonObject> ImportAsync(string name)
    {
        Demand(VaultRights.Import, name);
        var import = ImportRequest.Read(await ReadBodyAsync());
        var (leaf, chain) = import.Open(now);
        var version = new StoredVersion(leaf, chain, now) { Enabled = import.Enabled, Tags = import.Tags };
        return _json.Bundle(vault.Put(name, version, import.Policy), version);
    }

    private async Task<JsonObject> UpdateAsync(string name, string? version)
    {
        Demand(VaultRights.Update, name);
        var body = await ReadBodyAsync();
        var tags = ImportRequest.ReadTags(body["tags"]);
        var enabled = body["attributes"]?["enabled"] is JsonValue value && value.TryGetValue<bool>(out var wanted) ? wanted : (bool?)null;
        var (certificate, changed) = vault.Change(name, version, old => old with { Tags = tags ?? old.Tags, Enabled = enabled ?? old.Enabled });
        return _json.Bundle(certificate, changed, policy: false);
    }

    private async Task<JsonObject> UpdatePolicyAsync(string name)
    {
        Demand(VaultRights.Update, name);
        var body = await ReadBodyAsync();
        return _json.Policy(vault.ChangePolicy(name, policy => policy.With(body)));
    }

    private JsonObject Allowed(VaultRights right, string name, Func<JsonObject> answer)
    {
        Demand(right, name);
        return answer();
    }

    private void Demand(VaultRights right, string? name = null)
    {
        if (!vault.Allows(caller, right))
        {
            throw VaultErrors.Forbidden(vault, caller, right, name);
        }
    }

    private async Task<JsonObject> ReadBodyAsync() => (JsonObject)(await JsonNode.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted))!;

    /// <summary>Cuts a list into pages of at most 25 entries, each with the address of the next.</summary>
    /// <param name="key">What the skip token remembers of an entry: the first one of the next page.</param>
    private JsonObject Page<T>(IEnumerable<T> all, Func<T, string> key, Func<T, JsonObject> write)
    {
        var first = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(context.Request.Query["$skiptoken"].ToString()));
        var page = all.SkipWhile(entry => StringComparer.OrdinalIgnoreCase.Compare(key(entry), first) < 0).Take(MaximumPage + 1).ToList();
        var next = page.Count <= MaximumPage ? null
            : $"https://{vault.Host}:443{context.Request.Path}?api-version={_apiVersion}&$skiptoken={Base64Url.EncodeToString(Encoding.UTF8.GetBytes(key(page[^1])))}";
        return new JsonObject { ["value"] = new JsonArray([.. page.Take(MaximumPage).Select(write)]), ["nextLink"] = next };
    }

    [GeneratedRegex("^[0-9a-zA-Z-]{1,127}\\z")]
    private static partial Regex NamePattern();
}
