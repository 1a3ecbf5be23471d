using ClusterTrust.CertSync;

return await CertSyncCommands.Application.RunAsync(args);
