using ClusterTrust.Hosting;
using ClusterTrust.Oidc;

return await JobApplication.Create("oidc", "Publishes a cluster's ServiceAccount issuer, so that clouds accept its tokens.")
    .WithCommand(OidcCommands.Publish)
    .WithCommand(OidcCommands.Plan)
    .WithCommand(OidcCommands.Verify)
    .WithCommand(OidcCommands.Trust)
    .RunAsync(args);
