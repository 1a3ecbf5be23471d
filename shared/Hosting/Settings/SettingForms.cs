namespace ClusterTrust.Hosting.Settings;

/// <content>
/// The common forms. Each factory creates a required setting; <c>WithDefault</c> and <c>Optional</c> make it optional.
/// </content>
public abstract partial record Setting
{
    /// <summary>A text that is not blank.</summary>
    public static Setting<string> Text(string flag, string description, string placeholder = "TEXT") =>
        Of(flag, description, placeholder, static text => string.IsNullOrWhiteSpace(text)
            ? Parsed.Fault<string>("must not be blank")
            : Parsed.Value(text));

    /// <summary>A text that <paramref name="parse"/> accepts.</summary>
    /// <param name="format">Formats a default for <c>--help</c>.</param>
    public static Setting<T> Of<T>(string flag, string description, string placeholder, Func<string, Parsed<T>> parse, Func<T, string?>? format = null) =>
        new(flag, description, placeholder, texts => parse(texts[0]), format);

    /// <summary>A text that <paramref name="parse"/> accepts; it returns null for any other.</summary>
    /// <param name="fault">What would be valid, to follow the setting's name.</param>
    public static Setting<T> Of<T>(string flag, string description, string placeholder, Func<string, T?> parse, string fault) where T : class =>
        Of(flag, description, placeholder, text => parse(text) is { } value ? Parsed.Value(value) : Parsed.Fault<T>(fault));

    /// <summary>A switch, off by default: <c>--prune</c>, <c>--prune=false</c>; in the environment true, false, 1, 0, yes or no.</summary>
    public static Setting<bool> Switch(string flag, string description) =>
        (Of(flag, description, "", ParseBoolean, static value => value ? "true" : null) with { IsSwitch = true }).WithDefault(false);

    /// <summary>A whole number within bounds. The description names its unit.</summary>
    public static Setting<int> Number(string flag, string description, int minimum = 0, int maximum = int.MaxValue) =>
        Of(flag, description, "NUMBER", text =>
            int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            && value >= minimum
            && value <= maximum
                ? Parsed.Value(value)
                : Parsed.Fault<int>($"must be a whole number {Range(minimum, maximum, maximum == int.MaxValue)}"));

    /// <summary>A duration such as <c>24h</c> or <c>1h30m</c>, see <see cref="DurationText"/>; at least zero when no minimum is given.</summary>
    public static Setting<TimeSpan> Duration(string flag, string description, TimeSpan? minimum = null, TimeSpan? maximum = null)
    {
        var (least, most) = (minimum ?? TimeSpan.Zero, maximum ?? TimeSpan.MaxValue);
        var bounds = (minimum, maximum) is (null, null)
            ? ""
            : " " + Range(DurationText.Format(least), DurationText.Format(most), maximum is null);
        return Of(flag, description, "DURATION", text =>
            DurationText.TryParse(text, out var value) && value >= least && value <= most
                ? Parsed.Value(value)
                : Parsed.Fault<TimeSpan>($"must be a duration{bounds}, written like 24h, 30m or 1h30m"), DurationText.Format);
    }

    /// <summary>An absolute URL with one of these schemes and a host in ASCII, without user name, query or fragment.</summary>
    public static Setting<Uri> Url(string flag, string description, params IReadOnlyList<string> schemes) =>
        Of(flag, description, "URL", text =>
            // .NET throws for some host names that are not ASCII.
            Uri.TryCreate(text, UriKind.Absolute, out var uri) && schemes.Contains(uri.Scheme) && uri is { UserInfo: "", Query: "", Fragment: "" } && Ascii.IsValid(uri.Host)
                ? Parsed.Value(uri)
                : Parsed.Fault<Uri>($"must be an {Sentence.List(schemes, "or")} URL without user name, query and fragment, in ASCII, such as {schemes[0]}://example.org/path"),
            static uri => uri.OriginalString);

    /// <param name="mustBeReadable">Whether to check that it is a regular file that can be read. Default true.</param>
    public static Setting<string> FilePath(string flag, string description, bool mustBeReadable = true) =>
        Of(flag, description, "FILE", text => mustBeReadable ? ReadableFile(text)
            : string.IsNullOrWhiteSpace(text) ? Parsed.Fault<string>("must be the path of a file")
            : Parsed.Value(text));

    /// <summary>One of several values, by name; case does not matter.</summary>
    /// <param name="choices">The names and their values.</param>
    /// <param name="alsoAccepted">Further names, not shown.</param>
    public static Setting<T> Choice<T>(
        string flag,
        string description,
        IReadOnlyList<(string Name, T Value)> choices,
        IReadOnlyList<(string Name, T Value)>? alsoAccepted = null)
        where T : notnull
    {
        var names = choices.Select(choice => choice.Name).ToArray();
        return Of(flag, description, string.Join('|', names), text =>
        {
            var near = Sentence.NearMiss(text, names) is { } miss ? $" (did you mean {miss}?)" : "";
            return choices.Concat(alsoAccepted ?? []).FirstOrDefault(choice => string.Equals(choice.Name, text, StringComparison.OrdinalIgnoreCase)) is (not null, var value)
                ? Parsed.Value(value)
                : Parsed.Fault<T>($"must be {Sentence.List(names, "or")}{near}");
        }, value => choices.FirstOrDefault(choice => choice.Value.Equals(value)).Name);
    }

    /// <summary>One of an enum's members, named in kebab case: <c>ReadOnly</c> is <c>read-only</c>.</summary>
    public static Setting<T> Choice<T>(string flag, string description) where T : struct, Enum =>
        Choice(flag, description, [.. Enum.GetValues<T>().Select(value => (JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString()), value))]);

    /// <summary>A list: the flag repeated, commas in the environment, an array in JSON. Empty by default.</summary>
    /// <param name="item">The setting of one item; its flag and description are the list's.</param>
    public static Setting<IReadOnlyList<T>> ListOf<T>(Setting<T> item) =>
        (new Setting<IReadOnlyList<T>>(item, texts => ParseAll(item, texts), values => string.Join(',', values.Select(item.Format))) { IsList = true }).WithDefault([]);

    internal static Parsed<string> ReadableFile(string path)
    {
        try
        {
            InputFile.Read(path).Dispose();
            return Parsed.Value(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return Parsed.Fault<string>(e switch
            {
                FileNotFoundException or DirectoryNotFoundException => "must name a file that exists",
                InputFileException => "must name a regular file of at most 4 MiB, not a directory, pipe or device",
                UnauthorizedAccessException => "must name a file that this user can read; access is denied",
                _ => "must name a file that can be read",
            });
        }
    }

    private static Parsed<bool> ParseBoolean(string text) => text.ToUpperInvariant() switch
    {
        "TRUE" or "1" or "YES" => Parsed.Value(true),
        "FALSE" or "0" or "NO" => Parsed.Value(false),
        _ => Parsed.Fault<bool>("must be true or false"),
    };

    private static Parsed<IReadOnlyList<T>> ParseAll<T>(Setting<T> item, IReadOnlyList<string> texts)
    {
        Parsed<T>[] items = [.. texts.Select(text => item.Parse(text))];
        return items.FirstOrDefault(static parsed => parsed.Fault is not null).Fault is { } fault
            ? Parsed.Fault<IReadOnlyList<T>>(fault)
            : Parsed.Value<IReadOnlyList<T>>([.. items.Select(static parsed => parsed.Value)]);
    }

    private static string Range<T>(T minimum, T maximum, bool isOpen) =>
        isOpen ? $"of at least {minimum}" : $"from {minimum} to {maximum}";
}
