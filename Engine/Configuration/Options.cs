using System.Collections.Generic;
using System.Collections.Immutable;
using System.Globalization;

namespace LowLatency.Engine.Configuration;

/// <summary>
/// The declaration of one option: the only place that says its name, type, range, default, unit and meaning. Reading,
/// printing and the reference table all follow from it.
/// </summary>
/// <param name="Name">The key; the placeholder of the elements of a list or map.</param>
/// <param name="Help">One line.</param>
public abstract record Option(string Name, string Help)
{
    /// <summary>What values are allowed, for a message and for the reference.</summary>
    public abstract string Allowed { get; }

    /// <summary>The default as text; empty when the option must be given.</summary>
    public virtual string DefaultText => string.Empty;

    /// <summary>Unit of the value; empty for none.</summary>
    public virtual string UnitText => string.Empty;
}

/// <summary>A whole number, written as a JSON number.</summary>
/// <param name="Name">The key.</param>
/// <param name="Minimum">Smallest value.</param>
/// <param name="Maximum">Largest value.</param>
/// <param name="Default">The value when absent; null when it must be given.</param>
/// <param name="Unit">Unit, or empty.</param>
/// <param name="Help">One line.</param>
public sealed record IntegerOption(string Name, long Minimum, long Maximum, long? Default, string Unit, string Help)
    : Option(Name, Help)
{
    /// <summary>True when only powers of two are allowed.</summary>
    public bool PowerOfTwo { get; init; }

    /// <inheritdoc/>
    public override string Allowed => string.Create(
        CultureInfo.InvariantCulture,
        $"a {(PowerOfTwo ? "power of two" : "whole number")} from {Minimum} to {Maximum}");

    /// <inheritdoc/>
    public override string DefaultText => Default?.ToString(CultureInfo.InvariantCulture) ?? string.Empty;

    /// <inheritdoc/>
    public override string UnitText => Unit;
}

/// <summary>A decimal, written as JSON text so that no reader rounds it, held as whole units of 10^-Exponent.</summary>
/// <param name="Name">The key.</param>
/// <param name="Exponent">Decimal places of the unit.</param>
/// <param name="Minimum">Smallest value, in units.</param>
/// <param name="Maximum">Largest value, in units.</param>
/// <param name="Default">The value when absent, in units; null when it must be given.</param>
/// <param name="Unit">Unit, or empty.</param>
/// <param name="Help">One line.</param>
public sealed record DecimalOption(
    string Name, int Exponent, long Minimum, long Maximum, long? Default, string Unit, string Help)
    : Option(Name, Help)
{
    /// <inheritdoc/>
    public override string Allowed => string.Create(
        CultureInfo.InvariantCulture,
        $"decimal text from {Quoted(Minimum)} to {Quoted(Maximum)} with at most {Exponent} decimals");

    /// <inheritdoc/>
    public override string DefaultText => Default is { } value ? Quoted(value) : string.Empty;

    /// <inheritdoc/>
    public override string UnitText => Unit;

    private string Quoted(long units) => "\"" + FixedDecimal.Format(units, Exponent) + "\"";
}

/// <summary>True or false.</summary>
/// <param name="Name">The key.</param>
/// <param name="Default">The value when absent.</param>
/// <param name="Help">One line.</param>
public sealed record BooleanOption(string Name, bool Default, string Help)
    : Option(Name, Help)
{
    /// <inheritdoc/>
    public override string Allowed => "true or false";

    /// <inheritdoc/>
    public override string DefaultText => Default ? "true" : "false";
}

/// <summary>One of a list of words.</summary>
/// <param name="Name">The key.</param>
/// <param name="Choices">The words.</param>
/// <param name="Default">The word when absent; null when it must be given.</param>
/// <param name="Help">One line.</param>
public sealed record ChoiceOption(string Name, ImmutableArray<string> Choices, string? Default, string Help)
    : Option(Name, Help)
{
    /// <inheritdoc/>
    public override string Allowed => "one of " + string.Join(", ", Choices);

    /// <inheritdoc/>
    public override string DefaultText => Default ?? string.Empty;
}

/// <summary>Text of a few allowed characters.</summary>
/// <param name="Name">The key.</param>
/// <param name="Characters">The characters allowed.</param>
/// <param name="CharactersHelp">The same for people, such as <c>[a-z0-9-]</c>.</param>
/// <param name="MaxLength">Most characters; at least one is needed.</param>
/// <param name="Default">The text when absent; null when it must be given.</param>
/// <param name="Help">One line.</param>
public sealed record TextOption(
    string Name, string Characters, string CharactersHelp, int MaxLength, string? Default, string Help)
    : Option(Name, Help)
{
    /// <inheritdoc/>
    public override string Allowed => string.Create(
        CultureInfo.InvariantCulture, $"1 to {MaxLength} characters of {CharactersHelp}");

    /// <inheritdoc/>
    public override string DefaultText => Default ?? string.Empty;

    /// <summary>True when the text is allowed.</summary>
    /// <param name="text">The text.</param>
    /// <returns>True when it is.</returns>
    public bool Accepts(string text)
    {
        foreach (char character in text)
        {
            if (!Characters.Contains(character, System.StringComparison.Ordinal))
            {
                return false;
            }
        }

        return text.Length >= 1 && text.Length <= MaxLength;
    }
}

/// <summary>A list. When it may be empty it may also be absent, which means the same.</summary>
/// <param name="Name">The key.</param>
/// <param name="Element">What each element is.</param>
/// <param name="Minimum">Fewest elements.</param>
/// <param name="Maximum">Most elements.</param>
/// <param name="Unique">The member of an element that no two may share; empty: the element itself; null: they may share all.</param>
/// <param name="Help">One line.</param>
public sealed record ListOption(string Name, Option Element, int Minimum, int Maximum, string? Unique, string Help)
    : Option(Name, Help)
{
    /// <inheritdoc/>
    public override string Allowed => string.Create(
        CultureInfo.InvariantCulture,
        $"{Minimum} to {Maximum} elements{(Unique is null ? string.Empty : $", no two with the same {(Unique.Length == 0 ? "value" : Unique)}")}");

    /// <summary>True when it may be absent, and is then not there at all.</summary>
    public bool Optional { get; init; }

    /// <inheritdoc/>
    public override string DefaultText => Optional ? "absent" : Minimum == 0 ? "[]" : string.Empty;
}

/// <summary>A fixed set of options.</summary>
/// <param name="Name">The key.</param>
/// <param name="Members">The options, in the order of the canonical form.</param>
/// <param name="Help">One line.</param>
public sealed record GroupOption(string Name, ImmutableArray<Option> Members, string Help)
    : Option(Name, Help)
{
    /// <summary>
    /// True when the whole section may be absent, which is not the same as present with its defaults.
    /// </summary>
    public bool Optional { get; init; }

    /// <summary>A member that cannot influence a decision; null for none.</summary>
    public string? NotDeciding { get; init; }

    /// <inheritdoc/>
    public override string Allowed
    {
        get
        {
            List<string> names = [];
            foreach (Option member in Members)
            {
                names.Add(member.Name);
            }

            return names.Count == 0 ? "an empty object" : "an object of " + string.Join(", ", names);
        }
    }

    /// <inheritdoc/>
    public override string DefaultText => Optional ? "absent" : string.Empty;
}

/// <summary>An object whose keys are data, such as symbols. It may be absent, which means empty.</summary>
/// <param name="Name">The key.</param>
/// <param name="Key">What a key may be.</param>
/// <param name="Value">What each value is.</param>
/// <param name="Maximum">Most entries.</param>
/// <param name="Help">One line.</param>
public sealed record MapOption(string Name, TextOption Key, Option Value, int Maximum, string Help)
    : Option(Name, Help)
{
    /// <summary>
    /// True when a member that is absent in a value takes the value of the member of that name beside the map.
    /// </summary>
    public bool InheritsFromBeside { get; init; }

    /// <inheritdoc/>
    public override string Allowed => string.Create(
        CultureInfo.InvariantCulture, $"an object of at most {Maximum} entries, each key {Key.Allowed}");

    /// <inheritdoc/>
    public override string DefaultText => "{}";
}

/// <summary>A group whose members depend on the word that a choice beside it names.</summary>
/// <param name="Name">The key.</param>
/// <param name="Discriminator">The choice beside it; declared before it.</param>
/// <param name="Cases">A group for each word, named by it.</param>
/// <param name="Help">One line.</param>
public sealed record VariantOption(string Name, string Discriminator, ImmutableArray<GroupOption> Cases, string Help)
    : Option(Name, Help)
{
    /// <inheritdoc/>
    public override string Allowed => "an object of the parameters of its " + Discriminator;
}

/// <summary>A rule program; it must be given.</summary>
/// <param name="Name">The key.</param>
/// <param name="Help">One line.</param>
public sealed record RulesOption(string Name, string Help)
    : Option(Name, Help)
{
    /// <inheritdoc/>
    public override string Allowed => "an object that is a rule program";

    /// <inheritdoc/>
    public override string DefaultText => string.Empty;
}
