using System.Collections.Generic;
using System.Globalization;
using System.Text.Json;
using LowLatency.Core.Determinism;

namespace LowLatency.Engine.Results;

/// <summary>A figure's value.</summary>
/// <param name="Kind">Which figure.</param>
/// <param name="Text">Its value as text; null when it has none.</param>
/// <param name="IsNumber">True when the text is a JSON number; money is decimal text.</param>
/// <param name="Reason">Why it has no value; empty when it has one.</param>
internal readonly record struct Figure(FigureKind Kind, string? Text, bool IsNumber, string Reason);

/// <summary>Values for all figures of a catalogue: each is there once, with a value or with a reason.</summary>
internal sealed class FigureSet
{
    private readonly IReadOnlyList<FigureKind> _kinds;
    private readonly Figure[] _figures;

    internal FigureSet(IReadOnlyList<FigureKind> kinds)
    {
        _kinds = kinds;
        _figures = new Figure[kinds.Count];
    }

    /// <summary>All of them, in the catalogue's order.</summary>
    internal IReadOnlyList<Figure> All
    {
        get
        {
            for (int i = 0; i < _figures.Length; i++)
            {
                Ensure.That(_figures[i].Kind.Name is not null, "a figure was not computed");
            }

            return _figures;
        }
    }

    /// <summary>One of them.</summary>
    internal Figure this[string name] => _figures[IndexOf(name)];

    internal void Count(string name, long value) =>
        Set(name, value.ToString(CultureInfo.InvariantCulture), isNumber: true);

    internal void Money(string name, long units) => Set(name, ResultTable.Amount(units), isNumber: false);

    /// <summary>A part as parts per million of a whole.</summary>
    internal void Ppm(string name, long part, long whole, string reasonWithout)
    {
        if (whole > 0)
        {
            Count(name, Ratios.Ppm(part, whole));
        }
        else
        {
            None(name, reasonWithout);
        }
    }

    internal void Maybe(string name, long? value, string reasonWithout)
    {
        if (value is { } known)
        {
            Count(name, known);
        }
        else
        {
            None(name, reasonWithout);
        }
    }

    internal void MoneyMaybe(string name, long? units, string reasonWithout)
    {
        if (units is { } known)
        {
            Money(name, known);
        }
        else
        {
            None(name, reasonWithout);
        }
    }

    internal void Set(string name, Ratio ratio)
    {
        if (ratio.Value is { } value)
        {
            Set(name, value.ToString("R", CultureInfo.InvariantCulture), isNumber: true);
        }
        else
        {
            None(name, ratio.Reason);
        }
    }

    internal void None(string name, string reason)
    {
        Ensure.That(reason.Length != 0, "a figure without a value needs a reason");
        int index = IndexOf(name);
        _figures[index] = new Figure(_kinds[index], null, false, reason);
    }

    /// <summary>Writes them as members of the open object, and why some are null.</summary>
    internal void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject("figures");
        foreach (Figure figure in All)
        {
            writer.WritePropertyName(figure.Kind.Name);
            if (figure.Text is null)
            {
                writer.WriteNullValue();
            }
            else if (figure.IsNumber)
            {
                writer.WriteRawValue(figure.Text);
            }
            else
            {
                writer.WriteStringValue(figure.Text);
            }
        }

        writer.WriteEndObject();
        writer.WriteStartObject("whyNull");
        foreach (Figure figure in All)
        {
            if (figure.Text is null)
            {
                writer.WriteString(figure.Kind.Name, figure.Reason);
            }
        }

        writer.WriteEndObject();
    }

    private void Set(string name, string text, bool isNumber)
    {
        int index = IndexOf(name);
        _figures[index] = new Figure(_kinds[index], text, isNumber, string.Empty);
    }

    private int IndexOf(string name)
    {
        for (int i = 0; i < _kinds.Count; i++)
        {
            if (_kinds[i].Name == name)
            {
                return i;
            }
        }

        throw new BrokenInvariantException("no such figure: " + name);
    }
}
