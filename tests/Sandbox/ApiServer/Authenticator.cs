namespace ClusterTrust.Sandbox.ApiServer;

/// <summary>Tells who sent a request: the administrator, a ServiceAccount with a token the server signed, or nobody.</summary>
public sealed class Authenticator(TokenIssuer tokens, ClusterState state)
{
    private static readonly UserInfo Admin = new("sandbox-admin", ["system:masters", "system:authenticated"]);

    /// <summary>Bearer token of a member of <c>system:masters</c>, who may do everything.</summary>
    public string AdminToken { get; set; } = RandomNumberGenerator.GetHexString(40, lowercase: true);

    /// <summary>Who an Authorization header speaks for: anonymous without one, null when its token is refused.</summary>
    public UserInfo? Authenticate(string authorization)
    {
        if (!authorization.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
        {
            return UserInfo.Anonymous;
        }

        var token = authorization["Bearer ".Length..].Trim();
        return token == AdminToken ? Admin : ServiceAccount(token);
    }

    private UserInfo? ServiceAccount(string token)
    {
        // A token outlives neither its ServiceAccount nor a namesake made later.
        if (tokens.Verify(token, tokens.Audiences) is not { } account || state.Find(account.Type, account.Namespace, account.Name)?.Uid != account.Uid)
        {
            return null;
        }

        string[] groups = ["system:serviceaccounts", $"system:serviceaccounts:{account.Namespace}", "system:authenticated"];
        return new UserInfo($"system:serviceaccount:{account.Namespace}:{account.Name}", groups);
    }
}

/// <summary>Who a request is from.</summary>
public sealed record UserInfo(string Name, IReadOnlyList<string> Groups)
{
    public static UserInfo Anonymous { get; } = new("system:anonymous", ["system:unauthenticated"]);
}
