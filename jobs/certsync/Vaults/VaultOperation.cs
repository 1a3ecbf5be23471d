namespace ClusterTrust.CertSync.Vaults;

/// <summary>Something asked of a vault, with the permission it takes.</summary>
/// <param name="Verb">For messages, before the certificate's name.</param>
/// <param name="Permission">The certificate permission of an access policy; the built-in role has all of them.</param>
internal sealed record VaultOperation(string Verb, string Permission)
{
    public static readonly VaultOperation List = new("list the certificates", "list");
    public static readonly VaultOperation Get = new("get", "get");
    public static readonly VaultOperation ListDeleted = new("list the deleted certificates", "list");
    public static readonly VaultOperation GetDeleted = new("look for a deleted", "get");
    public static readonly VaultOperation Import = new("import", "import");
    public static readonly VaultOperation Update = new("update", "update");
    public static readonly VaultOperation Recover = new("recover", "recover");
    public static readonly VaultOperation Delete = new("delete", "delete");
}
