using System.Globalization;

namespace LowLatency.Journal.Native;

/// <summary>Error numbers of Linux, the same on x64 and arm64.</summary>
public static class Errno
{
    /// <summary>Operation not permitted.</summary>
    public const int EPERM = 1;

    /// <summary>No such file or directory.</summary>
    public const int ENOENT = 2;

    /// <summary>Interrupted by a signal before anything was done.</summary>
    public const int EINTR = 4;

    /// <summary>Input/output error.</summary>
    public const int EIO = 5;

    /// <summary>Bad file descriptor.</summary>
    public const int EBADF = 9;

    /// <summary>Would block: a lock is held by another.</summary>
    public const int EAGAIN = 11;

    /// <summary>Permission denied.</summary>
    public const int EACCES = 13;

    /// <summary>Exists already.</summary>
    public const int EEXIST = 17;

    /// <summary>Invalid argument, or the file does not support the call.</summary>
    public const int EINVAL = 22;

    /// <summary>File too large.</summary>
    public const int EFBIG = 27;

    /// <summary>No space left.</summary>
    public const int ENOSPC = 28;

    /// <summary>Read-only file system.</summary>
    public const int EROFS = 30;

    /// <summary>The call does not exist here.</summary>
    public const int ENOSYS = 38;

    /// <summary>What was read is not what was written: an archive's own check failed.</summary>
    public const int EBADMSG = 74;

    /// <summary>The file system does not support the call.</summary>
    public const int EOPNOTSUPP = 95;

    /// <summary>Quota exceeded.</summary>
    public const int EDQUOT = 122;

    /// <summary>The name of an error number.</summary>
    /// <param name="errno">The number.</param>
    /// <returns>Its name, or <c>errno N</c> for one without an entry here.</returns>
    public static string Name(int errno) => errno switch
    {
        EPERM => nameof(EPERM),
        ENOENT => nameof(ENOENT),
        EINTR => nameof(EINTR),
        EIO => nameof(EIO),
        EBADF => nameof(EBADF),
        EAGAIN => nameof(EAGAIN),
        12 => "ENOMEM",
        EACCES => nameof(EACCES),
        16 => "EBUSY",
        EEXIST => nameof(EEXIST),
        19 => "ENODEV",
        20 => "ENOTDIR",
        21 => "EISDIR",
        EINVAL => nameof(EINVAL),
        23 => "ENFILE",
        24 => "EMFILE",
        26 => "ETXTBSY",
        EFBIG => nameof(EFBIG),
        ENOSPC => nameof(ENOSPC),
        29 => "ESPIPE",
        EROFS => nameof(EROFS),
        32 => "EPIPE",
        36 => "ENAMETOOLONG",
        37 => "ENOLCK",
        ENOSYS => nameof(ENOSYS),
        39 => "ENOTEMPTY",
        40 => "ELOOP",
        EBADMSG => nameof(EBADMSG),
        75 => "EOVERFLOW",
        EOPNOTSUPP => nameof(EOPNOTSUPP),
        110 => "ETIMEDOUT",
        116 => "ESTALE",
        EDQUOT => nameof(EDQUOT),
        _ => "errno " + errno.ToString(CultureInfo.InvariantCulture),
    };
}
