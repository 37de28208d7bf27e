using System;
using System.IO;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading;
using LowLatency.Gateways.Live;

namespace LowLatency.Engine.Live;

/// <summary>
/// How a person reaches a live run: a socket in its directory that answers <c>status</c> and obeys <c>kill</c>, a file and a
/// signal that kill. The kill switch closes the gateway at once, on whichever thread; then it is made durable, then the run
/// hears of it and cancels.
/// </summary>
internal sealed class LiveControl : IDisposable
{
    /// <summary>Name of the socket.</summary>
    internal const string SocketName = "control.sock";

    /// <summary>Bytes of a request.</summary>
    internal const int RequestMax = 1024;

    /// <summary>Bytes of the path of a socket on this system.</summary>
    internal const int PathMax = 107;

    private const int LookEveryMicroseconds = 50_000;
    private const int AnswerMilliseconds = 1_000;
    private const int UserSignal = 10;

    private readonly RunMemory _memory;
    private readonly KillLatch _kill;
    private readonly Func<byte[]> _status;
    private readonly Action<string> _warn;
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly PosixSignalRegistration _signal;
    private readonly Thread _thread;
    private readonly string _path;
    private volatile string? _reason;
    private volatile bool _stop;
    private bool _isNoted;
    private bool _isToldUnnoted;

    /// <summary>Begins to listen.</summary>
    /// <param name="directory">The run's directory; the caller holds its lock.</param>
    /// <param name="memory">Where a kill is noted.</param>
    /// <param name="kill">The switch.</param>
    /// <param name="status">Says the status.</param>
    /// <param name="warn">Told what could not be done.</param>
    /// <exception cref="IOException">The socket cannot be made.</exception>
    internal LiveControl(string directory, RunMemory memory, KillLatch kill, Func<byte[]> status, Action<string> warn)
    {
        _memory = memory;
        _kill = kill;
        _status = status;
        _warn = warn;
        _path = PathOf(directory);

        // What a process that died left: the directory's lock says that nobody uses it.
        File.Delete(_path);
        try
        {
            _socket.Bind(new UnixDomainSocketEndPoint(_path));
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(_path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }

            _socket.Listen(4);
        }
        catch (SocketException failure)
        {
            _socket.Dispose();
            throw new IOException($"{_path}: the control socket cannot be made: {failure.Message}", failure);
        }

        _signal = PosixSignalRegistration.Create((PosixSignal)UserSignal, context =>
        {
            context.Cancel = true;
            Kill("signal");
        });
        _thread = new Thread(Run) { Name = "control", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Why it was killed; null when it was not.</summary>
    internal string? Reason => _reason;

    /// <summary>The socket of a directory.</summary>
    /// <exception cref="IOException">Its path is too long.</exception>
    internal static string PathOf(string directory)
    {
        string path = Path.Combine(Path.GetFullPath(directory), SocketName);
        return Encoding.UTF8.GetByteCount(path) <= PathMax
            ? path
            : throw new IOException(
                $"{path}: {Encoding.UTF8.GetByteCount(path)} bytes; the path of a socket has at most {PathMax}: choose a shorter --out");
    }

    /// <summary>Asks a run.</summary>
    /// <param name="directory">Its directory.</param>
    /// <param name="request">The request.</param>
    /// <returns>Its answer; null when there is no run.</returns>
    internal static byte[]? Ask(string directory, string request)
    {
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
        {
            ReceiveTimeout = 5 * AnswerMilliseconds,
            SendTimeout = 5 * AnswerMilliseconds,
        };
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(PathOf(directory)));
            socket.Send(Encoding.UTF8.GetBytes(request + "\n"));
            using MemoryStream answer = new();
            byte[] buffer = new byte[4096];
            int read;
            while ((read = socket.Receive(buffer)) > 0)
            {
                answer.Write(buffer, 0, read);
            }

            return answer.ToArray();
        }
        catch (SocketException)
        {
            return null;
        }
    }

    /// <summary>Sets the kill switch. Any thread may.</summary>
    /// <param name="reason">Why.</param>
    internal void Kill(string reason)
    {
        _kill.Set();
        _reason ??= reason;
    }

    /// <summary>
    /// Looks for the file now: a hot thread that was away must not hand anything over before it knows whether it was killed meanwhile.
    /// </summary>
    internal void LookForFile()
    {
        if (_memory.IsKilled)
        {
            Kill("file " + RunMemory.KillName);
        }
    }

    public void Dispose()
    {
        _stop = true;
        _signal.Dispose();
        _ = _thread.Join(2 * AnswerMilliseconds);
        _socket.Dispose();
        File.Delete(_path);
    }

    private void Run()
    {
        while (!_stop)
        {
            try
            {
                if (_socket.Poll(LookEveryMicroseconds, SelectMode.SelectRead))
                {
                    using Socket caller = _socket.Accept();
                    Answer(caller);
                }

                Look();
            }
            catch (SocketException failure)
            {
                _warn("the control socket: " + failure.Message);
            }
            catch (IOException failure)
            {
                // Tried again with each look, told once.
                if (!_isToldUnnoted)
                {
                    _isToldUnnoted = true;
                    _warn("the kill switch could not be made durable: " + failure.Message);
                }
            }
        }
    }

    private void Look()
    {
        if (_reason is null && _memory.IsKilled)
        {
            _isNoted = true;
            Kill("file " + RunMemory.KillName);
        }

        if (_reason is { } reason && !_isNoted)
        {
            _memory.Kill(reason);
            _isNoted = true;
        }
    }

    private void Answer(Socket caller)
    {
        caller.ReceiveTimeout = AnswerMilliseconds;
        caller.SendTimeout = AnswerMilliseconds;
        Span<byte> request = stackalloc byte[RequestMax];
        int length = 0;
        while (length < request.Length && !request[..length].Contains((byte)'\n'))
        {
            int read = caller.Receive(request[length..]);
            if (read == 0)
            {
                break;
            }

            length += read;
        }

        string[] words = Encoding.UTF8.GetString(request[..length]).TrimEnd('\n').Split(' ', 2);
        if (words[0] == "kill")
        {
            Kill(words.Length > 1 && words[1].Length > 0 ? words[1] : "command");
            Look();
        }

        byte[] answer = words[0] is "kill" or "status" ? _status() : "{\"error\":\"the requests are status and kill\"}"u8.ToArray();
        caller.Send(answer);
        caller.Shutdown(SocketShutdown.Both);
    }
}
