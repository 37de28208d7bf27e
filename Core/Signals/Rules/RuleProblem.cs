using System.Collections.Generic;
using System.Globalization;
using LowLatency.Core.Formats;

namespace LowLatency.Core.Signals.Rules;

/// <summary>One thing that is wrong with a rule program.</summary>
/// <param name="Line">Line in the file, from 1.</param>
/// <param name="Column">Character in the line, from 1.</param>
/// <param name="Message">What is wrong and what is allowed.</param>
public sealed record RuleProblem(int Line, int Column, string Message)
{
    /// <inheritdoc/>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"line {Line}, column {Column}: {Message}");
}

/// <summary>The problems of one program, in the order in which they were met.</summary>
internal sealed class RuleProblems
{
    /// <summary>Problems that are listed; a text with more is not a program.</summary>
    internal const int Max = 50;

    private readonly List<RuleProblem> _problems = [];

    internal int Count => _problems.Count;

    internal RuleProblem[] ToArray() => [.. _problems];

    internal void Add(RulePlace place, string message)
    {
        if (_problems.Count < Max)
        {
            _problems.Add(new RuleProblem(place.Line, place.Column, message));
        }
    }

    /// <summary>What a person probably meant, as the end of a sentence.</summary>
    internal static string Meant(string word, IReadOnlyList<string> known) =>
        NearMiss.Of(word, known) is { } near ? $"; did you mean \"{near}\"?" : $"; known here: {string.Join(", ", known)}";
}

/// <summary>A place in the file.</summary>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1.</param>
internal readonly record struct RulePlace(int Line, int Column);
