using System;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.RegularExpressions;
using LowLatency.Core.Signals;
using LowLatency.Core.Signals.Indicators;
using LowLatency.Core.Signals.Rules;
using LowLatency.Core.Signals.Structures;
using LowLatency.Core.Values;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Core.Signals.Rules;

/// <summary>docs/rules.md says what the declarations say. LOWLATENCY_WRITE_DOCS=1 writes its tables anew.</summary>
public sealed class RuleDocumentTests
{
    private const string Open = "<!-- indicators -->\n";

    private static readonly string DocumentPath = Path.Combine(Repository.Root, "docs", "rules.md");

    [Fact]
    public void The_documented_indicators_are_the_declared_ones()
    {
        string document = File.ReadAllText(DocumentPath);
        int start = document.IndexOf(Open, StringComparison.Ordinal) + Open.Length;
        int end = document.IndexOf("<!-- /indicators -->", StringComparison.Ordinal);
        string expected = Tables();
        if (Environment.GetEnvironmentVariable("LOWLATENCY_WRITE_DOCS") == "1")
        {
            File.WriteAllText(DocumentPath, document[..start] + expected + document[end..]);
            return;
        }

        Assert.Equal(expected, document[start..end]);
    }

    [Fact]
    public void The_documented_program_is_one()
    {
        string document = File.ReadAllText(DocumentPath);
        string example = Regex.Match(document, "```json\n(.*?)```", RegexOptions.Singleline).Groups[1].Value;
        int start = example.IndexOf("\"program\": ", StringComparison.Ordinal) + 11;
        string program = example[start..].TrimEnd()[..^4];
        RuleTexts.Valid(program);
    }

    /// <summary>The table of not-ready values, row by row, by evaluating it.</summary>
    [Fact]
    public void The_documented_table_of_what_is_not_ready_is_what_happens()
    {
        int rows = 0;
        foreach (Match row in Regex.Matches(
            File.ReadAllText(DocumentPath),
            @"^\| (true|false|not ready) \| (true|false|not ready|any) \| ([\w ]+) \| ([\w ]+) \| ([\w ]+) \|$",
            RegexOptions.Multiline))
        {
            string[] rights = row.Groups[2].Value == "any" ? ["true", "false", "not ready"] : [row.Groups[2].Value];
            foreach (string right in rights)
            {
                string a = Written(row.Groups[1].Value);
                string b = Written(right);
                Assert.Equal(row.Groups[3].Value, Evaluated($"not {a}"));
                Assert.Equal(row.Groups[4].Value, Evaluated($"{a} and {b}"));
                Assert.Equal(row.Groups[5].Value, Evaluated($"{a} or {b}"));
                rows++;
            }
        }

        Assert.Equal(9, rows);
    }

    private static string Written(string value) => value == "not ready" ? "(bid > 0)" : value;

    private static string Evaluated(string condition)
    {
        RuleMachine machine = new(RuleTexts.Valid(RuleTexts.Of("close", condition + " and x == x")), 1.0, 1.0);
        RuleValue[] results = new RuleValue[12];
        machine.OnBar(0, Indicators.BarPaths.Of(0, 5, 5, 5, 5));
        machine.Evaluate(default, results);
        return !results[0].IsReady ? "not ready" : results[0].Fires ? "true" : "false";
    }

    private static string Tables()
    {
        StringBuilder text = new();
        for (int i = 0; i < IndicatorCatalogue.Count + StructureCatalogue.Count; i++)
        {
            IndicatorSchema schema = i < IndicatorCatalogue.Count
                ? IndicatorCatalogue.SchemaAt(i)
                : StructureCatalogue.SchemaAt(i - IndicatorCatalogue.Count);
            text.Append("### `").Append(schema.Parameters.Type).Append("`\n\n").Append(schema.Parameters.Help);
            text.Append(schema.Source.Length == 0 ? "\n\n" : $" `of` a `{schema.Source}`.\n\n");
            if (schema.Parameters.Parameters.Length > 0)
            {
                text.Append("| parameter | value | default | meaning |\n|---|---|---|---|\n");
                foreach (ParameterDefinition parameter in schema.Parameters.Parameters)
                {
                    text.Append(System.Globalization.CultureInfo.InvariantCulture,
                        $"| `{parameter.Name}` | {Allowed(parameter)} | `{Default(parameter)}` | {parameter.Help} |\n");
                }

                foreach (ParameterOrder order in schema.Parameters.Orders)
                {
                    text.Append($"\n`{order.Lesser}` must be less than `{order.Greater}`.\n");
                }

                text.Append('\n');
            }

            text.Append("| output | is | meaning |\n|---|---|---|\n");
            foreach (OutputDefinition output in schema.Outputs)
            {
                string type = output.Type switch
                {
                    OutputType.Flag => "condition",
                    OutputType.Word => string.Join(" or ", output.Words.ToArray().Select(word => $"`'{word}'`")),
                    OutputType.Price => "price",
                    OutputType.Quantity => "quantity",
                    _ => "number",
                };
                text.Append($"| `{output.Name}` | {type} | {output.Help} |\n");
            }

            text.Append('\n');
        }

        return text.ToString().TrimEnd() + "\n";
    }

    private static string Shown(long value9) => "\"" + DecimalText.ToText(value9, 9).TrimEnd('0').TrimEnd('.') + "\"";

    private static string Allowed(ParameterDefinition parameter) => parameter.Kind switch
    {
        ParameterKind.Integer => $"{parameter.Minimum} to {parameter.Maximum}",
        ParameterKind.Choice => string.Join(", ", parameter.Choices.ToArray()),
        _ => $"decimal text, {Shown(parameter.Minimum)} to {Shown(parameter.Maximum)}",
    };

    private static string Default(ParameterDefinition parameter) => parameter.Kind switch
    {
        ParameterKind.Integer => $"{parameter.Default}",
        ParameterKind.Choice => parameter.Choices[(int)parameter.Default],
        _ => Shown(parameter.Default),
    };
}
