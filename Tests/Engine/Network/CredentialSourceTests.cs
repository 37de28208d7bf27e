using System;
using System.IO;
using System.Runtime.Versioning;
using LowLatency.Engine.Network;
using LowLatency.Gateways.Live;
using LowLatency.Tests.Journal.Support;
using Xunit;

namespace LowLatency.Tests.Engine.Network;

/// <summary>Keys come from a file that nobody else may read or from the environment, and no message repeats them.</summary>
[SupportedOSPlatform("linux")]
public sealed class CredentialSourceTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), "key-" + Guid.NewGuid().ToString("N"));

    public void Dispose() => File.Delete(_path);

    [Theory]
    [InlineData("my-key\nmy-secret\n")]
    [InlineData("my-key\r\nmy-secret\r\n")]
    [InlineData("my-key\nmy-secret")]
    public void A_file_of_mode_400_is_read(string text)
    {
        Write(text, UnixFileMode.UserRead);
        Assert.Null(CredentialSource.TryFile(_path, out Credentials? credentials));
        Assert.Equal("my-key", System.Text.Encoding.ASCII.GetString(credentials!.Key));
        Assert.Equal("my-secret", System.Text.Encoding.ASCII.GetString(credentials.Secret));
        credentials.Dispose();
        Assert.All(credentials.Secret.ToArray(), b => Assert.Equal(0, b));
    }

    [Theory]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.UserWrite)]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.OtherRead)]
    public void A_file_that_others_may_read_or_anybody_may_write_is_refused(UnixFileMode mode)
    {
        Write("my-key\nmy-secret\n", mode);
        Refused("chmod 400");
    }

    [Fact]
    public void A_file_of_another_user_and_what_is_no_file_are_refused()
    {
        string? problem = CredentialSource.TryFile("/key", out Credentials? credentials, new ForeignStorage());
        Assert.Null(credentials);
        Assert.Equal("the key file /key belongs to another user", problem);
        Assert.Contains(
            "not a regular file", CredentialSource.TryFile(Path.GetTempPath(), out credentials), StringComparison.Ordinal);
        Assert.Null(credentials);
    }

    [Theory]
    [InlineData("")]
    [InlineData("my-key")]
    [InlineData("my-key\n")]
    [InlineData("my-key\nmy secret\n")]
    [InlineData("my-key\nmy-secret\nmore\n")]
    public void A_file_that_is_no_key_is_refused_without_repeating_it(string text)
    {
        Write(text, UnixFileMode.UserRead);
        string problem = Refused("two lines");
        Assert.DoesNotContain("my-", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_and_a_link_are_refused()
    {
        Refused("does not exist");
        string target = _path + ".target";
        try
        {
            File.WriteAllText(target, "my-key\nmy-secret\n");
            File.SetUnixFileMode(target, UnixFileMode.UserRead);
            File.CreateSymbolicLink(_path, target);
            Refused("link");
        }
        finally
        {
            File.Delete(target);
        }
    }

    [Fact]
    public void The_environment_gives_a_key_only_when_both_variables_are_right()
    {
        string prefix = "LOWLATENCY_TEST_" + Guid.NewGuid().ToString("N") + "_";
        Assert.Contains("not both set", CredentialSource.TryEnvironment(prefix, out _), StringComparison.Ordinal);
        Environment.SetEnvironmentVariable(prefix + "KEY", "my-key");
        Environment.SetEnvironmentVariable(prefix + "SECRET", "my secret");
        string problem = CredentialSource.TryEnvironment(prefix, out _)!;
        Assert.DoesNotContain("my ", problem, StringComparison.Ordinal);
        Environment.SetEnvironmentVariable(prefix + "SECRET", "my-secret");
        Assert.Null(CredentialSource.TryEnvironment(prefix, out Credentials? credentials));
        Assert.Equal("credentials (hidden)", credentials!.ToString());
    }

    private void Write(string text, UnixFileMode mode)
    {
        File.WriteAllText(_path, text);
        File.SetUnixFileMode(_path, mode);
    }

    private string Refused(string because)
    {
        string? problem = CredentialSource.TryFile(_path, out Credentials? credentials);
        Assert.Null(credentials);
        Assert.Contains(because, problem, StringComparison.Ordinal);
        return problem!;
    }
}
