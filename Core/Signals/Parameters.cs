using System;
using LowLatency.Core.Determinism;

// An integer is what the documentation and a trader call it; no type of the language is meant.
#pragma warning disable CA1720

namespace LowLatency.Core.Signals;

/// <summary>How a strategy parameter is written and what its number means.</summary>
public enum ParameterKind : byte
{
    /// <summary>Never valid.</summary>
    None = 0,

    /// <summary>A whole number.</summary>
    Integer = 1,

    /// <summary>A decimal, held as value x 10^9: quantities and ratios.</summary>
    Fixed9 = 2,

    /// <summary>One of a list of words, held as its position in the list, from 0.</summary>
    Choice = 3,

    /// <summary>A rule program, held as text beside the numbers; its number is 0. It has no default.</summary>
    Rules = 4,
}

/// <summary>One parameter of a strategy type: the only place that says its range, default and meaning.</summary>
/// <param name="Name">The key in the configuration; unique in its schema.</param>
/// <param name="Kind">How it is written.</param>
/// <param name="Minimum">Smallest value allowed, in the kind's number.</param>
/// <param name="Maximum">Largest value allowed, in the kind's number.</param>
/// <param name="Default">The value when the configuration is silent.</param>
/// <param name="Help">One line, unit included.</param>
public sealed record ParameterDefinition(
    string Name, ParameterKind Kind, long Minimum, long Maximum, long Default, string Help)
{
    /// <summary>10^9: one whole of a <see cref="ParameterKind.Fixed9"/>.</summary>
    public const long One9 = 1_000_000_000;

    private string[] ChoiceWords { get; init; } = [];

    /// <summary>The words of a <see cref="ParameterKind.Choice"/>; empty for every other kind.</summary>
    public ReadOnlySpan<string> Choices => ChoiceWords;

    /// <summary>A parameter that is one of several words.</summary>
    /// <param name="name">The key in the configuration.</param>
    /// <param name="choices">The words, at least two.</param>
    /// <param name="defaultIndex">Position of the default.</param>
    /// <param name="help">One line.</param>
    /// <returns>The definition.</returns>
    public static ParameterDefinition Choice(string name, string[] choices, int defaultIndex, string help) =>
        new(name, ParameterKind.Choice, 0, choices.Length - 1, defaultIndex, help)
        {
            ChoiceWords = (string[])choices.Clone(),
        };
}

/// <summary>A rule between two parameters of one schema: the first must be less than the second.</summary>
/// <param name="Lesser">Name of the parameter that must be less.</param>
/// <param name="Greater">Name of the parameter that must be greater.</param>
public sealed record ParameterOrder(string Lesser, string Greater);

/// <summary>The parameters of one strategy type, in a fixed order.</summary>
public sealed class ParameterSchema
{
    /// <summary>Most parameters that one strategy type may have.</summary>
    public const int ParametersMax = 32;

    private readonly ParameterDefinition[] _parameters;
    private readonly ParameterOrder[] _orders;

    /// <summary>Declares a strategy type. A definition that contradicts itself stops the engine.</summary>
    /// <param name="type">The type's name in the configuration.</param>
    /// <param name="help">One line on what the strategy does.</param>
    /// <param name="parameters">Its parameters, at most <see cref="ParametersMax"/>.</param>
    /// <param name="orders">Rules between parameters of the same kind.</param>
    public ParameterSchema(
        string type,
        string help,
        ReadOnlySpan<ParameterDefinition> parameters,
        params ReadOnlySpan<ParameterOrder> orders)
    {
        Type = type;
        Help = help;
        _parameters = parameters.ToArray();
        _orders = orders.ToArray();
        Ensure.That(_parameters.Length <= ParametersMax, "too many parameters in a strategy's schema");
        for (int i = 0; i < _parameters.Length; i++)
        {
            ParameterDefinition parameter = _parameters[i];
            Ensure.That(IndexOf(parameter.Name) == i, "a strategy's schema names a parameter twice");
            Ensure.That(parameter.Kind != ParameterKind.None, "a strategy's parameter needs a kind");
            if (parameter.Kind == ParameterKind.Rules)
            {
                Ensure.That(RulesName.Length == 0, "a strategy type has at most one rule program");
                RulesName = parameter.Name;
            }

            Ensure.That(
                parameter.Minimum <= parameter.Default && parameter.Default <= parameter.Maximum,
                "a strategy's parameter has its default outside its own range");
            Ensure.That(
                (parameter.Kind == ParameterKind.Choice) == (parameter.Choices.Length >= 2),
                "a choice needs at least two words, and no other kind may have any");
        }

        foreach (ParameterOrder order in _orders)
        {
            int lesser = IndexOf(order.Lesser);
            int greater = IndexOf(order.Greater);
            Ensure.That(lesser >= 0 && greater >= 0, "a rule between parameters names an unknown one");
            Ensure.That(
                _parameters[lesser].Kind == _parameters[greater].Kind
                && _parameters[lesser].Default < _parameters[greater].Default,
                "a rule between parameters must compare one kind and hold for the defaults");
        }
    }

    /// <summary>The type's name in the configuration.</summary>
    public string Type { get; }

    /// <summary>One line on what the strategy does.</summary>
    public string Help { get; }

    /// <summary>Name of the parameter that is a rule program; empty for a type without one.</summary>
    public string RulesName { get; } = string.Empty;

    /// <summary>The parameters in their fixed order.</summary>
    public ReadOnlySpan<ParameterDefinition> Parameters => _parameters;

    /// <summary>Rules between parameters.</summary>
    public ReadOnlySpan<ParameterOrder> Orders => _orders;

    /// <summary>Position of a parameter.</summary>
    /// <param name="name">Its name.</param>
    /// <returns>The position, or -1 when there is none of that name.</returns>
    public int IndexOf(string name)
    {
        for (int i = 0; i < _parameters.Length; i++)
        {
            if (string.Equals(_parameters[i].Name, name, StringComparison.Ordinal))
            {
                return i;
            }
        }

        return -1;
    }
}

/// <summary>The strategy types that a configuration may name.</summary>
public sealed class StrategyCatalogue
{
    private readonly ParameterSchema[] _schemas;

    /// <summary>Makes the catalogue. Two types of one name stop the engine.</summary>
    /// <param name="schemas">The types, in the order in which they are listed to people.</param>
    public StrategyCatalogue(params ReadOnlySpan<ParameterSchema> schemas)
    {
        _schemas = schemas.ToArray();
        for (int i = 0; i < _schemas.Length; i++)
        {
            for (int j = 0; j < i; j++)
            {
                Ensure.That(
                    !string.Equals(_schemas[i].Type, _schemas[j].Type, StringComparison.Ordinal),
                    "the catalogue names a strategy type twice");
            }
        }
    }

    /// <summary>The types in their fixed order.</summary>
    public ReadOnlySpan<ParameterSchema> Schemas => _schemas;

    /// <summary>Finds a type.</summary>
    /// <param name="type">Its name.</param>
    /// <returns>The schema, or null when there is none of that name.</returns>
    public ParameterSchema? Find(string type)
    {
        foreach (ParameterSchema schema in _schemas)
        {
            if (string.Equals(schema.Type, type, StringComparison.Ordinal))
            {
                return schema;
            }
        }

        return null;
    }
}

/// <summary>
/// The parameters of one strategy: a value for each of its type's definitions, within its range. A strategy reads them
/// by name in its constructor and keeps the numbers.
/// </summary>
public sealed class StrategyParameters
{
    private readonly long[] _values;
    private readonly string _rules;

    /// <summary>
    /// Makes the parameters. Values outside their range stop the engine: they were checked at the edge.
    /// </summary>
    /// <param name="schema">The type's definitions.</param>
    /// <param name="values">One value for each definition, in their order.</param>
    /// <param name="rules">The text of the rule program; empty exactly for a type without one.</param>
    public StrategyParameters(ParameterSchema schema, ReadOnlySpan<long> values, string rules = "")
    {
        Ensure.That(
            (rules.Length > 0) == (schema.RulesName.Length > 0),
            "a strategy's rules are missing, or its type has none");
        _rules = rules;
        Ensure.That(values.Length == schema.Parameters.Length, "a strategy needs one value for each parameter");
        for (int i = 0; i < values.Length; i++)
        {
            ParameterDefinition definition = schema.Parameters[i];
            Ensure.That(
                definition.Minimum <= values[i] && values[i] <= definition.Maximum,
                "a strategy's parameter is outside its range");
        }

        foreach (ParameterOrder order in schema.Orders)
        {
            Ensure.That(
                values[schema.IndexOf(order.Lesser)] < values[schema.IndexOf(order.Greater)],
                "a strategy's parameters break a rule between them");
        }

        Schema = schema;
        _values = values.ToArray();
    }

    /// <summary>The type's definitions.</summary>
    public ParameterSchema Schema { get; }

    /// <summary>The values in the order of the definitions.</summary>
    public ReadOnlySpan<long> Values => _values;

    /// <summary>The defaults of a type; one with a rule program has none, which stops the engine.</summary>
    /// <param name="schema">The type's definitions.</param>
    /// <returns>Every parameter at its default.</returns>
    public static StrategyParameters Defaults(ParameterSchema schema)
    {
        long[] values = new long[schema.Parameters.Length];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = schema.Parameters[i].Default;
        }

        return new StrategyParameters(schema, values);
    }

    /// <summary>A copy with one value changed.</summary>
    /// <param name="name">A parameter of the schema; an unknown one stops the engine.</param>
    /// <param name="value">The new value, in the kind's number.</param>
    /// <returns>The changed copy.</returns>
    public StrategyParameters With(string name, long value)
    {
        int index = Schema.IndexOf(name);
        Ensure.That(index >= 0, "a strategy's parameter of that name does not exist");
        long[] values = _values.AsSpan().ToArray();
        values[index] = value;
        return new StrategyParameters(Schema, values, _rules);
    }

    /// <summary>A whole number.</summary>
    /// <param name="name">An integer parameter; an unknown name or another kind stops the engine.</param>
    /// <returns>The value.</returns>
    public long Integer(string name) => ValueOf(name, ParameterKind.Integer);

    /// <summary>A decimal.</summary>
    /// <param name="name">A decimal parameter; an unknown name or another kind stops the engine.</param>
    /// <returns>The value x 10^9.</returns>
    public long Fixed9(string name) => ValueOf(name, ParameterKind.Fixed9);

    /// <summary>A word.</summary>
    /// <param name="name">A choice parameter; an unknown name or another kind stops the engine.</param>
    /// <returns>The word's position among the definition's choices, from 0.</returns>
    public int Choice(string name) => (int)ValueOf(name, ParameterKind.Choice);

    /// <summary>The text of the rule program.</summary>
    /// <param name="name">A parameter of rules; an unknown name or another kind stops the engine.</param>
    /// <returns>The text.</returns>
    public string Rules(string name)
    {
        ValueOf(name, ParameterKind.Rules);
        return _rules;
    }

    private long ValueOf(string name, ParameterKind kind)
    {
        int index = Schema.IndexOf(name);
        Ensure.That(index >= 0, "a strategy asks for a parameter that its schema does not have");
        Ensure.That(Schema.Parameters[index].Kind == kind,
            "a strategy reads a parameter as another kind than declared");
        return _values[index];
    }
}
