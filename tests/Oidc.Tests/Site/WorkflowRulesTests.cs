namespace ClusterTrust.Oidc.Tests.Site;

public sealed class WorkflowRulesTests
{
    [Theory]
    [InlineData("steps:\n      - uses: actions/upload-pages-artifact@v3", null)]
    [InlineData("steps:\n      - uses: actions/upload-pages-artifact@v4", "change it to")]
    [InlineData("steps:\n      - uses: actions/upload-pages-artifact@v5", "add 'include-hidden-files: true'")]
    [InlineData("steps:\n      - uses: actions/upload-pages-artifact@v5\n        with:\n          include-hidden-files: true", null)]
    [InlineData("steps:\n      - uses: actions/upload-pages-artifact@v5\n        with: { path: ., include-hidden-files: true }", null)]
    [InlineData("steps:\n      - name: Upload\n        with:\n          include-hidden-files: true\n        uses: actions/upload-pages-artifact@v5", null)]
    [InlineData("steps:\n      - uses: actions/upload-pages-artifact@v4\n        with:\n          include-hidden-files: true", "change it to")]
    [InlineData("steps:\n      - uses: actions/upload-pages-artifact@v5\n        with:\n          include-hidden-files: false", "include-hidden-files: true")]
    [InlineData("steps:\n      - uses: actions/upload-pages-artifact@v5\n      - uses: other/action@v1\n        with:\n          include-hidden-files: true", "add 'include-hidden-files: true'")]
    [InlineData("steps:\n      - uses: actions/upload-pages-artifact@0123456789abcdef0123456789abcdef01234567 # v4.0.1", "change it to")]
    [InlineData("steps:\n      - uses: actions/checkout@v4", null)]
    [InlineData("steps:\n      # - uses: actions/upload-pages-artifact@v4", null)]
    [InlineData("steps: [{uses: actions/upload-pages-artifact@v4, with: {include-hidden-files: true}}]", "change it to")]
    [InlineData("steps: [{uses: \"actions/upload-pages-artifact@v5\", with: {path: ., include-hidden-files: \"true\"}}]", null)]
    [InlineData("steps: [{with: {include-hidden-files: true}, uses: actions/upload-pages-artifact@v5}, {uses: other/action@v1}]", null)]
    [InlineData("steps: [{uses: actions/jekyll-build-pages@v1}, {uses: actions/upload-pages-artifact@v5, with: {include-hidden-files: true}}]", "Jekyll leaves dot-folders out")]
    [InlineData("steps:\n    - run: bundle exec jekyll build --baseurl /x\n    - uses: actions/upload-pages-artifact@v5\n      with: {include-hidden-files: true}", "Jekyll leaves dot-folders out")]
    [InlineData("steps:\n    - run: bundle exec jekyll build\n    - uses: actions/cache@v4", null)]
    [InlineData("steps:\n    - uses: actions/upload-pages-artifact@v5\n      name: |\n        include-hidden-files: true", "add 'include-hidden-files: true'")]
    [InlineData("steps: [[[[[[", null)]
    [InlineData("steps: [[[[[[[[[[[[[[[[[[[[[[{uses: actions/upload-pages-artifact@v4}]]]]]]]]]]]]]]]]]]]]]]", "change it to")]
    [InlineData("steps: [{with: {with: {include-hidden-files: true}}, uses: actions/upload-pages-artifact@v5}]", "add 'include-hidden-files: true'")]
    [InlineData("steps: [{? [a, {b: c}] : d, uses: actions/upload-pages-artifact@v4}]", "change it to")]
    [InlineData("steps: &a [*a, *a]", null)]
    [InlineData("\tsteps: {", null)]
    [InlineData("steps: [{uses: actions/upload-pages-artifact@v4}]\n...\n...", "change it to")]
    public void A_workflow_that_drops_dot_folders_causes_a_warning(string steps, string? sentence)
    {
        var warnings = WorkflowRules.WarningsOf(Workflows($"on: push\njobs:\n  deploy:\n    {steps}\n"), false, default).ToArray();
        Assert.Equal(sentence is null ? 0 : 1, warnings.Length);
        Assert.Contains(sentence ?? "", string.Concat(warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void Five_steps_are_named_however_many_there_are() => Assert.Equal(5, WorkflowRules.WarningsOf(
        Workflows("jobs:\n  x:\n    steps:\n" + string.Concat(Enumerable.Repeat("    - uses: actions/upload-pages-artifact@v4\n", 10_000))), false, default).Count());

    /// <summary>The library does not throw its own exception for these.</summary>
    [Theory]
    [InlineData("a: !<>"), InlineData("!!a---...]@ a"), InlineData("%TAG \t!! \u0085"), InlineData("...\n...\n"), InlineData("? {\r>-2")]
    public void A_file_that_no_parser_reads_is_ignored(string text) => Assert.Empty(WorkflowRules.WarningsOf(Workflows(text), false, default));

    /// <summary>The parser's time for an event grows with the open collections.</summary>
    [Theory]
    [InlineData(10_000), InlineData(100_000)]
    public void However_deep_a_workflow_is_only_the_steps_before_the_hundredth_level_count(int depth)
    {
        const string Step = "{uses: actions/upload-pages-artifact@v4}";
        Assert.Single(WorkflowRules.WarningsOf(Workflows($"a: [{Step},\n{new string('[', depth)}{Step}"), false, default));
        Assert.Single(WorkflowRules.WarningsOf(Workflows($"a: [{Step},\n{string.Concat(Enumerable.Repeat("{a: ", depth))}{Step}"), false, default));
        Assert.Empty(WorkflowRules.WarningsOf(Workflows($"{new string('[', 101)}{Step}"), false, default));
    }

    /// <summary>The comment with the version of a pinned commit is looked for at the end of each step's line.</summary>
    [Fact]
    public void Many_steps_on_one_long_line_are_read_in_linear_time()
    {
        var steps = string.Concat(Enumerable.Repeat("{uses: actions/upload-pages-artifact@main},", 10_000));
        Assert.Equal(5, WorkflowRules.WarningsOf(Workflows($"steps: [{steps}] # v4"), false, default).Count());
        Assert.Empty(WorkflowRules.WarningsOf(Workflows($"steps: [{steps}]"), false, default));
    }

    [Fact]
    public async Task A_stop_ends_the_reading_between_two_files()
    {
        using var stop = new CancellationTokenSource();
        await stop.CancelAsync();
        Assert.Throws<OperationCanceledException>(() => WorkflowRules.WarningsOf(Workflows("on: push\n"), false, stop.Token).ToArray());
    }

    [Fact]
    public void Jekyll_that_keeps_the_folder_causes_no_warning() => Assert.Empty(WorkflowRules.WarningsOf(
        Workflows("steps: [{uses: actions/jekyll-build-pages@v1}, {uses: actions/upload-pages-artifact@v5, with: {include-hidden-files: true}}]"), true, default));

    [Fact]
    public void The_line_to_change_is_shown()
    {
        var warning = Assert.Single(WorkflowRules.WarningsOf(Workflows("jobs:\n  x:\n    steps:\n    - uses: actions/upload-pages-artifact@v4\n"), false, default));
        Assert.Contains("line 4 is '- uses: actions/upload-pages-artifact@v4'", warning, StringComparison.Ordinal);
        Assert.Contains("include-hidden-files: true", warning, StringComparison.Ordinal);
    }

    private static Dictionary<string, ReadOnlyMemory<byte>> Workflows(string text) =>
        new() { [".github/workflows/pages.yml"] = Encoding.UTF8.GetBytes(text) };
}
