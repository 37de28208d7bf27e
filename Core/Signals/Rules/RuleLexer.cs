using System;
using System.Collections.Generic;

namespace LowLatency.Core.Signals.Rules;

internal enum TokenKind
{
    Name,
    Number,
    Word,
    Sign,
    End,
}

/// <summary>A piece of an expression; the offset is that of its first character.</summary>
internal readonly record struct Token(TokenKind Kind, string Text, int Offset);

/// <summary>Cuts an expression into names, numbers, words and signs.</summary>
internal static class RuleLexer
{
    private static readonly string[] Signs =
        ["..", "<=", ">=", "==", "!=", "<", ">", "+", "-", "*", "/", "(", ")", "[", "]", ",", "."];

    /// <summary>The pieces, with an end; null when a character has no place, with the problem added.</summary>
    internal static List<Token>? Cut(JsonPiece source, RuleProblems problems)
    {
        string text = source.Text;
        List<Token> tokens = [];
        int at = 0;
        while (at < text.Length)
        {
            int start = at;
            char c = text[at];
            if (c == ' ')
            {
                at++;
            }
            else if (IsLetter(c))
            {
                while (at < text.Length && (IsLetter(text[at]) || IsDigit(text[at])))
                {
                    at++;
                }

                tokens.Add(new Token(TokenKind.Name, text[start..at], start));
            }
            else if (IsDigit(c))
            {
                at = NumberEnd(text, at);
                if (at < text.Length && IsLetter(text[at]))
                {
                    problems.Add(source.At(start), "a number is digits with at most one point, such as 0.25");
                    return null;
                }

                tokens.Add(new Token(TokenKind.Number, text[start..at], start));
            }
            else if (c == '\'')
            {
                at = text.IndexOf('\'', at + 1) + 1;
                if (at == 0)
                {
                    problems.Add(source.At(start), "a word has no closing quote");
                    return null;
                }

                tokens.Add(new Token(TokenKind.Word, text[(start + 1)..(at - 1)], start));
            }
            else if (SignAt(text, at) is { } sign)
            {
                tokens.Add(new Token(TokenKind.Sign, sign, start));
                at += sign.Length;
            }
            else
            {
                problems.Add(source.At(start), Stray(c));
                return null;
            }
        }

        tokens.Add(new Token(TokenKind.End, string.Empty, text.Length));
        return tokens;
    }

    internal static bool IsLetter(char c) => c is (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or '_';

    internal static bool IsDigit(char c) => c is >= '0' and <= '9';

    private static int NumberEnd(string text, int at)
    {
        while (at < text.Length && IsDigit(text[at]))
        {
            at++;
        }

        // A point belongs to the number only before a digit: 5..10 is a range.
        if (at + 1 < text.Length && text[at] == '.' && IsDigit(text[at + 1]))
        {
            at++;
            while (at < text.Length && IsDigit(text[at]))
            {
                at++;
            }
        }

        return at;
    }

    private static string? SignAt(string text, int at)
    {
        foreach (string sign in Signs)
        {
            if (text.AsSpan(at).StartsWith(sign, StringComparison.Ordinal))
            {
                return sign;
            }
        }

        return null;
    }

    private static string Stray(char c) => c switch
    {
        '=' => "'=' does not compare; did you mean \"==\"?",
        '&' => "'&' does not exist; did you mean \"and\"?",
        '|' => "'|' does not exist; did you mean \"or\"?",
        '!' => "'!' does not exist; did you mean \"not\"?",
        _ => $"the character '{c}' has no meaning here",
    };
}
