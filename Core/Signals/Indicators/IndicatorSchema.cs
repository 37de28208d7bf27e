using System;
using LowLatency.Core.Determinism;

namespace LowLatency.Core.Signals.Indicators;

/// <summary>What the number of an output means.</summary>
public enum OutputType
{
    /// <summary>A number without a unit.</summary>
    Number,

    /// <summary>Price units of the instrument.</summary>
    Price,

    /// <summary>Quantity units of the instrument.</summary>
    Quantity,

    /// <summary>0 or 1.</summary>
    Flag,

    /// <summary>One of a list of words, as its position.</summary>
    Word,
}

/// <summary>One output of an indicator type.</summary>
/// <param name="Name">Its name; unique in its schema.</param>
/// <param name="Type">What its number means.</param>
/// <param name="Help">One line.</param>
public sealed record OutputDefinition(string Name, OutputType Type, string Help)
{
    private string[] WordList { get; init; } = [];

    /// <summary>The words of a <see cref="OutputType.Word"/>; empty for every other type.</summary>
    public ReadOnlySpan<string> Words => WordList;

    /// <summary>An output that is one of several words.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="words">The words, at least two.</param>
    /// <param name="help">One line.</param>
    /// <returns>The definition.</returns>
    public static OutputDefinition Word(string name, string[] words, string help) =>
        new(name, OutputType.Word, help) { WordList = (string[])words.Clone() };
}

/// <summary>What an indicator type declares of itself: the only list of its parameters and outputs.</summary>
public sealed class IndicatorSchema
{
    private readonly OutputDefinition[] _outputs;

    /// <summary>Declares a type. A declaration that contradicts itself stops the engine.</summary>
    /// <param name="type">The type's name.</param>
    /// <param name="help">One line on what it measures.</param>
    /// <param name="parameters">Its parameters.</param>
    /// <param name="outputs">Its outputs, 1 to 32.</param>
    /// <param name="orders">Rules between parameters.</param>
    public IndicatorSchema(
        string type,
        string help,
        ReadOnlySpan<ParameterDefinition> parameters,
        ReadOnlySpan<OutputDefinition> outputs,
        params ReadOnlySpan<ParameterOrder> orders)
    {
        Parameters = new ParameterSchema(type, help, parameters, orders);
        _outputs = outputs.ToArray();
        Ensure.That(_outputs.Length is >= 1 and <= 32, "an indicator has 1 to 32 outputs");
        for (int i = 0; i < _outputs.Length; i++)
        {
            Ensure.That(IndexOf(_outputs[i].Name) == i, "an indicator names an output twice");
            Ensure.That(
                (_outputs[i].Type == OutputType.Word) == (_outputs[i].Words.Length >= 2),
                "an output of words needs at least two, and no other may have any");
        }
    }

    /// <summary>Type name, help and parameters.</summary>
    public ParameterSchema Parameters { get; }

    /// <summary>The outputs in their fixed order.</summary>
    public ReadOnlySpan<OutputDefinition> Outputs => _outputs;

    /// <summary>
    /// The type of indicator that this one reads and is updated after; empty when it needs none. The parameters then
    /// begin with the name of such an indicator.
    /// </summary>
    public string Source { get; init; } = string.Empty;

    /// <summary>Position of an output.</summary>
    /// <param name="name">Its name.</param>
    /// <returns>The position, or -1 when there is none of that name.</returns>
    public int IndexOf(string name)
    {
        for (int i = 0; i < _outputs.Length; i++)
        {
            if (string.Equals(_outputs[i].Name, name, StringComparison.Ordinal))
            {
                return i;
            }
        }

        return -1;
    }
}
