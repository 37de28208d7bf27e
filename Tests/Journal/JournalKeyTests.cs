using System;
using System.Buffers.Binary;
using System.IO;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using LowLatency.Core.Formats;
using LowLatency.Journal;
using LowLatency.Journal.Format;
using LowLatency.Journal.Native;
using LowLatency.Journal.Recovery;
using LowLatency.Tests.Journal.Support;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Journal;

/// <summary>What a key finds that no checksum can: a change by someone who knows the format.</summary>
[SupportedOSPlatform("linux")]
public sealed class JournalKeyTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly PosixStorage _posix = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(UnixFileMode.UserRead, true)]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.UserWrite, true)]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.GroupRead, false)]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.OtherRead, false)]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.UserExecute, false)]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.SetUser, false)]
    public void A_key_is_taken_from_a_file_that_only_its_owner_reads(UnixFileMode mode, bool taken)
    {
        string path = KeyFile(32, mode);
        string? refused = JournalKey.Load(_posix, path, out JournalKey? key);
        using (key)
        {
            Assert.Equal(taken, key is not null);
            Assert.Equal(taken, refused is null);
            Assert.True(taken || refused!.Contains("allowed are 0400 and 0600", StringComparison.Ordinal), refused);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(1025)]
    public void A_key_of_a_wrong_length_is_refused(int bytes)
    {
        string? refused = JournalKey.Load(_posix, KeyFile(bytes, UnixFileMode.UserRead), out JournalKey? key);
        Assert.Null(key);
        Assert.Contains("allowed are 32 to 1024", refused, StringComparison.Ordinal);
    }

    [Fact]
    public void A_link_a_directory_a_missing_file_and_a_foreign_file_are_no_keys()
    {
        string link = Path.Combine(_folder.Path, "link");
        File.CreateSymbolicLink(link, KeyFile(32, UnixFileMode.UserRead));
        Assert.Contains("ELOOP", JournalKey.Load(_posix, link, out _), StringComparison.Ordinal);
        Assert.Contains("not a regular file", JournalKey.Load(_posix, _folder.Path, out _), StringComparison.Ordinal);
        Assert.Contains("ENOENT", JournalKey.Load(_posix, link + "2", out _), StringComparison.Ordinal);
        Assert.Contains(
            "another user", JournalKey.Load(new ForeignStorage(), "/key", out _), StringComparison.Ordinal);
    }

    [Fact]
    public void The_footer_carries_the_hmac_of_its_fields_and_the_journal_goes_on_with_the_key()
    {
        using JournalKey key = Key();
        FaultyStorage storage = Written(key);
        byte[] segment = storage.Content(JournalFixture.Segment(0));
        int footer = (int)SegmentLayout.FooterOffset(32);
        byte[] expected = HMACSHA256.HashData(KeyBytes(1), segment.AsSpan(footer, 88));
        Assert.Equal(expected, segment.AsSpan(footer + 88, 32));
        VerificationResult verified = JournalVerifier.Verify(storage, JournalFixture.Folder, key: key);
        Assert.True(verified.IsSound, verified.Damage?.ToString());
        Assert.True(verified.IsAuthenticated);
        Assert.False(JournalVerifier.Verify(storage, JournalFixture.Folder).IsAuthenticated);
        JournalOptions next = JournalFixture.Options(Durability.Flushed, epoch: 2) with { Key = key };
        RecoveryReport report = JournalWriter.Resume(
            storage, JournalFixture.Folder, next, out JournalWriter? writer);
        Assert.False(report.IsRefused, report.Refusal?.ToString());
        Assert.True(report.IsAuthenticated);
        writer!.Append(10);
        Assert.Null(writer!.Close());
        Assert.True(JournalVerifier.Verify(storage, JournalFixture.Folder, key: key).IsSound);
    }

    [Fact]
    public void A_forged_segment_sealed_again_passes_without_the_key_and_is_refused_with_it()
    {
        using JournalKey key = Key();
        FaultyStorage storage = Written(key);
        Forge(storage.Content(JournalFixture.Segment(64)), 3);
        Assert.True(JournalVerifier.Verify(storage, JournalFixture.Folder).IsSound);
        Assert.False(JournalRecovery.Examine(storage, JournalFixture.Folder, StreamKind.Journal).IsRefused);
        VerificationResult verified = JournalVerifier.Verify(storage, JournalFixture.Folder, key: key);
        Assert.Equal(RecoveryCase.ForgedFooter, verified.Damage?.Case);
        Assert.Equal(SegmentLayout.Name(StreamKind.Journal, 64), verified.Damage!.Damage.Segment);
        RecoveryReport report = JournalWriter.Resume(
            storage,
            JournalFixture.Folder,
            JournalFixture.Options(Durability.Flushed, epoch: 2) with { Key = key },
            out JournalWriter? writer);
        Assert.Null(writer);
        Assert.Equal('U', report.Refusal?.Letter);
    }

    [Fact]
    public void Another_key_and_a_journal_without_hmacs_are_refused_by_a_key()
    {
        using JournalKey key = Key();
        using JournalKey other = Key(2);
        RecoveryFinding? wrong = JournalVerifier.Verify(Written(key), JournalFixture.Folder, key: other).Damage;
        Assert.Contains("another key", wrong!.Damage.Reason, StringComparison.Ordinal);
        RecoveryFinding? unsigned = JournalVerifier.Verify(Written(null), JournalFixture.Folder, key: key).Damage;
        Assert.Contains("no HMAC", unsigned!.Damage.Reason, StringComparison.Ordinal);
    }

    /// <summary>Changes a record of a last segment and computes every checksum again, as an insider would.</summary>
    private static void Forge(byte[] segment, int index)
    {
        Assert.Null(SegmentHeader.Read(segment, out SegmentHeader header));
        int footer = (int)SegmentLayout.FooterOffset(header.Capacity);
        Assert.Null(SegmentFooter.Read(segment.AsSpan(footer), out SegmentFooter old));
        segment[(int)SegmentLayout.RecordOffset(index) + 40] ^= 1;
        uint crc = header.PreviousCrc;
        for (int i = 0; i < old.Count; i++)
        {
            Span<byte> record = segment.AsSpan((int)SegmentLayout.RecordOffset(i), SegmentLayout.RecordSize);
            crc = Crc32C.Append(crc, record[..SegmentLayout.CrcOffset]);
            BinaryPrimitives.WriteUInt32LittleEndian(record[SegmentLayout.CrcOffset..], crc);
        }

        using SegmentHash hash = new();
        hash.Start(header);
        hash.Add(segment.AsSpan(SegmentLayout.PageSize, (int)old.Count * SegmentLayout.RecordSize));
        byte[] mac = segment.AsSpan(footer + 88, 32).ToArray();
        Span<byte> page = segment.AsSpan(footer, SegmentLayout.PageSize);
        (old with { LastCrc = crc, Hash = hash.Finish(old.PreviousHash) }).Write(page);
        mac.CopyTo(page[88..]);
        BinaryPrimitives.WriteUInt32LittleEndian(
            page[SegmentLayout.PageCrcOffset..], Crc32C.Append(0, page[..SegmentLayout.PageCrcOffset]));
    }

    private static FaultyStorage Written(JournalKey? key)
    {
        FaultyStorage storage = new();
        JournalOptions options = JournalFixture.Options(Durability.Flushed) with { Key = key };
        Assert.Null(JournalWriter.Create(storage, JournalFixture.Folder, options, out JournalWriter? writer));
        writer!.Append(70);
        Assert.Null(writer!.Close());
        return storage;
    }

    private static byte[] KeyBytes(int seed)
    {
        byte[] bytes = new byte[32];
        Array.Fill(bytes, (byte)seed);
        return bytes;
    }

    private JournalKey Key(int seed = 1)
    {
        Assert.Null(JournalKey.Load(_posix, KeyFile(32, UnixFileMode.UserRead, seed), out JournalKey? key));
        return key!;
    }

    private string KeyFile(int bytes, UnixFileMode mode, int seed = 1)
    {
        string path = Path.Combine(_folder.Path, $"key-{bytes}-{(int)mode}-{seed}");
        byte[] content = new byte[bytes];
        Array.Fill(content, (byte)seed);
        File.WriteAllBytes(path, content);
        File.SetUnixFileMode(path, mode);
        return path;
    }
}
