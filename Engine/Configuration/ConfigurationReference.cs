using System.Text;
using LowLatency.Core.Signals;

namespace LowLatency.Engine.Configuration;

/// <summary>The reference of all options as Markdown tables, from the same declarations that read them.</summary>
public static class ConfigurationReference
{
    private const string Header =
        "| Key | Value | Default | Unit | Meaning |\n|---|---|---|---|---|\n";

    /// <summary>The options of the engine.</summary>
    /// <returns>One table.</returns>
    public static string Options()
    {
        StringBuilder text = new(Header);
        AppendMembers(text, EngineSchema.Root(new StrategyCatalogue()), string.Empty);
        return text.ToString();
    }

    /// <summary>The parameters of the strategy types.</summary>
    /// <param name="catalogue">The types.</param>
    /// <returns>A heading, a line and a table for each type.</returns>
    public static string Strategies(StrategyCatalogue catalogue)
    {
        StringBuilder text = new();
        foreach (ParameterSchema schema in catalogue.Schemas)
        {
            text.Append("### `").Append(schema.Type).Append("`\n\n").Append(schema.Help).Append("\n\n").Append(Header);
            AppendMembers(text, EngineSchema.Parameters(schema), string.Empty);
            foreach (ParameterOrder order in schema.Orders)
            {
                text.Append("\n`").Append(order.Lesser)
                    .Append("` must be less than `").Append(order.Greater).Append("`.\n");
            }

            text.Append('\n');
        }

        return text.ToString();
    }

    /// <summary>The parameters of the kinds of execution styles.</summary>
    /// <returns>A heading, a line and a table for each kind.</returns>
    public static string Styles()
    {
        StringBuilder text = new();
        foreach (GroupOption kind in ExecutionSchema.Kinds)
        {
            text.Append("### `").Append(kind.Name).Append("`\n\n").Append(kind.Help).Append("\n\n").Append(Header);
            AppendMembers(text, kind, string.Empty);
            text.Append('\n');
        }

        return text.ToString();
    }

    private static void AppendMembers(StringBuilder text, GroupOption group, string path)
    {
        foreach (Option member in group.Members)
        {
            Append(text, member, path + member.Name);
        }
    }

    private static void Append(StringBuilder text, Option option, string path)
    {
        switch (option)
        {
            case GroupOption group:
                if (group.Optional)
                {
                    AppendRow(text, path, "an object, or absent", group.DefaultText, string.Empty, group.Help);
                }

                AppendMembers(text, group, path + ".");
                break;
            case ListOption { Element: GroupOption element } list:
                AppendRow(text, path, list.Allowed, DefaultOf(list), string.Empty, list.Help);
                AppendMembers(text, element, path + "[].");
                break;
            case ListOption list:
                AppendRow(
                    text, path, list.Allowed + "; each " + list.Element.Allowed, DefaultOf(list),
                        list.Element.UnitText, list.Help);
                break;
            case MapOption map:
                string entry = path + ".{" + map.Key.Name.ToUpperInvariant() + "}";
                AppendRow(text, path, map.Allowed, DefaultOf(map), string.Empty, map.Help);
                if (map.Value is GroupOption value)
                {
                    foreach (Option member in value.Members)
                    {
                        if (member is VariantOption)
                        {
                            Append(text, member, entry + "." + member.Name);
                            continue;
                        }

                        string help = map.InheritsFromBeside ? "Overrides the key of that name above." : member.Help;
                        string usual = map.InheritsFromBeside ? "as above" : DefaultOf(member);
                        AppendRow(text, entry + "." + member.Name, member.Allowed, usual, member.UnitText, help);
                    }
                }
                else
                {
                    AppendRow(text, entry, map.Value.Allowed, DefaultOf(map.Value), map.Value.UnitText, map.Value.Help);
                }

                break;
            case VariantOption variant:
                AppendRow(text, path, variant.Allowed, "all defaults", string.Empty, variant.Help);
                break;
            case ChoiceOption { Choices.IsEmpty: true } choice:
                AppendRow(text, path, "a strategy type, see below", DefaultOf(choice), string.Empty, choice.Help);
                break;
            default:
                AppendRow(text, path, option.Allowed, DefaultOf(option), option.UnitText, option.Help);
                break;
        }
    }

    private static string DefaultOf(Option option) =>
        option.DefaultText.Length == 0 ? "required" : "`" + option.DefaultText + "`";

    private static void AppendRow(StringBuilder text, string path, string allowed, string usual, string unit,
        string help) =>
        text.Append("| `").Append(path).Append("` | ").Append(allowed).Append(" | ").Append(usual).Append(" | ")
            .Append(unit).Append(" | ").Append(help).Append(" |\n");
}
