using LowLatency.Core.Determinism;
using LowLatency.Core.Signals;
using Xunit;

namespace LowLatency.Tests.Core.Signals;

public sealed class ParametersTests
{
    private static readonly ParameterSchema Schema = new(
        "example",
        "An example.",
        [
            new ParameterDefinition("fast", ParameterKind.Integer, 1, 100, 5, "Bars."),
            new ParameterDefinition("slow", ParameterKind.Integer, 2, 200, 20, "Bars."),
            new ParameterDefinition("size", ParameterKind.Fixed9, 1, 5 * ParameterDefinition.One9, 7, "Quantity."),
            ParameterDefinition.Choice("side", ["both", "long", "short"], 1, "Directions."),
        ],
        new ParameterOrder("fast", "slow"));

    [Fact]
    public void Values_are_read_by_name_and_kind()
    {
        StrategyParameters parameters = new(Schema, [10, 30, 2 * ParameterDefinition.One9, 2]);

        Assert.Equal(10, parameters.Integer("fast"));
        Assert.Equal(30, parameters.Integer("slow"));
        Assert.Equal(2_000_000_000, parameters.Fixed9("size"));
        Assert.Equal(2, parameters.Choice("side"));
    }

    [Fact]
    public void Defaults_are_those_of_the_definitions()
    {
        Assert.Equal([5L, 20, 7, 1], StrategyParameters.Defaults(Schema).Values.ToArray());
    }

    [Fact]
    public void A_changed_copy_leaves_the_original_alone()
    {
        StrategyParameters original = StrategyParameters.Defaults(Schema);

        Assert.Equal(9, original.With("fast", 9).Integer("fast"));
        Assert.Equal(5, original.Integer("fast"));
    }

    [Fact]
    public void An_unknown_name_or_another_kind_stops_the_engine()
    {
        StrategyParameters parameters = StrategyParameters.Defaults(Schema);

        Assert.Throws<BrokenInvariantException>(() => parameters.Integer("fasst"));
        Assert.Throws<BrokenInvariantException>(() => parameters.Integer("size"));
        Assert.Throws<BrokenInvariantException>(() => parameters.Fixed9("fast"));
        Assert.Throws<BrokenInvariantException>(() => parameters.Choice("slow"));
        Assert.Throws<BrokenInvariantException>(() => parameters.With("none", 1));
    }

    [Theory]
    [InlineData(0, 20, 7, 1)]
    [InlineData(101, 102, 7, 1)]
    [InlineData(5, 20, 0, 1)]
    [InlineData(5, 20, 7, 3)]
    [InlineData(20, 20, 7, 1)]
    [InlineData(21, 20, 7, 1)]
    public void Values_outside_their_range_or_against_a_rule_stop_the_engine(long fast, long slow, long size, long side)
    {
        Assert.Throws<BrokenInvariantException>(() => new StrategyParameters(Schema, [fast, slow, size, side]));
    }

    [Fact]
    public void A_schema_that_contradicts_itself_is_refused()
    {
        ParameterDefinition good = new("a", ParameterKind.Integer, 1, 3, 2, "A.");

        Assert.Throws<BrokenInvariantException>(() => new ParameterSchema("t", "h", [good, good]));
        Assert.Throws<BrokenInvariantException>(() => new ParameterSchema("t", "h", [good with { Default = 4 }]));
        Assert.Throws<BrokenInvariantException>(() => new ParameterSchema("t", "h", [good with { Minimum = 3 }]));
        Assert.Throws<BrokenInvariantException>(
            () => new ParameterSchema("t", "h", [good with { Kind = ParameterKind.None }]));
        Assert.Throws<BrokenInvariantException>(
            () => new ParameterSchema("t", "h", [good with { Kind = ParameterKind.Choice }]));
        Assert.Throws<BrokenInvariantException>(
            () => new ParameterSchema("t", "h", [good], new ParameterOrder("a", "b")));
        Assert.Throws<BrokenInvariantException>(
            () => new ParameterSchema("t", "h", [good], new ParameterOrder("a", "a")));
    }

    [Fact]
    public void The_catalogue_finds_its_types_and_refuses_two_of_one_name()
    {
        StrategyCatalogue catalogue = new(Schema, new ParameterSchema("other", "Another.", []));

        Assert.Same(Schema, catalogue.Find("example"));
        Assert.Equal("other", catalogue.Find("other")?.Type);
        Assert.Null(catalogue.Find("Example"));
        Assert.Throws<BrokenInvariantException>(() => new StrategyCatalogue(Schema, Schema));
    }
}
