namespace ClusterTrust.Sandbox.Processes;

internal static class Starting
{
    /// <summary>Starts what was made; if that fails, disposes of it.</summary>
    public static async Task<T> StartedAsync<T>(this T made, Func<T, Task> start)
        where T : IAsyncDisposable
    {
        try
        {
            await start(made);
            return made;
        }
        catch
        {
            await made.DisposeAsync();
            throw;
        }
    }
}
