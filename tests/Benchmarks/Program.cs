using BenchmarkDotNet.Running;

// Usage: dotnet run --project tests/Benchmarks --configuration Release -- --filter '*'
return BenchmarkSwitcher.FromAssembly(typeof(ClusterTrust.Benchmarks.KeySetBenchmarks).Assembly).Run(args).Any() ? 0 : 1;
