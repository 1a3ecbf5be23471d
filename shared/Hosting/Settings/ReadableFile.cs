namespace ClusterTrust.Hosting.Settings;

/// <summary>Looks whether a file named by a setting can be read.</summary>
internal static class ReadableFile
{
    /// <summary>Opens the file and closes it again.</summary>
    /// <param name="path">The path as the user wrote it.</param>
    /// <returns>The same path, or what is wrong with it.</returns>
    public static Parsed<string> Check(string path)
    {
        if (Directory.Exists(path))
        {
            return Parsed.Fault<string>("must name a file that this user can read; this is a directory");
        }

        try
        {
            using var file = File.OpenHandle(path);
            return Parsed.Value(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return Parsed.Fault<string>("must name a file that exists");
        }
        catch (UnauthorizedAccessException)
        {
            return Parsed.Fault<string>("must name a file that this user can read; access is denied");
        }
        catch (Exception e) when (e is IOException or ArgumentException)
        {
            return Parsed.Fault<string>("must name a file that can be read");
        }
    }
}
