using System;
using System.Collections.Generic;
using System.Globalization;

namespace LowLatency.Core.Signals.Rules;

/// <summary>Reads one expression; docs/rules.md has the grammar. The first thing that is wrong ends the reading.</summary>
internal sealed class RuleParser
{
    /// <summary>Operations and operands of one expression.</summary>
    internal const int NodesMax = 500;

    /// <summary>Expressions within expressions.</summary>
    internal const int DepthMax = 32;

    /// <summary>Farthest look back, bars.</summary>
    internal const int LookBackMax = 1_000;

    /// <summary>Longest run of bars in for and within.</summary>
    internal const int RunMax = 10_000;

    private static readonly string[] Words =
    [
        "and", "or", "not", "between", "crosses_above", "crosses_below", "for", "within", "bars", "bar", "true", "false",
        "abs", "min", "max",
    ];

    private readonly JsonPiece _source;
    private readonly List<Token> _tokens;
    private readonly RuleProblems _problems;
    private int _at;
    private int _nodes;
    private int _depth;

    private RuleParser(JsonPiece source, List<Token> tokens, RuleProblems problems)
    {
        _source = source;
        _tokens = tokens;
        _problems = problems;
    }

    private Token Now => _tokens[_at];

    /// <summary>Words of the language, which name nothing else.</summary>
    internal static ReadOnlySpan<string> Reserved => Words;

    /// <summary>The expression; null when it is not one, with the problem added.</summary>
    internal static RuleNode? Parse(JsonPiece source, RuleProblems problems)
    {
        if (RuleLexer.Cut(source, problems) is not { } tokens)
        {
            return null;
        }

        RuleParser parser = new(source, tokens, problems);
        RuleNode? node = parser.Either();
        if (node is null || parser.Now.Kind == TokenKind.End)
        {
            return node;
        }

        return parser.Fail(parser.IsComparison()
            ? "comparisons do not chain; join two with \"and\", or use \"between\""
            : $"\"{parser.Now.Text}\" was not expected here; an operator or the end was");
    }

    private RuleNode? Fail(string message)
    {
        _problems.Add(_source.At(Now.Offset), message);
        return null;
    }

    private bool Is(string text) =>
        Now.Kind is TokenKind.Name or TokenKind.Sign && string.Equals(Now.Text, text, StringComparison.Ordinal);

    private bool Take(string text)
    {
        bool found = Is(text);
        _at += found ? 1 : 0;
        return found;
    }

    private bool IsComparison() => Comparison() is not null || Is("between") || Is("crosses_above") || Is("crosses_below");

    private RuleOp? Comparison() => Now.Kind != TokenKind.Sign ? null : Now.Text switch
    {
        "<" => RuleOp.Less,
        "<=" => RuleOp.AtMost,
        ">" => RuleOp.Greater,
        ">=" => RuleOp.AtLeast,
        "==" => RuleOp.Equal,
        "!=" => RuleOp.NotEqual,
        _ => null,
    };

    /// <summary>Makes a node at a token; null when a part is missing or there are too many.</summary>
    private RuleNode? Make(RuleOp op, Token at, params ReadOnlySpan<RuleNode?> parts)
    {
        RuleNode[] whole = new RuleNode[parts.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            if (parts[i] is not { } part)
            {
                return null;
            }

            whole[i] = part;
        }

        return Counted(at, new RuleNode(op, _source.At(at.Offset), whole));
    }

    private RuleNode? Counted(Token at, RuleNode node)
    {
        if (++_nodes <= NodesMax)
        {
            return node;
        }

        _problems.Add(_source.At(at.Offset), string.Create(
            CultureInfo.InvariantCulture, $"an expression has at most {NodesMax} operations and operands"));
        return null;
    }

    private RuleNode? Either()
    {
        if (++_depth > DepthMax)
        {
            return Fail(string.Create(CultureInfo.InvariantCulture, $"expressions nest at most {DepthMax} deep"));
        }

        RuleNode? left = Both();
        while (left is not null && Is("or"))
        {
            Token at = _tokens[_at++];
            left = Make(RuleOp.Or, at, left, Both());
        }

        _depth--;
        return left;
    }

    private RuleNode? Both()
    {
        RuleNode? left = Negated();
        while (left is not null && Is("and"))
        {
            Token at = _tokens[_at++];
            left = Make(RuleOp.And, at, left, Negated());
        }

        return left;
    }

    private RuleNode? Negated()
    {
        if (!Is("not"))
        {
            return Run();
        }

        Token at = _tokens[_at++];
        if (++_depth > DepthMax)
        {
            return Fail(string.Create(CultureInfo.InvariantCulture, $"expressions nest at most {DepthMax} deep"));
        }

        RuleNode? node = Make(RuleOp.Not, at, Negated());
        _depth--;
        return node;
    }

    private RuleNode? Run()
    {
        RuleNode? condition = Compared();
        if (condition is null || !(Is("for") || Is("within")))
        {
            return condition;
        }

        Token at = _tokens[_at++];
        if (!TryWhole(1, RunMax, "the bars of a run", out int bars))
        {
            return null;
        }

        if (!Take("bars") && !Take("bar"))
        {
            return Fail("\"bars\" was expected after their number");
        }

        RuleOp op = at.Text == "for" ? RuleOp.For : RuleOp.Within;
        return Counted(at, new RuleNode(op, _source.At(at.Offset), condition) { Number = bars });
    }

    private RuleNode? Compared()
    {
        RuleNode? left = Sum();
        if (left is null)
        {
            return null;
        }

        Token at = Now;
        if (Comparison() is { } op)
        {
            _at++;
            return Make(op, at, left, Sum());
        }

        if (Take("crosses_above"))
        {
            return Make(RuleOp.CrossesAbove, at, left, Sum());
        }

        if (Take("crosses_below"))
        {
            return Make(RuleOp.CrossesBelow, at, left, Sum());
        }

        return Take("between") ? Range(at, left) : left;
    }

    private RuleNode? Range(Token at, RuleNode value)
    {
        bool listed = Take("[");
        RuleNode? low = Sum();
        if (low is null)
        {
            return null;
        }

        if (!Take(listed ? "," : ".."))
        {
            return Fail(listed
                ? "',' was expected between the bounds"
                : "\"..\" was expected between the bounds: between 30..70, or between [30, 70]");
        }

        RuleNode? high = Sum();
        if (high is null)
        {
            return null;
        }

        return !listed || Take("]")
            ? Make(RuleOp.Between, at, value, low, high)
            : Fail("']' was expected after the bounds");
    }

    private RuleNode? Sum()
    {
        RuleNode? left = Product();
        while (left is not null && (Is("+") || Is("-")))
        {
            Token at = _tokens[_at++];
            left = Make(at.Text == "+" ? RuleOp.Add : RuleOp.Subtract, at, left, Product());
        }

        return left;
    }

    private RuleNode? Product()
    {
        RuleNode? left = Signed();
        while (left is not null && (Is("*") || Is("/")))
        {
            Token at = _tokens[_at++];
            left = Make(at.Text == "*" ? RuleOp.Multiply : RuleOp.Divide, at, left, Signed());
        }

        return left;
    }

    private RuleNode? Signed()
    {
        if (!Is("-"))
        {
            return Primary();
        }

        Token at = _tokens[_at++];
        if (++_depth > DepthMax)
        {
            return Fail(string.Create(CultureInfo.InvariantCulture, $"expressions nest at most {DepthMax} deep"));
        }

        RuleNode? node = Make(RuleOp.Negate, at, Signed());
        _depth--;
        return node;
    }

    private RuleNode? Primary()
    {
        Token at = Now;
        switch (at.Kind)
        {
            case TokenKind.Number:
                _at++;
                return Number(at);
            case TokenKind.Word:
                _at++;
                return Counted(at, new RuleNode(RuleOp.Word, _source.At(at.Offset)) { Text = at.Text });
            case TokenKind.Name when at.Text is "true" or "false":
                _at++;
                return Counted(
                    at, new RuleNode(RuleOp.Flag, _source.At(at.Offset)) { Number = at.Text == "true" ? 1 : 0 });
            case TokenKind.Name when at.Text is "abs" or "min" or "max":
                _at++;
                return Function(at);
            case TokenKind.Name when Array.IndexOf(Words, at.Text) < 0:
                _at++;
                return Name(at);
            case TokenKind.Sign when at.Text == "(":
                _at++;
                return Bracketed();
            case TokenKind.End:
                return Fail("the expression ends where a value was expected");
            default:
                return Fail($"\"{at.Text}\" stands where a value was expected");
        }
    }

    private RuleNode? Number(Token at)
    {
        double value = double.Parse(at.Text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture);
        if (at.Text.Length > 18)
        {
            _problems.Add(_source.At(at.Offset), "a number has at most 17 digits");
            return null;
        }

        return Counted(at, new RuleNode(RuleOp.Number, _source.At(at.Offset)) { Number = value });
    }

    private RuleNode? Bracketed()
    {
        RuleNode? inner = Either();
        if (inner is null)
        {
            return null;
        }

        if (!Take(")"))
        {
            return Fail("')' was expected");
        }

        return Is("[")
            ? Fail("only a name can be looked back at: give the expression a name under \"let\"")
            : inner;
    }

    private RuleNode? Function(Token at)
    {
        if (!Take("("))
        {
            return Fail($"'(' was expected after \"{at.Text}\"");
        }

        RuleNode? first = Sum();
        if (first is null)
        {
            return null;
        }

        RuleNode? second = null;
        if (at.Text != "abs")
        {
            if (!Take(","))
            {
                return Fail($"\"{at.Text}\" takes two numbers: ',' was expected");
            }

            second = Sum();
            if (second is null)
            {
                return null;
            }
        }

        if (!Take(")"))
        {
            return Fail("')' was expected");
        }

        return at.Text switch
        {
            "abs" => Make(RuleOp.Abs, at, first),
            "min" => Make(RuleOp.Min, at, first, second),
            _ => Make(RuleOp.Max, at, first, second),
        };
    }

    private RuleNode? Name(Token at)
    {
        string name = at.Text;
        if (Take("."))
        {
            if (Now.Kind != TokenKind.Name)
            {
                return Fail($"the name of an output was expected after \"{name}.\"");
            }

            name += "." + _tokens[_at++].Text;
        }

        int back = 0;
        if (Take("["))
        {
            if (!TryWhole(0, LookBackMax, "a look back", out back))
            {
                return null;
            }

            if (!Take("]"))
            {
                return Fail("']' was expected");
            }
        }

        return Counted(at, new RuleNode(RuleOp.Name, _source.At(at.Offset)) { Text = name, Number = back });
    }

    private bool TryWhole(int least, int most, string what, out int value)
    {
        value = 0;
        if (Now.Kind == TokenKind.Number
            && int.TryParse(Now.Text, NumberStyles.None, CultureInfo.InvariantCulture, out value)
            && value >= least
            && value <= most)
        {
            _at++;
            return true;
        }

        Fail(string.Create(CultureInfo.InvariantCulture, $"{what} must be a whole number from {least} to {most}"));
        return false;
    }
}
