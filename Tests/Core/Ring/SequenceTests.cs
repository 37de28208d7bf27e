using System.Reflection;
using System.Runtime.InteropServices;
using LowLatency.Core.Ring;
using Xunit;

namespace LowLatency.Tests.Core.Ring;

public sealed class SequenceTests
{
    [Fact]
    public void A_sequence_starts_before_the_first_event()
    {
        Assert.Equal(-1, Sequence.InitialCursorValue);
        Assert.Equal(-1, new Sequence().Value);
        Assert.Equal(41, new Sequence(41).Value);
    }

    [Fact]
    public void The_value_has_128_bytes_to_itself_on_both_sides()
    {
        StructLayoutAttribute layout = typeof(Sequence).StructLayoutAttribute!;
        FieldInfo value = Assert.Single(typeof(Sequence).GetFields(BindingFlags.Instance | BindingFlags.NonPublic));
        Assert.Equal(LayoutKind.Explicit, layout.Value);
        Assert.Equal(128, value.GetCustomAttribute<FieldOffsetAttribute>()!.Value);
        Assert.Equal(128 + 8 + 128, layout.Size);
    }

    [Fact]
    public void Set_and_compare_and_set_move_the_value()
    {
        Sequence sequence = new(5);
        sequence.SetValue(6);
        Assert.False(sequence.CompareAndSet(5, 7));
        Assert.Equal(6, sequence.Value);
        Assert.True(sequence.CompareAndSet(6, 7));
        Assert.Equal(7, sequence.Value);
    }
}
