using System;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using LowLatency.Core.Values;

namespace LowLatency.Gateways.Wire;

/// <summary>What a <see cref="JsonCursor"/> stands on.</summary>
internal enum JsonToken : byte
{
    /// <summary>Before the first token, behind the last one, or at a fault.</summary>
    None,

    /// <summary>A brace that opens.</summary>
    StartObject,

    /// <summary>A brace that closes.</summary>
    EndObject,

    /// <summary>A bracket that opens.</summary>
    StartArray,

    /// <summary>A bracket that closes.</summary>
    EndArray,

    /// <summary>A name of a pair; its colon is read too.</summary>
    Name,

    /// <summary>Text.</summary>
    Text,

    /// <summary>A number.</summary>
    Number,

    /// <summary>true.</summary>
    True,

    /// <summary>false.</summary>
    False,

    /// <summary>null.</summary>
    Null,
}

/// <summary>
/// Walks through JSON token by token. It never throws, never allocates and never reads beyond the bytes: what is not JSON
/// ends the walk with <see cref="IsFault"/>. It accepts exactly what the framework's reader accepts (no comments, no trailing
/// commas, one value); a test holds the two against each other.
/// </summary>
internal ref struct JsonCursor
{
    /// <summary>Objects and arrays inside each other; deeper is a fault.</summary>
    internal const int DepthMax = 32;

    private readonly ReadOnlySpan<byte> _json;

    // Bit d - 1: the container at depth d is an object.
    private uint _objects;
    private int _depth;
    private State _state;

    /// <summary>Creates a cursor before the first token.</summary>
    /// <param name="json">The bytes.</param>
    internal JsonCursor(ReadOnlySpan<byte> json) => _json = json;

    /// <summary>Creates a cursor before a value that lies within a document that was walked before.</summary>
    /// <param name="json">The whole document.</param>
    /// <param name="start">Offset of the value's first byte.</param>
    internal JsonCursor(ReadOnlySpan<byte> json, int start)
    {
        _json = json;
        Position = start;
    }

    private enum State : byte
    {
        Value,
        FirstValueOrEnd,
        FirstNameOrEnd,
        CommaOrEnd,
        Done,
        Fault,
    }

    /// <summary>The token.</summary>
    internal JsonToken Token { get; private set; }

    /// <summary>Offset of the first byte of the token; of a text or name, of the first byte within the quotes.</summary>
    internal int Start { get; private set; }

    /// <summary>Bytes of a text, name or number, without quotes.</summary>
    internal int Length { get; private set; }

    /// <summary>True when a text or name has a backslash: its bytes are not what it says.</summary>
    internal bool IsEscaped { get; private set; }

    /// <summary>Offset of the next byte.</summary>
    internal int Position { get; private set; }

    /// <summary>True when the bytes are not JSON, or deeper than <see cref="DepthMax"/>.</summary>
    internal readonly bool IsFault => _state == State.Fault;

    /// <summary>The bytes of a text, name or number.</summary>
    internal readonly ReadOnlySpan<byte> Bytes => _json.Slice(Start, Length);

    /// <summary>Parses a text or number on which the cursor stands as a decimal number.</summary>
    /// <param name="exponent">Decimal places of the unit.</param>
    /// <param name="units">The number of units.</param>
    /// <returns>False when it is none, has more decimals than the unit, or is beyond 64 bits.</returns>
    internal readonly bool TryDecimal(int exponent, out long units) =>
        DecimalText.TryParse(_json, Start, Length, exponent, out units);

    /// <summary>Goes to the next token.</summary>
    /// <returns>False at the end and at a fault.</returns>
    internal bool Read()
    {
        SkipBlanks();
        if (Position >= _json.Length)
        {
            return _state == State.Done ? End() : Fail();
        }

        byte next = _json[Position];
        switch (_state)
        {
            case State.Value:
                return Value(next);
            case State.FirstValueOrEnd:
                return next == (byte)']' ? Close(JsonToken.EndArray) : Value(next);
            case State.FirstNameOrEnd:
                return next == (byte)'}' ? Close(JsonToken.EndObject) : Name(next);
            case State.CommaOrEnd:
                return AfterValue(next);
            default:
                // A second value, or a fault that stays one.
                return Fail();
        }
    }

    /// <summary>
    /// Goes to the name of the next pair and over its colon, when the very bytes of a name come next. Otherwise the cursor
    /// stays where it is, and <see cref="Read"/> finds out what comes.
    /// </summary>
    /// <param name="name">The name as it would be written.</param>
    /// <returns>True when <see cref="Read"/> reads the value of this name next.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool TryName(in WrittenName name)
    {
        int at = Position;
        if (_json.Length - at <= Vector128<byte>.Count || name.Length == 0)
        {
            return false;
        }

        if (_state == State.CommaOrEnd)
        {
            if (_json[at++] != (byte)',' || (_objects >> (_depth - 1) & 1) == 0)
            {
                return false;
            }
        }
        else if (_state != State.FirstNameOrEnd)
        {
            return false;
        }

        if ((Vector128.Create(_json[at..]) & name.Mask) != name.Bytes)
        {
            return false;
        }

        Position = at + name.Length;
        _state = State.Value;
        return true;
    }

    /// <summary>Goes to the value of the pair whose name was found: <see cref="Read"/>, faster for texts and numbers.</summary>
    /// <returns>False at a fault.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool ReadValue()
    {
        byte next = (uint)Position < (uint)_json.Length ? _json[Position] : (byte)0;
        return next == (byte)'"' ? Text(JsonToken.Text) && Completed()
            : char.IsAsciiDigit((char)next) ? Number()
            : Read();
    }

    /// <summary>
    /// Goes over the next items of an array as long as they are arrays of two texts that are plain decimal numbers, as levels of
    /// a book are written. Where nothing of that kind comes the cursor stays where it is.
    /// </summary>
    /// <param name="firstExponent">Decimal places of the first number's unit.</param>
    /// <param name="secondExponent">Decimal places of the second number's unit.</param>
    /// <param name="numbers">Room for the numbers, two of each item.</param>
    /// <returns>Numbers that were read; when there are any, the cursor stands on the bracket that closes the last item.</returns>
    internal int ReadPairs(int firstExponent, int secondExponent, Span<long> numbers)
    {
        ReadOnlySpan<byte> json = _json;
        int at = Position;
        if (_state == State.CommaOrEnd && (_objects >> (_depth - 1) & 1) == 0 && at < json.Length && json[at] == (byte)',')
        {
            at++;
        }
        else if (_state != State.FirstValueOrEnd)
        {
            return 0;
        }

        int count = _depth >= DepthMax ? 0 : PairScan.Read(json, ref at, firstExponent, secondExponent, numbers);
        if (count > 0)
        {
            Token = JsonToken.EndArray;
            Start = at - 1;
            Length = 0;
            Position = at;
            _state = State.CommaOrEnd;
        }

        return count;
    }

    /// <summary>Goes to the last token of the value on whose first token the cursor stands.</summary>
    /// <returns>False at a fault.</returns>
    internal bool Skip()
    {
        if (Token is not (JsonToken.StartObject or JsonToken.StartArray))
        {
            return _state != State.Fault;
        }

        int outside = _depth - 1;
        while (_depth > outside)
        {
            if (!Read())
            {
                return false;
            }
        }

        return true;
    }

    private bool AfterValue(byte next)
    {
        bool inObject = (_objects >> (_depth - 1) & 1) != 0;
        if (next == (byte)',')
        {
            Position++;
            SkipBlanks();
            if (Position >= _json.Length)
            {
                return Fail();
            }

            return inObject ? Name(_json[Position]) : Value(_json[Position]);
        }

        return next == (inObject ? (byte)'}' : (byte)']')
            ? Close(inObject ? JsonToken.EndObject : JsonToken.EndArray)
            : Fail();
    }

    private bool Value(byte next)
    {
        switch (next)
        {
            case (byte)'"':
                return Text(JsonToken.Text) && Completed();
            case (byte)'{':
                return Open(JsonToken.StartObject, State.FirstNameOrEnd, 1);
            case (byte)'[':
                return Open(JsonToken.StartArray, State.FirstValueOrEnd, 0);
            case (byte)'t':
                return Word("true"u8, JsonToken.True);
            case (byte)'f':
                return Word("false"u8, JsonToken.False);
            case (byte)'n':
                return Word("null"u8, JsonToken.Null);
            default:
                return Number();
        }
    }

    private bool Name(byte next)
    {
        if (next != (byte)'"' || !Text(JsonToken.Name))
        {
            return Fail();
        }

        SkipBlanks();
        if (Position >= _json.Length || _json[Position] != (byte)':')
        {
            return Fail();
        }

        Position++;
        _state = State.Value;
        return true;
    }

    private bool Open(JsonToken token, State state, uint isObject)
    {
        if (_depth == DepthMax)
        {
            return Fail();
        }

        Token = token;
        Start = Position++;
        Length = 0;
        uint bit = 1u << _depth;
        _objects = isObject != 0 ? _objects | bit : _objects & ~bit;
        _depth++;
        _state = state;
        return true;
    }

    private bool Close(JsonToken token)
    {
        Token = token;
        Start = Position++;
        Length = 0;
        _depth--;
        return Completed();
    }

    private bool Completed()
    {
        _state = _depth == 0 ? State.Done : State.CommaOrEnd;
        return true;
    }

    private bool Text(JsonToken token)
    {
        int start = Position + 1;
        ReadOnlySpan<byte> json = _json;
        int at = Plain(json, start);
        if ((uint)at < (uint)json.Length && json[at] == (byte)'"')
        {
            Token = token;
            Start = start;
            Length = at - start;
            IsEscaped = false;
            Position = at + 1;
            return true;
        }

        return UnusualText(token, start, at);
    }

    // With escapes, near the end of the message, or damaged.
    private bool UnusualText(JsonToken token, int start, int at)
    {
        bool escaped = false;
        ReadOnlySpan<byte> json = _json;
        while (at < json.Length)
        {
            byte b = json[at];
            if (b == (byte)'"')
            {
                Token = token;
                Start = start;
                Length = at - start;
                IsEscaped = escaped;
                Position = at + 1;
                return true;
            }

            if (b < (byte)' ')
            {
                return Fail();
            }

            if (b == (byte)'\\')
            {
                escaped = true;
                at = Escape(at + 1);
                if (at < 0)
                {
                    return Fail();
                }
            }
            else
            {
                at++;
            }
        }

        return Fail();
    }

    // The first byte from an offset that ends a text, or is not plain; or one of the last fifteen.
    private static int Plain(ReadOnlySpan<byte> json, int at)
    {
        while (json.Length - at >= Vector128<byte>.Count)
        {
            Vector128<byte> bytes = Vector128.Create(json[at..]);
            uint special = (Vector128.Equals(bytes, Vector128.Create((byte)'"'))
                | Vector128.Equals(bytes, Vector128.Create((byte)'\\'))
                | Vector128.LessThan(bytes, Vector128.Create((byte)' '))).ExtractMostSignificantBits();
            if (special != 0)
            {
                return at + BitOperations.TrailingZeroCount(special);
            }

            at += Vector128<byte>.Count;
        }

        return at;
    }

    // The offset behind an escape whose letter lies at an offset; -1 when it is none.
    private readonly int Escape(int at)
    {
        if (at >= _json.Length)
        {
            return -1;
        }

        switch (_json[at])
        {
            case (byte)'"' or (byte)'\\' or (byte)'/' or (byte)'b' or (byte)'f' or (byte)'n' or (byte)'r' or (byte)'t':
                return at + 1;
            case (byte)'u' when at + 4 < _json.Length:
                for (int i = at + 1; i <= at + 4; i++)
                {
                    if (!char.IsAsciiHexDigit((char)_json[i]))
                    {
                        return -1;
                    }
                }

                return at + 5;
            default:
                return -1;
        }
    }

    private bool Word(ReadOnlySpan<byte> word, JsonToken token)
    {
        if (!_json[Position..].StartsWith(word))
        {
            return Fail();
        }

        Token = token;
        Start = Position;
        Length = word.Length;
        Position += word.Length;
        return Completed();
    }

    // -?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?
    private bool Number()
    {
        int at = Position;
        ReadOnlySpan<byte> json = _json;
        if (json[at] == (byte)'-')
        {
            at++;
        }

        int digits = Digits(at);
        if (digits == 0 || (digits > 1 && json[at] == (byte)'0'))
        {
            return Fail();
        }

        at += digits;
        if (at < json.Length && json[at] == (byte)'.')
        {
            digits = Digits(++at);
            if (digits == 0)
            {
                return Fail();
            }

            at += digits;
        }

        if (at < json.Length && (json[at] | 0x20) == (byte)'e')
        {
            at++;
            if (at < json.Length && json[at] is (byte)'+' or (byte)'-')
            {
                at++;
            }

            digits = Digits(at);
            if (digits == 0)
            {
                return Fail();
            }

            at += digits;
        }

        Token = JsonToken.Number;
        Start = Position;
        Length = at - Position;
        Position = at;
        return Completed();
    }

    private readonly int Digits(int at)
    {
        int from = at;
        ReadOnlySpan<byte> json = _json;
        while (json.Length - at >= Vector128<byte>.Count)
        {
            uint others = Vector128.GreaterThan(
                Vector128.Create(json[at..]) - Vector128.Create((byte)'0'), Vector128.Create((byte)9)).ExtractMostSignificantBits();
            if (others != 0)
            {
                return at + BitOperations.TrailingZeroCount(others) - from;
            }

            at += Vector128<byte>.Count;
        }

        while (at < json.Length && char.IsAsciiDigit((char)json[at]))
        {
            at++;
        }

        return at - from;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void SkipBlanks()
    {
        // Machines write none.
        if ((uint)Position < (uint)_json.Length && _json[Position] <= (byte)' ')
        {
            SkipSomeBlanks();
        }
    }

    private void SkipSomeBlanks()
    {
        while (Position < _json.Length && _json[Position] is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t')
        {
            Position++;
        }
    }

    private bool End()
    {
        Token = JsonToken.None;
        return false;
    }

    private bool Fail()
    {
        Token = JsonToken.None;
        _state = State.Fault;
        return false;
    }
}
