using ClusterTrust.Oidc;

return await OidcCommands.Application.RunAsync(args);
