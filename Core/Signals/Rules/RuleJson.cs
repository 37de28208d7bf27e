using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace LowLatency.Core.Signals.Rules;

/// <summary>What a piece of JSON is.</summary>
internal enum JsonKind
{
    Object,
    Array,
    Text,
    Number,
    Literal,
}

/// <summary>A piece of JSON that knows where it stands.</summary>
internal sealed class JsonPiece(JsonKind kind, RulePlace place)
{
    internal JsonKind Kind { get; } = kind;

    internal RulePlace Place { get; } = place;

    /// <summary>Decoded text, or the characters of a number or literal.</summary>
    internal string Text { get; set; } = string.Empty;

    /// <summary>Of text: the column of each decoded character, and of the closing quote.</summary>
    internal int[] Columns { get; set; } = [];

    /// <summary>Members of an object (or elements of an array, without names), in the order of the file.</summary>
    internal List<(string Name, RulePlace Place, JsonPiece Value)> Members { get; } = [];

    internal JsonPiece? Find(string name)
    {
        foreach ((string member, RulePlace _, JsonPiece value) in Members)
        {
            if (string.Equals(member, name, StringComparison.Ordinal))
            {
                return value;
            }
        }

        return null;
    }

    /// <summary>Where a character of the text stands in the file.</summary>
    internal RulePlace At(int offset) => new(Place.Line, Columns[Math.Min(offset, Columns.Length - 1)]);
}

/// <summary>
/// Strict JSON with the place of everything: no comments, no trailing commas, no key twice, nothing after the end, at
/// most <see cref="DepthMax"/> deep. The first thing that is wrong ends the reading.
/// </summary>
internal sealed class RuleJson
{
    /// <summary>Objects within objects.</summary>
    internal const int DepthMax = 8;

    private readonly string _text;
    private readonly RuleProblems _problems;
    private int _at;
    private int _line;
    private int _column;

    private RuleJson(string text, RulePlace start, RuleProblems problems)
    {
        _text = text;
        _problems = problems;
        _line = start.Line;
        _column = start.Column;
    }

    private char Now => _at < _text.Length ? _text[_at] : '\0';

    private RulePlace Here => new(_line, _column);

    /// <summary>Reads a whole text; null when it is not JSON, with the problem added.</summary>
    internal static JsonPiece? Read(string text, RulePlace start, RuleProblems problems)
    {
        RuleJson reader = new(text, start, problems);
        reader.Blank();
        JsonPiece? piece = reader.Value(0);
        if (piece is null)
        {
            return null;
        }

        reader.Blank();
        return reader._at == text.Length ? piece : reader.Fail("nothing may follow the end of the program");
    }

    private static bool IsDigit(char c) => c is >= '0' and <= '9';

    private JsonPiece? Fail(string message)
    {
        _problems.Add(Here, message);
        return null;
    }

    private void Step()
    {
        if (Now == '\n')
        {
            _line++;
            _column = 0;
        }

        _at++;
        _column++;
    }

    private void Blank()
    {
        while (Now is ' ' or '\n' or '\r' or '\t')
        {
            Step();
        }
    }

    private JsonPiece? Value(int depth)
    {
        if (depth > DepthMax)
        {
            return Fail(string.Create(CultureInfo.InvariantCulture, $"nested more than {DepthMax} deep"));
        }

        return Now switch
        {
            '{' => Container(JsonKind.Object, '}', depth),
            '[' => Container(JsonKind.Array, ']', depth),
            '"' => Text(),
            '-' or (>= '0' and <= '9') => Number(),
            't' => Literal("true"),
            'f' => Literal("false"),
            'n' => Literal("null"),
            '\0' when _at >= _text.Length => Fail("the program ends in the middle"),
            _ => Fail("not JSON: a value was expected"),
        };
    }

    private JsonPiece? Container(JsonKind kind, char close, int depth)
    {
        JsonPiece piece = new(kind, Here);
        Step();
        Blank();
        if (Now == close)
        {
            Step();
            return piece;
        }

        while (true)
        {
            RulePlace place = Here;
            string name = string.Empty;
            if (kind == JsonKind.Object)
            {
                if (Now != '"')
                {
                    return Fail("not JSON: a key in double quotes was expected");
                }

                if (Text() is not { } key)
                {
                    return null;
                }

                name = key.Text;
                if (piece.Find(name) is not null)
                {
                    _problems.Add(place, $"the key \"{name}\" stands twice; each key may stand once");
                    return null;
                }

                Blank();
                if (Now != ':')
                {
                    return Fail("not JSON: ':' was expected");
                }

                Step();
                Blank();
            }

            if (Value(depth + 1) is not { } value)
            {
                return null;
            }

            piece.Members.Add((name, place, value));
            Blank();
            if (Now == close)
            {
                Step();
                return piece;
            }

            if (Now != ',')
            {
                return Fail($"not JSON: ',' or '{close}' was expected");
            }

            Step();
            Blank();
        }
    }

    private JsonPiece? Text()
    {
        JsonPiece piece = new(JsonKind.Text, Here);
        StringBuilder text = new();
        List<int> columns = [];
        Step();
        while (Now != '"')
        {
            if (_at >= _text.Length || Now < ' ')
            {
                return Fail("not JSON: the text has no end on its line");
            }

            columns.Add(_column);
            if (Now != '\\')
            {
                text.Append(Now);
                Step();
                continue;
            }

            Step();
            if (!Escape(text))
            {
                return Fail("not JSON: an escape that does not exist");
            }
        }

        columns.Add(_column);
        Step();
        piece.Text = text.ToString();
        piece.Columns = [.. columns];
        return piece;
    }

    private bool Escape(StringBuilder text)
    {
        char plain = Now switch
        {
            '"' or '\\' or '/' => Now,
            'b' => '\b',
            'f' => '\f',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            _ => '\0',
        };
        if (plain != '\0')
        {
            text.Append(plain);
            Step();
            return true;
        }

        if (Now != 'u'
            || _at + 4 >= _text.Length
            || !ushort.TryParse(
                _text.AsSpan(_at + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ushort code))
        {
            return false;
        }

        text.Append((char)code);
        for (int i = 0; i < 5; i++)
        {
            Step();
        }

        return true;
    }

    private JsonPiece? Number()
    {
        JsonPiece piece = new(JsonKind.Number, Here);
        int start = _at;
        while (IsDigit(Now) || Now is '-' or '+' or '.' or 'e' or 'E')
        {
            Step();
        }

        piece.Text = _text[start.._at];
        return piece;
    }

    private JsonPiece? Literal(string word)
    {
        if (!_text.AsSpan(_at).StartsWith(word))
        {
            return Fail("not JSON: a value was expected");
        }

        JsonPiece piece = new(JsonKind.Literal, Here) { Text = word };
        for (int i = 0; i < word.Length; i++)
        {
            Step();
        }

        return piece;
    }
}
