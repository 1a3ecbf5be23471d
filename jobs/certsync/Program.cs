using ClusterTrust.CertSync;
using ClusterTrust.Hosting;

return await JobApplication.Create("certsync", "Keeps the certificates of Azure Key Vault equal to cert-manager's Secrets.")
    .WithCommand(CertSyncCommands.Sync)
    .WithCommand(CertSyncCommands.Plan)
    .RunAsync(args);
